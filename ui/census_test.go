package ui

import (
	"errors"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/hinshun/vt10x"
	"github.com/muesli/termenv"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/paint"
)

// connection is an established one to port 443 of this host.
func connection(port uint16, timer census.Timer, idle time.Duration) census.Socket {
	return census.Socket{
		State: census.Established, Local: netip.MustParseAddrPort("10.0.0.1:443"), Remote: netip.AddrPortFrom(netip.MustParseAddr("10.2.3.4"), port),
		Timer: timer, Sent: idle, Received: idle, Heard: idle, Owners: []census.Owner{{PID: 7, Name: "nginx"}},
	}
}

func TestCensusOnTheScreen(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30.0", 80, 24)
	d.fake.sockets = []census.Socket{
		{State: census.Listen, Local: netip.MustParseAddrPort("0.0.0.0:443")},
		connection(1, census.NoTimer, 2*time.Hour), connection(2, census.KeepAlive, time.Second),
	}
	d.press("H")
	d.shows("SOCKETS  this host: 3 TCP sockets", "2 established  1 listen", ":443 nginx", "counted when asked")
	d.shows("1 connection has been idle for more than an hour with no timer armed")
	if d.fake.counts != 1 {
		t.Errorf("counted %d times", d.fake.counts)
	}
	d.press("r")
	if d.fake.counts != 2 {
		t.Errorf("r counted %d times in all, not 2", d.fake.counts)
	}
	d.press("/", "timer:keepalive", "Enter")
	d.shows("SOCKETS  this host, timer:keepalive: 1 of 3 TCP sockets")
	d.press("/", "Ctrl+u", "open", "Enter")
	d.shows("is not KEY:VALUE")
	d.fake.refuses = errors.New("the kernel lists no sockets here")
	d.press("r")
	d.shows("the kernel lists no sockets here")
	d.press("q")
	d.shows("LIMIT")
	d.press("r") // of the first screen: nothing is counted
	if d.fake.counts != 4 {
		t.Errorf("counted %d times in all, not 4", d.fake.counts)
	}
	d.fake.refuses = nil
	d.press(":", "census port:9", "Enter")
	d.shows("SOCKETS  this host, port:9: none of the 3 TCP sockets")
}

// Another network namespace is counted in, until this host's own is asked for again; what
// is configured stands beside it.
func TestCensusElsewhere(t *testing.T) {
	d := sit(t, "undici > nginx@1.30.0", 80, 40)
	d.fake.sockets = []census.Socket{connection(1, census.NoTimer, 76*time.Second)}
	d.press("H")
	d.shows("SOCKETS  this host: 1 TCP socket", "CONFIGURED", "4 s undici keepAliveTimeout: 1 connection has been idle for longer", "75 s nginx keepalive_timeout: 1 connection has been idle for longer")
	d.fake.namespaces = []contract.Namespace{
		{Processes: 120, First: "1 systemd"},
		{Name: "db", Processes: 2, First: "4000 postgres"},
		{Name: "web", Whose: "docker 0123456789ab", Processes: 3, First: "4711 nginx"},
	}
	d.press("n").shows("which network namespace?", "(this host's own)", "1 systemd", "docker 0123456789ab", "4711 nginx")
	d.press("Down", "Down", "Enter")
	d.shows("SOCKETS  network namespace web: 1 TCP socket")
	if d.fake.netns != "web" {
		t.Errorf("counted in %q", d.fake.netns)
	}
	d.press("n", "postgres").lacks("4711 nginx")
	d.press("Enter").shows("SOCKETS  network namespace db: 1 TCP socket")
	d.press("n", "4242").shows("no row has it")
	d.press("Enter").shows("SOCKETS  network namespace 4242: 1 TCP socket")
	d.press("n", "Esc").shows("SOCKETS  network namespace 4242: 1 TCP socket")
	d.press("n", "Enter") // what is not in the list is nowhere selected: the first row is
	d.shows("SOCKETS  this host: 1 TCP socket")
	if d.fake.netns != "" || d.fake.counts != 5 {
		t.Errorf("counted %d times, last in %q", d.fake.counts, d.fake.netns)
	}
}

// What came and went between two counts is told, and taken over into the shown leg.
func TestCensusMeasuresTheLoad(t *testing.T) {
	d := sit(t, "undici > nginx@1.30.0", 80, 40)
	of := func(cookie uint64, idle time.Duration) census.Socket {
		s := connection(uint16(1000+cookie), census.NoTimer, idle)
		s.Cookie = cookie
		return s
	}
	now := d.app.cfg.Now()
	d.fake.sockets = []census.Socket{of(1, 4*time.Second), of(2, 10*time.Second), of(3, time.Second)}
	d.press("H")
	d.lacks("new connections:", "u use")
	d.press("u")
	d.app.cfg.Now = func() time.Time { return now.Add(2 * time.Second) }
	d.fake.sockets = []census.Socket{of(1, time.Second), of(2, 12*time.Second), of(4, 0), of(5, 0)}
	d.press("r")
	d.shows("new connections: 1 a second; data on each: 0.347 times a second", "half below 4.5s")
	d.press("u")
	d.shows("leg 1 has what was counted")
	q := d.app.s.Document().Path.Quantities(0)
	for name, want := range map[model.Quantity]model.Value{
		model.QuantityConnections: model.Times(4), model.QuantityArrivals: model.PerSecond(1), model.QuantityRate: model.PerSecond(0.347),
	} {
		if s, _ := q.Quantity(name); s.Value != want || s.Origin.Kind != model.FromMeasured {
			t.Errorf("%s is %v from %v", name, s.Value, s.Origin)
		}
	}
	// Another filter begins anew.
	d.press("/", "port:443", "Enter")
	d.lacks("new connections:")
}

