package wireerr_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/tocsin-security/tocsin/proto/wireerr"
)

func TestReasonCrossesTheWire(t *testing.T) {
	sent := wireerr.New(codes.InvalidArgument, wireerr.BatchRefused, "too large")
	received := status.FromProto(status.Convert(sent).Proto()).Err() // as the other end decodes it
	if got := wireerr.ReasonOf(received); got != wireerr.BatchRefused {
		t.Errorf("reason %q", got)
	}
	if status.Code(received) != codes.InvalidArgument || status.Convert(received).Message() != "too large" {
		t.Errorf("error %v", received)
	}
	if got := wireerr.ReasonOf(fmt.Errorf("send batch: %w", received)); got != wireerr.BatchRefused {
		t.Errorf("reason of a wrapped error %q", got)
	}
}

func TestRetryable(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"transport":    {status.Error(codes.Unavailable, "connection refused"), true},
		"plain":        {errors.New("x"), true},
		"canceled":     {context.Canceled, true},
		"backpressure": {wireerr.New(codes.ResourceExhausted, wireerr.Backpressure, ""), true},
		"unavailable":  {wireerr.New(codes.Unavailable, wireerr.Unavailable, ""), true},
		"refused":      {wireerr.New(codes.InvalidArgument, wireerr.BatchRefused, ""), false},
		"identity":     {wireerr.New(codes.Unauthenticated, wireerr.Identity, ""), false},
		"used token":   {wireerr.New(codes.PermissionDenied, wireerr.TokenUsed, ""), false},
	} {
		if got := wireerr.Retryable(test.err); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
