// Package wireerr holds the errors that cross the wire between an agent and a
// collector: a gRPC status with a reason that both ends know.
package wireerr

import (
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Reason is why a call ended, for programs.
type Reason string

// The reasons. Only the first two are worth the same attempt again soon.
const (
	// Backpressure: the collector cannot store now; what was sent is not acked.
	Backpressure Reason = "BACKPRESSURE"
	// Unavailable: the collector is starting, stopping or cut off from NATS.
	Unavailable Reason = "UNAVAILABLE"
	// BatchRefused: the batch breaks a bound or claims what it may not.
	BatchRefused Reason = "BATCH_REFUSED"
	// Identity: no certificate, or not one of this fleet.
	Identity Reason = "IDENTITY"
	// Superseded: another stream with the same identity took over.
	Superseded Reason = "SUPERSEDED"
	// TokenUnknown, TokenExpired and TokenUsed: a join token that admits nobody.
	TokenUnknown Reason = "TOKEN_UNKNOWN"
	TokenExpired Reason = "TOKEN_EXPIRED"
	TokenUsed    Reason = "TOKEN_USED"
	// RequestInvalid: the request itself is wrong.
	RequestInvalid Reason = "REQUEST_INVALID"
)

const domain = "tocsin"

// New makes an error that keeps its reason across the wire.
func New(code codes.Code, reason Reason, message string) error {
	s := status.New(code, message)
	if detailed, err := s.WithDetails(&errdetails.ErrorInfo{Reason: string(reason), Domain: domain}); err == nil {
		s = detailed
	}
	return s.Err()
}

// ReasonOf is the reason that an error came with; "" where it came with none.
func ReasonOf(err error) Reason {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.GetDomain() == domain {
			return Reason(info.GetReason())
		}
	}
	return ""
}

// Retryable tells whether the same attempt may work soon. An error without a
// reason comes from the transport and is retryable.
func Retryable(err error) bool {
	switch ReasonOf(err) {
	case "", Backpressure, Unavailable:
		return true
	default:
		return false
	}
}