// By itself it counts at the chosen rate, and no longer than its screen is open.
func TestCensusCountsByItself(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30.0", 80, 24)
	d.press("H")
	d.app.waiting = nil
	synctest.Test(t, func(t *testing.T) {
		a, tick := d.app.censusRate()
		if tick == nil || a.census.view.Every != 2*time.Second {
			t.Fatalf("the rate is %s", a.census.view.Every)
		}
		began := time.Now()
		due, ok := tick().(recountMsg)
		if !ok || time.Since(began) != 2*time.Second {
			t.Fatalf("after %s there is %#v", time.Since(began), due)
		}
		if _, count := a.recountDue(due); count == nil {
			t.Error("nothing is counted when it is due")
		}
		slower, _ := a.censusRate()
		if _, count := slower.recountDue(due); count != nil {
			t.Error("what the former rate asked for is counted")
		}
		if off, next := slower.censusRate(); next != nil || off.census.view.Every != 0 {
			t.Errorf("off is every %s", off.census.view.Every)
		}
		if _, count := a.endCensus().recountDue(due); count != nil {
			t.Error("it counts although its screen is closed")
		}
		if b, next := a.endCensus().counted(countedMsg{id: due.id}); next != nil || b.census.view.Summary != d.app.census.view.Summary {
			t.Error("a count is taken in although the screen is closed")
		}
	})
}

// A counted glass tells how many bytes it was sent.
type countedGlass struct {
	glass
	sent atomic.Int64
}

func (g *countedGlass) Write(b []byte) (int, error) {
	g.sent.Add(int64(len(b)))
	return g.glass.Write(b)
}

// A refresh of a census where little changes sends less than a kilobyte: every span grows,
// some connections come and go.
func TestCensusRefreshIsCheap(t *testing.T) {
	lipgloss.SetColorProfile(termenv.ANSI)
	defer lipgloss.SetColorProfile(termenv.Ascii)
	synctest.Test(t, func(t *testing.T) {
		d := sit(t, "chrome > nginx@1.30.0", 80, 24, unicode)
		d.app.waiting = nil
		d.app.cfg.Now = time.Now
		crowd := func(step int) {
			d.fake.mu.Lock()
			defer d.fake.mu.Unlock()
			d.fake.sockets = d.fake.sockets[:0]
			for i := range 2000 {
				s := connection(uint16(i+1), census.Timer(i%3), time.Duration(i*step)*time.Second)
				s.Remote = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i % 40)}), uint16(1000+i%40))
				if i%7 < step%7 {
					s.State = census.TimeWait
				}
				d.fake.sockets = append(d.fake.sockets, s)
			}
		}
		crowd(1)
		g := &countedGlass{glass: glass{vt: vt10x.New(vt10x.WithSize(80, 24))}}
		p := paint.New(d.app, g, paint.Options{FPS: 60}, tea.WithInput(nil), tea.WithoutSignalHandler(), tea.WithContext(d.app.out.ctx))
		done := make(chan struct{})
		go func() { defer close(done); _, _ = p.Run() }()
		for _, key := range []string{"H", "a"} {
			p.Send(runes(key))
			time.Sleep(100 * time.Millisecond)
			synctest.Wait()
		}
		first := g.sent.Load()
		if first < 1000 {
			t.Fatalf("the first screens took %d bytes", first)
		}
		counted := func() int {
			d.fake.mu.Lock()
			defer d.fake.mu.Unlock()
			return d.fake.counts
		}
		counts := counted()
		most := int64(0)
		for step := range 10 {
			crowd(step + 2)
			before := g.sent.Load()
			time.Sleep(2 * time.Second)
			synctest.Wait()
			n := g.sent.Load() - before
			if most = max(most, n); n == 0 || n >= 1024 {
				t.Errorf("refresh %d took %d bytes", step, n)
			}
		}
		if n := counted() - counts; n != 10 {
			t.Errorf("counted %d times, not 10", n)
		}
		t.Logf("a refresh took %d bytes at most", most)
		p.Send(runes("a"))
		p.Send(runes("a")) // not at all, after which the last wait ends
		time.Sleep(time.Minute)
		p.Send(tea.Quit())
		<-done
	})
}
