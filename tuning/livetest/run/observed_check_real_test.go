//go:build real

package run_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

func begins(c realserver.Conn, text string) bool { return bytes.HasPrefix(c.First, []byte(text)) }

func old(c realserver.Conn) bool { return bytes.Contains(c.First, []byte(" HTTP/1.0\r\n")) }

func asks(c realserver.Conn) bool {
	return bytes.Contains(c.First, []byte("\r\nConnection: keep-alive\r\n"))
}

// whole is a connection with one whole request for a page.
func whole(c realserver.Conn) bool {
	return c.Requests == 1 && begins(c, "GET / HTTP/1.1\r\n")
}

func silent(c realserver.Conn) bool { return c.Requests == 0 }

func half(c realserver.Conn) bool { return c.Requests == 1 && string(c.First) == "GET /" }

// kindOf is how the packets say that connections ended, all alike.
func (o *observation) kindOf(t testing.TB, choose func(realserver.Conn) bool) livetest.CloseKind {
	t.Helper()
	kinds := map[livetest.CloseKind]bool{}
	kind := livetest.CloseNone
	for _, c := range o.seen {
		e, ended := endOf(c)
		if !ended || !choose(c) {
			continue
		}
		last := c.Tail[bytes.LastIndex(c.Tail, []byte("HTTP/1."))+1:]
		switch {
		case e.reset:
			kind = livetest.CloseRST
		case bytes.HasPrefix(last[min(len(last), 7):], []byte(" 408")):
			kind = livetest.Close408
		default:
			kind = livetest.CloseFIN
		}
		kinds[kind] = true
	}
	if len(kinds) > 1 {
		t.Errorf("the packets show ends of several kinds: %v", kinds)
	}
	return kind
}

func (o *observation) checkHTTP1(t testing.TB) {
	for _, c := range []struct {
		what   string
		got    *livetest.Idle
		choose func(realserver.Conn) bool
	}{{"idle", &o.res.Idle, whole}, {"before a request", o.res.Silence(livetest.MeasureBeforeRequest), silent}, {"mid-header", o.res.Silence(livetest.MeasureMidHeader), half}} {
		compare(t, c.what, c.got, o.ends(c.choose), o.kindOf(t, c.choose), closed)
		unasked := 0
		for _, k := range o.seen {
			if !whole(k) && c.choose(k) {
				unasked = max(unasked, len(k.Answer))
			}
		}
		if c.got != nil && c.got.BytesBefore != int64(unasked) {
			t.Errorf("%s: %d bytes before the close, the packets show %d", c.what, c.got.BytesBefore, unasked)
		}
	}
	o.checkRequests(t)
	o.checkHints(t)
	for what, c := range map[string]struct {
		got    *bool
		choose func(realserver.Conn) bool
	}{
		"HEAD":     {o.res.Kept(livetest.MeasureHead), func(c realserver.Conn) bool { return begins(c, "HEAD ") }},
		"HTTP/1.0": {o.res.Kept(livetest.MeasureHTTP10), old},
	} {
		var asked realserver.Conn
		for _, k := range o.seen {
			if c.choose(k) {
				asked = k
			}
		}
		switch answered := min(asked.Requests, len(asked.Said)); {
		case c.got == nil && what == "HEAD" && len(asked.Tail) > 0 && !bytes.HasSuffix(asked.Tail, []byte("\r\n\r\n")):
			t.Log("HEAD: no answer, and the packets show a body behind its header")
		case c.got == nil || *c.got != (answered > 1):
			t.Errorf("%s: the connection persists: %v, the packets show %d answers", what, c.got != nil && *c.got, answered)
		}
	}
}

// lastSays reports whether the last reply on a connection announces the close.
func lastSays(c realserver.Conn) bool {
	last := c.Tail[max(0, bytes.LastIndex(c.Tail, []byte("HTTP/1."))):]
	return bytes.Contains(bytes.ToLower(last), []byte("\r\nconnection: close\r\n"))
}

func (o *observation) checkRequests(t testing.TB) {
	var longest realserver.Conn
	for _, c := range o.seen {
		if begins(c, "GET / HTTP/1.1\r\n") && c.Requests > longest.Requests {
			longest = c
		}
	}
	r := o.res.Requests
	switch {
	case r == nil || !r.Done:
		t.Error("requests were not counted")
	case r.Limit == nil && (longest.Requests != r.Counted || longest.ServerEnded()):
		t.Errorf("no limit in %d requests, the packets show %d, ended by the server: %v", r.Counted, longest.Requests, longest.ServerEnded())
	case r.Limit != nil && (longest.Requests != *r.Limit || lastSays(longest) != r.LastSaysClose || longest.ServerEnded() != (r.Honoured || !r.LastSaysClose)):
		t.Errorf("a limit of %d, announced %v, closed then %v; the packets show %d requests, announced %v, ended by the server %v",
			*r.Limit, r.LastSaysClose, r.Honoured, longest.Requests, lastSays(longest), longest.ServerEnded())
	}
}

