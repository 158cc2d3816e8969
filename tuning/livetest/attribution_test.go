package livetest_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

func TestApart(t *testing.T) {
	ladder := func(d livetest.Direction, kind livetest.CloseKind, alive, dead int) livetest.Ladder {
		return livetest.Ladder{Direction: d, Close: kind, Alive: some(alive), Dead: some(dead)}
	}
	held := livetest.SocketOptions{KeepAlive: true, Idle: time.Second, Interval: time.Second}
	const none = -1
	for name, c := range map[string]struct {
		farEnd  bool
		socket  livetest.SocketOptions
		idle    livetest.Idle
		ladders []livetest.Ladder
		server  int // seconds
		first   int
		hidden  bool
	}{
		"the path is first, held": {
			true, held,
			livetest.Idle{Low: some(6), Close: livetest.CloseFIN},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseSilent, 3, 4), ladder(livetest.Inward, livetest.CloseSilent, 3, 4)},
			6, 4, false,
		},
		"the path is first, the FIN vanishes": {
			true,
			livetest.SocketOptions{},
			livetest.Idle{Open: 3, Close: livetest.CloseNone},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseSilent, 3, 4)},
			none, 4, true,
		},
		"the path is first, the server has no timer": {
			true, held,
			livetest.Idle{Open: 3, Close: livetest.CloseNone},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseSilent, 3, 4)},
			none, 4, false,
		},
		"the server is first": {
			true, held,
			livetest.Idle{Low: some(4), Close: livetest.CloseFIN},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseRSTOnSend, 5, 6)},
			4, 6, false,
		},
		"one direction only": {
			true, held,
			livetest.Idle{Low: some(9), Close: livetest.CloseFIN},
			[]livetest.Ladder{{Direction: livetest.Outward, Alive: some(20)}, ladder(livetest.Inward, livetest.CloseSilent, 3, 4)},
			9, 4, false,
		},
		"the path resets both ends": {
			true,
			livetest.SocketOptions{},
			livetest.Idle{Low: some(4), Close: livetest.CloseRST},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseRST, 3, 4)},
			none, 4, true,
		},
		"the server resets": {
			true,
			livetest.SocketOptions{},
			livetest.Idle{Low: some(4), Close: livetest.CloseRST},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseRST, 5, 7)},
			4, 7, false,
		},
		"no far end, a FIN": {
			false,
			livetest.SocketOptions{},
			livetest.Idle{},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseFIN, 3, 4)},
			4, none, false,
		},
		"no far end, forgotten": {
			false,
			livetest.SocketOptions{},
			livetest.Idle{Low: some(20), Close: livetest.CloseFIN},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseSilent, 3, 4)},
			20, 4, false,
		},
		"no far end, a reset": {
			false,
			livetest.SocketOptions{},
			livetest.Idle{},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseRST, 3, 4)},
			none, none, false,
		},
		"a proxy of the path closes": {
			true,
			livetest.SocketOptions{},
			livetest.Idle{Low: some(2), Close: livetest.CloseFIN},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseFIN, 3, 4)},
			2, 4, false,
		},
		"held with probes says nothing": {
			true, held,
			livetest.Idle{Low: some(6), Close: livetest.CloseFIN},
			[]livetest.Ladder{{Direction: livetest.Outward, Probes: true, Close: livetest.CloseSilent, Dead: some(5)}},
			6, none, false,
		},
		"contradicting rungs": {
			true, held,
			livetest.Idle{Low: some(6), Close: livetest.CloseFIN},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseSilent, 8, 5)},
			6, none, false,
		},
		"the path resets a tenth of a second before": {
			true,
			livetest.SocketOptions{},
			livetest.Idle{Low: new(4100 * milli), Close: livetest.CloseRST},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseRST, 3, 4)},
			none, 4, true,
		},
		"the path resets longer before": {
			true,
			livetest.SocketOptions{},
			livetest.Idle{Low: new(5 * sec), Close: livetest.CloseRST},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseRST, 3, 4)},
			5, 4, false,
		},
		"the path forgets at the limit": {
			true,
			livetest.SocketOptions{},
			livetest.Idle{Open: 3, Close: livetest.CloseNone},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseSilent, 3, 60)},
			none, 60, false,
		},
		"held at the path's own time": {
			true,
			livetest.SocketOptions{KeepAlive: true, Idle: 4 * sec, Interval: sec},
			livetest.Idle{Open: 3, Close: livetest.CloseNone},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseSilent, 3, 4)},
			none, 4, true,
		},
		"probed again at the path's own time": {
			true,
			livetest.SocketOptions{KeepAlive: true, Idle: sec, Interval: 4 * sec},
			livetest.Idle{Open: 3, Close: livetest.CloseNone},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseSilent, 3, 4)},
			none, 4, true,
		},
		"held by times of the operating system": {
			true,
			livetest.SocketOptions{KeepAlive: true},
			livetest.Idle{Open: 3, Close: livetest.CloseNone},
			[]livetest.Ladder{ladder(livetest.Outward, livetest.CloseSilent, 3, 4)},
			none, 4, true,
		},
		"rungs as late as one timer": {
			true, held,
			livetest.Idle{Low: some(6), Close: livetest.CloseFIN},
			[]livetest.Ladder{{Direction: livetest.Outward, Close: livetest.CloseSilent, Alive: new(5100 * milli), Dead: some(5)}},
			6, 5, false,
		},
		"rungs later than that": {
			true, held,
			livetest.Idle{Low: some(6), Close: livetest.CloseFIN},
			[]livetest.Ladder{{Direction: livetest.Outward, Close: livetest.CloseSilent, Alive: new(5100*milli + 1), Dead: some(5)}},
			6, none, false,
		},
		"nothing": {},
	} {
		spec := livetest.Spec{Socket: c.socket, IdleLimit: time.Minute, Ladder: &livetest.LadderSpec{}}
		if c.farEnd {
			spec.Ladder.FarEnd = "192.0.2.1:7022"
		}
		a := livetest.Result{Spec: spec, Idle: c.idle, Ladders: c.ladders}.TimerAttribution()
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
