package probe

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
)

const (
	// maxFrames bounds what a silent HTTP/2 connection may send.
	maxFrames = 10_000
	// maxFrameSize is the default of RFC 9113 section 6.5.2, which we do not raise.
	maxFrameSize = 16 << 10
	goAwayText   = 120
)

// errNotHTTP2 is a server that does not speak HTTP/2.
const errNotHTTP2 = replyError("the server does not speak HTTP/2")

// watchHTTP2 starts the HTTP/2 samples and returns how many.
func (r *run) watchHTTP2(ctx context.Context, group *sync.WaitGroup) int {
	n := r.spec.HTTP2Samples()
	for i := range n {
		id, wait := r.next(), share(r.spec.Spread(), i, n)
		r.spawn(group, func() { r.http2Sample(ctx, id, wait) })
	}
	return n
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
		r.emitAt(time.Now(), &link{id: id, role: model.ProbeRoleHTTP2}, model.Event{Kind: model.EventHTTP2, Text: clause(err)})
		r.failed(ctx, id, model.ProbeRoleHTTP2, begin, err)
		return
	}
	s.silence(ctx)
}

// A session is an HTTP/2 connection.
type session struct {
	*link
	run    *run
	framer *http2.Framer

	settings *model.HTTP2Settings
	status   int
	frames   int
	pings    int // of the server
	ponged   bool
	goaway   string
}

func (r *run) openHTTP2(ctx context.Context, id int) (*session, error) {
	l, err := r.openWith(ctx, id, model.ProbeRoleHTTP2, "h2", "http/1.1")
	if err != nil {
		return nil, err
	}
	if t, ok := l.conn.(*tls.Conn); ok && t.ConnectionState().NegotiatedProtocol != "h2" {
		l.close()
		return nil, errNotHTTP2
	}
	s := &session{link: l, run: r}
	s.framer = http2.NewFramer(l.conn, l.buf)
	s.framer.SetMaxReadFrameSize(maxFrameSize)
	s.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	s.framer.MaxHeaderListSize = maxFrameSize
	return s, nil
}

// greet exchanges settings, one PING and, last, one request: the server's idle time begins
// with the end of its answer.
func (s *session) greet(ctx context.Context) error {
	_ = s.conn.SetDeadline(time.Now().Add(replyLimit))
	_, err := io.WriteString(s.conn, http2.ClientPreface)
	err = errors.Join(err, s.framer.WriteSettings(http2.Setting{ID: http2.SettingEnablePush}))
	asked := time.Now()
	err = errors.Join(err, s.framer.WritePing(false, [8]byte{'k', 'e', 'e', 'p'}))
	if err == nil {
		err = s.readUntil(func() bool { return s.settings != nil && s.ponged })
	}
	if err != nil && (s.settings == nil || !isTimeout(err)) {
		return s.notHTTP2(err)
	}
	e := model.Event{Kind: model.EventHTTP2, Settings: s.settings, Done: true, Yes: s.ponged}
	if s.ponged {
		e.Took = max(time.Nanosecond, s.wire.last.Sub(asked))
	}
	s.run.emitAt(time.Now(), s.link, e)
	sent := time.Now()
	_ = s.conn.SetDeadline(sent.Add(replyLimit))
	if err = s.request(); err == nil {
		err = s.readUntil(func() bool { return s.served == 1 })
	}
	if err != nil {
		return err
	}
	s.run.replied.Store(true)
	s.run.emitAt(s.wire.last, s.link, model.Event{
		Kind: model.EventResponse, Request: 1, Status: s.status, Version: "HTTP/2", Took: s.wire.last.Sub(sent),
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
	var block strings.Builder
	enc := hpack.NewEncoder(&block)
	t := s.run.spec.Target
	method := t.Method
	for _, h := range [][2]string{
		{":method", method},
		{":scheme", map[bool]string{true: "https", false: "http"}[t.TLS()]},
		{":authority", t.Authority()},
		{":path", t.Path},
		{"user-agent", model.ProbeUserAgent},
		{"accept", "*/*"},
	} {
		_ = enc.WriteField(hpack.HeaderField{Name: h[0], Value: h[1]})
	}
	for _, h := range t.Headers {
		if name := strings.ToLower(h.Name); name != "host" && name != "user-agent" && name != "accept" {
			_ = enc.WriteField(hpack.HeaderField{Name: name, Value: h.Value})
		}
	}
	return s.framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: 1, BlockFragment: []byte(block.String()), EndStream: true, EndHeaders: true,
	})
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
	f, err := s.framer.ReadFrame()
	if err != nil {
		return err
	}
	if s.frames++; s.frames > maxFrames {
		return replyError("the server floods the connection with frames")
	}
	switch f := f.(type) {
	case *http2.SettingsFrame:
		if f.IsAck() {
			return nil
		}
		s.settings = settingsOf(f)
		return s.framer.WriteSettingsAck()
	case *http2.MetaHeadersFrame:
		if _, err := fmt.Sscan(f.PseudoValue("status"), &s.status); err != nil {
			return replyError("the server sends an HTTP/2 reply without a status")
		}
		s.ended(f.StreamEnded())
	case *http2.DataFrame:
		s.ended(f.StreamEnded())
		if n := f.Length; n > 0 {
			return errors.Join(s.framer.WriteWindowUpdate(0, n), s.framer.WriteWindowUpdate(1, n))
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

func (s *session) ended(yes bool) {
	if yes && s.status/100 > 1 {
		s.served = 1
	}
}

func settingsOf(f *http2.SettingsFrame) *model.HTTP2Settings {
	out := &model.HTTP2Settings{}
	for id, to := range map[http2.SettingID]**uint32{
		http2.SettingMaxConcurrentStreams: &out.MaxStreams, http2.SettingInitialWindowSize: &out.InitialWindow,
		http2.SettingMaxFrameSize: &out.MaxFrame, http2.SettingHeaderTableSize: &out.HeaderTable,
	} {
		if v, ok := f.Value(id); ok {
			*to = &v
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
	e := model.Event{Kind: model.EventClosed, After: max(0, at.Sub(zero)), Exact: exact && sharp, Text: s.goaway}
	switch {
	case err == nil:
		e.Close = model.CloseGoAway
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.Close = model.CloseFIN
	case isReset(err):
		e.Close = model.CloseRST
	case isTimeout(err):
		e.Kind, e.Close, e.After, at = model.EventExpired, model.CloseNone, until.Sub(zero), until
	default:
		s.run.failed(ctx, s.id, s.role, zero, err)
		return
	}
	if n := s.pings - pings; n > 0 {
		s.run.emitAt(at, s.link, model.Event{Kind: model.EventHTTP2, Settings: s.settings, Sent: n, Done: true})
	}
	s.addTimes(&e)
	s.run.emitAt(at, s.link, e)
}
