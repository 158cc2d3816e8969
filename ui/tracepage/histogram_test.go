package tracepage_test

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/seen"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/tuning/trace/packets"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/tracepage"
	"example.com/keeptune/ui/widget"
)

// What is said of a server is as wide as it may be, whatever the width; nothing is lost, and
// no mark is parted from its time.
func TestAboutFits(t *testing.T) {
	all, err := packets.Parse("open 0 a\nask 1 a\n3.008 a < fin\n3.009 a > fin\n")
	if err != nil {
		t.Fatal(err)
	}
	tr := trace.New(nil)
	for i := range all {
		tr.Add(&all[i])
	}
	tr.End()
	s := tr.Servers()[0]
	s.Hint.N, s.Hint.Low = 1, time.Second
	held := seen.Held{
		Side: trace.TheServer, Setting: "keepAliveTimeout", Low: 6 * time.Second, High: 6025 * time.Millisecond,
		SeenLow: 2 * time.Second, SeenHigh: 2007 * time.Millisecond, Closes: 6, Origin: "seen on the wire, real.pcap, 6 closes",
	}
	held.Ref.Endpoint = "node"
	for w := 34; w < 100; w++ {
		lines := tracepage.About(s, []seen.Held{held}, tracepage.Options{Width: w, Zone: time.UTC}, theme.New(theme.Default, theme.ASCII()))
		for _, l := range lines {
			if n := widget.Width(l); n > w {
				t.Errorf("%d of %d cells: %s", n, w, l)
			}
		}
		words := strings.Join(strings.Fields(strings.Join(lines, " ")), " ")
		if !strings.Contains(words, held.String()) {
			t.Errorf("%d cells: %q is not there\n%s", w, held.String(), words)
		}
		for _, mark := range []string{"C configured 6 s", "A advertised 1 s", "M measured 2.007 s"} {
			if !strings.Contains(strings.Join(lines, "\n"), mark) {
				t.Errorf("%d cells: no %q\n%s", w, mark, strings.Join(lines, "\n"))
			}
		}
	}
}
