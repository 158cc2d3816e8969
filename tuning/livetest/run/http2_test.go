package run_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

// serveHTTP2 starts Go's own server with HTTP/2, in the clear without a config.
func serveHTTP2(t *testing.T, idle time.Duration, config *tls.Config) string {
	t.Helper()
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	s := &http.Server{
		Handler:     http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 100_000)) }),
		IdleTimeout: idle, ReadHeaderTimeout: time.Minute, Protocols: &protocols, TLSConfig: config,
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if config != nil {
			_ = s.ServeTLS(l, "", "")
			return
		}
		_ = s.Serve(l)
	}()
	t.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

func TestHTTP2(t *testing.T) {
	now := time.Now()
	server, pool := certificate(t, "web.example", now.Add(-time.Hour), now.Add(time.Hour))
	const idle = time.Second
	for name, url := range map[string]string{
		"clear": "http://" + serveHTTP2(t, idle, nil),
		"tls":   "https://" + serveHTTP2(t, idle, &tls.Config{Certificates: []tls.Certificate{server}}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := specFor(t, url)
			spec.Target.SNI = "web.example"
			spec.Measure = []livetest.Measurement{livetest.MeasureHTTP2}
			o := collect(t.Context(), run.Tester{Roots: pool}, spec)
			if o.err != nil {
				t.Fatal(o.err)
			}
			h := o.res.HTTP2
			if h.Settings.MaxStreams == nil || *h.Settings.MaxStreams != 250 || h.Ping == nil || h.Refused != "" {
				t.Errorf("%+v, want Go's 250 streams and a PING", h)
			}
			if i := h.Idle; i.Close != livetest.CloseGoAway || i.Samples != 3 || *i.Low < idle/2 || *i.High > idle+slack {
				t.Errorf("idle %+v, want GOAWAY after %v", i, idle)
			}
			if !strings.Contains(h.GoAway, "NO_ERROR") {
				t.Errorf("GOAWAY says %q", h.GoAway)
			}
		})
	}
}

func TestNoHTTP2(t *testing.T) {
	for name, s := range map[string]scripted.Script{"HTTP/1 only": {Idle: time.Second}, "garbage": {Hostile: "binary"}, "silent": {Hostile: "stall"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := specFor(t, "http://"+listen(t, s, nil))
			spec.Measure = []livetest.Measurement{livetest.MeasureHTTP2}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			o := collect(ctx, run.Tester{}, spec)
			if o.res.HTTP2 == nil || o.res.HTTP2.Refused == "" || o.res.HTTP2.Idle.Samples != 0 {
				t.Errorf("err = %v, %+v", o.err, o.res.HTTP2)
			}
			checkClean(t, o)
		})
	}
}
