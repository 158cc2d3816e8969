package run

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http2/hpack"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

const (
	// maxFrames bounds what a silent HTTP/2 connection may send.
	maxFrames  = 10_000
	goAwayText = 120
)

// errNotHTTP2 is a server that does not speak HTTP/2.
const errNotHTTP2 = replyError("the server does not speak HTTP/2")

// watchHTTP2 starts the HTTP/2 samples.
func (r *run) watchHTTP2(ctx context.Context, _ livetest.Measurement, group *sync.WaitGroup, n int) {
	for i := range n {
		id, wait := r.next(), share(r.spec.Spread(), i, n)
		r.spawn(group, func() { r.http2Sample(ctx, id, wait) })
	}
}

// http2Sample makes one request and one PING, and then keeps silent.
func (r *run) http2Sample(ctx context.Context, id int, wait time.Duration) {
	if !sleep(ctx, wait) {
		return
	}
	begin := time.Now()
	s, err := r.openHTTP2(ctx, id)
	if err == nil {
		defer s.close()
		err = s.greet(ctx)
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		r.emitAt(time.Now(), &connection{id: id, role: livetest.RoleHTTP2}, livetest.Event{Kind: livetest.EventHTTP2, Text: clause(err)})
		r.failed(ctx, id, livetest.RoleHTTP2, begin, err)
		return
	}
	s.silence(ctx)
}

// A session is an HTTP/2 connection.
type session struct {
	*connection
	run    *run
	framer framer
	hpack  *hpack.Decoder

	settings *livetest.HTTP2Settings
	block    []byte // headers that are not whole yet
	ending   bool   // they end the stream
	status   int
	frames   int
	size     int // of all their payloads
	pings    int // of the server
	ponged   bool
	goaway   string
}

func (r *run) openHTTP2(ctx context.Context, id int) (*session, error) {
	l, err := r.openWith(ctx, id, livetest.RoleHTTP2, "h2", "http/1.1")
	if err != nil {
		return nil, err
	}
	if t, ok := l.conn.(*tls.Conn); ok && t.ConnectionState().NegotiatedProtocol != "h2" {
		l.close()
		return nil, errNotHTTP2
	}
	s := &session{connection: l, run: r, framer: framer{in: l.buf, out: l.conn}, hpack: hpack.NewDecoder(4096, nil)}
	s.hpack.SetMaxStringLength(maxHeaderBlock)
	return s, nil
}

// greet exchanges settings, one PING and, last, one request: the server's idle time begins
// with the end of its answer.
func (s *session) greet(ctx context.Context) error {
	_ = s.conn.SetDeadline(time.Now().Add(replyLimit))
	_, err := io.WriteString(s.conn, http2Preface)
	err = errors.Join(err, s.framer.writeSettings(0, map[uint16]uint32{settingEnablePush: 0}))
	asked := time.Now()
	err = errors.Join(err, s.framer.write(framePing, 0, 0, []byte("keeptune")))
	if err == nil {
		err = s.readUntil(func() bool { return s.settings != nil && s.ponged })
	}
	if err != nil && (s.settings == nil || !isTimeout(err)) {
		return s.notHTTP2(err)
	}
	e := livetest.Event{Kind: livetest.EventHTTP2, Settings: s.settings, Done: true, Yes: s.ponged}
	if s.ponged {
		e.Took = max(time.Nanosecond, s.wire.last.Sub(asked))
	}
	s.run.emitAt(time.Now(), s.connection, e)
	sent := time.Now()
	_ = s.conn.SetDeadline(sent.Add(replyLimit))
	if err = s.request(); err == nil {
		err = s.readUntil(func() bool { return s.served == 1 })
	}
	if err != nil {
		return err
	}
	s.run.replied.Store(true)
	s.run.emitAt(s.wire.last, s.connection, livetest.Event{
		Kind: livetest.EventResponse, Request: 1, Status: s.status, Version: "HTTP/2", Took: s.wire.last.Sub(sent),
	})
	s.run.heed(ctx, reply{status: s.status})
	return nil
}

// notHTTP2 tells a server that answers in another protocol from one that fails.
func (s *session) notHTTP2(err error) error {
	if s.frames == 0 && !isTimeout(err) {
		return errNotHTTP2
	}
	return err
}

// request asks for the target on stream 1.
func (s *session) request() error {
	t := s.run.spec.Target
	scheme := "http"
	if t.TLS() {
		scheme = "https"
	}
	fields := [][2]string{
		{":method", t.Method},
		{":scheme", scheme},
		{":authority", t.Authority()},
		{":path", t.Path},
		{"user-agent", livetest.UserAgent},
		{"accept", "*/*"},
	}
	for _, h := range t.Headers {
		if name := strings.ToLower(h.Name); name != "host" && name != "user-agent" && name != "accept" {
			fields = append(fields, [2]string{name, h.Value})
		}
	}
	return s.framer.write(frameHeaders, flagEndStream|flagEndHeaders, 1, packed(fields))
}

