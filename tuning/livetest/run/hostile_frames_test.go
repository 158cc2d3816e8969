package run_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
)

// Kinds of HTTP/2 frames (RFC 9113 section 6).
const (
	fData, fHeaders, fReset, fSettings, fPush, fPing, fGoAway, fContinuation = 0, 1, 3, 4, 5, 6, 7, 9
)

// h2Frame is an HTTP/2 frame.
func h2Frame(kind, flags byte, stream uint32, payload string) string {
	n := len(payload)
	head := append([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags}, 0, 0, 0, 0)
	binary.BigEndian.PutUint32(head[5:], stream)
	return string(head) + payload
}

var (
	h2Hello  = h2Frame(fSettings, 0, 0, "")
	h2Pong   = h2Frame(fPing, 1, 0, "keeptune")
	h2Status = h2Frame(fHeaders, 4, 1, "\x88") // :status 200
	// h2Bomb names one value of 4 kB again and again, a byte each time.
	h2Bomb = "\x88\x40\x01x\x7f\x81\x1e" + strings.Repeat("v", 4000-0x100) + strings.Repeat("\xbe", 12000)
)

// hostileFrames are what a server says once it has heard the preface, and then again and
// again where more is set. hear is what must be said of it, as a refusal or as the end of
// every sample.
var hostileFrames = map[string]struct{ say, more, hear string }{
	"endless SETTINGS":          {"", h2Hello, "floods the connection with frames"},
	"huge SETTINGS":             {"", h2Frame(fSettings, 0, 0, strings.Repeat("\x00\x03\xff\xff\xff\xff", 2700)), "a body of more than 8 MiB"},
	"endless CONTINUATION":      {h2Hello + h2Pong + h2Frame(fHeaders, 0, 1, "\x88"), h2Frame(fContinuation, 0, 1, strings.Repeat("\x88", 1000)), "HTTP/2 headers without end"},
	"empty CONTINUATION":        {h2Hello + h2Pong + h2Frame(fHeaders, 0, 1, ""), h2Frame(fContinuation, 0, 1, ""), "floods the connection with frames"},
	"header bomb":               {h2Hello + h2Pong + h2Frame(fHeaders, 4, 1, h2Bomb), "", "broken HTTP/2 frame|HTTP/2 headers without end"},
	"broken header":             {h2Hello + h2Pong + h2Frame(fHeaders, 4, 1, "\xff\xff\xff\xff\xff\xff\xff\xff"), "", "broken HTTP/2 frame"},
	"headers without a status":  {h2Hello + h2Pong + h2Frame(fHeaders, 5, 1, "\x00\x01a\x01b"), "", "without a status"},
	"endless body":              {h2Hello + h2Pong + h2Status, h2Frame(fData, 0, 1, strings.Repeat("z", 16000)), "a body of more than 8 MiB"},
	"empty DATA":                {h2Hello + h2Pong + h2Status, h2Frame(fData, 0, 1, ""), "floods the connection with frames"},
	"PING flood":                {h2Hello + h2Pong, h2Frame(fPing, 0, 0, "12345678"), "floods the connection with frames"},
	"PING flood in the silence": {h2Hello + h2Pong + h2Status + h2Frame(fData, 1, 1, "ok"), h2Frame(fPing, 0, 0, "12345678"), "floods the connection with frames"},
	"GOAWAY with escapes":       {h2Hello + h2Pong + h2Status + h2Frame(fData, 1, 1, "ok") + h2Frame(fGoAway, 0, 0, "\x00\x00\x00\x01\x00\x00\x00\x0b\x1b[2J\x1b]52;c;eA==\x07calm\u202e"+strings.Repeat("\x9b", 9000)), "", "ENHANCE_YOUR_CALM: "},
	"short GOAWAY":              {h2Hello + h2Pong + h2Frame(fGoAway, 0, 0, "\x00"), "", "broken HTTP/2 frame"},
	"reset with a wild code":    {h2Hello + h2Pong + h2Frame(fReset, 0, 1, "\x1b[2J"), "", "resets the stream of the request: unknown error code 0x1b5b324a"},
	"padding beyond the frame":  {h2Hello + h2Pong + h2Frame(fHeaders, 0xc, 1, "\xff\x88"), "", "broken HTTP/2 frame"},
	"frame of 16 MB":            {h2Hello + "\xff\xff\xff\x00\x00\x00\x00\x00\x01", "z", "frame larger than it may"},
	"unknown frames":            {"", h2Frame(0xfa, 0xff, 77, "\x1b[2J"), "floods the connection with frames"},
	"pushes without end":        {h2Hello + h2Pong, h2Frame(fPush, 4, 1, "\x00\x00\x00\x02\x88"), "floods the connection with frames"},
	"silent after SETTINGS":     {h2Hello, "", "no answer in time"},
	"half a frame":              {h2Hello + h2Pong + "\x00\x00\xff\x01", "", "no answer in time"},
}

// answering dials pipes to a server that waits for the first bytes, says something, and
// repeats more as long as somebody listens. What it is sent it reads.
func answering(say, more string, most *atomic.Int64) func(context.Context, string) (net.Conn, error) {
	return func(context.Context, string) (net.Conn, error) {
		near, far := net.Pipe()
		heard := make(chan struct{})
		go func() {
			_, _ = far.Read(make([]byte, 1))
			close(heard)
			_, _ = io.Copy(io.Discard, far)
			_ = far.Close()
		}()
		go func() {
			<-heard
			_, err := io.WriteString(far, say)
			block := strings.Repeat(more, 1+4000/max(1, len(more)))
			for err == nil && more != "" {
				_, err = io.WriteString(far, block)
			}
		}()
		return &counted{Conn: near, most: most}, nil
	}
}

