package lab

import (
	"context"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/farend"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

// farPort is where the far end of a ladder listens.
const farPort = port + 22

// ladder runs the live test through the cell's box.
func (k kernel) ladder(ctx context.Context, c *cell, s *Sample) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := &trial{cell: c, s: s.Case}
	s.Prediction = predict(s.Case, facts{HZ: k.hz})
	if err := t.ladder(ctx, s); err != nil {
		s.Error = err.Error()
	}
}

func (t *trial) ladder(ctx context.Context, s *Sample) error {
	if err := t.forget(ctx); err != nil {
		return err
	}
	token, err := t.serve(ctx)
	if err != nil {
		return err
	}
	if t.s.Router.ResetBoth {
		if err := t.resetBoth(ctx, t.s.Router.Timeout); err != nil {
			return err
		}
	}
	if at := t.s.Ladder.PulledAt; at > 0 {
		go t.pull(ctx, at, t.s.Ladder.BackAt)
	}
	var sum livetest.Summary
	err = run.Tester{Dial: t.dial}.Run(ctx, t.s.spec(token), sum.Add)
	r := sum.Result()
	s.Outcome, s.Outlived, s.Measured = ladderFound(t.s, r)
	s.Ladders = r.Ladders
	if s.Reason = r.Reason; s.Reason == "" && err != nil {
		s.Reason = err.Error()
	}
	return nil
}

// spec is what the live test is asked to do.
func (s Case) spec(token string) livetest.Spec {
	server := livetest.Target{Scheme: "http", Host: serverAddress, Port: port}
	spec := livetest.Spec{IdleLimit: s.top(), Measure: []livetest.Measurement{livetest.MeasureLadder}}
	switch s.Ladder.Path {
	case OverTCP:
		server.Scheme = "tcp"
	case FarEnd:
		spec.Ladder = &livetest.LadderSpec{FarEnd: fmt.Sprintf("%s:%d", serverAddress, farPort), Token: token}
		if s.Ladder.ServerIdle > 0 {
			spec.Measure = append(spec.Measure, livetest.MeasureIdle)
			spec.Connections = livetest.MinGoodSamples
			spec.Socket = livetest.SocketOptions{KeepAlive: true, Idle: time.Second, Interval: time.Second, Count: 9}
		}
	case OverHTTP:
	}
	spec.Target = server
	return spec.Normalize()
}

// dial connects from the client's namespace, in which the socket stays.
func (t *trial) dial(ctx context.Context, address string) (c net.Conn, err error) {
	d := net.Dialer{KeepAlive: -1, FallbackDelay: -1, Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS_NEW, 1) })
	}}
	err = t.client.do(func() error {
		c, err = d.DialContext(ctx, "tcp", address)
		return err
	})
	return c, err
}

// serve starts an HTTP server and a far end in the server's namespace, and
// returns the far end's token.
func (t *trial) serve(ctx context.Context) (string, error) {
	var l [2]net.Listener
	err := t.server.do(func() (err error) {
		for i, p := range []int{port, farPort} {
			config := net.ListenConfig{KeepAlive: -1}
			if l[i], err = config.Listen(ctx, "tcp", fmt.Sprintf("%s:%d", serverAddress, p)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	token := farend.NewToken()
	scripted.On(ctx, l[0], scripted.Script{Idle: t.s.Ladder.ServerIdle})
	go func() { _ = (&farend.Server{Token: token}).Serve(ctx, l[1]) }()
	return token, nil
}

// pull takes the client's cable out of the router and puts it back.
func (t *trial) pull(ctx context.Context, at, back time.Duration) {
	begin := time.Now()
	for _, step := range []struct {
		at    time.Duration
		state string
	}{{at, "down"}, {back, "up"}} {
		if step.at == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(step.at - time.Since(begin)):
		}
		_ = t.router.do(func() error {
			return command(ctx, strings.Join([]string{"link set", clientInterface, step.state}, " "), nil, t.ip, "-batch", "-")
		})
	}
}
