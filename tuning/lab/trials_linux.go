package lab

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// idle cuts the path while nothing is in flight.
func (t *trial) idle(ctx context.Context) (ending, error) {
	last, err := t.log.lastReceived()
	if err != nil {
		return ending{}, err
	}
	if t.s.AfterProbe {
		if last, err = t.answeredProbe(last.at); err != nil {
			return ending{}, err
		}
	}
	if !t.s.PeerLives {
		if err := t.cut(ctx); err != nil {
			return ending{}, err
		}
	}
	if t.s.IdleWas > 0 {
		untilThen(last.at + t.s.IdleSetAt)
		t.f.SetAt = now() - last.at
		if err := t.own.option(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, int64(t.s.Idle/time.Second)); err != nil {
			return ending{}, err
		}
	}
	return t.judge(last.at, unix.POLLIN), nil
}

// answeredProbe waits for the answer to the next keep-alive probe.
func (t *trial) answeredProbe(from time.Duration) (segment, error) {
	const sent = 200 * time.Millisecond // later than a delayed acknowledgement
	limit := 2 * (t.s.Idle + t.s.Every)
	probe, err := t.log.since(from+sent, limit, func(s segment) bool { return s.out })
	if err != nil {
		return segment{}, fmt.Errorf("waiting for a probe: %w", err)
	}
	return t.log.since(probe.at, time.Second, func(s segment) bool { return !s.out })
}

// inFlight sends into a path that is cut already.
func (t *trial) inFlight(ctx context.Context) (ending, error) {
	if err := t.cut(ctx); err != nil {
		return ending{}, err
	}
	sent, err := t.write()
	if err != nil {
		return ending{}, err
	}
	return t.judge(sent, unix.POLLIN), nil
}

// write sends data that is not acknowledged, and returns when it went out.
func (t *trial) write() (time.Duration, error) {
	size := message
	if t.s.Several {
		size = many
	}
	from := now()
	if err := t.own.send(size); err != nil {
		return 0, err
	}
	s, err := t.log.since(from, time.Second, func(s segment) bool { return s.out && s.payload > 0 })
	return s.at, err
}

// lateWrite sends some time after the path was cut on an idle connection.
func (t *trial) lateWrite(ctx context.Context) (ending, error) {
	last, err := t.log.lastReceived()
	if err != nil {
		return ending{}, err
	}
	if err := t.cut(ctx); err != nil {
		return ending{}, err
	}
	untilThen(last.at + t.s.WriteAt)
	sent, err := t.write()
	if err != nil {
		return ending{}, err
	}
	t.f.WriteAt = sent - last.at
	return t.judge(last.at, unix.POLLIN), nil
}

// connecting connects through a path that is cut already.
func (t *trial) connecting(ctx context.Context) (ending, error) {
	if err := t.cut(ctx); err != nil {
		return ending{}, err
	}
	var err error
	if t.own, err = newEnd(); err != nil {
		return ending{}, err
	}
	if err := t.own.apply(t.s); err != nil {
		return ending{}, err
	}
	if err := unix.SetNonblock(int(t.own), true); err != nil {
		return ending{}, err
	}
	if err := unix.Connect(int(t.own), address(serverAddress)); !errors.Is(err, unix.EINPROGRESS) {
		return ending{}, fmt.Errorf("connect: %w", err)
	}
	first, err := t.log.since(0, time.Second, func(s segment) bool { return s.out && s.syn })
	if err != nil {
		return ending{}, err
	}
	return t.judge(first.at, unix.POLLOUT), nil
}

// closedWindow fills the peer's window and cuts the path once it is closed,
// right then or when the probes of it have backed off as far as they go. A peer
// that lives is not cut off.
func (t *trial) closedWindow(ctx context.Context) (ending, error) {
	closed, err := t.fill()
	if err != nil {
		return ending{}, err
	}
	if t.s.AfterProbe {
		if closed, err = t.backedOff(); err != nil {
			return ending{}, err
		}
	}
	if !t.s.PeerLives {
		if err := t.cut(ctx); err != nil {
			return ending{}, err
		}
	}
	i, err := t.own.info()
	if err != nil {
		return ending{}, err
	}
	if !t.s.AfterProbe && i.Probes > 0 {
		return ending{}, errors.New("the first window probe was faster than the cut")
	}
	t.f.RTT, t.f.RTO = time.Duration(i.Rtt)*time.Microsecond, time.Duration(i.Rto)*time.Microsecond
	return t.judge(closed.at, unix.POLLIN), nil
}

// fill writes until the window is closed and nothing is in flight.
func (t *trial) fill() (segment, error) {
	if err := unix.SetNonblock(int(t.own), true); err != nil {
		return segment{}, err
	}
	for err, n := error(nil), 0; err == nil && n < 1000; n++ {
		_, err = unix.Write(int(t.own), make([]byte, 1<<16))
		t.log.read()
	}
	for range 2000 {
		i, err := t.own.info()
		if err != nil {
			return segment{}, err
		}
		last, err := t.log.lastReceived()
		if err != nil {
			return segment{}, err
		}
		if i.Unacked == 0 && last.window == 0 {
			return last, nil
		}
		time.Sleep(time.Millisecond)
	}
	return segment{}, errors.New("the window does not close")
}

// backedOff waits for the answer to a window probe after which the next wait
// is no longer than the one before.
func (t *trial) backedOff() (segment, error) {
	for limit := now() + time.Minute; now() < limit; time.Sleep(2 * time.Millisecond) {
		i, err := t.own.info()
		if err != nil {
			return segment{}, err
		}
		if int64(i.Backoff) >= t.s.Retries && i.Probes == 0 {
			return t.log.lastReceived()
		}
	}
	return segment{}, errors.New("the window probes do not back off")
}
