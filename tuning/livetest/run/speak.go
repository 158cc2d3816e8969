package run

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// A speech is what is said in a protocol that is not HTTP.
type speech struct {
	// begin greets, logs in where that is needed, and returns with the first answer.
	begin func(l *connection, t livetest.Target) error
	// again asks one thing more; nil where a fresh connection stands for it.
	again func(l *connection) error
	// since tells that its timer runs from when the connection was open, whatever was said.
	since bool
}

// speeches are by scheme.
var speeches = map[string]speech{
	"amqp":      {begin: beginAMQP},
	"grpc":      {begin: beginGRPC},
	"ldap":      {begin: bindLDAP},
	"memcached": {begin: func(l *connection, _ livetest.Target) error { return versionOf(l) }, again: versionOf},
	"mqtt":      {begin: connectMQTT, again: pingMQTT},
	"mysql":     {begin: loginMySQL, again: pingMySQL},
	"nats":      {begin: connectNATS, again: pingNATS},
	"postgres":  {begin: loginPostgres},
	"redis":     {begin: beginRedis, again: pingRedis},
	"ssh":       {begin: greetSSH, since: true},
	"ws":        {begin: upgrade, again: pingWebSocket},
}

// maxSaid is the longest answer that is read of a protocol that is not HTTP.
const maxSaid = 256 << 10

// errOdd is an answer that is none.
func errOdd(protocol string) error {
	return replyError("the server does not answer as " + protocol + " does")
}

// refusal is what a server says against us, in its own words.
func refusal(text string) error {
	return replyError("the server refuses: " + model.Clean(text, 120))
}

// speak does one exchange in the target's protocol and emits its answer.
func (r *run) speak(ctx context.Context, l *connection) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s, sent := speeches[r.spec.Target.Scheme], time.Now()
	_ = l.conn.SetDeadline(sent.Add(replyLimit))
	var err error
	if l.served == 0 || s.again == nil {
		err = s.begin(l, r.spec.Target)
	} else {
		err = s.again(l)
	}
	if err != nil {
		return err
	}
	if !s.since {
		l.served++
	}
	_ = l.conn.SetDeadline(time.Time{})
	r.answered(ctx, l, reply{}, sent, livetest.Event{Kind: livetest.EventResponse})
	return nil
}

// first asks what a silence of the target comes after.
func (r *run) first(ctx context.Context, l *connection) error {
	if r.spec.Target.Asks() {
		return r.speak(ctx, l)
	}
	_, err := r.ask(ctx, l, true)
	return err
}

// converse stands for the control connection with a target that is no web server: it asks at
// short gaps, on a fresh connection each time where the protocol has no question that may
// be repeated.
func (r *run) converse(ctx context.Context, id int) {
	again := speeches[r.spec.Target.Scheme].again != nil
	for ctx.Err() == nil {
		begin := time.Now()
		l, err := r.open(ctx, id, livetest.RoleControl)
		for err == nil {
			asked := time.Now()
			if err = r.speak(ctx, l); err != nil || !again {
				break
			}
			if !sleep(ctx, controlGap-time.Since(asked)) {
				break
			}
		}
		switch {
		case err == nil || ctx.Err() != nil:
		case l != nil && l.served > 0 && !isTimeout(err): // it had enough of a client that answers no pings
			now := time.Now()
			r.emitAt(now, l, livetest.Event{Kind: livetest.EventClosed, Close: livetest.CloseFIN, Request: l.served, SaysClose: true})
		default:
			r.failed(ctx, id, livetest.RoleControl, begin, err)
		}
		if l != nil {
			l.close()
		}
		if !sleep(ctx, knockGap-time.Since(begin)) {
			return
		}
	}
}

// line reads up to a line feed, without it and a carriage return before it, as long as our
// buffer at most.
func (l *connection) line() (string, error) {
	b, err := l.buf.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", replyError("the server sends a line without end")
	case err != nil:
		return "", err
	}
	return strings.TrimSuffix(string(b[:len(b)-1]), "\r"), nil
}

// take reads n bytes.
func (l *connection) take(n int) ([]byte, error) {
	if n < 0 || n > maxSaid {
		return nil, replyError("the server announces an answer without end")
	}
	b := make([]byte, n)
	_, err := io.ReadFull(l.buf, b)
	return b, err
}

// send writes; a failure of writing is told by reading.
func (l *connection) send(b []byte) { _, _ = l.conn.Write(b) }

// A parser takes an answer apart; what is missing leaves zeros and sets bad.
type parser struct {
	b   []byte
	bad bool
}

func (p *parser) bytes(n int) []byte {
	if n < 0 || n > len(p.b) {
		p.bad = true
		return make([]byte, max(0, n)) // callers want 255 at most
	}
	out := p.b[:n]
	p.b = p.b[n:]
	return out
}

func (p *parser) byte() byte     { return p.bytes(1)[0] }
func (p *parser) uint16() uint16 { return binary.BigEndian.Uint16(p.bytes(2)) }
func (p *parser) uint32() uint32 { return binary.BigEndian.Uint32(p.bytes(4)) }

// text reads up to a zero byte.
func (p *parser) text() string {
	text, rest, found := bytes.Cut(p.b, []byte{0})
	if !found {
		p.bad = true
		return ""
	}
	p.b = rest
	return string(text)
}

// frames cuts what comes in pieces into frames: size tells how long the one is that begins b,
// 0 while that is not known; take gets each whole one. What is too long to be of interest is
// passed over.
func frames(size func(b []byte) int, take func(frame []byte)) func([]byte) {
	var b []byte
	skip := 0
	return func(piece []byte) {
		n := min(skip, len(piece))
		skip -= n
		b = append(b, piece[n:]...)
		for {
			whole := size(b)
			switch {
			case whole == 0:
				return
			case whole > readBuffer:
				skip, b = max(0, whole-len(b)), b[min(whole, len(b)):]
			case whole > len(b):
				return
			default:
				take(b[:whole])
				b = b[whole:]
			}
		}
	}
}
