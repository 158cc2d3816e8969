//go:build real

package proof_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// check holds what was measured against the catalog.
func (s *serving) check(t *testing.T) {
	t.Helper()
	for _, p := range s.result.Samples {
		if p.Why != "" {
			t.Logf("connection %d, %s: %s", p.Conn, p.State, p.Why)
		}
	}
	idle, before := s.ended()
	if s.watches(model.AspectIdle) {
		s.compare(t, "idle", &s.result.Idle, idle, s.want.idle, s.want.close)
	}
	if s.watches(model.AspectBeforeRequest) {
		s.compare(t, "before a request", s.result.Silence(livetest.MeasureBeforeRequest), before, s.want.before, s.want.beforeClose)
	}
	if s.watches(model.AspectRequests) {
		s.compareRequests(t)
	}
	if s.watches(model.AspectHint) {
		if asked, unasked := hint(s.result.HTTP.Asked), hint(s.result.HTTP.Unasked); asked != s.want.asked || unasked != s.want.unasked {
			t.Errorf("hints: asked %q, unasked %q, the catalog says %q and %q", asked, unasked, s.want.asked, s.want.unasked)
		}
	}
	if s.watches(model.AspectProbes) && s.socket != s.want.socket {
		t.Errorf("sockets: %+v, the catalog says %+v", s.socket, s.want.socket)
	}
	if h := s.result.HTTP; s.result.Kept(livetest.MeasureHTTP10) == nil || h.Status != http.StatusOK || h.Version != "HTTP/1.1" {
		t.Errorf("HTTP/1.0 %v, replies %+v", s.result.Kept(livetest.MeasureHTTP10), h)
	}
	if f := s.result.Control; f.Failures > 0 || f.Exchanges == 0 && s.silences() {
		t.Errorf("control: %+v", f)
	}
	if t.Failed() {
		t.Logf("%s", s.server.Log())
	}
}

// compare holds one measurement against catalog and capture.
func (s *serving) compare(t *testing.T, what string, got *livetest.Idle, seen []realserver.Conn, want span, kind livetest.CloseKind) {
	t.Helper()
	if want.low == model.Never {
		if got == nil || got.Close != livetest.CloseNone || len(seen) != 0 {
			t.Errorf("%s: %s and %d closes in the capture, want it open for %v", what, show(got), len(seen), s.limit)
		}
		return
	}
	if got == nil || got.Low == nil || got.High == nil || len(seen) != got.Samples+got.Discarded {
		t.Errorf("%s: %s with %d closes in the capture, the catalog says %v", what, show(got), len(seen), want)
		return
	}
	packets := span{seen[0].Idle(), seen[0].Idle()}
	for _, k := range seen {
		packets = span{min(packets.low, k.Idle()), max(packets.high, k.Idle())}
		if k.Reset != (kind == livetest.CloseRST) {
			t.Errorf("%s: RST in the capture is %v, the catalog says %s", what, k.Reset, kind)
		}
	}
	t.Logf("%s: capture %v to %v, keeptune %v and %v from it", what, packets.low, packets.high, (*got.Low - packets.low).Round(time.Microsecond), (*got.High - packets.high).Round(time.Microsecond))
	if (*got.Low-packets.low).Abs() > captureTolerance || (*got.High-packets.high).Abs() > captureTolerance {
		t.Errorf("%s: keeptune and the capture differ by more than %v", what, captureTolerance)
	}
	if !want.holds(packets.low, s.waited) || !want.holds(packets.high, s.waited) || got.Close != kind {
		t.Errorf("%s: %v to %v, %s; the catalog says %v, %s; the server was kept waiting for %v", what, packets.low, packets.high, show(got), want, kind, s.waited)
	}
}

func (s *serving) compareRequests(t *testing.T) {
	t.Helper()
	r, want := s.result.Requests, s.want.requests
	switch {
	case r == nil || !r.Done:
		t.Error("requests were not counted")
	case want == 0 && r.Limit != nil,
		want > 0 && (r.Limit == nil || *r.Limit != want || r.LastSaysClose != s.want.announces || r.LastSaysClose && !r.Honoured):
		t.Errorf("requests: %s, the catalog says %d, announced %v", count(r), want, s.want.announces)
	}
}

func show(i *livetest.Idle) string {
	if i == nil {
		return "nothing"
	}
	return fmt.Sprintf("%s/%s/%s %s (%d good, %d discarded, %d bytes)", ms(i.Low), ms(i.After), ms(i.High), i.Close, i.Samples, i.Discarded, i.BytesBefore)
}

func ms(d *time.Duration) string {
	if d == nil {
		return "-"
	}
	return d.Round(time.Millisecond).String()
}

func count(r *livetest.Requests) string {
	if r == nil || r.Limit == nil {
		return "no limit"
	}
	return fmt.Sprintf("%d announced %v", *r.Limit, r.LastSaysClose)
}

func hint(h *livetest.Hint) string {
	switch {
	case h == nil:
		return ""
	case h.Max == nil:
		return "timeout=" + h.Timeout.String()
	}
	return fmt.Sprintf("timeout=%v max=%d", h.Timeout, *h.Max)
}
