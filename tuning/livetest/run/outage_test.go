package run_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

// cable dials a script over a path that goes dead at a time and drops everything then.
func cable(s scripted.Script, cut time.Time) func(context.Context, string) (net.Conn, error) {
	dial := scripted.Dialer(s)
	return func(ctx context.Context, addr string) (net.Conn, error) {
		if !time.Now().Before(cut) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		far, err := dial(ctx, addr)
		if err != nil {
			return nil, err
		}
		near, mid := net.Pipe()
		carry := func(to, from net.Conn, gone bool) {
			p := make([]byte, 4096)
			for {
				n, err := from.Read(p)
				dead := !time.Now().Before(cut)
				if !dead && n > 0 {
					_, _ = to.Write(p[:n])
				}
				if err != nil {
					if !dead || gone {
						_ = to.Close()
					}
					return
				}
			}
		}
		go carry(far, mid, true)
		go carry(mid, far, false)
		return near, nil
	}
}

// A close that cannot arrive is no open connection.
func TestPulledCable(t *testing.T) {
	for _, after := range []time.Duration{10 * time.Second, 50 * time.Second, 57 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			spec := livetest.NewSpec(target())
			spec.IdleLimit = time.Minute
			s := scripted.Script{Idle: 59 * time.Second, BeforeRequest: 59 * time.Second}
			o := collect(t.Context(), run.Tester{Dial: cable(s, time.Now().Add(after))}, spec)
			if !errors.Is(o.err, run.ErrInconclusive) || !strings.Contains(o.err.Error(), "control connection") || o.res.Idle.Samples >= livetest.MinGoodSamples {
				t.Errorf("pulled after %v: err = %v, idle %+v", after, o.err, o.res.Idle)
			}
		})
	}
}
