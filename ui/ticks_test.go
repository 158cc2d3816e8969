package ui

import (
	"context"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
)

// ticking is a test of a server that ends all its connections at the same moments, without
// and with a second round.
func ticking(second bool) []livetest.Event {
	spec := livetest.NewSpec(livetest.Target{Host: "localhost"})
	events := []livetest.Event{{Kind: livetest.EventStarted, Spec: &spec}}
	ends := func(conn int, zero, end time.Duration) {
		events = append(events,
			livetest.Event{At: zero, Kind: livetest.EventConnected, Conn: conn, Role: livetest.RoleIdle},
			livetest.Event{At: zero, Kind: livetest.EventResponse, Conn: conn, Role: livetest.RoleIdle, Request: 1, Asked: true},
			livetest.Event{At: end, Kind: livetest.EventClosed, Conn: conn, Role: livetest.RoleIdle, After: end - zero, Close: livetest.CloseFIN, Exact: true})
	}
	for i := range 4 {
		ends(i+1, time.Duration(i)*200*time.Millisecond, 8*time.Second)
	}
	if second {
		events = append(events, livetest.Event{At: 8 * time.Second, Kind: livetest.EventSecond, Gap: 32 * time.Second, Took: 122 * time.Second})
		ends(5, 8100*time.Millisecond, 16*time.Second)
		ends(6, 10500*time.Millisecond, 20*time.Second)
	}
	return append(events, livetest.Event{Kind: livetest.EventFinished, At: 21 * time.Second, Outcome: livetest.OutcomeMeasured})
}

// What ended at one moment is no narrow band, and not taken over; a second round finds the
// step, and what is taken over is as wide as it is.
func TestTicksOnTheScreen(t *testing.T) {
	d := sit(t, "ie@11 > apache", 120, 40, aimed)
	d.press("3").shows("second round auto 7 154 s", "at most 91 s, second round 154 s.")
	d.press("p", "End", " ").shows("second round off").lacks("second round 154 s").press("=", "Ctrl+u", "10s", "Enter").shows("second round 10 s 7 110 s")
	d.fake.events = ticking(false)
	d.press("r").shows("TICKS all ended at one moment, although they began 600 ms apart", "up to a whole step earlier or later than 7.4 s").lacks("a takes")
	d.press("a").shows("all connections ended at one moment").lacks("LIMIT 7")

	d = sit(t, "ie@11 > apache", 120, 40, aimed)
	d.fake.events = ticking(true)
	d.press("t").shows("TICKS it looks at its clock every 4 s: an end may come after 5.39 to 11.54 s", "SECOND ROUND a second round, spread over up to 32 s", "it was to take 122 s at most")
	d.press("a", "Enter", "1").shows("LIMIT 5.39 s")
}

// A second round that begins puts off the end.
func TestSecondRoundTakesLonger(t *testing.T) {
	d := sit(t, "ie@11 > apache", 120, 40)
	d.fake.wait = func(ctx context.Context) { <-ctx.Done() }
	d.app, _ = d.app.perform(contract.StartTest{})
	d.send(batch[livetest.Event]{stream: d.app.test.id, items: []livetest.Event{{At: time.Minute, Kind: livetest.EventSecond, Gap: 32 * time.Second, Took: 122 * time.Second}}})
	d.shows("running second round", "at most 183 s left")
}
