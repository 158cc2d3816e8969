package run_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

// short is a script whose whole test takes about a second.
var short = scripted.Script{Idle: 500 * time.Millisecond, BeforeRequest: 500 * time.Millisecond, Requests: 20}

// relay copies between whoever connects and a server; opening reads what comes first and
// may answer it.
func relay(t *testing.T, network, address, to string, opening func(*bufio.Reader, net.Conn) bool) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				in := bufio.NewReader(c)
				if !opening(in, c) {
					return
				}
				s, err := new(net.Dialer).DialContext(context.WithoutCancel(t.Context()), "tcp", to)
				if err != nil {
					return
				}
				defer func() { _ = s.Close() }()
				go func() { _, _ = io.Copy(s, in); _ = s.Close() }()
				_, _ = io.Copy(c, s)
			}()
		}
	}()
	return l
}

// good runs a test that must be measured as short closes, again where the machine paused
// in it: what stands between in this process hands answers and closes on late then.
func good(t *testing.T, p run.Tester, spec livetest.Spec) outcome {
	t.Helper()
	var o outcome
	for range 10 {
		if o = awake(t, p, spec); o.err != nil {
			t.Fatal(o.err)
		}
		i, m := o.res.Idle, o.res.Silence(livetest.MeasureMidHeader)
		if i.Close != livetest.CloseFIN {
			break
		}
		if *i.Low >= short.Idle/2 && *i.High <= short.Idle+slack && i.Discarded == 0 && (m == nil || m.Discarded == 0) {
			return o
		}
	}
	t.Errorf("idle %+v, want about %v", o.res.Idle, short.Idle)
	return o
}

func TestThroughAProxy(t *testing.T) {
	t.Parallel()
	server := listen(t, short, nil)
	refuse := atomic.Bool{}
	proxy := relay(t, "tcp", "127.0.0.1:0", server, func(in *bufio.Reader, c net.Conn) bool {
		q, err := http.ReadRequest(in)
		if err != nil {
			return false // a connection that the end of the test cut off
		}
		if q.Method != http.MethodConnect || q.Host != "192.0.2.7:8080" {
			t.Errorf("the proxy was asked to %s %s", q.Method, q.Host)
		}
		if refuse.Load() {
			_, _ = io.WriteString(c, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
			return false
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n")
		return true
	})
	spec := specFor(t, "http://192.0.2.7:8080/")
	spec.Target.Route.Proxy = proxy.Addr().String()
	good(t, run.Tester{}, spec)
	if !run.NeedsConsent(t.Context(), spec) {
		t.Error("a server behind a proxy is not this machine")
	}
	refuse.Store(true)
	if o := awake(t, run.Tester{}, spec); o.err == nil || !strings.Contains(o.err.Error(), "the proxy 127.0.0.1:") || !strings.Contains(o.err.Error(), "answered CONNECT with 403") {
		t.Errorf("err = %v", o.err)
	}
}

func TestProxyProtocol(t *testing.T) {
	t.Parallel()
	for version, starts := range map[int]string{1: "PROXY TCP4 127.0.0.1 127.0.0.1 ", 2: "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c"} {
		l := relay(t, "tcp", "127.0.0.1:0", listen(t, short, nil), func(in *bufio.Reader, c net.Conn) bool {
			head := make([]byte, len(starts))
			if _, err := io.ReadFull(in, head); err != nil || string(head) != starts {
				t.Errorf("version %d begins with %q", version, head)
				return false
			}
			if version == 1 {
				_, _ = in.ReadString('\n')
				return true
			}
			ends := make([]byte, 12)
			_, _ = io.ReadFull(in, ends)
			port := c.RemoteAddr().(*net.TCPAddr).Port
			if got := int(ends[8])<<8 | int(ends[9]); got != port || net.IP(ends[:4]).String() != "127.0.0.1" {
				t.Errorf("version 2 says port %d, the connection comes from %d", got, port)
			}
			return true
		})
		spec := specFor(t, "http://"+l.Addr().String())
		spec.Target.Route.ProxyProtocol = version
		good(t, run.Tester{}, spec)
	}
}

// pemFiles writes a certificate and its key.
func pemFiles(t *testing.T, c tls.Certificate) (cert, key string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: c.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestOwnAuthorityAndClientCertificate(t *testing.T) {
	t.Parallel()
	now := time.Now()
	server, _ := certificate(t, "web.example", now.Add(-time.Hour), now.Add(time.Hour))
	config := &tls.Config{Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAnyClientCert}
	spec := specFor(t, "https://"+listen(t, short, config))
	spec.Target.SNI = "web.example"
	spec.Target.Route.CAFile, _ = pemFiles(t, server)
	if o := awake(t, run.Tester{}, spec); o.err == nil || !strings.Contains(o.err.Error(), "wants a client certificate") {
		t.Errorf("without a client certificate: %v", o.err)
	}
	client, _ := certificate(t, "client.example", now.Add(-time.Hour), now.Add(time.Hour))
	spec.Target.Route.CertFile, spec.Target.Route.KeyFile = pemFiles(t, client)
	good(t, run.Tester{}, spec)

	for says, change := range map[string]func(*livetest.Route){
		"/nowhere/ca.pem cannot be read":  func(r *livetest.Route) { r.CAFile = "/nowhere/ca.pem" },
		"holds no certificate":            func(r *livetest.Route) { r.CAFile = r.KeyFile },
		"are not a certificate with its":  func(r *livetest.Route) { r.CertFile = r.CAFile },
		"a client certificate needs its ": func(r *livetest.Route) { r.KeyFile = "" },
	} {
		bad := spec
		change(&bad.Target.Route)
		if o := awake(t, run.Tester{}, bad); o.err == nil || !strings.Contains(o.err.Error(), says) || len(o.events) > 0 {
			t.Errorf("err = %v with %d events, want one that says %q before anything is opened", o.err, len(o.events), says)
		}
	}
}

func TestPlainTCP(t *testing.T) {
	t.Parallel()
	spec := specFor(t, "tcp://"+listen(t, scripted.Script{BeforeRequest: 1500 * time.Millisecond}, nil))
	o := awake(t, run.Tester{}, spec)
	if o.err != nil || o.res.Silence(livetest.MeasureBeforeRequest) == nil || o.res.Silence(livetest.MeasureBeforeRequest).Close != livetest.CloseFIN || *o.res.Silence(livetest.MeasureBeforeRequest).Low < 1480*time.Millisecond {
		t.Errorf("err = %v, %+v", o.err, o.res.Silence(livetest.MeasureBeforeRequest))
	}
	if o.res.Control.Exchanges < 1 || o.res.HTTP.Status != 0 {
		t.Errorf("control %+v, http %+v: nothing was asked", o.res.Control, o.res.HTTP)
	}
}

func TestMidHeaderAndHead(t *testing.T) {
	t.Parallel()
	o := good(t, run.Tester{}, specFor(t, "http://"+listen(t, short, nil)))
	if m := o.res.Silence(livetest.MeasureMidHeader); m == nil || m.Samples != 1 || m.Close != livetest.CloseFIN {
		t.Errorf("mid-header %+v", m)
	}
	if o.res.Kept(livetest.MeasureHead) == nil || !*o.res.Kept(livetest.MeasureHead) {
		t.Errorf("HEAD persists: %v, want true", o.res.Kept(livetest.MeasureHead))
	}
	if w := o.res.ReuseSaving; w == nil || w.Fresh <= 0 || w.Reused <= 0 {
		t.Errorf("worth %+v", w)
	}
}
