package tracepage_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/tuning/trace/packets"
	"example.com/keeptune/ui/tracepage"
)

// One a second is one, whatever digits are rounded away; others are many.
func TestNewOnes(t *testing.T) {
	for _, c := range []struct{ every, want string }{
		{"0.99", "1.01 new ones a second"},
		{"0.999", "1 new one a second"},
		{"1", "1 new one a second"},
		{"1.01", "0.99 new ones a second"},
		{"0.1", ""}, // five within a second
		{"0.25", "4 new ones a second"},
	} {
		var script strings.Builder
		var every float64
		if _, err := fmt.Sscan(c.every, &every); err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			fmt.Fprintf(&script, "open %.3f c%d\n", float64(i)*every, i)
		}
		all, err := packets.Parse(script.String())
		if err != nil {
			t.Fatal(err)
		}
		tr := trace.New(nil)
		for i := range all {
			tr.Add(&all[i])
		}
		tr.End()
		if got := tracepage.Of(tr.Servers()[0]); strings.Contains(got, "new one") != (c.want != "") || !strings.HasSuffix(got, c.want) {
			t.Errorf("every %s s: %s", c.every, got)
		}
	}
}

func TestRead(t *testing.T) {
	for want, c := range map[string][3]int64{
		"1 segment of TCP":                  {1, 100, 0},
		"90 segments of TCP, 151 of 297 MB": {90, 151_400_000, 297_600_024},
	} {
		if got := tracepage.Read(capture.Counts{Segments: c[0]}, c[1], c[2]); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
