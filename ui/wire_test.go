package ui

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/hinshun/vt10x"
	"github.com/muesli/termenv"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/session"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/tuning/trace/packets"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/paint"
)

// wireScript has a server on 8080 that closes after 20 s of silence, one of whose closes
// meets a request, and another one of which less is seen.
const wireScript = `
open 0 a port=8080
ask 1 a port=8080
21.001 a < fin port=8080
21.002 a > fin port=8080
open 2 b port=8080
ask 3 b port=8080
23.101 b < fin port=8080
23.102 b > fin port=8080
open 30 c port=8080
ask 31 c port=8080
51.003 c > data 120 port=8080
51.004 c < fin behind=120 port=8080
51.005 c < rst port=8080
open 60 d
ask 61 d
63 d > fin
63.001 d < fin
`

// pcap is a capture of a script.
func pcap(t testing.TB, script string) []byte {
	t.Helper()
	segments, err := packets.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	file, err := packets.Pcap(segments)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// A capture is read and shown: its servers, the connections of one, the packets of one of
// these. What is no capture is told in a sentence.
func TestWireOnTheScreen(t *testing.T) {
	d := sit(t, "nginx > node", 80, 24)
	d.press("P")
	d.shows("no packets were read yet: :pcap FILE reads them, :watch listens")
	d.fake.captures = map[string][]byte{"my trace.pcap": pcap(t, wireScript), "text": []byte("hello, world")}
	d.press(":", "pcap 'my trace.pcap'", "Enter")
	golden(t, "wire-servers-80x24", d.screen())
	d.shows("WIRE my trace.pcap", "4 connections", "taken for node", "DOES NOT AGREE (EFF-1)")
	d.press("PgDn")
	d.shows("RACE 1 request met a close of the server")
	d.press("Down")
	d.shows("> 10.0.0.5:443", "Clients closed 1 connection after")
	d.press("Up", "Enter")
	golden(t, "wire-connections-80x24", d.screen())
	d.press("o")
	d.shows("what went wrong first", "> 09:30:30.000")
	d.press("Enter")
	golden(t, "wire-packets-80x24", d.screen())
	d.shows("ip.addr==10.0.0.9 && ip.addr==10.0.0.5 && tcp.port==50002 && tcp.port==8080")
	d.press("q")
	d.shows("what went wrong first")
	d.press("q", "v")
	d.shows("CAPTURE my trace.pcap: ", "CONFIGURED node keepAliveTimeout closes after 6 to")
	d.press("q", "q")
	d.shows("LIMIT")
	d.press("P")
	d.shows("WIRE my trace.pcap")
	d.press("q", ":", "pcap missing", "Enter")
	d.shows("cannot read missing: no such file")
	d.press("q", ":", "pcap text", "Enter")
	d.shows("no capture: begins with 68 65 6c 6c")
	d.press("q")
	for _, none := range []string{"pcap", "pcap -"} {
		d.press(":", none, "Enter")
		d.shows("pcap takes a file of tcpdump or Wireshark, such as :pcap trace.pcapng")
	}
}

// How far a capture is read is shown, and whoever leaves then stops it.
func TestCaptureIsStopped(t *testing.T) {
	for _, key := range []string{"q", "Esc"} {
		d := sit(t, "nginx > node", 80, 24)
		d.fake.captures = map[string][]byte{"t.pcap": pcap(t, wireScript)}
		d.fake.wait, d.fake.feed = func(context.Context) {}, make(chan contract.Captured)
		listen := func() { d.send(next(d.app.wire.id, d.app.wire.source)()) }
		d.press(":", "pcap t.pcap", "Enter")
		d.shows("reading t.pcap", "q stop")
		d.fake.feed <- contract.Captured{Of: "t.pcap", File: capture.Counts{Segments: 90, Duplicates: 9}, At: 151e6, Size: 297e6}
		listen()
		d.shows("reading t.pcap: 90 segments of TCP, 151 of 297 MB").lacks("left out", "s stop")
		d.press(key)
		listen()
		d.lacks("WIRE")
		d.press("P")
		d.shows("it was stopped before its end; :pcap reads it again").lacks("q stop")
		d.fake.feed = nil
		d.press("q", ":", "pcap t.pcap", "Enter")
		listen()
		for d.app.wire.view.Running {
			listen()
		}
		d.shows("4 connections")
	}
}

// In the smallest terminal one server is shown at a time.
func TestWireSmall(t *testing.T) {
	d := sit(t, "nginx > node", 40, 12)
	d.fake.captures = map[string][]byte{"t.pcap": pcap(t, wireScript)}
	d.press(":", "pcap t.pcap", "Enter")
	golden(t, "wire-servers-40x12", d.screen())
	d.press("Down")
	d.shows("2 of 2 10.0.0.5:443")
	d.press("Up", "Enter")
	golden(t, "wire-connections-40x12", d.screen())
	d.press("Enter")
	golden(t, "wire-packets-40x12", d.screen())
}

// A person says which server is which; what nobody says is found anew when the path changes.
func TestWirePlaces(t *testing.T) {
	d := sit(t, "nginx > node", 80, 24)
	d.fake.captures = map[string][]byte{"t.pcap": pcap(t, wireScript)}
	d.press(":", "pcap t.pcap", "Enter")
	d.shows("taken for node: port 8080 is one of HTTP's", "node keepAliveTimeout closes after 6 to 6.025 s;")
	d.press("Down")
	d.lacks("a adopt")
	d.press("p")
	d.shows("which server is 10.0.0.5:443?", "in the place of 10.0.0.5:8080", "none of the path")
	d.press("Enter")
	d.shows("10.0.0.5:443 is node; a adopts what was seen of it", "a adopt")
	d.press("Up")
	d.lacks("node keepAliveTimeout closes after", "taken for node")
	d.press("Down", "p", "Down", "Enter")
	d.shows("10.0.0.5:443 is none of the path")
	d.press("Up", "p", "Down", "Enter")
	d.shows("10.0.0.5:8080 is none of the path").lacks("taken for node")
	d.press("Down").lacks("taken for node")
	d.press("Up", "p", "Enter", "Down", "p", "Down", "Enter")
	d.press("q", ":", "path chrome > nginx > node", "Enter", "P")
	d.shows("placed as node")
	d.press("q", ":", "path chrome > nginx", "Enter", "P")
	d.shows("taken for nginx")
}

// What a person said of servers is in the session file, and can be undone; a capture that
// does not have an address says so.
func TestWirePlacesAreKept(t *testing.T) {
	d := sit(t, "chrome > nginx > node", 80, 24)
	d.fake.captures = map[string][]byte{"t.pcap": pcap(t, wireScript), "other.pcap": pcap(t, "open 0 a port=81\nask 1 a port=81\n")}
	d.press(":", "pcap t.pcap", "Enter", "Down", "p", "Down", "Enter")
	d.shows("10.0.0.5:443 is node; a adopts what was seen of it")
	d.press("Up", "p", "Down", "Down", "Enter")
	d.shows("10.0.0.5:8080 is none of the path")
	kept := model.EncodeDocument(d.app.s.Document())
	d.press("u")
	d.shows("undone: 10.0.0.5:8080 is none of the path", "nginx keepalive_timeout closes after")
	d.press("u")
	d.shows("undone: 10.0.0.5:443 is node").lacks("placed as node")
	d.press("Ctrl+r", "Ctrl+r")
	d.shows("done again: 10.0.0.5:8080 is none of the path")
	d.press("u", "u")
	if all := d.app.s.Document().Places; len(all) > 0 {
		t.Errorf("undone and still %v", all)
	}

	again, err := model.DecodeDocument("s.toml", kept, d.app.s.Env().Catalog)
	if err != nil {
		t.Fatal(err)
	}
	captures := d.fake.captures
	d = sit(t, "chrome > nginx > node", 80, 24)
	d.fake.captures = captures
	s, err := session.New(again, d.app.s.Env())
	if err != nil {
		t.Fatal(err)
	}
	d.app, _ = d.app.take(s)
	d.press(":", "pcap t.pcap", "Enter")
	d.lacks("taken for nginx", "was placed at")
	d.press("Down")
	d.shows("placed as node")
	d.press("q", ":", "pcap other.pcap", "Enter")
	d.shows("node was placed at 10.0.0.5:443: no server of this capture").lacks("8080")
	d.press("v", "End")
	d.shows("node was placed at 10.0.0.5:443: no server of this capture")
}

// What is written of a capture is offered as it was when that was asked for; of another capture
// nothing is until then.
func TestWireExports(t *testing.T) {
	d := sit(t, "nginx > node", 80, 24, func(c *Config) {
		for _, id := range []string{"wire-summary", contract.WireConnections} {
			c.WireReports = append(c.WireReports, contract.WireReport{ID: id, Title: "title of " + id, Name: id + ".txt", Render: func(x *contract.Wired) ([]byte, error) {
				if id == "wire-summary" {
					return nil, errors.New("there is nothing to sum up")
				}
				return fmt.Appendf(nil, "%d connections of %s\n", len(x.Connections), x.Of), nil
			}})
		}
	})
	d.fake.captures = map[string][]byte{"t.pcap": pcap(t, wireScript), "many.pcap": pcap(t, manyConnections(401))}
	d.press(":", "export wire-csv", "Enter").lacks("wire-csv")
	d.press(":", "pcap t.pcap", "Enter", "Enter", "x")
	d.shows("[wire-summary]", "there is nothing to sum up").lacks("WIRE t.pcap")
	d.press("Right").shows("[wire-csv]", "title of wire-csv: wire-csv.txt", "4 connections of t.pcap")
	d.press("P").shows("WIRE t.pcap")
	d.press("q", ":", "pcap many.pcap", "Enter", "q", "4").lacks("wire-csv")
	d.press(":", "export wire-csv", "Enter").shows("title of wire-csv, the latest 400 of 401", "400 connections of many.pcap")
}

// manyConnections are so many that a server closes after 5 s.
func manyConnections(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "open %d c%d\nask %d.5 c%d\n%d.502 c%d < fin\n%d.503 c%d > fin\n", i, i, i, i, i+5, i, i+5, i)
	}
	return b.String()
}

