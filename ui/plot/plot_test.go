package plot_test

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/plot"
)

// measured is a test of twenty held connections that close at 5 s and 6 s, a ladder
// and a race.
func measured() livetest.Result {
	five, hint, alive, dead := 5*time.Second, 5*time.Second, 3*time.Second, 5*time.Second
	hold := &livetest.Hold{Asked: 20, Opened: 20, Closed: slices.Repeat([]time.Duration{five}, 10)}
	hold.Closed = append(hold.Closed, slices.Repeat([]time.Duration{6 * time.Second}, 10)...)
	return livetest.Result{
		Hold: hold, Idle: livetest.Idle{Low: &five},
		HTTP: livetest.HTTP{Asked: &livetest.Hint{Timeout: &hint}},
		Ladders: []livetest.Ladder{
			{Direction: livetest.Outward, Alive: &alive, Dead: &dead, Close: livetest.CloseRSTOnSend, Rungs: []livetest.Rung{
				{Gap: alive, State: livetest.SampleOpen, Close: livetest.CloseNone},
				{Gap: dead, State: livetest.SampleClosed, Close: livetest.CloseRSTOnSend},
				{Gap: 8 * time.Second, State: livetest.SampleWatched, Zero: time.Second},
			}},
			{Direction: livetest.Outward, Probes: true, Alive: &dead},
		},
		Race: &livetest.Race{Around: five, Steps: []livetest.RaceStep{
			{Offset: -time.Millisecond, Method: "GET", Sent: 4, Failed: 1},
			{Offset: time.Millisecond, Method: "GET", Closed: 4},
		}},
	}
}

func TestCurveText(t *testing.T) {
	r := measured()
	configured := 6 * time.Second
	got := strings.Join(plot.CurveOf(r, plot.MarksOf(r, &configured)...).Text(47, 7, plot.ASCII), "\n")
	want := `   20 |###############################
      |###############################
   10 |#####################################
      |#####################################
      +------------------------------AM----C---
       0                 3.3 s            6.6 s
       C configured 6 s  A advertised 5 s`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	r.Hold.Open, r.Hold.Closed, r.Spec.IdleLimit, r.Elapsed = 10, r.Hold.Closed[:10], 6*time.Second, time.Minute
	if got := plot.CurveOf(r, plot.MarksOf(r, &configured)...).Text(47, 7, plot.ASCII)[2]; got != "   10 |#####################################---" {
		t.Errorf("half of them are still open when the test ends: %q", got)
	}
	tcp := livetest.Result{Samples: []livetest.Sample{{Role: livetest.RoleBeforeRequest, State: livetest.SampleClosed, After: time.Second}}}
	tcp.Spec.Target.Scheme = "tcp"
	if c := plot.CurveOf(tcp); c.Total != 1 {
		t.Errorf("the curve of a tcp target has %d connections, want 1", c.Total)
	}
	for _, size := range [][2]int{{0, 0}, {10, 20}, {80, 5}} {
		if lines := plot.CurveOf(r).Text(size[0], size[1], plot.ASCII); lines != nil {
			t.Errorf("%v is too small, and got %q", size, lines)
		}
	}
	if lines := plot.CurveOf(livetest.Result{}).Text(80, 20, plot.ASCII); lines != nil {
		t.Errorf("nothing was measured, and got %q", lines)
	}
}

// bars are the first chart of a measurement after 5 s.
func bars(r livetest.Result, m livetest.Measurement) []string {
	return plot.Bars(m.Charts(r, 5*time.Second)[0].Bars, 70, plot.ASCII)
}

func TestLists(t *testing.T) {
	r := measured()
	got := strings.Join(append(bars(r, livetest.MeasureLadder), bars(r, livetest.MeasureRace)...), "\n")
	want := `      3 s ############ alive
      5 s ############ gone: reset on the next packet
      8 s ######       silent, 4 s left
  -1.0 ms ###          GET  1 of 4 lost
  +1.0 ms              GET  0 of 0 lost, 4 saw the close first`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	says := "An idle connection ends between 3 s and 5 s: the path has forgotten it and answers the next packet with a reset. TCP keep-alive holds it."
	if got := r.Conclusions(); len(got) != 1 || got[0] != says {
		t.Errorf("%q, want %q", got, says)
	}
}

// An SVG is well-formed whatever a server or a user has written into it.
func TestSVGIsWellFormed(t *testing.T) {
	r := measured()
	r.Race.Steps[0].Method = `<&"` + "\x1b"
	for _, r := range []livetest.Result{r, {}} {
		d := xml.NewDecoder(strings.NewReader(string(plot.SVG(r, plot.MarksOf(r, nil), "a < b & c"))))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
}
