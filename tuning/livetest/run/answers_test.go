package run_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

func TestRequestsPerConnection(t *testing.T) {
	ten := func(n int) *int { return &n }
	for name, c := range map[string]struct {
		script scripted.Script
		want   livetest.Requests
	}{
		"announced":            {scripted.Script{Requests: 10}, livetest.Requests{Limit: ten(10), Counted: 10, LastSaysClose: true, Honoured: true, Done: true}},
		"Apache's one more":    {scripted.Script{Requests: 100, Extra: 1}, livetest.Requests{Limit: ten(101), Counted: 101, LastSaysClose: true, Honoured: true, Done: true}},
		"unannounced":          {scripted.Script{Requests: 10, Unannounced: true}, livetest.Requests{Limit: ten(10), Counted: 10, Done: true}},
		"announced, lingering": {scripted.Script{Requests: 10, Lingers: true}, livetest.Requests{Limit: ten(10), Counted: 10, LastSaysClose: true, Done: true}},
		"no limit":             {scripted.Script{}, livetest.Requests{Counted: 1100, Done: true}},
		"just above ours":      {scripted.Script{Requests: 1101}, livetest.Requests{Counted: 1100, Done: true}},
		"chunked":              {scripted.Script{Requests: 4, Chunked: true}, livetest.Requests{Limit: ten(4), Counted: 4, LastSaysClose: true, Honoured: true, Done: true}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.script.Idle, c.script.BeforeRequest = 5*time.Second, 5*time.Second
				o := play(t.Context(), c.script, nil)
				if o.err != nil || o.res.Requests == nil {
					t.Fatalf("err = %v, requests = %v", o.err, o.res.Requests)
				}
				if diff := cmp.Diff(c.want, *o.res.Requests); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if o.res.Control.Failures != 0 || o.res.Idle.Samples != 7 {
					t.Errorf("control %+v, %d samples: a request limit is not a failure", o.res.Control, o.res.Idle.Samples)
				}
			})
		})
	}
}

// Keep-alive switched off is an answer.
func TestKeepAliveOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := play(t.Context(), scripted.Script{Requests: 1, BeforeRequest: time.Second}, nil)
		if o.err != nil || o.res.Outcome != livetest.OutcomeMeasured || !strings.Contains(o.res.Reason, "keep-alive is off") {
			t.Fatalf("err = %v, outcome %q (%s)", o.err, o.res.Outcome, o.res.Reason)
		}
		wantSpan(t, "idle", o.res.Idle.After, 0)
		if o.res.HTTP.Connection != "close" || o.res.Kept(livetest.MeasureHTTP10) == nil || *o.res.Kept(livetest.MeasureHTTP10) {
			t.Errorf("http = %+v, http10 = %v", o.res.HTTP, o.res.Kept(livetest.MeasureHTTP10))
		}
	})
}

func TestHintBothWays(t *testing.T) {
	five, hundred := 5*time.Second, 100
	said := &livetest.Hint{Timeout: &five, Max: &hundred}
	for name, c := range map[string]struct {
		when           scripted.When
		asked, unasked *livetest.Hint
		agrees         bool
		idle           time.Duration
	}{
		"never":          {scripted.Never, nil, nil, false, 5 * time.Second},
		"only if asked":  {scripted.Asked, said, nil, true, 5 * time.Second},
		"always":         {scripted.Always, said, said, true, 6 * time.Second},
		"more than kept": {scripted.Always, said, said, false, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := play(t.Context(), scripted.Script{Idle: c.idle, BeforeRequest: c.idle, Hint: c.when, HintTimeout: five, HintMax: true, Requests: 100}, nil)
				if o.err != nil {
					t.Fatal(o.err)
				}
				if diff := cmp.Diff([]*livetest.Hint{c.asked, c.unasked}, []*livetest.Hint{o.res.HTTP.Asked, o.res.HTTP.Unasked}); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if v := o.res.Verdicts; c.asked == nil && len(v) != 0 || c.asked != nil && (len(v) != 1 || v[0].Agrees != c.agrees) {
					t.Errorf("verdicts = %+v, want agreement %v", v, c.agrees)
				}
			})
		})
	}
}

