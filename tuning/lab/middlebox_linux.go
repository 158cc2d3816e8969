package lab

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// forget makes the router track connections and forget idle ones.
func (t *trial) forget(ctx context.Context) error {
	b := t.s.Router
	if b.Policy == Outward || b.Policy == Lifetime {
		if err := t.router.do(func() error { return command(ctx, b.set(), nil, t.nft, "-f", "-") }); err != nil {
			return err
		}
		return t.rules(ctx, b.rules())
	}
	if err := t.rules(ctx, b.rules()); err != nil {
		return err
	}
	return t.router.do(func() error {
		loose := int64(0)
		if b.Loose {
			loose = 1
		}
		if err := set("netfilter/nf_conntrack_tcp_loose", loose); err != nil {
			return err
		}
		return set("netfilter/nf_conntrack_tcp_timeout_established", int64(b.Timeout/time.Second))
	})
}

// middlebox stays idle for longer than the router remembers and then sends, or
// lets the connection's own probes meet the router.
func (t *trial) middlebox() (ending, error) {
	last, err := t.log.lastReceived()
	if err != nil {
		return ending{}, err
	}
	t.prediction = predict(t.s, t.f)
	if t.s.KeepAlive && t.prediction.Outcome != Alive {
		return t.unnoticed(t.judge(last.at, unix.POLLIN))
	}
	wait := t.s.Router.Timeout + time.Second
	if t.s.KeepAlive {
		wait += t.s.Router.Timeout
	}
	if t.own.poll(unix.POLLIN, last.at+wait) {
		return ending{}, errors.New("the connection ended while it was idle")
	}
	sent, err := t.write()
	if err != nil {
		return ending{}, err
	}
	if t.prediction.Outcome == Alive {
		return t.arrival(sent)
	}
	return t.unnoticed(t.judge(sent, unix.POLLIN))
}

// arrival is when the kernel got what was sent, and makes sure that an answer
// passes too.
func (t *trial) arrival(sent time.Duration) (ending, error) {
	at, err := t.peer.timestamped()
	if err != nil {
		return ending{}, fmt.Errorf("the data after the idle time: %w", err)
	}
	if err := t.peer.send(message); err != nil {
		return ending{}, err
	}
	if err := t.own.receive(); err != nil {
		return ending{}, fmt.Errorf("the answer after the idle time: %w", err)
	}
	return ending{sent, at, Alive, false}, nil
}

// unnoticed makes sure that the other end learned nothing of it.
func (t *trial) unnoticed(e ending) (ending, error) {
	i, err := t.peer.info()
	if err != nil {
		return ending{}, err
	}
	const established = 1 // TCP_ESTABLISHED
	if i.State != established {
		return ending{}, fmt.Errorf("the other end noticed: its TCP state is %d", i.State)
	}
	return e, nil
}