var promised = regexp.MustCompile(`(?:timeout|max)=\d+`)

// checkHints compares the Keep-Alive headers, as net/http reads them from the packets.
func (o *observation) checkHints(t testing.TB) {
	found := map[bool]string{}
	for _, c := range o.seen {
		if !whole(c) {
			continue
		}
		answer, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(c.Answer)), nil)
		if err != nil {
			t.Errorf("the packets show the reply %q: %v", c.Answer, err)
			continue
		}
		_ = answer.Body.Close()
		text := ""
		for _, part := range promised.FindAllString(answer.Header.Get("Keep-Alive"), -1) {
			text += part + " "
		}
		found[asks(c)] = text
	}
	h := o.res.HTTP
	for asked, got := range map[bool]*livetest.Hint{true: h.Asked, false: h.Unasked} {
		if text, seen := found[asked]; !seen || text != hintText(got) {
			t.Errorf("hint, asked for %v: %q, the packets show %q (%v)", asked, hintText(got), text, seen)
		}
	}
	if !h.AskedSeen || !h.UnaskedSeen {
		t.Error("a question for the hint is not answered")
	}
}

// secureObservations are servers with TLS: how idle connections end, once with HTTP/1 and
// once with HTTP/2. One thing is measured at a time: what is encrypted cannot be told apart.
func secureObservations() []*observation {
	const short = 8 * time.Second
	var all []*observation
	for name, start := range map[string]func(testing.TB) *realserver.Server{
		"nginx": func(t testing.TB) *realserver.Server {
			return realserver.Nginx(t, realserver.NginxConf{TLS: true, HTTP2: true, Server: "keepalive_timeout 3s;\nclient_header_timeout 2s;"})
		},
		"Apache": func(t testing.TB) *realserver.Server {
			cert, key := realserver.Certificate(t, realserver.Dir(t))
			const modules = "LoadModule %[1]s_module /usr/lib/apache2/modules/mod_%[1]s.so\n"
			return realserver.Apache(t, realserver.ApacheConf{Server: fmt.Sprintf(modules, "socache_shmcb") + fmt.Sprintf(modules, "ssl") + fmt.Sprintf(modules, "http2") +
				"KeepAliveTimeout 3\nTimeout 6\nProtocols h2 http/1.1\nSSLEngine on\nSSLCertificateFile " + cert + "\nSSLCertificateKeyFile " + key})
		},
		"Caddy": func(t testing.TB) *realserver.Server {
			return realserver.Caddy(t, realserver.CaddyConf{TLS: true, Global: "servers {\ntimeouts {\nidle 3s\n}\n}"})
		},
		"H2O": func(t testing.TB) *realserver.Server {
			return realserver.H2O(t, realserver.H2OConf{TLS: true, Global: "http1-request-timeout: 3\nhttp2-idle-timeout: 3"})
		},
		"HAProxy": func(t testing.TB) *realserver.Server {
			dir := realserver.Dir(t)
			cert, key := realserver.Certificate(t, dir)
			both := realserver.File(t, dir, "both.pem", content(t, cert)+content(t, key))
			return realserver.HAProxy(t, realserver.HAProxyConf{Defaults: haproxyShort, Bind: "ssl crt " + both + " alpn h2,http/1.1"})
		},
		"Node": func(t testing.TB) *realserver.Server {
			cert, key := realserver.Certificate(t, realserver.Dir(t))
			return realserver.NodeScript(t, fmt.Sprintf(nodeTLS, cert, key))
		},
	} {
		all = append(all, &observation{name: name + " with TLS", limit: short, secure: true, start: start, measure: []livetest.Measurement{livetest.MeasureIdle}})
		if name == "nginx" {
			all = append(all, &observation{name: name + " with TLS, before a request", limit: short, secure: true, start: start, measure: []livetest.Measurement{livetest.MeasureBeforeRequest}})
		}
		if name != "Node" {
			all = append(all, &observation{name: name + " with HTTP/2", limit: short, secure: true, start: start, measure: []livetest.Measurement{livetest.MeasureHTTP2}})
		}
	}
	return all
}