// captured is what a watch has seen of a script.
func captured(t testing.TB, script string) contract.Captured {
	t.Helper()
	segments, err := packets.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	from := &fakePackets{}
	tr := trace.New(from.recent.Add)
	for i := range segments {
		tr.Add(&segments[i])
	}
	n := int64(len(segments))
	return contract.Captured{Of: "every interface", Picture: tr.Picture(100), File: capture.Counts{Packets: n, Segments: n}, Source: from}
}

// A watch fills the screen while it goes on, and ends when it is told to; without the right
// it says so.
func TestWatchOnTheScreen(t *testing.T) {
	d := sit(t, "nginx > node", 80, 24)
	d.fake.watch = []contract.Captured{captured(t, "open 0 a\n"), captured(t, wireScript)}
	d.press(":", "watch --on eth0 --port 8080 --port=443 --netns web", "Enter")
	d.shows("WIRE every interface", "4 connections")
	if q := d.fake.watched; q.Interface != "eth0" || fmt.Sprint(q.Ports) != "[8080 443]" || q.Namespace != "web" {
		t.Errorf("watched %+v", q)
	}
	d.press("Enter")
	d.shows("10.0.0.5:8080 3 connections of 3")
	d.press("q", "q")
	d.fake.watch, d.fake.refuses = nil, errors.New("capturing packets takes root")
	d.press(":", "watch", "Enter")
	d.shows("capturing packets takes root")
	d.press("q")
	for _, bad := range []string{"watch --port 0", "watch --port 70000", "watch eth0", "watch --on"} {
		d.press(":", bad, "Enter")
		d.shows("watch takes --on INTERFACE, --port PORT and --netns NAMESPACE, not")
	}
}

