package run

import (
	"sync"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// Controls change the TCP options of a test's own connections while it runs. Its zero
// value is ready; it belongs to one run at a time.
type Controls struct {
	mu    sync.Mutex
	want  *livetest.SocketOptions
	apply func(livetest.SocketOptions)
}

// Set asks for options on every connection, open ones too. What the kernel made of them
// comes back as an event. The error is what Validate says.
func (c *Controls) Set(o livetest.SocketOptions) error {
	if err := o.Validate(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.want = &o
	if c.apply != nil {
		c.apply(o)
	}
	return nil
}

// begin ties the controls to a run; end unties them.
func (c *Controls) begin(apply func(livetest.SocketOptions)) (end func()) {
	if c == nil {
		return func() {}
	}
	c.mu.Lock()
	c.apply = apply
	want := c.want
	c.mu.Unlock()
	if want != nil {
		apply(*want)
	}
	return func() {
		c.mu.Lock()
		c.apply = nil
		c.mu.Unlock()
	}
}

// sockets are the open connections of a run and the options they are to have.
type sockets struct {
	mu   sync.Mutex
	want livetest.SocketOptions
	open map[*connection]struct{}
	told *livetest.SocketOptions // read back last
}

// join gives a new connection its options; leave forgets it.
func (r *run) join(l *connection) {
	r.sockets.mu.Lock()
	if r.sockets.open == nil {
		r.sockets.open = map[*connection]struct{}{}
	}
	r.sockets.open[l] = struct{}{}
	want := r.sockets.want
	r.sockets.mu.Unlock()
	if !want.IsZero() && !l.ownOptions {
		r.setOptions(l, want)
	}
}

func (r *run) leave(l *connection) {
	r.sockets.mu.Lock()
	delete(r.sockets.open, l)
	r.sockets.mu.Unlock()
}

// change gives every open connection new options.
func (r *run) change(o livetest.SocketOptions) {
	r.sockets.mu.Lock()
	r.sockets.want = o
	open := make([]*connection, 0, len(r.sockets.open))
	for l := range r.sockets.open {
		if !l.ownOptions {
			open = append(open, l)
		}
	}
	r.sockets.mu.Unlock()
	for _, l := range open {
		r.setOptions(l, o)
	}
}

// setOptions sets and reads back; what is in force is told once for each change.
func (r *run) setOptions(l *connection, o livetest.SocketOptions) {
	if l.tcp.raw == nil {
		return
	}
	now, err := setSocket(l.tcp.raw, o)
	r.sockets.mu.Lock()
	known := r.sockets.told != nil && *r.sockets.told == now
	r.sockets.told = &now
	r.sockets.mu.Unlock()
	if err != nil {
		r.emitAt(time.Now(), l, livetest.Event{Kind: livetest.EventFailed, Text: "the socket options cannot be set: " + clause(err)})
		return
	}
	if !known {
		r.say(livetest.Event{Kind: livetest.EventSocket, Socket: &now})
	}
}
