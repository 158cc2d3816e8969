package plot_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/plot"
)

func TestApart(t *testing.T) {
	sec := func(n float64) *time.Duration { d := time.Duration(n * float64(time.Second)); return &d }
	ladder := func(d model.Direction, kind model.CloseKind, alive, dead float64) model.ProbeLadder {
		return model.ProbeLadder{Direction: d, Close: kind, Alive: sec(alive), Dead: sec(dead)}
	}
	held := model.SocketOptions{KeepAlive: true, Idle: time.Second, Interval: time.Second}
	for want, c := range map[string]struct {
		socket  model.SocketOptions
		idle    model.ProbeIdle
		ladders []model.ProbeLadder
	}{
		"The server closes at 6 s; the path forgets between 3.9 s and 4 s. The path is first: without TCP keep-alive the server's close does not arrive.": {
			held,
			model.ProbeIdle{Samples: 3, Low: sec(6), Close: model.CloseFIN},
			[]model.ProbeLadder{ladder(model.Outward, model.CloseSilent, 3.8, 4), ladder(model.Inward, model.CloseSilent, 3.9, 4.1)},
		},
		"The server closes at 4 s; the path forgets between 5 s and 6 s. The server is first, and its close arrives.": {
			held,
			model.ProbeIdle{Samples: 3, Low: sec(4), Close: model.CloseFIN},
			[]model.ProbeLadder{ladder(model.Outward, model.CloseRSTOnSend, 5, 6), ladder(model.Inward, model.CloseRSTOnSend, 5, 6)},
		},
		"The server's close was not seen; the path forgets between 3 s and 4 s. The path ends connections earlier: hold it with TCP keep-alive and test again.": {
			model.SocketOptions{},
			model.ProbeIdle{Samples: 3, Open: 3, Close: model.CloseNone},
			[]model.ProbeLadder{ladder(model.Outward, model.CloseSilent, 3, 4), ladder(model.Inward, model.CloseSilent, 3, 4)},
		},
		"The server closes at 9 s; the path forgets between 3 s and 4 s where the far end sends first. The path is first: without TCP keep-alive the server's close does not arrive.": {
			held,
			model.ProbeIdle{Samples: 3, Low: sec(9), Close: model.CloseFIN},
			[]model.ProbeLadder{{Direction: model.Outward, Alive: sec(20)}, ladder(model.Inward, model.CloseSilent, 3, 4)},
		},
		"The server does not close within 60 s; the path resets it at 5 s.": {
			held,
			model.ProbeIdle{Samples: 3, Open: 3, Close: model.CloseNone},
			[]model.ProbeLadder{ladder(model.Outward, model.CloseRST, 3, 5), ladder(model.Inward, model.CloseRST, 3, 5)},
		},
		"The server closes at 4 s; the path forgets nothing within 60 s.": {
			held, model.ProbeIdle{Samples: 3, Low: sec(4), Close: model.CloseFIN}, []model.ProbeLadder{{Direction: model.Outward, Alive: sec(60)}},
		},
		"": {held, model.ProbeIdle{Samples: 3, Low: sec(4), Close: model.CloseFIN}, nil},
	} {
		spec := model.ProbeSpec{Socket: c.socket, IdleLimit: time.Minute, Ladder: &model.LadderSpec{FarEnd: "192.0.2.1:7022"}}
		if got := plot.Apart(model.ProbeResult{Spec: spec, Idle: c.idle, Ladders: c.ladders}); got != want {
			t.Errorf("%q\nwant %q", got, want)
		}
	}
}
