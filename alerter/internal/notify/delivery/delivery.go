// Package delivery says how an attempt to tell a receiver can end, as types: a
// sender returns them, and notify decides by them what to do next.
//
// An error that is none of them is the receiver's own fault (it cannot be
// reached, or lets nobody in): everything for it is kept and tried again.
package delivery

import "fmt"

// RefusedError is final for this message: trying again would get the same answer.
type RefusedError struct {
	// Partly says that some addresses took the message and only others refused it.
	Partly bool
	Err    error
}

// Error tells what the receiver said.
func (e *RefusedError) Error() string {
	if e.Partly {
		return fmt.Sprintf("partly refused: %v", e.Err)
	}
	return fmt.Sprintf("refused: %v", e.Err)
}

// Unwrap is what the receiver said.
func (e *RefusedError) Unwrap() error { return e.Err }

// DeferredError puts this message off: others may go through.
type DeferredError struct {
	// Partly says that some addresses have taken the message already.
	Partly bool
	Err    error
}

// Error tells what the receiver said.
func (e *DeferredError) Error() string { return fmt.Sprintf("put off: %v", e.Err) }

// Unwrap is what the receiver said.
func (e *DeferredError) Unwrap() error { return e.Err }

// UncertainError means that the connection broke after the message had begun: it
// may have been taken. The same message is sent again, with the same id.
type UncertainError struct{ Err error }

// Error tells what broke.
func (e *UncertainError) Error() string { return fmt.Sprintf("broken off: %v", e.Err) }

// Unwrap is what broke.
func (e *UncertainError) Unwrap() error { return e.Err }
