package lab

import (
	"context"
	"time"

	"golang.org/x/sys/unix"
)

// gone lets the peer go away.
func (t *trial) gone(ctx context.Context) (ending, error) {
	switch t.s.Departure {
	case Reboots:
		return t.reboot(ctx)
	case ExitsEarlier:
		if err := t.leave(); err != nil {
			return ending{}, err
		}
		if err := t.own.readable(time.Second); err != nil {
			return ending{}, err
		}
		sent, err := t.write()
		return t.judge(sent, 0), err
	case LeavesUnread:
		if err := t.own.send(message); err != nil {
			return ending{}, err
		}
		if err := t.peer.readable(time.Second); err != nil {
			return ending{}, err
		}
	case Aborts:
		if err := t.abortive(); err != nil {
			return ending{}, err
		}
	case Exits:
	}
	from := now()
	if err := t.leave(); err != nil {
		return ending{}, err
	}
	return t.judge(from, unix.POLLIN), nil
}

// reboot loses the peer's socket behind a path that is cut, and mends it.
func (t *trial) reboot(ctx context.Context) (ending, error) {
	last, err := t.log.lastReceived()
	if err != nil {
		return ending{}, err
	}
	if err := t.cut(ctx); err != nil {
		return ending{}, err
	}
	if err := t.abortive(); err != nil {
		return ending{}, err
	}
	if err := t.leave(); err != nil {
		return ending{}, err
	}
	if err := t.rules(ctx, ""); err != nil {
		return ending{}, err
	}
	if t.s.KeepAlive {
		return t.judge(last.at, unix.POLLIN), nil
	}
	sent, err := t.write()
	return t.judge(sent, unix.POLLIN), err
}

// abortive makes the peer's close send a RST.
func (t *trial) abortive() error {
	return unix.SetsockoptLinger(int(t.peer), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
}

// leave closes the peer's socket.
func (t *trial) leave() error {
	err := unix.Close(int(t.peer))
	t.peer = -1
	return err
}
