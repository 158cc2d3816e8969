package ui

import (
	"testing"
	"time"

	"example.com/keeptune/tuning/census"
)

// The connections that are counted get probes as a trial, and not where keeptune may
// change nothing.
func TestTrySockets(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30.0", 80, 24)
	d.press("H").lacks("t probes")
	d.press("t").lacks("idle, interval and count")

	d, f := allowed(t)
	d.fake.sockets = []census.Socket{connection(1, census.NoTimer, time.Hour)}
	d.press("H").shows("t probes")
	d.press("t", "60s 10s", "Enter").shows("write idle time, interval and count, such as 60s 10s 5, or off")
	d.press("t", "60s 10s 5", "Enter").shows("TRY ON THIS HOST", "y try it")
	if f.change.String() != "--keepalive on --idle 60s --interval 10s --count 5" {
		t.Errorf("planned %s", f.change)
	}
	f.state.Open, f.state.Deadline = true, d.app.cfg.Now().Add(5*time.Minute)
	d.press("y").shows("TRIAL 5:00")
	d.press("H", "t").shows("a trial runs on this host: keep it or undo it first")
}

// At 80 columns the line of keys has them all, with help at its end.
func TestCensusNamesItsKeys(t *testing.T) {
	d, _ := allowed(t)
	now := d.app.cfg.Now()
	d.fake.sockets = []census.Socket{connection(1, census.NoTimer, time.Hour)}
	d.press("H")
	d.app.cfg.Now = func() time.Time { return now.Add(2 * time.Second) }
	d.press("r").shows("q close  r again  a auto  / filter  n where  u use  t probes  y copy  ? help")
}