const nodeTLS = `const https = require('node:https'), fs = require('node:fs');
const server = https.createServer({cert: fs.readFileSync('%s'), key: fs.readFileSync('%s')}, (request, response) => { response.end('ok\n'); });
server.keepAliveTimeout = 3000;
server.listen(Number(process.env.PORT), process.env.HOST);
`

func content(t testing.TB, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// alerts are the headers of a record with an encrypted alert of 2 bytes: in TLS 1.3 with its
// type and a tag of 16, in TLS 1.2 with a tag and, for AES, a nonce of 8.
var alerts = [][]byte{{0x17, 3, 3, 0, 2 + 1 + 16}, {0x15, 3, 3, 0, 2 + 16}, {0x15, 3, 3, 0, 8 + 2 + 16}}

// notified reports whether the last record is a close_notify.
func notified(c realserver.Conn) bool {
	return slices.ContainsFunc(alerts, func(head []byte) bool {
		from := len(c.Tail) - len(head) - int(head[4])
		return from >= 0 && bytes.HasPrefix(c.Tail[from:], head)
	})
}

func (o *observation) checkTLS(t testing.TB) {
	what, got := "idle", &o.res.Idle
	if o.res.Silence(livetest.MeasureBeforeRequest) != nil {
		what, got = "before a request", o.res.Silence(livetest.MeasureBeforeRequest)
	}
	compare(t, what, got, o.ends(realserver.Conn.ServerEnded), o.kindOf(t, realserver.Conn.ServerEnded), closed)
	said, saw := 0, 0
	for _, p := range o.res.Samples {
		if p.Notified {
			said++
		}
	}
	for _, c := range o.seen {
		if c.ServerEnded() && notified(c) {
			saw++
		}
	}
	t.Logf("%d connections ended with close_notify", saw)
	if said != saw {
		t.Errorf("close_notify on %d connections, the packets show %d", said, saw)
	}
}

// checkHTTP2 compares with the packets, and with what Go's own framer reads on a connection
// of its own.
func (o *observation) checkHTTP2(t testing.TB) {
	h := o.res.HTTP2
	if h.Refused != "" || h.Ping == nil {
		t.Fatalf("HTTP/2: refused %q, PING %v", h.Refused, h.Ping)
	}
	kind := livetest.CloseFIN
	if o.witness.goaway != "" {
		kind = livetest.CloseGoAway
	}
	compare(t, "HTTP/2", &h.Idle, o.ends(func(c realserver.Conn) bool { return c.Client != o.witness.client }), kind, begun)
	if h.GoAway != o.witness.goaway {
		t.Errorf("GOAWAY %q, Go's framer reads %q", h.GoAway, o.witness.goaway)
	}
	if diff := gocmp.Diff(o.witness.settings, h.Settings); diff != "" {
		t.Errorf("settings (-Go's framer +the test):\n%s", diff)
	}
}

// A witness is what Go's HTTP/2 framer reads on one connection.
type witness struct {
	client   string
	settings livetest.HTTP2Settings
	goaway   string
}

// watchWithGo makes one request with Go's framer and reads until the connection ends.
func watchWithGo(t *testing.T, addr string, limit time.Duration) (w witness) {
	dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: realserver.Patience}, Config: &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}}
	conn, err := dialer.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Error(err)
		return w
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(limit))
	w.client = conn.LocalAddr().String()
	var block bytes.Buffer
	pack := hpack.NewEncoder(&block)
	for _, f := range [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", addr}, {":path", "/"}} {
		_ = pack.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]})
	}
	_, _ = conn.Write([]byte(http2.ClientPreface))
	framer := http2.NewFramer(conn, conn)
	_ = framer.WriteSettings()
	_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true})
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return w
		}
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			for id, to := range map[http2.SettingID]**uint32{
				http2.SettingMaxConcurrentStreams: &w.settings.MaxStreams, http2.SettingInitialWindowSize: &w.settings.InitialWindow,
				http2.SettingMaxFrameSize: &w.settings.MaxFrame, http2.SettingHeaderTableSize: &w.settings.HeaderTable,
			} {
				if v, ok := f.Value(id); ok && !f.IsAck() {
					*to = &v
				}
			}
		case *http2.GoAwayFrame:
			w.goaway = strings.TrimSuffix(fmt.Sprintf("last stream %d, %s: %s", f.LastStreamID, f.ErrCode, f.DebugData()), ": ")
			return w
		}
	}
}