// readUntil takes frames in until something has happened.
func (s *session) readUntil(done func() bool) error {
	for !done() {
		if err := s.take(); err != nil {
			return err
		}
	}
	return nil
}

// take reads one frame and answers what has to be answered.
func (s *session) take() error {
	f, err := s.framer.read()
	if err != nil {
		return err
	}
	if s.frames++; s.frames > maxFrames {
		return replyError("the server floods the connection with frames")
	}
	if s.size += len(f.payload); s.size > maxBody {
		return errTooLarge
	}
	switch f.kind {
	case frameSettings:
		if f.flags&flagAck != 0 {
			return nil
		}
		s.settings = settingsOf(f)
		return s.framer.writeSettings(flagAck, nil)
	case frameHeaders, frameContinuation:
		return s.takeHeaders(f)
	case frameData:
		s.ended(f.flags&flagEndStream != 0)
		if n := len(f.payload); n > 0 {
			return s.framer.grant(1, n)
		}
	case frameReset:
		if len(f.payload) == 4 {
			return replyError("the server resets the stream of the request: " + errorCode(binary.BigEndian.Uint32(f.payload)))
		}
		return errBadFrame
	case framePing:
		if f.flags&flagAck != 0 {
			s.ponged = true
			return nil
		}
		s.pings++
		return s.framer.write(framePing, flagAck, 0, f.payload)
	case frameGoAway:
		return s.takeGoAway(f)
	case frameWindowUpdate: // what we send fits into any window
	}
	return nil
}

func (s *session) takeHeaders(f frame) error {
	part, err := f.unpadded()
	if err != nil {
		return err
	}
	if f.kind == frameHeaders {
		s.block, s.ending = nil, f.flags&flagEndStream != 0
	}
	if s.block = append(s.block, part...); len(s.block) > maxHeaderBlock {
		return replyError("the server sends HTTP/2 headers without end")
	}
	if f.flags&flagEndHeaders == 0 {
		return nil
	}
	status, err := statusOf(s.hpack, s.block)
	s.block = nil
	switch {
	case err != nil:
		return err
	case status > 0:
		s.status = status
	case s.status == 0:
		return replyError("the server sends an HTTP/2 reply without a status")
	}
	s.ended(s.ending)
	return nil
}

func (s *session) takeGoAway(f frame) error {
	if len(f.payload) < 8 {
		return errBadFrame
	}
	s.goaway = fmt.Sprintf("last stream %d, %s", binary.BigEndian.Uint32(f.payload)&0x7fffffff, errorCode(binary.BigEndian.Uint32(f.payload[4:])))
	if debug := model.Clean(string(f.payload[8:]), goAwayText); debug != "" {
		s.goaway += ": " + debug
	}
	return nil
}

func (s *session) ended(yes bool) {
	if yes && s.status/100 > 1 {
		s.served = 1
	}
}

func settingsOf(f frame) *livetest.HTTP2Settings {
	out := &livetest.HTTP2Settings{}
	for id, value := range f.settings() {
		switch id {
		case settingMaxStreams:
			out.MaxStreams = &value
		case settingInitialWindow:
			out.InitialWindow = &value
		case settingMaxFrame:
			out.MaxFrame = &value
		case settingHeaderTable:
			out.HeaderTable = &value
		}
	}
	return out
}

// silence keeps reading up to the limit: the server's PINGs are answered, as clients do,
// and how the connection ends is emitted. A GOAWAY ends it even while it stays open.
func (s *session) silence(ctx context.Context) {
	zero, exact := s.zero()
	until := zero.Add(s.run.spec.IdleLimit)
	_ = s.conn.SetDeadline(until)
	pings := s.pings
	err := s.readUntil(func() bool { return s.goaway != "" })
	at, sharp := s.wire.end, s.wire.endExact
	if err == nil {
		at, sharp = s.wire.last, s.wire.lastExact
	} else if at.IsZero() {
		at = time.Now()
	}
	if ctx.Err() != nil {
		return
	}
	e := livetest.Event{Kind: livetest.EventClosed, After: max(0, at.Sub(zero)), Exact: exact && sharp, Text: s.goaway}
	switch {
	case err == nil:
		e.Close = livetest.CloseGoAway
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.Close = livetest.CloseFIN
	case isReset(err):
		e.Close = livetest.CloseRST
	case isTimeout(err):
		e.Kind, e.Close, e.After, at = livetest.EventExpired, livetest.CloseNone, until.Sub(zero), until
	default:
		s.run.failed(ctx, s.id, s.role, zero, err)
		return
	}
	if n := s.pings - pings; n > 0 {
		s.run.emitAt(at, s.connection, livetest.Event{Kind: livetest.EventHTTP2, Settings: s.settings, Sent: n, Done: true})
	}
	s.addTimes(&e)
	s.run.emitAt(at, s.connection, e)
}
