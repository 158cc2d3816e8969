//go:build real

package probe_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/probe"
	"example.com/keeptune/tuning/probe/realserver"
)

// A window is a span that a value must lie in.
type window struct{ from, to time.Duration }

func about(d time.Duration) window { return window{d - 50*time.Millisecond, d + 150*time.Millisecond} }

func (w window) holds(d time.Duration) bool { return d >= w.from && d <= w.to }

func TestRealTLS(t *testing.T) {
	s := realserver.Nginx(t, realserver.NginxConf{TLS: true, Server: "keepalive_timeout 2s;\nclient_header_timeout 2s;"})
	spec := specFor(t, "https://"+s.Addr)
	if o := collect(t.Context(), probe.Prober{}, spec); !errors.Is(o.err, probe.ErrUnreachable) || !strings.Contains(o.err.Error(), "signed by an unknown authority") {
		t.Errorf("verified: err = %v", o.err)
	}
	spec.Target.Insecure = true
	o := collect(t.Context(), probe.Prober{}, spec)
	if o.err != nil || o.res.BeforeRequest == nil {
		t.Fatalf("%v\n%s", o.err, s.Log())
	}
	t.Logf("idle %s, before %s", show(&o.res.Idle), show(o.res.BeforeRequest))
	want := about(2 * time.Second)
	if i := o.res.Idle; i.Close != model.CloseFIN || !want.holds(*i.Low) || !want.holds(*i.High) {
		t.Errorf("idle: %s", show(&i))
	}
	if b := o.res.BeforeRequest; b.Close != model.CloseFIN || !want.holds(*b.Low) || !want.holds(*b.High) {
		t.Errorf("before a request: %s", show(b))
	}
	for _, p := range o.res.Samples {
		if p.Role == model.ProbeRoleIdle && (!p.Notified || !p.Exact) {
			t.Errorf("sample %+v, want close_notify and kernel time", p)
		}
	}
}

func show(i *model.ProbeIdle) string {
	if i == nil {
		return "nothing"
	}
	return fmt.Sprintf("%s/%s/%s %s (%d good, %d discarded, %d bytes)", span(i.Low), span(i.After), span(i.High), i.Close, i.Samples, i.Discarded, i.BytesBefore)
}

func span(d *time.Duration) string {
	if d == nil {
		return "-"
	}
	return d.Round(time.Millisecond).String()
}
