package censuspage_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/ui/censuspage"
	"example.com/keeptune/ui/widget"
)

// summary counts connections to port 443 of nginx, and one that this host opened.
func summary() *census.Summary {
	m := census.NewSummary(census.Filter{})
	m.Compare([]census.Timeout{{Name: "nginx keepalive_timeout", After: 75 * time.Second}})
	at := netip.MustParseAddrPort
	m.Add(&census.Socket{State: census.Listen, Local: at("0.0.0.0:443")})
	add := func(state census.State, local, remote string, timer census.Timer, idle time.Duration, owner string) {
		m.Add(&census.Socket{
			State: state, Local: at(local), Remote: at(remote), Timer: timer, Sent: idle, Received: idle,
			Owners: []census.Owner{{PID: 7, Name: owner}}, Options: &census.Options{KeepAlive: timer == census.KeepAlive, Idle: time.Minute, Every: 10 * time.Second, Count: 5},
		})
	}
	add(census.Established, "10.0.0.1:443", "10.2.3.4:51000", census.NoTimer, 2*time.Hour, "nginx")
	add(census.Established, "10.0.0.1:443", "10.2.3.4:51001", census.KeepAlive, 30*time.Second, "nginx")
	add(census.CloseWait, "10.0.0.1:443", "10.2.3.4:51002", census.NoTimer, time.Second, "nginx")
	add(census.Established, "10.0.0.1:40000", "10.9.0.7:5432", census.Retransmit, time.Second, "a-program-with-a-long-name")
	return m
}

func TestNarrowPage(t *testing.T) {
	const want = `SOCKETS  this host: 5 TCP sockets
         3 established  1 close-wait
         1 listen

IDLE FOR     <1m 1m-10m 10m-1h    >1h
 no timer      .      .      .      1
 probes        1      .      .      .
 data          1      .      .      .

CONFIGURED
  75 s nginx keepalive_timeout: 1
      connection has been idle for
      longer

SET ON THEM      3 off   1 60/10/5

CONNECTIONS      estab no timer idle max
:443 nginx           2        1       2h
to 10.9.0.7:5432 a-program-with-a-
  long-name
                     1        .       1s

WHAT THIS SHOWS
  - 1 connection has been idle for more
    than an hour with no timer armed:
    nothing will notice that its peer is
    gone, so it stays for good. Turn
    SO_KEEPALIVE on in the program that
    owns them. (CAP-3)`
	got := strings.Join(censuspage.Lines(summary(), censuspage.Options{Width: 40, Of: "this host"}), "\n")
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// A page is as wide as it may be, and has the columns that there is room for.
func TestPageFits(t *testing.T) {
	for width := 40; width <= 120; width++ {
		text := censuspage.Lines(summary(), censuspage.Options{Width: width, Of: "this host"})
		for _, l := range text {
			if widget.Width(l) > width {
				t.Errorf("at %d columns: %q", width, l)
			}
		}
		for head, from := range map[string]int{"no timer": 0, "estab": 0, "idle max": 40, "probes ": 49, "close-w": 58, "time-w": 67} {
			found := false
			for _, l := range text {
				found = found || strings.HasPrefix(l, "CONNECTIONS") && strings.Contains(l+" ", head)
			}
			if found != (width >= from) {
				t.Errorf("at %d columns %q is shown: %v", width, head, found)
			}
		}
	}
}

// A hop in the middle has a time towards its clients and one of the same name towards its
// servers.
func TestTimeoutsOfAHop(t *testing.T) {
	for path, want := range map[string][]string{
		"chrome > nginx@1.30 > node@22": {"nginx keepalive_timeout towards its clients", "nginx keepalive_timeout towards its servers"},
		"chrome > nginx@1.30":           {"nginx keepalive_timeout"},
	} {
		c := model.Embedded()
		p, err := model.ParsePath(path, c)
		if err != nil {
			t.Fatal(err)
		}
		report, err := tuning.Analyze(model.Document{Path: p}, tuning.NewEnv(c, 250))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, x := range censuspage.Timeouts(&report) {
			if strings.HasPrefix(x.Name, "nginx keepalive_timeout") {
				names = append(names, x.Name)
			}
		}
		if d := cmp.Diff(want, names); d != "" {
			t.Errorf("%s: %s", path, d)
		}
	}
}
