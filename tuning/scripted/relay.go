package scripted

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// Relay is a network between a client and a server: everything that arrives on a free
// loopback port, closes too, reaches the address to after delay, and the reverse, so that
// the round trip time is twice the delay. It ends as [Listen] does.
func Relay(ctx context.Context, to string, delay time.Duration) (addr string, stop func(), err error) {
	return accept(ctx, "relay", func(c net.Conn, _ int) {
		defer func() { _ = c.Close() }()
		far, err := (&net.Dialer{KeepAlive: -1}).DialContext(ctx, "tcp", to)
		if err != nil {
			reset(c)
			return
		}
		defer func() { _ = far.Close() }()
		var both sync.WaitGroup
		both.Go(func() { carry(c, far, delay) })
		both.Go(func() { carry(far, c, delay) })
		both.Wait()
	})
}

// A parcel is what was read at once, and when it is due at the other end.
type parcel struct {
	data []byte
	due  time.Time
	err  error // io.EOF is a FIN
}

// carry brings what it reads to the other end after the delay.
func carry(from, to net.Conn, delay time.Duration) {
	parcels := make(chan parcel, 1024)
	go func() {
		defer close(parcels)
		b := make([]byte, 4<<10)
		for {
			n, err := from.Read(b)
			// A copy of what there is: whole buffers would keep the garbage collector busy,
			// and that is delay.
			parcels <- parcel{bytes.Clone(b[:n]), time.Now().Add(delay), err}
			if err != nil {
				return
			}
		}
	}()
	for p := range parcels {
		time.Sleep(time.Until(p.due))
		if len(p.data) > 0 {
			_, _ = to.Write(p.data)
		}
		switch {
		case errors.Is(p.err, io.EOF):
			_ = to.(*net.TCPConn).CloseWrite()
		case errors.Is(p.err, syscall.ECONNRESET):
			reset(to)
			_ = to.Close()
		case p.err != nil:
			_ = to.Close()
		}
	}
}