// A picture of a watch costs a slow line less than a kilobyte: what it changes is sent, and
// no more. It fills while something is edited.
func TestWatchIsCheap(t *testing.T) {
	lipgloss.SetColorProfile(termenv.ANSI)
	defer lipgloss.SetColorProfile(termenv.Ascii)
	synctest.Test(t, func(t *testing.T) {
		d := sit(t, "nginx > node", 80, 24, unicode)
		d.app.waiting = nil
		d.fake.feed = make(chan contract.Captured)
		var all []string
		for i := range 40 {
			all = append(all, fmt.Sprintf("open %d c%d\nask %d.5 c%d\n%d.502 c%d < fin\n", i, i, i, i, i+5, i))
		}
		var view string
		g := &countedGlass{glass: glass{vt: vt10x.New(vt10x.WithSize(80, 24))}}
		p := paint.New(viewed{d.app, &view}, g, paint.Options{FPS: 60}, tea.WithInput(nil), tea.WithoutSignalHandler(), tea.WithContext(d.app.out.ctx))
		done := make(chan struct{})
		go func() { defer close(done); _, _ = p.Run() }()
		press := func(keys ...string) {
			for _, k := range keys {
				p.Send(runes(k))
				time.Sleep(time.Second)
				synctest.Wait()
			}
		}
		press(":")
		press("watch")
		p.Send(tea.KeyMsg{Type: tea.KeyEnter})
		feed := func(n int) int64 {
			before := g.sent.Load()
			d.fake.feed <- captured(t, strings.Join(all[:n], ""))
			time.Sleep(time.Second)
			synctest.Wait()
			return g.sent.Load() - before
		}
		feed(1)
		most := int64(0)
		for n := 2; n <= 30; n++ {
			if took := feed(n); took == 0 || took >= 1024 {
				t.Errorf("picture %d took %d bytes", n, took)
			} else {
				most = max(most, took)
			}
		}
		t.Logf("a picture took %d bytes at most", most)
		if !strings.Contains(view, "30 connections") {
			t.Errorf("the last is not shown:\n%s", view)
		}
		press("q")
		if feed(31); !strings.Contains(view, "LIMIT") {
			t.Errorf("an edit would not be possible meanwhile:\n%s", view)
		}
		press("+", "P")
		if !strings.Contains(view, "31 connections") {
			t.Errorf("it was not followed meanwhile:\n%s", view)
		}
		press("s")
		if strings.Contains(view, "WATCH") || !strings.Contains(view, "31 connections") {
			t.Errorf("it was not stopped, or forgotten:\n%s", view)
		}
		p.Send(tea.Quit())
		<-done
	})
}

