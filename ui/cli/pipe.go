package cli

import (
	"context"
	"io"
	"time"
)

// A pipe is standard input that Ctrl-C ends, as it ends what writes there: what was read until
// then counts.
type pipe struct {
	stop  context.Context
	read  chan []byte // closed at the end
	err   error       // of that; set before
	rest  []byte
	idle  func() // about once a second while nothing comes; may be nil
	grace <-chan time.Time
	cut   bool // it was ended before its end
}

// graceful is how long the end is waited for after Ctrl-C: who writes may have more to say.
const graceful = time.Second

// newPipe reads until stop is done.
func newPipe(stop context.Context, in io.Reader) *pipe {
	p := &pipe{stop: stop, read: make(chan []byte)}
	go func() {
		for {
			b := make([]byte, 1<<16)
			n, err := in.Read(b)
			if n > 0 {
				p.read <- b[:n]
			}
			if err != nil {
				p.err = err
				close(p.read)
				return
			}
		}
	}()
	return p
}

// Read reads what came; io.EOF where it was ended.
func (p *pipe) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		ended := p.stop.Done()
		if p.grace != nil {
			ended = nil
		}
		select {
		case more, ok := <-p.read:
			if !ok {
				return 0, p.err
			}
			p.rest = more
		case <-ended:
			p.grace = time.After(graceful)
		case <-p.grace:
			p.cut = true
			return 0, io.EOF
		case <-time.After(time.Second):
			if p.idle != nil {
				p.idle()
			}
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}
