package record

// Envelope is what a journal says about a message. The bytes are those of the
// entry; nil is a field that it does not have.
//
// Stdout, Kernel, PID, UID, Comm, Exe and Unit are what the journal itself found out about the
// sender. Everything else is the sender's own word.
type Envelope struct {
	// Origin tells the sender from all others: lines of one origin may join.
	Origin string
	// Time is when it was sent, in nanoseconds since 1970.
	Time int64
	// Host is the sender's, App the name that it gave itself, ProcID the process
	// id that it said it had.
	Host, App, ProcID []byte
	// Facility and Severity are syslog's numbers, -1 where unknown.
	Facility, Severity int
	// Stdout says that the message is a line of a service's standard output.
	Stdout bool
	// Kernel says that it came from the kernel or its audit, to which only root may
	// write.
	Kernel bool

	// PID and UID are decimal; Comm is the process's name as the kernel has it, Exe
	// the path of its program, Unit the unit of systemd that it belongs to.
	PID, UID, Comm, Exe, Unit []byte
}
