//go:build real

package proof_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/native"
)

// A driver makes the product send one request to a seat of its room and says
// how it went: the status, or "error" and why.
type driver func(t testing.TB, seat int, method, path string) string

// A consumer is a product that keeps connections to a server: a client, or the
// client face of a proxy.
type consumer struct {
	name    string // where it is not the system's
	system  string // of the catalog
	version func(testing.TB) string
	needs   []string
	lacks   func(testing.TB) string // why it cannot run besides, "" where it can; nil: always
	proxy   bool                    // its client face lies behind its server face
	sets    []string                // what the product is set to, as --set takes it
	start   func(testing.TB, *room) driver

	samples     int           // idle connections watched; 0 is 8
	stagger     time.Duration // between their starts; 0 is 130 ms
	most        time.Duration // the longest idle time watched where there is no limit; 0 is 15 s
	sweep       time.Duration // how much later it may close what it does not use any more
	hints       []manner      // answers besides the plain one
	retry       map[string]int
	hintSamples int // connections watched for each of hints; 0 is 1
}

// predictedIdle is what the catalog says of the end of an idle connection by
// the consumer: until low it surely uses it again, after high surely not.
type predictedIdle struct {
	low, high time.Duration
	close     string // fin, rst, at-reuse
}

// leg is the consumer's leg to a server that advertises hint, 0 for none.
func (c *consumer) leg(t testing.TB, hint time.Duration) tuning.Leg {
	t.Helper()
	// Node advertises exactly its setting, on every reply.
	path, last := c.system+"@"+c.version(t)+" > node@20.20.2", 0
	if c.proxy {
		path, last = "curl > "+path, 1
	}
	return legOf(t, path, last, c.sets, []string{fmt.Sprintf("keepAliveTimeout=%v", hint)})
}

// legOf is the leg n of a path, its two ends set so.
func legOf(t testing.TB, text string, n int, client, server []string) tuning.Leg {
	t.Helper()
	_, report := analyzed(t, text, n, client, server)
	return report.Legs[n]
}

// exported is what a format makes of a path, the two ends of its leg n set so,
// as a user gets it.
func exported(t testing.TB, format, text string, n int, client, server []string) string {
	t.Helper()
	f, err := native.Find(format)
	if err != nil {
		t.Fatal(err)
	}
	d, r := analyzed(t, text, n, client, server)
	files, err := f.Render(native.Request{
		Document: d, Report: r, Catalog: model.Embedded(), Date: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), Version: "0.1.0",
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return string(files[0].Content)
}

func analyzed(t testing.TB, text string, n int, client, server []string) (model.Document, tuning.Report) {
	t.Helper()
	all := model.Embedded()
	path, err := model.ParsePath(text, all)
	if err != nil {
		t.Fatal(err)
	}
	d := model.Document{Path: path}
	for i, sets := range [][]string{client, server} {
		for _, set := range sets {
			if d, err = d.Assign(all, string(path.Endpoints[n+i].ID)+":"+set); err != nil {
				t.Fatal(err)
			}
		}
	}
	r, err := tuning.Analyze(d, tuning.NewEnv(all, 0))
	if err != nil {
		t.Fatal(err)
	}
	return d, r
}

// predict is the end of an idle connection after replies of this manner.
func (c *consumer) predict(t testing.TB, m manner) predictedIdle {
	t.Helper()
	leg := c.leg(t, 0)
	if hint, ok := c.read(&leg.Client, m); ok {
		leg = c.leg(t, hint)
	}
	p := predictedIdle{low: model.Never, high: model.Never, close: string(leg.Client.Face.Close)}
	for _, x := range leg.Limit.All {
		if x.By == tuning.ByClient {
			if !x.Known {
				t.Fatalf("%s: the catalog does not know %s", c.system, x.Name)
			}
			p.low, p.high = min(p.low, x.Low), min(p.high, x.High)
		}
	}
	return p
}

// read is the timeout that the consumer takes from a reply, where it does.
func (c *consumer) read(s *tuning.Side, m manner) (time.Duration, bool) {
	reads, ok := model.At(s.System.Order, s.Face.Reads, s.Version)
	first, rest, _ := strings.Cut(m.hint, ",")
	seconds := first
	if !strings.HasPrefix(first, "timeout=") {
		seconds = strings.TrimSpace(rest)
	}
	if !ok || m.hint == "" || reads.NeedsKA && !m.says || reads.First && seconds != first {
		return 0, false
	}
	d, err := time.ParseDuration(strings.TrimPrefix(seconds, "timeout=") + "s")
	return d, err == nil
}

// predictSocket is what the catalog says of the sockets towards the server.
func (c *consumer) predictSocket(t testing.TB) (want realserver.SocketTimes) {
	t.Helper()
	leg := c.leg(t, 0)
	return socketTimes(t, &leg.Client)
}

// socketTimes is what the catalog says of the sockets of a side.
func socketTimes(t testing.TB, s *tuning.Side) (want realserver.SocketTimes) {
	t.Helper()
	span := func(role model.Role) time.Duration {
		d, _ := s.First(role).Value.Duration()
		return d
	}
	count, _ := s.First(model.RoleProbeCount).Value.Count()
	return realserver.SocketTimes{
		KeepAlive:   s.First(model.RoleKeepAlive).Value == model.ValueOn,
		Idle:        span(model.RoleProbeIdle),
		Every:       span(model.RoleProbeEvery),
		Count:       int(count),
		UserTimeout: span(model.RoleUserTimeout),
	}
}
