package run_test

import (
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

func TestSocketOptionsChangeWhileItRuns(t *testing.T) {
	t.Parallel()
	spec := specFor(t, "http://"+listen(t, scripted.Script{Idle: 900 * time.Millisecond}, nil))
	spec.Measure = []livetest.Measurement{livetest.MeasureIdle}
	spec.Socket = livetest.SocketOptions{KeepAlive: true, Idle: 7 * time.Second, Count: 3}
	var controls run.Controls
	want := livetest.SocketOptions{KeepAlive: true, Idle: 30 * time.Second, Interval: 5 * time.Second, Count: 4, UserTimeout: 9 * time.Second}
	var told []livetest.SocketOptions
	err := run.Tester{Controls: &controls}.Run(t.Context(), spec, func(e livetest.Event) {
		if e.Kind == livetest.EventSocket {
			told = append(told, *e.Socket)
		}
		if e.Kind == livetest.EventResponse && e.Role == livetest.RoleIdle {
			if err := controls.Set(want); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil || len(told) != 2 || told[0].Idle != 7*time.Second || told[0].Count != 3 || told[1] != want {
		t.Errorf("err = %v, told %+v, want first 7 s and 3, then %+v", err, told, want)
	}
	if err := controls.Set(livetest.SocketOptions{KeepAlive: true, Idle: 1500 * time.Millisecond}); err == nil {
		t.Error("half a second is not refused")
	}
}
