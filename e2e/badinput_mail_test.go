package e2e

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/smtptest"
	"github.com/tocsin-security/tocsin/e2e/fleet"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

const smtpPassword = "correct horse battery staple"

// TestReceiversThatFail has mail servers fail in every way, and a report folder
// that cannot be written. The alerter says so on stderr, `receivers test` ends
// with 1, no password is ever sent in the clear, and once the receiver works,
// what could be told late is, and the next alert always.
func TestReceiversThatFail(t *testing.T) {
	t.Parallel()
	r := newMailRig(t)
	r.reportCannotBeWritten(t)
	for i, test := range []struct {
		name  string
		fault smtptest.Fault
		says  string // in `receivers test` and in the alerter's log
		// receiver: nobody can be told, so /readyz says no. final: this mail never
		// goes, it is a dead letter. again: the server may have it already.
		receiver, final, again bool
	}{
		{name: "no fault"},
		{name: "down", fault: outOfReach, says: "open conversation with localhost:[0-9]+: .*connection refused", receiver: true},
		{name: "STARTTLS stripped", fault: smtptest.StripTLS, says: "STARTTLS", receiver: true},
		{name: "wrong password", fault: smtptest.RefuseAuth, says: "535 .?.?5.7.8 Username and password not accepted", receiver: true},
		{name: "4xx to MAIL", fault: smtptest.DeferMail, says: "MAIL FROM <tocsin@localhost>: 451 .?.?4.3.0 Try again later", receiver: true},
		{name: "4xx to RCPT", fault: smtptest.DeferRcpt, says: "put off: RCPT TO <root@localhost>: 450 .?.?4.2.0 Greylisted"},
		{name: "4xx after DATA", fault: smtptest.DeferData, says: "put off: DATA: 451 .?.?4.3.0 Try again later"},
		{name: "5xx to RCPT", fault: smtptest.RefuseRcpt, says: "refused: RCPT TO <root@localhost>: 550 .?.?5.1.1 No such user here", final: true},
		{name: "5xx after DATA", fault: smtptest.RefuseData, says: "refused: DATA: 554 .?.?5.7.1 Message refused by policy", final: true},
		{name: "cut within DATA", fault: smtptest.CutData, says: "broken off: DATA: ", receiver: true},
		{name: "cut after DATA", fault: smtptest.LateCut, says: "broken off: DATA: ", receiver: true, again: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			address := fmt.Sprintf("203.0.113.%d", 100+i)
			defer r.mend(t)
			said := listen(t, r.f, "alerter")
			if test.fault != smtptest.NoFault {
				r.fail(test.fault)
				r.testFails(t, test.says)
			}
			r.attack(t, address)
			switch {
			case test.final:
				said.hears(t, `level=ERROR msg="notification refused" receiver=mail message_id=\S+ error="?`+test.says)
				r.deadLetter(t, test.says)
			case test.fault != smtptest.NoFault:
				said.hears(t, `level=WARN msg="notification not accepted" receiver=mail message_id=\S+ attempt=1 error="?.*`+test.says)
			}
			if test.receiver {
				unready(t, r.alerter, "receiver mail: .*"+test.says)
			}
			r.mend(t)
			switch {
			case test.final:
				after := fmt.Sprintf("203.0.113.%d", 200+i)
				r.attack(t, after)
				r.told(t, after, false)
				if n := len(r.mails(t)[address]); n > 0 {
					t.Errorf("the refused mail was sent %d times", n)
				}
			default:
				r.told(t, address, test.again)
			}
		})
	}
	t.Run("wrong password of ours", r.wrongPassword)
	t.Run("wrong CA", r.wrongAuthority)
	if n := r.smtp.ClearCredentials(); n > 0 {
		t.Errorf("the password was sent in the clear %d times", n)
	}
	r.reportIsWhole(t)
	ready(t, r.alerter)
	if text, err := os.ReadFile(r.alerter.Log); err != nil || bytes.Contains(text, []byte(smtpPassword)) {
		t.Errorf("the alerter's log holds the password (%v)", err)
	}
	stops(t, r.alerter)
}

// outOfReach is a mail server that nobody can connect to.
const outOfReach smtptest.Fault = "down"

// mailRig is a fleet whose alerter mails by way of a door that can be closed.
type mailRig struct {
	f        *fleet.Fleet
	js       jetstream.JetStream
	smtp     *smtptest.Server
	door     *door
	service  fleet.Service
	alerter  *fleet.Process
	attacked []string
}

