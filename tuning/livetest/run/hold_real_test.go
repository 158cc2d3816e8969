//go:build real

package run_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// TestAloneHeldConnectionsAreExact holds 10,000 connections to nginx and compares the idle
// time at each close with what a packet capture says, both in ascending order. It runs
// alone: each second of a busy machine is thousands of closes.
func TestAloneHeldConnectionsAreExact(t *testing.T) {
	const n, idle = 10_000, 12 * time.Second
	ahead(t)
	s := realserver.Nginx(t, realserver.NginxConf{
		Main: "worker_rlimit_nofile 20000;", Server: "keepalive_timeout 12s;", Connections: 15_000,
	})
	capture := realserver.StartCapture(t, s.Port)
	spec := specFor(t, "http://"+s.Addr)
	spec.Measure, spec.Hold, spec.IdleLimit = []livetest.Measurement{livetest.MeasureHold}, n, idle+10*time.Second
	o := collect(context.WithoutCancel(t.Context()), run.Tester{}, spec.Normalize())
	if o.err != nil || o.res.Hold == nil {
		t.Fatalf("%v\n%s", o.err, s.Log())
	}
	h := *o.res.Hold
	realserver.Require(t, h.Limited == "", h.Limited)
	var sent []time.Duration
	for _, c := range capture.Stop(t) {
		if c.ServerEnded() && c.Requests == 1 {
			sent = append(sent, c.Idle())
		}
	}
	slices.Sort(sent)
	if h.Opened != n || h.Kinds[livetest.CloseFIN] != n || len(sent) != n {
		t.Fatalf("opened %d, %d closed by FIN, the capture shows %d: %s", h.Opened, h.Kinds[livetest.CloseFIN], len(sent), h.Why)
	}
	off := make([]time.Duration, n)
	for i := range sent {
		off[i] = (h.Closed[i] - sent[i]).Abs()
	}
	slices.Sort(off)
	t.Logf("closed after %v to %v; from the capture %v away at the median, %v of 99 %%, %v at most",
		h.Closed[0], h.Closed[n-1], off[n/2], off[n*99/100], off[n-1])
	if off[n/2] > 2*time.Millisecond || off[n*99/100] > 8*time.Millisecond {
		t.Errorf("want 2ms at the median and 8ms for 99 %%")
	}
}
