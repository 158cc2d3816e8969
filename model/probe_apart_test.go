package model_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
)

func TestApart(t *testing.T) {
	ladder := func(d model.Direction, kind model.CloseKind, alive, dead int) model.ProbeLadder {
		return model.ProbeLadder{Direction: d, Close: kind, Alive: some(alive), Dead: some(dead)}
	}
	held := model.SocketOptions{KeepAlive: true, Idle: time.Second, Interval: time.Second}
	const none = -1
	for name, c := range map[string]struct {
		farEnd  bool
		socket  model.SocketOptions
		idle    model.ProbeIdle
		ladders []model.ProbeLadder
		server  int // seconds
		first   int
		hidden  bool
	}{
		"the path is first, held": {
			true, held,
			model.ProbeIdle{Low: some(6), Close: model.CloseFIN},
			[]model.ProbeLadder{ladder(model.Outward, model.CloseSilent, 3, 4), ladder(model.Inward, model.CloseSilent, 3, 4)},
			6, 4, false,
		},
		"the path is first, the FIN vanishes": {
			true,
			model.SocketOptions{},
			model.ProbeIdle{Open: 3, Close: model.CloseNone},
			[]model.ProbeLadder{ladder(model.Outward, model.CloseSilent, 3, 4)},
			none, 4, true,
		},
		"the path is first, the server has no timer": {
			true, held,
			model.ProbeIdle{Open: 3, Close: model.CloseNone},
			[]model.ProbeLadder{ladder(model.Outward, model.CloseSilent, 3, 4)},
			none, 4, false,
		},
		"the server is first": {
			true, held,
			model.ProbeIdle{Low: some(4), Close: model.CloseFIN},
			[]model.ProbeLadder{ladder(model.Outward, model.CloseRSTOnSend, 5, 6)},
			4, 6, false,
		},
		"one direction only": {
			true, held,
			model.ProbeIdle{Low: some(9), Close: model.CloseFIN},
			[]model.ProbeLadder{{Direction: model.Outward, Alive: some(20)}, ladder(model.Inward, model.CloseSilent, 3, 4)},
			9, 4, false,
		},
		"the path resets both ends": {
			true,
			model.SocketOptions{},
			model.ProbeIdle{Low: some(4), Close: model.CloseRST},
			[]model.ProbeLadder{ladder(model.Outward, model.CloseRST, 3, 4)},
			none, 4, true,
		},
		"the server resets": {
			true,
			model.SocketOptions{},
			model.ProbeIdle{Low: some(4), Close: model.CloseRST},
			[]model.ProbeLadder{ladder(model.Outward, model.CloseRST, 5, 7)},
			4, 7, false,
		},
		"no far end, a FIN": {
			false,
			model.SocketOptions{},
			model.ProbeIdle{},
			[]model.ProbeLadder{ladder(model.Outward, model.CloseFIN, 3, 4)},
			4, none, false,
		},
		"no far end, forgotten": {
			false,
			model.SocketOptions{},
			model.ProbeIdle{Low: some(20), Close: model.CloseFIN},
			[]model.ProbeLadder{ladder(model.Outward, model.CloseSilent, 3, 4)},
			20, 4, false,
		},
		"no far end, a reset": {
			false,
			model.SocketOptions{},
			model.ProbeIdle{},
			[]model.ProbeLadder{ladder(model.Outward, model.CloseRST, 3, 4)},
			none, none, false,
		},
		"a proxy of the path closes": {
			true,
			model.SocketOptions{},
			model.ProbeIdle{Low: some(2), Close: model.CloseFIN},
			[]model.ProbeLadder{ladder(model.Outward, model.CloseFIN, 3, 4)},
			2, 4, false,
		},
		"held with probes says nothing": {
			true, held,
			model.ProbeIdle{Low: some(6), Close: model.CloseFIN},
			[]model.ProbeLadder{{Direction: model.Outward, Probes: true, Close: model.CloseSilent, Dead: some(5)}},
			6, none, false,
		},
		"contradicting rungs": {
			true, held,
			model.ProbeIdle{Low: some(6), Close: model.CloseFIN},
			[]model.ProbeLadder{ladder(model.Outward, model.CloseSilent, 8, 5)},
			6, none, false,
		},
		"nothing": {},
	} {
		spec := model.ProbeSpec{Socket: c.socket, IdleLimit: time.Minute, Ladder: &model.LadderSpec{}}
		if c.farEnd {
			spec.Ladder.FarEnd = "192.0.2.1:7022"
		}
		a := model.ProbeResult{Spec: spec, Idle: c.idle, Ladders: c.ladders}.Apart()
		want := func(n int) time.Duration {
			if n <= 0 {
				return model.Never
			}
			return time.Duration(n) * time.Second
		}
		server := model.Never
		if a.Server != nil {
			server = *a.Server
		}
		if server != want(c.server) || a.First() != want(c.first) || a.Hidden != c.hidden {
			t.Errorf("%s: server %v, path %v, hidden %v", name, server, a.First(), a.Hidden)
		}
	}
}
