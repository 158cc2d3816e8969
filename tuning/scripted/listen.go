package scripted

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync"
)

// Listen serves the script on a free loopback port until ctx ends or stop is called; stop
// closes every connection and waits for them. The address is "127.0.0.1:port".
func Listen(ctx context.Context, s Script) (addr string, stop func(), err error) {
	return listen(ctx, s, nil)
}

// ListenTLS is Listen behind TLS.
func ListenTLS(ctx context.Context, s Script, config *tls.Config) (addr string, stop func(), err error) {
	return listen(ctx, s, config)
}

func listen(ctx context.Context, s Script, config *tls.Config) (string, func(), error) {
	return accept(ctx, "scripted server", func(c net.Conn, n int) {
		if config != nil {
			serveTLS(ctx, c, n, s, config)
			return
		}
		Serve(c, n, s)
	})
}

// accept serves every connection of a free loopback port, which it counts, until ctx ends
// or stop is called; stop closes them all and waits.
func accept(ctx context.Context, what string, serve func(c net.Conn, n int)) (addr string, stop func(), err error) {
	// Without keep-alive probes, which would show in a capture of the port.
	l, err := (&net.ListenConfig{KeepAlive: -1}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("start the %s: %w", what, err)
	}
	return l.Addr().String(), on(ctx, l, serve), nil
}

// On serves the script on a listener until ctx ends.
func On(ctx context.Context, l net.Listener, s Script) {
	on(ctx, l, func(c net.Conn, n int) { Serve(c, n, s) })
}

func on(ctx context.Context, l net.Listener, serve func(c net.Conn, n int)) (stop func()) {
	g := &guests{open: map[net.Conn]struct{}{}}
	var all sync.WaitGroup
	all.Go(func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if !g.add(c) {
				return
			}
			all.Go(func() {
				defer g.remove(c)
				serve(c, n)
			})
		}
	})
	end := func() {
		_ = l.Close()
		g.closeAll()
	}
	undo := context.AfterFunc(ctx, end)
	return func() {
		undo()
		end()
		all.Wait()
	}
}

func serveTLS(ctx context.Context, c net.Conn, n int, s Script, config *tls.Config) {
	defer func() { _ = c.Close() }()
	if s.Hostile != "" {
		Serve(c, n, s) // hostile below TLS: the handshake never comes about
		return
	}
	t := tls.Server(c, config)
	if t.HandshakeContext(ctx) == nil {
		Serve(tlsConn{t, c}, n, s)
	}
}

// tlsConn lets a script reset the connection below TLS.
type tlsConn struct {
	*tls.Conn
	below net.Conn
}

// Reset makes the coming close an RST.
func (c tlsConn) Reset() { reset(c.below) }

// guests are the connections of a listener.
type guests struct {
	mu   sync.Mutex
	open map[net.Conn]struct{} // nil once closed
}

func (g *guests) add(c net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open == nil {
		_ = c.Close()
		return false
	}
	g.open[c] = struct{}{}
	return true
}

func (g *guests) remove(c net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.open, c)
}

func (g *guests) closeAll() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.open {
		_ = c.Close()
	}
	g.open = nil
}