func newMailRig(t *testing.T) *mailRig {
	t.Helper()
	r := &mailRig{f: newFleet(t)}
	var err error
	if r.smtp, err = smtptest.Start(smtptest.Options{Username: "tocsin", Password: smtpPassword}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.smtp.Close() })
	address, err := r.f.Address("door") // of a port that no outgoing connection takes while it is closed
	if err != nil {
		t.Fatal(err)
	}
	r.door = newDoor(t, address, fmt.Sprintf("127.0.0.1:%d", r.smtp.Port()))
	if err := os.WriteFile(r.f.Path("smtp-ca.pem"), r.smtp.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.f.Path("blocked"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(r.door.address)
	if err != nil {
		t.Fatal(err)
	}
	r.service = r.f.Alerter("alerter", map[string]string{
		"TOCSIN_SMTP_PORT": port, "TOCSIN_SMTP_PASSWORD": smtpPassword, "TOCSIN_SMTP_CA": r.f.Path("smtp-ca.pem"),
		"TOCSIN_GROUP_WAIT": "0s", "TOCSIN_GROUP_INTERVAL": "1s",
		"TOCSIN_REPORT_FOLDER": r.f.Path("blocked", "reports"), // a folder below a file
	})
	up(t, r.f, r.f.Collector())
	r.js = jetStream(t, r.f)
	up(t, r.f, member(t, r.f, "host-1", webLog))
	r.alerter = begin(t, r.f, r.service)
	return r
}

// fail and mend change how the mail server behaves from now on.
func (r *mailRig) fail(fault smtptest.Fault) {
	if fault == outOfReach {
		r.door.close()
		return
	}
	r.smtp.SetFault(fault)
}

func (r *mailRig) mend(t *testing.T) {
	t.Helper()
	r.smtp.SetFault(smtptest.NoFault)
	r.door.open(t)
}

func (r *mailRig) testFails(t *testing.T, says string) {
	t.Helper()
	out := fails(t, r.f, r.service, 1, "tocsin-alerter: receiver mail: .*"+says, testMail()...)
	if strings.Contains(out, smtpPassword) || strings.Contains(out, "receiver mail: accepted") {
		t.Errorf("receivers test prints %s", out)
	}
}

func (r *mailRig) attack(t *testing.T, address string) {
	t.Helper()
	r.attacked = append(r.attacked, address)
	write(t, r.f, "host-1", webLog, injection(address))
}

// mails are the Message-IDs of those accepted, by the address in their subject.
func (r *mailRig) mails(t *testing.T) map[string][]string {
	t.Helper()
	found := make(map[string][]string)
	for _, m := range r.smtp.Mails() {
		parsed, err := mail.ReadMessage(bytes.NewReader(m.Data))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
		if err != nil {
			t.Fatal(err)
		}
		if address := regexp.MustCompile(`203\.0\.113\.\d+`).FindString(subject); address != "" {
			found[address] = append(found[address], parsed.Header.Get("Message-Id"))
		}
	}
	return found
}

// told waits until the mail of an attack was accepted: once, or with every attempt
// and always with the same id.
func (r *mailRig) told(t *testing.T, address string, again bool) {
	t.Helper()
	least := 1
	if again {
		least = 2
	}
	eventually(t, "mail about "+address, func() (bool, error) { return len(r.mails(t)[address]) >= least, nil })
	want := 1
	if again {
		id := regexp.QuoteMeta(r.mails(t)[address][0])
		settled := regexp.MustCompile(`msg="notification settled" outcome=sent receiver=mail message_id="?` + id + `"? alerts=1 attempts=(\d+)`)
		eventually(t, "outcome of "+address, func() (bool, error) {
			text, err := os.ReadFile(r.alerter.Log)
			if found := settled.FindSubmatch(text); found != nil {
				want, err = strconv.Atoi(string(found[1]))
				return true, err
			}
			return false, err
		})
	}
	ids := r.mails(t)[address]
	if len(ids) != want || slices.ContainsFunc(ids, func(id string) bool { return id != ids[0] }) {
		t.Errorf("mails about %s, %d wanted: %q", address, want, ids)
	}
}

func (r *mailRig) deadLetter(t *testing.T, says string) {
	t.Helper()
	re := regexp.MustCompile(says)
	eventually(t, "dead letter: "+says, func() (bool, error) {
		found := false
		err := eachMessage(t.Context(), r.js, subject.DeadLetterStream, func(m jetstream.Msg) error {
			var n alertv1.Notification
			if err := proto.Unmarshal(m.Data(), &n); err != nil {
				return err
			}
			found = found || n.GetReceiver() == "mail" && re.MatchString(n.GetError())
			return nil
		})
		return found, err
	})
}

// with is the alerter with one variable of its environment changed.
func (r *mailRig) with(name, value string) fleet.Service {
	s := r.service
	s.Env = maps.Clone(s.Env)
	s.Env[name] = value
	return s
}

func testMail() []string {
	return []string{"receivers", "test", "mail", "--config", "../deploy/config/alerter.yaml"}
}

// wrongPassword is the alerter's mistake, not the server's.
func (r *mailRig) wrongPassword(t *testing.T) {
	out := fails(t, r.f, r.with("TOCSIN_SMTP_PASSWORD", "a guess"), 1, "535 .?.?5.7.8", testMail()...)
	if strings.Contains(out, "a guess") {
		t.Errorf("receivers test prints the password: %s", out)
	}
	r.testWorks(t)
}

// wrongAuthority trusts a CA that the mail server's certificate is not of.
func (r *mailRig) wrongAuthority(t *testing.T) {
	wrong := r.f.Path("collector", "state", "ca.pem")
	out := fails(t, r.f, r.with("TOCSIN_SMTP_CA", wrong), 1, "receiver mail: .*certificate signed by unknown authority", testMail()...)
	if strings.Contains(out, "AUTH") || strings.Contains(out, "auth") {
		t.Errorf("it spoke of passwords to somebody unknown: %s", out)
	}
	r.testWorks(t)
}

func (r *mailRig) testWorks(t *testing.T) {
	t.Helper()
	out, err := r.f.Run(t.Context(), r.service, testMail()...)
	if err != nil || !strings.Contains(out, "receiver mail: accepted") {
		t.Errorf("receivers test: %v\n%s", err, out)
	}
}

// reportCannotBeWritten waits for what the alerter says of its report folder, and
// then lets it be written. reportIsWhole waits for everything to be in it.
func (r *mailRig) reportCannotBeWritten(t *testing.T) {
	t.Helper()
	folder := r.f.Path("blocked", "reports")
	why := "create report folder: mkdir " + regexp.QuoteMeta(filepath.Dir(folder)) + ": not a directory"
	(&ear{path: r.alerter.Log}).hears(t, `level=WARN msg="report cannot be written; it is tried again" folder=`+regexp.QuoteMeta(folder)+".*not a directory")
	unready(t, r.alerter, "receiver report: .*"+regexp.QuoteMeta(folder)+": not a directory")
	fails(t, r.f, r.service, 1, "tocsin-alerter: "+why+"$", "receivers", "test", "report", "--config", "../deploy/config/alerter.yaml")
	fails(t, r.f, r.service, 1, "tocsin-alerter: "+why+"$", "report", "--folder", folder, "--config", "../deploy/config/alerter.yaml")
	r.attack(t, "203.0.113.1")
	r.told(t, "203.0.113.1", false)
	if err := os.Remove(filepath.Dir(folder)); err != nil {
		t.Fatal(err)
	}
}

func (r *mailRig) reportIsWhole(t *testing.T) {
	t.Helper()
	eventually(t, "report", func() (bool, error) {
		files, err := filepath.Glob(r.f.Path("blocked", "reports", "*.json"))
		if err != nil || len(files) == 0 {
			return false, err
		}
		var text []byte
		for _, file := range files { // two, if a day ends meanwhile
			day, err := os.ReadFile(file)
			if err != nil {
				return false, err
			}
			text = append(text, day...)
		}
		for _, address := range r.attacked {
			if !bytes.Contains(text, []byte(`"`+address+`"`)) {
				return false, err
			}
		}
		return true, err
	})
}

// door lets connections through to a server while it is open.
type door struct {
	address, to string
	wg          sync.WaitGroup
	listener    net.Listener // nil while closed
}

func newDoor(t *testing.T, address, to string) *door {
	t.Helper()
	d := &door{address: address, to: to}
	d.open(t)
	t.Cleanup(d.close)
	return d
}

func (d *door) open(t *testing.T) {
	t.Helper()
	if d.listener != nil {
		return
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", d.address)
	if err != nil {
		t.Fatal(err)
	}
	d.listener = listener
	d.wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			d.wg.Go(func() { pass(conn, d.to) })
		}
	})
}

func (d *door) close() {
	if d.listener != nil {
		_ = d.listener.Close()
		d.listener = nil
	}
	d.wg.Wait()
}

// pass joins a connection with one to a server until either ends.
func pass(conn net.Conn, to string) {
	server, err := net.Dial("tcp", to)
	if err != nil {
		_ = conn.Close()
		return
	}
	var both sync.WaitGroup
	join := func(a, b net.Conn) {
		_, _ = io.Copy(a, b)
		_ = a.Close()
		_ = b.Close()
	}
	both.Go(func() { join(conn, server) })
	both.Go(func() { join(server, conn) })
	both.Wait()
}
