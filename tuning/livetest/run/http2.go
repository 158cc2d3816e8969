package run

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http2"
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
	framer *http2.Framer
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
	s := &session{connection: l, run: r, framer: newFramer(l.conn, l.buf), hpack: hpack.NewDecoder(4096, nil)}
	s.hpack.SetMaxStringLength(maxHeaderBlock)
	return s, nil
}

// greet exchanges settings, one PING and, last, one request: the server's idle time begins
// with the end of its answer.
func (s *session) greet(ctx context.Context) error {
	_ = s.conn.SetDeadline(time.Now().Add(replyLimit))
	_, err := io.WriteString(s.conn, http2.ClientPreface)
	err = errors.Join(err, s.framer.WriteSettings(http2.Setting{ID: http2.SettingEnablePush, Val: 0}))
	asked := time.Now()
	err = errors.Join(err, s.framer.WritePing(false, [8]byte([]byte("keeptune"))))
	if err == nil {
		err = s.readUntil(func() bool { return s.settings != nil && s.ponged })
	}
	if err != nil && (s.settings == nil || !isTimeout(err)) {
		return s.notHTTP2(err)
	}
	e := livetest.Event{Kind: livetest.EventHTTP2, Settings: s.settings, Done: true, Yes: s.ponged}
	if s.ponged {
		e.Took = max(time.Nanosecond, s.tcp.last.Sub(asked))
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
	s.run.emitAt(s.tcp.last, s.connection, livetest.Event{
		Kind: livetest.EventResponse, Request: 1, Status: s.status, Version: "HTTP/2", Took: s.tcp.last.Sub(sent),
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
	return s.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: packed(fields), EndStream: true, EndHeaders: true})
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
	read, err := s.framer.ReadFrame()
	if err != nil {
		return frameError(err)
	}
	if s.frames++; s.frames > maxFrames {
		return replyError("the server floods the connection with frames")
	}
	n := read.Header().Length
	if s.size += int(n); s.size > maxBody {
		return errTooLarge
	}
	switch f := read.(type) {
	case *http2.SettingsFrame:
		if f.IsAck() {
			return nil
		}
		s.settings = settingsOf(f)
		return s.framer.WriteSettingsAck()
	case *http2.HeadersFrame:
		s.block, s.ending = nil, f.StreamEnded()
		return s.takeHeaders(f.HeaderBlockFragment(), f.HeadersEnded())
	case *http2.ContinuationFrame:
		return s.takeHeaders(f.HeaderBlockFragment(), f.HeadersEnded())
	case *http2.DataFrame:
		s.ended(f.StreamEnded())
		if n > 0 {
			return grant(s.framer, 1, n)
		}
	case *http2.RSTStreamFrame:
		return replyError("the server resets the stream of the request: " + f.ErrCode.String())
	case *http2.PingFrame:
		if f.IsAck() {
			s.ponged = true
			return nil
		}
		s.pings++
		return s.framer.WritePing(true, f.Data)
	case *http2.GoAwayFrame:
		s.goaway = fmt.Sprintf("last stream %d, %s", f.LastStreamID, f.ErrCode)
		if debug := model.Clean(string(f.DebugData()), goAwayText); debug != "" {
			s.goaway += ": " + debug
		}
	}
	return nil
}

// takeHeaders takes a part of the headers in, and all of them with the last.
func (s *session) takeHeaders(part []byte, last bool) error {
	if s.block = append(s.block, part...); len(s.block) > maxHeaderBlock {
		return replyError("the server sends HTTP/2 headers without end")
	}
	if !last {
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

func (s *session) ended(yes bool) {
	if yes && s.status/100 > 1 {
		s.served = 1
	}
}

func settingsOf(f *http2.SettingsFrame) *livetest.HTTP2Settings {
	out := &livetest.HTTP2Settings{}
	_ = f.ForeachSetting(func(s http2.Setting) error {
		switch s.ID { //nolint:exhaustive // others are of no interest
		case http2.SettingMaxConcurrentStreams:
			out.MaxStreams = &s.Val
		case http2.SettingInitialWindowSize:
			out.InitialWindow = &s.Val
		case http2.SettingMaxFrameSize:
			out.MaxFrame = &s.Val
		case http2.SettingHeaderTableSize:
			out.HeaderTable = &s.Val
		}
		return nil
	})
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
	at, sharp := s.tcp.end, s.tcp.endExact
	if err == nil {
		at, sharp = s.tcp.last, s.tcp.lastExact
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