func TestHostileFrames(t *testing.T) {
	for name, c := range hostileFrames {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var most atomic.Int64
				spec := livetest.NewSpec(target())
				spec.Measure, spec.IdleLimit = []livetest.Measurement{livetest.MeasureHTTP2}, 20*time.Second
				o := collect(t.Context(), run.Tester{Dial: answering(c.say, c.more, &most)}, spec.Normalize())
				heard := "nothing"
				if h := o.res.HTTP2; h != nil {
					heard = h.Refused + h.GoAway
					for _, p := range o.res.Samples {
						heard += p.Why
					}
				}
				if !containsOne(heard, c.hear) {
					t.Errorf("%q, want %q; err = %v", heard, c.hear, o.err)
				}
				if o.took > 45*time.Second || most.Load() > mostRead {
					t.Errorf("%d bytes of one connection, over after %v", most.Load(), o.took)
				}
				checkClean(t, o)
			})
		})
	}
}

// A server that agrees on no protocol in TLS (ALPN) does not speak HTTP/2, whatever it sends.
func TestTLSWithoutALPN(t *testing.T) {
	t.Parallel()
	now := time.Now()
	cert, pool := certificate(t, "web.example", now.Add(-time.Hour), now.Add(time.Hour))
	spec := serveEach(t, func(c net.Conn) {
		s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
		_, _ = io.WriteString(s, h2Hello+h2Pong+h2Status)
		_, _ = io.Copy(io.Discard, s)
	})
	spec.Target.Scheme, spec.Target.SNI = "https", "web.example"
	spec.Measure = []livetest.Measurement{livetest.MeasureHTTP2}
	o := collect(t.Context(), run.Tester{Roots: pool}, spec.Normalize())
	if h := o.res.HTTP2; h == nil || h.Refused != "the server does not speak HTTP/2" || h.Settings != (livetest.HTTP2Settings{}) {
		t.Errorf("err = %v, %+v", o.err, h)
	}
	checkClean(t, o)
}

// containsOne reports whether s holds one of the alternatives, which | separates.
func containsOne(s, alternatives string) bool {
	for a := range strings.SplitSeq(alternatives, "|") {
		if strings.Contains(s, a) {
			return true
		}
	}
	return false
}

// hostileProxies are what a proxy answers to CONNECT.
var hostileProxies = map[string]struct{ say, more, hear string }{
	"endless reply":         {"HTTP/1.1 200 OK\r\n", "X-Filler: " + strings.Repeat("a", 100) + "\r\n", "more than 256 KiB of headers"},
	"endless line":          {"HTTP/1.1 200 ", "a", "a line of more than 64 KiB"},
	"endless interim":       {"", "HTTP/1.1 100 Continue\r\n\r\n", "interim replies without end"},
	"garbage":               {"\x00\x1b[2J\n", "", "does not speak HTTP/1"},
	"flood of garbage":      {"", "\x00\xff\x1b]0;x", "does not speak HTTP/1"},
	"refusal with a flood":  {"HTTP/1.1 407 \x1b[31mNo\r\nContent-Length: 99999999\r\n\r\n", "z", "answered CONNECT with 407"},
	"success with a flood":  {"HTTP/1.1 200 OK\r\n\r\n", "z", "before it|does not speak HTTP/1"},
	"SOCKS":                 {"\x05\x00", "", "does not speak HTTP/1|no answer in time"},
	"silence in its header": {"HTTP/1.1 200 OK\r\nVia: x", "", "no answer in time"},
}

func TestHostileProxies(t *testing.T) {
	for name, c := range hostileProxies {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var most atomic.Int64
				spec := livetest.NewSpec(target())
				spec.Target.Route.Proxy, spec.IdleLimit = "192.0.2.9:3128", 20*time.Second
				o := collect(t.Context(), run.Tester{Dial: answering(c.say, c.more, &most)}, spec)
				if o.err == nil || !containsOne(o.err.Error(), c.hear) {
					t.Errorf("err = %v, want %q", o.err, c.hear)
				}
				if o.took > 35*time.Second || most.Load() > mostRead {
					t.Errorf("%d bytes of one connection, over after %v", most.Load(), o.took)
				}
				checkClean(t, o)
			})
		})
	}
}

// A far end that is none answers the hello and then floods: little is read, and no gap
// is said to be outlived unless it answers as the far end would.
func TestHostileFarEnds(t *testing.T) {
	for name, c := range map[string]struct{ say, more string }{
		"endless line":        {"ok\n", "z"},
		"endless answers":     {"ok\n", "!\n"},
		"endless hello":       {"", "o"},
		"escapes":             {"ok\n\x1b[2J\n", ""},
		"a web server":        {"HTTP/1.1 400 Bad Request\r\n\r\n", ""},
		"silence after hello": {"ok\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var most atomic.Int64
				spec := livetest.NewSpec(target())
				spec.Measure, spec.IdleLimit = []livetest.Measurement{livetest.MeasureLadder}, 5*time.Second
				spec.Ladder = &livetest.LadderSpec{FarEnd: "192.0.2.1:7022", Token: "secret12"}
				o := collect(t.Context(), run.Tester{Dial: answering(c.say, c.more, &most)}, spec.Normalize())
				for _, l := range o.res.Ladders {
					if l.Alive != nil && c.more != "!\n" {
						t.Errorf("%s: alive at %v", l.Direction, *l.Alive)
					}
				}
				if most.Load() > mostRead || o.took > 10*time.Minute {
					t.Errorf("%d bytes of one connection, over after %v", most.Load(), o.took)
				}
				checkClean(t, o)
			})
		})
	}
}
