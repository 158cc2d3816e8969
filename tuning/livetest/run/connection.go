package run

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// Limits of time for one step with the far end.
const (
	dialLimit      = 5 * time.Second
	handshakeLimit = 5 * time.Second
	replyLimit     = 10 * time.Second
	// goodbyeLimit is how long the FIN may take after TLS said goodbye.
	goodbyeLimit = time.Second
	// maxUnasked is how many bytes a silent connection may send us.
	maxUnasked = 64 << 10
	readBuffer = 4 << 10
	// timestampNoise is how far the kernel's times may lie beside ours: a few jiffies.
	timestampNoise = 20 * time.Millisecond
)

// A connection is one connection to the target.
type connection struct {
	id     int
	role   livetest.Role
	tcp    *timestampedConnection
	conn   net.Conn // TLS or tcp itself
	buf    *bufio.Reader
	served int // replies read
	undo   func() bool
	left   func()        // tells the run that it is closed
	wrote  time.Time     // when the last request had been handed over
	kept   time.Duration // a rung's silence until what was sent after it had been handed over
	// heard takes what comes unasked, where the protocol owes an answer to some of it; or nil
	heard func([]byte)
	// ownOptions: its socket options are part of what is measured
	ownOptions bool

	opened      time.Time // arrival of the SYN-ACK, or the end of the TLS handshake
	openedExact bool
}

// open makes a connection for HTTP/1 and emits that it is there.
func (r *run) open(ctx context.Context, id int, role livetest.Role) (*connection, error) {
	return r.openWith(ctx, id, role, "http/1.1")
}

// openWith speaks TLS, where the target does, for one of these protocols.
func (r *run) openWith(ctx context.Context, id int, role livetest.Role, protocols ...string) (*connection, error) {
	begin := time.Now()
	dctx, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	c, err := r.tester.dial(dctx, r.spec.Target.Route, r.address)
	if err != nil {
		return nil, &stepError{step: "connect", err: err}
	}
	// A ladder asks what TCP keep-alive changes: its rungs have none unless they say so.
	l := &connection{id: id, role: role, tcp: timestamp(c), opened: time.Now(), left: func() {}, ownOptions: role == livetest.RoleLadder}
	l.conn = l.tcp
	if l.tcp.raw != nil {
		l.opened, l.openedExact = arrived(l.opened, l.tcp.raw, lateness)
	}
	// A cancelled run must not wait for a peer.
	l.undo = context.AfterFunc(ctx, func() { _ = c.Close() })
	l.left = func() { r.leave(l) }
	r.join(l)
	e := livetest.Event{Kind: livetest.EventConnected, Connect: l.opened.Sub(begin)}
	if r.spec.Target.Route != (livetest.Route{}) {
		if err := l.pass(dctx, r.spec.Target); err != nil {
			l.close()
			return nil, err
		}
		if r.spec.Target.Route.Proxy != "" {
			l.opened, l.openedExact = l.tcp.last, l.tcp.lastExact
		}
	}
	if r.tls != nil {
		begin = time.Now()
		config := r.tls.Clone()
		config.NextProtos = protocols
		if err := l.secure(ctx, config); err != nil {
			l.close()
			return nil, &stepError{step: "tls", err: err}
		}
		l.opened, l.openedExact = time.Now(), false
		e.Handshake = l.opened.Sub(begin)
	}
	l.buf = bufio.NewReaderSize(l.conn, readBuffer)
	l.addTimes(&e)
	r.connected.Store(true)
	r.emitAt(l.opened, l, e)
	return l, nil
}

func (l *connection) secure(ctx context.Context, config *tls.Config) error {
	hctx, cancel := context.WithTimeout(ctx, handshakeLimit)
	defer cancel()
	t := tls.Client(l.tcp, config)
	l.conn = t
	return t.HandshakeContext(hctx)
}

// close ends the connection at once; a goodbye could block on a peer that does not read.
func (l *connection) close() {
	l.left()
	l.undo()
	_ = l.tcp.Close()
}

// addTimes puts what TCP_INFO knows into an event.
func (l *connection) addTimes(e *livetest.Event) {
	if l.tcp.raw == nil {
		return
	}
	if p, err := pathOf(l.tcp.raw); err == nil {
		e.RTT, e.RTO, e.Resent, e.Unacked = p.rtt, p.rto, p.resent, p.unacked
	}
}