// What was seen is taken over with where it is from, as one step; the rules look at it.
func TestWireAdopts(t *testing.T) {
	d := sit(t, "aws-alb > node", 80, 24)
	d.fake.captures = map[string][]byte{"t.pcap": pcap(t, wireScript)}
	d.press(":", "pcap t.pcap", "Enter", "a")
	d.shows("Which of it should the session take over?", "> all 2 of these", "node keepAliveTimeout = ")
	d.press("Enter")
	d.shows("all 2 of these taken over; u takes it back", "node keepAliveTimeout closes after 6 to 6.025 s;", "DOES NOT AGREE (EFF-1); the session has 20", "to 20.1 s, measured.", "C configured 6 s", "M measured 20 s")
	d.lacks(": agrees")
	set := d.app.s.Document().Path.Endpoints[1].Settings["node.keepAliveTimeout"]
	if set.Origin.Kind != model.FromMeasured || set.Origin.Where != "seen on the wire, t.pcap, 3 closes" || set.Low != 20*time.Second {
		t.Errorf("adopted %+v", set)
	}
	if q, _ := d.app.s.Document().Path.Quantities(0).Quantity(model.QuantityRaced); q.Value != model.Times(1) || q.Origin.Where != "seen on the wire, t.pcap, 4 requests" {
		t.Errorf("adopted %+v", q)
	}
	d.press("q", "e")
	d.shows("1 request met a close and got no answer: seen on the wire, t.pcap, 4")
	d.press("P", "a")
	d.shows("nothing here differs from the settings")
	d.press("u")
	d.shows("closes after 6 to 6.025 s;")
	d.lacks("the session has")
	if set := d.app.s.Document().Path.Endpoints[1].Settings["node.keepAliveTimeout"]; set.Value.IsSet() {
		t.Errorf("undone and still %+v", set)
	}
}

