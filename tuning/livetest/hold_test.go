package livetest_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/tuning/livetest"
)

// heldEvents are those of n held connections that close within a second, in an order that
// is not that of their idle times.
func heldEvents(n int) []livetest.Event {
	rnd := rand.New(rand.NewPCG(1, 2))
	spec := livetest.Spec{Measure: []livetest.Measurement{livetest.MeasureHold}, Hold: n}
	events := []livetest.Event{{Kind: livetest.EventStarted, Spec: &spec}}
	for i := range n {
		at := time.Duration(i) * time.Millisecond / 2
		took := time.Duration(rnd.IntN(1000)) * time.Microsecond
		events = append(events,
			livetest.Event{At: at, Kind: livetest.EventConnected, Conn: i + 1, Role: livetest.RoleHold, Connect: took, Handshake: 2 * took},
			livetest.Event{At: at, Kind: livetest.EventResponse, Conn: i + 1, Role: livetest.RoleHold, Request: 1, Took: took})
	}
	for i := range n {
		after := 20*time.Second + time.Duration(rnd.IntN(1_000_000))*time.Microsecond
		events = append(events, livetest.Event{At: time.Minute, Kind: livetest.EventClosed, Conn: i + 1, Role: livetest.RoleHold, After: after, Close: livetest.CloseFIN})
	}
	return events
}

func TestHeldConnectionsInTheSummary(t *testing.T) {
	events := heldEvents(500)
	var sum livetest.Summary
	var after, connect []time.Duration
	for _, e := range events {
		sum.Add(e)
		switch e.Kind {
		case livetest.EventConnected:
			connect = append(connect, e.Connect)
		case livetest.EventClosed:
			after = append(after, e.After)
		default:
		}
		if e.Conn%100 == 0 {
			_ = sum.Result() // looking changes nothing
		}
	}
	slices.Sort(after)
	slices.Sort(connect)
	r := sum.Result()
	if diff := cmp.Diff(after, r.Hold.Closed); diff != "" {
		t.Errorf("idle times at the closes (-want +got):\n%s", diff)
	}
	if want := (connect[249] + connect[250]) / 2; *r.TCP.Connect != want {
		t.Errorf("median of connect = %v, want %v", *r.TCP.Connect, want)
	}
	if s := r.Hold.Survival(); s[0].Open != 500 || s[len(s)-1].Open != 0 || r.Hold.Open != 0 || r.Hold.Kinds[livetest.CloseFIN] != 500 {
		t.Errorf("survival from %+v to %+v, %d open, %v", s[0], s[len(s)-1], r.Hold.Open, r.Hold.Kinds)
	}
	sum.Add(livetest.Event{Kind: livetest.EventClosed, Role: livetest.RoleHold, After: time.Second})
	if r.Hold.Closed[0] != after[0] {
		t.Error("an old result changed")
	}
}

// BenchmarkHoldEvents takes in all events of 10,000 held connections.
func BenchmarkHoldEvents(b *testing.B) {
	events := heldEvents(10_000)
	for b.Loop() {
		var sum livetest.Summary
		for _, e := range events {
			sum.Add(e)
		}
	}
}

// BenchmarkHoldFrame is what a screen asks of 10,000 held connections for each frame.
func BenchmarkHoldFrame(b *testing.B) {
	var sum livetest.Summary
	for _, e := range heldEvents(10_000) {
		sum.Add(e)
	}
	for b.Loop() {
		_ = sum.Result().Hold.Survival()
	}
}