// errUnasked is a reply that was there before its request: it would pass for the answer,
// and its arrival for time zero.
const errUnasked = replyError("the server answers before it is asked")

// exchange sends one request and reads its reply. The time is when the request was sent.
func (l *connection) exchange(method, text string) (reply, time.Time, error) {
	return l.exchangeWithin(replyLimit, method, text)
}

func (l *connection) exchangeWithin(limit time.Duration, method, text string) (reply, time.Time, error) {
	sent := time.Now()
	if l.buf.Buffered() > 0 {
		return reply{}, sent, errUnasked
	}
	// A deadline that cannot be set belongs to a closed connection: reading says how.
	_ = l.conn.SetDeadline(sent.Add(limit))
	_, writeErr := io.WriteString(l.conn, text)
	l.wrote = time.Now()
	// Even when the write failed, a reply (429, 408) may have been sent before the close.
	re, err := readReply(l.buf, method)
	if err != nil {
		if writeErr != nil && !isTimeout(writeErr) {
			err = errors.Join(writeErr, err)
		}
		return re, sent, err
	}
	switch early := sent.Sub(l.tcp.last); {
	case early > timestampNoise:
		return re, sent, errUnasked
	case early > 0:
		l.tcp.last = sent
	}
	l.served++
	_ = l.conn.SetDeadline(time.Time{})
	return re, sent, nil
}

// zero is the arrival of the last byte read, or the moment the connection was there, and
// whether the kernel said so.
func (l *connection) zero() (time.Time, bool) {
	if l.served == 0 {
		return l.opened, l.openedExact
	}
	return l.tcp.last, l.tcp.lastExact
}

// read takes from the buffer, or from the connection where it was given back.
func (l *connection) read(p []byte) (int, error) {
	if l.buf == nil {
		return l.conn.Read(p)
	}
	return l.buf.Read(p)
}

// An ending is how a silent connection ended.
type ending struct {
	kind     livetest.CloseKind
	at       time.Time
	exact    bool
	bytes    int64
	notified bool
	text     string // what the bytes were
	err      error  // it gave no answer
}

// watch keeps a read pending until the far end closes or the deadline passes.
func (l *connection) watch(until time.Time) ending {
	var out ending
	var head []byte
	_ = l.conn.SetReadDeadline(until)
	p := make([]byte, 64) // small: of held connections there are many
	for {
		n, err := l.read(p)
		out.bytes += int64(n)
		if l.heard != nil {
			l.heard(p[:n])
		}
		if room := 64 - len(head); room > 0 {
			head = append(head, p[:min(n, room)]...)
		}
		switch {
		case out.bytes > maxUnasked:
			out.err = replyError("the server floods a silent connection")
			return out
		case err == nil:
			continue
		case errors.Is(err, io.EOF):
			out.kind = livetest.CloseFIN
			l.goodbye(&out)
		case isReset(err):
			out.kind = livetest.CloseRST
		case errors.Is(err, os.ErrDeadlineExceeded):
			out.kind, out.at = livetest.CloseNone, until
			return out
		default:
			out.err = err
			return out
		}
		out.at, out.exact = l.tcp.end, l.tcp.endExact
		if out.at.IsZero() {
			out.at = time.Now()
		}
		if out.bytes > 0 {
			out.text, _, _ = strings.Cut(string(head), "\r\n")
			if is408(out.text) && out.kind == livetest.CloseFIN {
				out.kind = livetest.Close408
			}
		}
		return out
	}
}

// goodbye waits for the FIN behind a TLS close_notify, which alone ends the connection.
func (l *connection) goodbye(out *ending) {
	if l.conn == net.Conn(l.tcp) || !l.tcp.end.IsZero() {
		return
	}
	out.notified = true
	at, exact := l.tcp.last, l.tcp.lastExact
	_ = l.tcp.SetReadDeadline(time.Now().Add(goodbyeLimit))
	_, _ = io.Copy(io.Discard, io.LimitReader(l.tcp, maxUnasked))
	if l.tcp.end.IsZero() {
		l.tcp.end, l.tcp.endExact = at, exact
	}
}

func is408(line string) bool {
	return strings.HasPrefix(line, "HTTP/1.1 408") || strings.HasPrefix(line, "HTTP/1.0 408")
}

// A stepError is a failure with what was being done.
type stepError struct {
	step string // "connect" or "tls"
	err  error
}

func (e *stepError) Error() string { return e.step + ": " + e.err.Error() }
func (e *stepError) Unwrap() error { return e.err }