// What is taken over a second time is counted from what is configured, as the first time was:
// node closes a second after its setting. A session that does not know what is configured
// says so. Where a person placed a server, it is in the next capture, too.
func TestWireAdoptsAgain(t *testing.T) {
	d := sit(t, "nginx > node", 80, 24)
	later := strings.NewReplacer("21.00", "31.00", "23.10", "33.10", "51.00", "61.00", "60 d", "70 d", "61 d", "71 d", "63 d", "73 d", "63.001 d", "73.001 d").Replace(wireScript)
	d.fake.captures = map[string][]byte{"t.pcap": pcap(t, wireScript), "later.pcap": pcap(t, later)}
	set := func() model.Setting { return d.app.s.Document().Path.Endpoints[1].Settings["node.keepAliveTimeout"] }
	d.press(":", "pcap t.pcap", "Enter", "a", "Enter")
	if got := set().Value; got != model.For(19*time.Second) {
		t.Errorf("adopted %s of closes after 20 s", got.Human())
	}
	d.press("q", ":", "pcap later.pcap", "Enter")
	d.shows("closes after 6 to 6.025 s;", "later.pcap, 3 closes: 30", "20 to 20.1 s, measured.", "taken for node")
	d.press("a", "Enter")
	if got := set().Value; got != model.For(29*time.Second) {
		t.Errorf("adopted %s of closes after 30 s", got.Human())
	}
	d.press("p", "Down", "Enter", "q", ":", "pcap t.pcap", "Enter")
	d.lacks("taken for node: port 8080", "node keepAliveTimeout")

	measured := d.app.s.Document()
	measured.Places = nil
	d = sit(t, "nginx > node", 80, 24)
	d.fake.captures = map[string][]byte{"t.pcap": pcap(t, wireScript)}
	s, err := session.New(measured, d.app.s.Env())
	if err != nil {
		t.Fatal(err)
	}
	d.app, _ = d.app.take(s)
	d.press(":", "pcap t.pcap", "Enter")
	d.shows("node keepAliveTimeout was measured at 30 to", "what is configured is not known", "B measured before 30 s")
	d.lacks("C configured", "agree", "AGREE")
}

// In words a server is placed by an answer, and told from one that was found.
func TestWireInWords(t *testing.T) {
	d := sit(t, "nginx > node", 80, 24)
	d.fake.captures = map[string][]byte{"t.pcap": pcap(t, wireScript)}
	d.press(":", "pcap t.pcap", "Enter")
	words := func() string {
		t.Helper()
		asks, ok := d.app.overlays[len(d.app.overlays)-1].(interface {
			Ask(*contract.Context) contract.Asked
		})
		if !ok {
			t.Fatal("nothing is asked")
		}
		q := asks.Ask(d.app.context())
		all := q.Lines
		for _, x := range q.Answers {
			all = append(all, "> "+x.Label)
			if strings.HasSuffix(x.Label, "10.0.0.5:443 is") && x.Then != (contract.AskPlace{Addr: netip.MustParseAddrPort("10.0.0.5:443")}) {
				t.Errorf("%s does %+v", x.Label, x.Then)
			}
		}
		return strings.Join(all, "\n")
	}
	for _, want := range []string{"10.0.0.5:8080 is taken for node: port 8080", "> adopt what was seen of node", "> say which server of the path 10.0.0.5:443 is"} {
		if got := words(); !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	d.press("Down", "p", "Enter")
	if got := words(); !strings.Contains(got, "10.0.0.5:443 is placed as node.\n") {
		t.Errorf("it was placed\n%s", got)
	}
}
