package livetest_test

import (
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

func TestAttributionInWords(t *testing.T) {
	sec := func(n float64) *time.Duration { d := time.Duration(n * float64(time.Second)); return &d }
	ladder := func(d livetest.Direction, kind livetest.CloseKind, alive, dead float64) livetest.Ladder {
		return livetest.Ladder{Direction: d, Close: kind, Alive: sec(alive), Dead: sec(dead)}
	}
	held := livetest.SocketOptions{KeepAlive: true, Idle: time.Second, Interval: time.Second}
	for want, c := range map[string]struct {
		socket  livetest.SocketOptions
		idle    livetest.Idle
		ladders []livetest.Ladder
	}{
		"The server closes at 6 s; the path forgets between 3.9 s and 4 s. The path is first: without TCP keep-alive the server's close does not arrive.": {
			held,
			livetest.Idle{Samples: 3, Low: sec(6), Close: livetest.CloseFIN},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseSilent, 3.8, 4), ladder(livetest.Inward, livetest.CloseSilent, 3.9, 4.1)},
		},
		"The server closes at 4 s; the path forgets between 5 s and 6 s. The server is first, and its close arrives.": {
			held,
			livetest.Idle{Samples: 3, Low: sec(4), Close: livetest.CloseFIN},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseRSTOnSend, 5, 6), ladder(livetest.Inward, livetest.CloseRSTOnSend, 5, 6)},
		},
		"The server's close was not seen; the path forgets between 3 s and 4 s. The path ends connections earlier: hold it with TCP keep-alive and test again.": {
			livetest.SocketOptions{},
			livetest.Idle{Samples: 3, Open: 3, Close: livetest.CloseNone},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseSilent, 3, 4), ladder(livetest.Inward, livetest.CloseSilent, 3, 4)},
		},
		"The server closes at 9 s; the path forgets between 3 s and 4 s where the far end sends first. The path is first: without TCP keep-alive the server's close does not arrive.": {
			held,
			livetest.Idle{Samples: 3, Low: sec(9), Close: livetest.CloseFIN},
			[]livetest.Ladder{{Direction: livetest.Outward, Alive: sec(20)}, ladder(livetest.Inward, livetest.CloseSilent, 3, 4)},
		},
		"The server does not close within 60 s; the path resets it at 5 s.": {
			held,
			livetest.Idle{Samples: 3, Open: 3, Close: livetest.CloseNone},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseRST, 3, 5), ladder(livetest.Inward, livetest.CloseRST, 3, 5)},
		},
		"The server closes at 4 s; the path forgets nothing within 60 s.": {
			held, livetest.Idle{Samples: 3, Low: sec(4), Close: livetest.CloseFIN}, []livetest.Ladder{{Direction: livetest.Outward, Alive: sec(60)}},
		},
		"The server closes at 4 s; the path forgets between 3 s and 4 s where this end sends first; the path forgets between 4 s and 5 s where the far end sends first. The path is first: without TCP keep-alive the server's close does not arrive.": {
			held,
			livetest.Idle{Samples: 3, Low: sec(4), Close: livetest.CloseFIN},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseSilent, 3, 4), ladder(livetest.Inward, livetest.CloseSilent, 4, 5)},
		},
		"": {held, livetest.Idle{Samples: 3, Low: sec(4), Close: livetest.CloseFIN}, []livetest.Ladder{{Direction: livetest.Outward}}},
	} {
		spec := livetest.Spec{Socket: c.socket, IdleLimit: time.Minute, Ladder: &livetest.LadderSpec{FarEnd: "192.0.2.1:7022"}}
		if got := (livetest.Result{Spec: spec, Idle: c.idle, Ladders: c.ladders}).AttributionText(); got != want {
			t.Errorf("%q\nwant %q", got, want)
		}
	}
}
