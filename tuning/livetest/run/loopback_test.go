package run_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

// slack is how late a loaded machine may make a scripted server close; a peer that reads
// an answer late sees it close as much sooner. Both are exact in virtual time.
const slack = 20 * time.Second

func listen(t *testing.T, s scripted.Script, config *tls.Config) string {
	t.Helper()
	var addr string
	var stop func()
	var err error
	if config == nil {
		addr, stop, err = scripted.Listen(t.Context(), s)
	} else {
		addr, stop, err = scripted.ListenTLS(t.Context(), s, config)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return addr
}

func specFor(t *testing.T, url string) livetest.Spec {
	t.Helper()
	tg, err := livetest.ParseTarget(url)
	if err != nil {
		t.Fatal(err)
	}
	spec := livetest.NewSpec(tg)
	spec.IdleLimit = 10 * time.Second
	return spec
}

func TestLoopback(t *testing.T) {
	const idle = 700 * time.Millisecond
	for name, c := range map[string]struct {
		script scripted.Script
		close  livetest.CloseKind
		before livetest.CloseKind
		exact  bool
	}{
		"fin": {scripted.Script{Idle: idle, BeforeRequest: idle, Before408: true, Requests: 50}, livetest.CloseFIN, livetest.Close408, runtime.GOOS == "linux"},
		"rst": {scripted.Script{Idle: idle, BeforeRequest: idle, Reset: true}, livetest.CloseRST, livetest.CloseRST, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := awake(t, run.Tester{}, specFor(t, "http://"+listen(t, c.script, nil)))
			if o.err != nil {
				t.Fatal(o.err)
			}
			i, b := o.res.Idle, o.res.Silence(livetest.MeasureBeforeRequest)
			if i.Close != c.close || *i.Low < idle/2 || *i.High > idle+slack || i.Samples < livetest.MinGoodSamples {
				t.Errorf("idle = %v to %v, %+v", i.Low, i.High, i)
			}
			if b == nil || b.Close != c.before {
				t.Errorf("before a request = %+v, want %s", b, c.before)
			}
			for _, s := range o.res.Samples {
				if s.Role == livetest.RoleIdle && s.Exact != c.exact {
					t.Errorf("sample %+v: exact is %v, want %v", s, s.Exact, c.exact)
				}
			}
			if runtime.GOOS == "linux" && (o.res.TCP.RTT == nil || *o.res.TCP.RTT <= 0 || o.res.TCP.Connect == nil) {
				t.Errorf("tcp = %+v, want a round trip time", o.res.TCP)
			}
		})
	}
}

// authority makes certificates for tests.
func certificate(t *testing.T, name string, from, until time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: from, NotAfter: until, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, tpl, tpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestTLS(t *testing.T) {
	now := time.Now()
	good, trusted := certificate(t, "right.test", now.Add(-time.Hour), now.Add(time.Hour))
	old, oldPool := certificate(t, "right.test", now.Add(-48*time.Hour), now.Add(-24*time.Hour))
	for name, c := range map[string]struct {
		cert     tls.Certificate
		roots    *x509.CertPool
		sni      string
		insecure bool
		plain    bool // the server speaks no TLS
		says     string
	}{
		"trusted":              {cert: good, roots: trusted, sni: "right.test"},
		"wrong name":           {cert: good, roots: trusted, sni: "wrong.test", says: "the certificate is not valid for wrong.test"},
		"expired":              {cert: old, roots: oldPool, sni: "right.test", says: "the certificate expired on " + now.Add(-24*time.Hour).UTC().Format(time.DateOnly)},
		"unknown authority":    {cert: good, roots: x509.NewCertPool(), sni: "right.test", says: "signed by an unknown authority"},
		"insecure":             {cert: old, roots: x509.NewCertPool(), sni: "wrong.test", insecure: true},
		"no TLS on the port":   {plain: true, says: "does not speak TLS on this port: try http://"},
		"closed by the server": {cert: tls.Certificate{}, says: "the TLS handshake failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := scripted.Script{Idle: 400 * time.Millisecond, BeforeRequest: 400 * time.Millisecond}
			config := &tls.Config{Certificates: []tls.Certificate{c.cert}}
			if c.plain {
				config, script = nil, scripted.Script{Hostile: "flood-before"}
			}
			spec := specFor(t, "https://"+listen(t, script, config))
			spec.Target.SNI, spec.Target.Insecure = c.sni, c.insecure
			o := awake(t, run.Tester{Roots: c.roots}, spec)
			if c.says != "" {
				if !errors.Is(o.err, run.ErrUnreachable) || !strings.Contains(o.err.Error(), c.says) {
					t.Fatalf("err = %v, want it unreachable: %s", o.err, c.says)
				}
				return
			}
			if o.err != nil {
				t.Fatal(o.err)
			}
			if i := o.res.Idle; i.Close != livetest.CloseFIN || *i.Low < 200*time.Millisecond || *i.High > 400*time.Millisecond+slack {
				t.Errorf("idle = %+v", i)
			}
			for _, s := range o.res.Samples {
				if !s.Notified {
					t.Errorf("sample %d: no close_notify seen", s.Conn)
				}
			}
			if o.res.TCP.Handshake == nil || strings.Contains(o.events[0].Text, "INSECURE") != c.insecure {
				t.Errorf("handshake %v, plan %q", o.res.TCP.Handshake, o.events[0].Text)
			}
		})
	}
}

