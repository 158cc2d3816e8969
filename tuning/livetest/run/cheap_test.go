package run_test

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

// A meter counts what is read from all its connections.
type meter struct {
	net.Conn
	read *atomic.Int64
}

func (m meter) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	m.read.Add(int64(n))
	return n, err
}

// What is asked again and again does not fetch a large page each time, and measures the same.
func TestLargePagesAreFetchedSeldom(t *testing.T) {
	t.Parallel()
	const page = 512 << 10
	for name, c := range map[string]struct {
		page    int
		head    bool // HEAD is asked for, and serves
		most    int64
		limit   int
		method  string // of the control connection's later replies
		control int    // replies at least
	}{
		"large page":              {page, true, 24 << 20, 500, "HEAD", 50},
		"large page without HEAD": {page, false, 96 << 20, 0, "GET", 25},
		"small page":              {10, true, 1 << 20, 500, "", 50},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var read atomic.Int64
				dial := scripted.Dialer(scripted.Script{Idle: 30 * time.Second, BeforeRequest: 30 * time.Second, Requests: 500, Body: strings.Repeat("x", c.page)})
				p := run.Tester{Dial: func(ctx context.Context, address string) (net.Conn, error) {
					conn, err := dial(ctx, address)
					return meter{conn, &read}, err
				}}
				spec := livetest.NewSpec(target())
				spec.RequestRate = 500
				if !c.head {
					spec.Measure = []livetest.Measurement{livetest.MeasureIdle, livetest.MeasureRequests}
				}
				o := collect(t.Context(), p, spec)
				if o.err != nil || o.res.Control.Failures > 0 || o.res.Control.Exchanges < c.control {
					t.Errorf("err = %v, control %+v", o.err, o.res.Control)
				}
				wantSpan(t, "low", o.res.Idle.Low, 30*time.Second)
				if r := o.res.Requests; c.limit > 0 && (r.Limit == nil || *r.Limit != c.limit || !r.LastSaysClose) || c.limit == 0 && r.Limit != nil {
					t.Errorf("requests = %+v, want a limit of %d", r, c.limit)
				}
				if n := read.Load(); n > c.most {
					t.Errorf("%d KiB were read, want at most %d", n>>10, c.most>>10)
				}
				last := ""
				for _, e := range o.events {
					if e.Kind == livetest.EventResponse && e.Role == livetest.RoleControl {
						last = e.Method
					}
				}
				if last != c.method {
					t.Errorf("the control connection ends with %q, want %q", last, c.method)
				}
				t.Logf("%d KiB were read, %d control replies", read.Load()>>10, o.res.Control.Exchanges)
			})
		})
	}
}