func TestHTTP10(t *testing.T) {
	for _, no := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			o := play(t.Context(), scripted.Script{Idle: time.Second, BeforeRequest: time.Second, NoHTTP10: no}, nil)
			if o.err != nil || o.res.Kept(livetest.MeasureHTTP10) == nil || *o.res.Kept(livetest.MeasureHTTP10) == no {
				t.Errorf("err = %v, http10 = %v, want %v", o.err, o.res.Kept(livetest.MeasureHTTP10), !no)
			}
		})
	}
}

// A server that asks to be left alone is left alone.
func TestPoliteStops(t *testing.T) {
	for name, s := range map[string]scripted.Script{
		"429": {Status: 429}, "403": {Status: 403}, "503 with Retry-After": {Status: 503, RetryAfter: "30"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s.Idle = time.Minute
				o := play(t.Context(), s, nil)
				if !errors.Is(o.err, run.ErrInconclusive) || !strings.Contains(o.err.Error(), name) {
					t.Errorf("err = %v, want it to name %s", o.err, name)
				}
				replies, most := map[int]int{}, 0 // what was on its way is answered, and nothing more is asked
				for _, e := range o.events {
					if e.Kind == livetest.EventResponse {
						replies[e.Conn]++
						most = max(most, replies[e.Conn])
					}
				}
				if o.took != 0 || most != 1 {
					t.Errorf("stopped after %v and %v replies by connection, want at once and one", o.took, replies)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		o := play(t.Context(), scripted.Script{Status: 503, Idle: 2 * time.Second, BeforeRequest: time.Second}, nil)
		if o.err != nil || o.res.HTTP.Status != 503 {
			t.Errorf("503 without Retry-After: err = %v, status %d, want it measured", o.err, o.res.HTTP.Status)
		}
	})
}

// census counts open connections.
type census struct {
	mu         sync.Mutex
	open, most int
}

type guest struct {
	net.Conn
	leave func()
}

func (g guest) Close() error {
	g.leave()
	return g.Conn.Close()
}

func (c *census) dial(d func(context.Context, string) (net.Conn, error)) func(context.Context, string) (net.Conn, error) {
	add := func(n int) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.open += n
		c.most = max(c.most, c.open)
	}
	return func(ctx context.Context, a string) (net.Conn, error) {
		k, err := d(ctx, a)
		if err == nil {
			add(1)
		}
		return guest{k, sync.OnceFunc(func() { add(-1) })}, err
	}
}

func TestNeverMoreConnectionsThanTheCap(t *testing.T) {
	for _, n := range []int{3, 8, 40} {
		synctest.Test(t, func(t *testing.T) {
			spec := livetest.NewSpec(target()).WithConnections(n)
			var c census
			dial := c.dial(scripted.Dialer(scripted.Script{Idle: 10 * time.Second, BeforeRequest: 10 * time.Second, Requests: 7}))
			o := collect(t.Context(), run.Tester{Dial: dial}, spec)
			if o.err != nil || c.most > spec.Cap || c.open != 0 || o.res.Idle.Samples != n {
				t.Errorf("%d samples: err = %v, %d open at once with a cap of %d, %d left open", n, o.err, c.most, spec.Cap, c.open)
			}
		})
	}
}

func TestRequestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := play(t.Context(), scripted.Script{}, func(s *livetest.Spec) {
			s.Measure, s.RequestRate, s.Requests = []livetest.Measurement{livetest.MeasureRequests}, 200, 501
		})
		if o.err != nil || o.took != 2500*time.Millisecond || o.res.Requests.Counted != 501 {
			t.Errorf("err = %v, %d requests in %v, want 501 in 2.5 s", o.err, o.res.Requests.Counted, o.took)
		}
	})
	// Counting by default does not outlast the idle test; a count that was asked for does.
	for requests, most := range map[int]time.Duration{0: 2500 * time.Millisecond, 1000: 5500 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			o := play(t.Context(), scripted.Script{Idle: time.Second, BeforeRequest: time.Second}, func(s *livetest.Spec) {
				s.RequestRate = 200
				if requests > 0 {
					s.Requests = requests
				}
			})
			if o.err != nil || o.took >= most || requests > 0 && o.res.Requests.Counted != requests || !o.res.Requests.Done {
				t.Errorf("--requests %d: err = %v, took %v, counted %+v", requests, o.err, o.took, *o.res.Requests)
			}
		})
	}
}
