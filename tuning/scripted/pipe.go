package scripted

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"
)

// Dialer returns a dial function that makes one net.Pipe to the script for each call: the
// same server in virtual time, inside testing/synctest.
func Dialer(s Script) func(ctx context.Context, address string) (net.Conn, error) {
	var n atomic.Int64
	return func(ctx context.Context, _ string) (net.Conn, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		near, far := net.Pipe()
		flag := new(atomic.Bool)
		number := int(n.Add(1)) - 1
		go Serve(farEnd{far, flag}, number, s)
		return nearEnd{near, flag}, nil
	}
}

// A pipe knows no RST: the far end raises a flag before it closes, and the near end reports
// the EOF as a reset then.
type (
	farEnd struct {
		net.Conn
		reset *atomic.Bool
	}
	nearEnd struct {
		net.Conn
		reset *atomic.Bool
	}
)

// Reset makes the coming close a reset.
func (c farEnd) Reset() { c.reset.Store(true) }

// Read reads and turns the EOF of a reset pipe into ECONNRESET.
func (c nearEnd) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, io.EOF) && c.reset.Load() {
		return n, &net.OpError{Op: "read", Net: "pipe", Err: syscall.ECONNRESET}
	}
	return n, err
}