// Everything ends when the caller says so, also below TLS and in the middle of a flood.
func TestCancelOverTCP(t *testing.T) {
	for _, h := range []string{"", "stall", "flood-before", "flood-after", "drip"} {
		for _, scheme := range []string{"http", "https"} {
			t.Run(scheme+" "+h, func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				spec := specFor(t, scheme+"://"+listen(t, scripted.Script{Hostile: h}, nil))
				time.AfterFunc(150*time.Millisecond, cancel)
				o := collect(ctx, run.Tester{}, spec)
				if o.err == nil || o.took > time.Minute {
					t.Errorf("returned %v after %v, want an error at once", o.err, o.took)
				}
				if last := o.events[len(o.events)-1]; last.Kind != livetest.EventFinished {
					t.Errorf("the last event is %q", last.Kind)
				}
			})
		}
	}
}

// The hostile servers again, where the kernel buffers and resets for real.
func TestHostileServersOverTCP(t *testing.T) {
	for _, h := range scripted.Hostiles() {
		switch h.Name {
		case "stall", "stall-in-head", "stall-in-body", "drip":
			continue // ten seconds of wall time each; see the test in virtual time
		}
		t.Run(h.Name, func(t *testing.T) {
			t.Parallel()
			spec := specFor(t, "http://"+listen(t, scripted.Script{Hostile: h.Name}, nil))
			spec.IdleLimit, spec.Stagger = 2*time.Second, 50*time.Millisecond
			spec.Measure = []livetest.Measurement{livetest.MeasureIdle}
			o := awake(t, run.Tester{}, spec)
			if measured := hostileSentences[h.Name] == ""; measured != (o.err == nil) {
				t.Errorf("err = %v, outcome %q (%s)", o.err, o.res.Outcome, o.res.Reason)
			}
			if o.took > time.Minute {
				t.Errorf("took %v", o.took)
			}
			checkClean(t, o)
		})
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	spec := specFor(t, "http://"+listen(t, scripted.Demo(), nil))
	o := awake(t, run.Tester{}, spec)
	if o.err != nil {
		t.Fatalf("err = %v after %v", o.err, o.took)
	}
	if i := o.res.Idle; *i.Low < 4*time.Second || *i.High > 5*time.Second+slack || i.Close != livetest.CloseFIN {
		t.Errorf("idle = %v to %v %s", *i.Low, *i.High, i.Close)
	}
	if r := o.res.Requests; r == nil || r.Limit == nil || *r.Limit != 100 || !r.LastSaysClose {
		t.Errorf("requests = %+v", r)
	}
	if v := o.res.Verdicts; len(v) != 1 || !v[0].Agrees {
		t.Errorf("verdicts = %+v", v)
	}
}

func TestLocal(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1": true, "127.8.9.1:80": true, "::1": true, "[::1]:443": true, "localhost": true, "LOCALHOST:8080": true,
		"::ffff:127.0.0.1": true, "0.0.0.0": true, "::": true, "::ffff:0.0.0.0": true, "[::]:80": true, "::ffff:192.0.2.1": false,
		"fe80::1%nosuch0": false, "::1%lo": true, "192.0.2.1": false, "2001:db8::1": false, "example.test": false, "": false,
	} {
		if got := run.Local(addr); got != want {
			t.Errorf("Local(%q) = %v", addr, got)
		}
	}
	for host, want := range map[string]bool{"127.0.0.1": false, "192.0.2.1": true, "name.invalid": true} {
		if got := run.NeedsConsent(t.Context(), livetest.NewSpec(livetest.Target{Host: host})); got != want {
			t.Errorf("NeedsConsent(%q) = %v", host, got)
		}
	}
}
