package run_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/tuning/farend"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

// Whether the far end was reached decides between unreachable and inconclusive, not who was
// quicker, the target or it; and once is no verdict.
func TestFarEndThatFails(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	for name, c := range map[string]struct {
		fails int64 // connections to the far end that fail
		how   error // nil: closed without a word
		token string
		want  error // nil: measured
		says  string
	}{
		"closed once":      {1, nil, "secret12", nil, ""},
		"closed twice":     {2, nil, "secret12", nil, ""},
		"closed always":    {1 << 30, nil, "secret12", run.ErrInconclusive, "no conversation with the far end 192.0.2.1:7022"},
		"refused once":     {1, refused, "secret12", nil, ""},
		"refused twice":    {2, refused, "secret12", nil, ""},
		"refused always":   {1 << 30, refused, "secret12", run.ErrUnreachable, "cannot reach the far end 192.0.2.1:7022: the connection was refused"},
		"the wrong token":  {0, nil, "secret13", run.ErrInconclusive, "it refuses; is the token right?"},
		"nothing goes bad": {0, nil, "secret12", nil, ""},
	} {
		for _, targetLate := range []time.Duration{0, 2 * time.Second} {
			t.Run(name+", target late by "+targetLate.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					spec := ladderOnly(2 * time.Second)
					spec.Ladder.FarEnd, spec.Ladder.Token = "192.0.2.1:7022", c.token
					l := newPipes()
					over, stop := context.WithCancel(context.Background())
					done := make(chan error, 1)
					go func() { done <- (&farend.Server{Token: "secret12"}).Serve(over, l) }()
					target := scripted.Dialer(scripted.Script{})
					var tries atomic.Int64
					p := run.Tester{Dial: func(ctx context.Context, a string) (net.Conn, error) {
						switch {
						case a != "192.0.2.1:7022":
							time.Sleep(targetLate)
							return target(ctx, a)
						case tries.Add(1) > c.fails:
							return l.dial(ctx)
						case c.how != nil:
							return nil, c.how
						}
						near, far := net.Pipe()
						_ = far.Close()
						return near, nil
					}}
					o := collect(t.Context(), p, spec)
					if !errors.Is(o.err, c.want) || o.err != nil && !strings.Contains(o.err.Error(), c.says) {
						t.Errorf("err = %v, want %v: %s", o.err, c.want, c.says)
					}
					if o.res.Unreached != errors.Is(c.want, run.ErrUnreachable) {
						t.Errorf("unreached: %v", o.res.Unreached)
					}
					stop()
					if err := <-done; err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}
