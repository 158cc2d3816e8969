package tracepage_test

import (
	"strings"
	"testing"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/tuning/trace/packets"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/tracepage"
)

// ladder draws the first connection of a script, each line with its blanks and lines as one.
func ladder(t *testing.T, script string) string {
	t.Helper()
	all, err := packets.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	var ended []trace.Connection
	tr := trace.New(func(c *trace.Connection) { ended = append(ended, *c) })
	var mine []capture.Segment
	for i := range all {
		tr.Add(&all[i])
		mine = append(mine, all[i])
	}
	tr.End()
	var out []string
	for _, l := range tracepage.Ladder(&ended[0], mine, 80, theme.New(theme.Default, theme.ASCII())) {
		if n := len(l); n > 80 {
			t.Errorf("%d cells: %s", n, l)
		}
		out = append(out, strings.Join(strings.Fields(strings.ReplaceAll(l, "-", " ")), " "))
	}
	return strings.Join(out, "\n")
}

// What a packet is, and how much room a silence takes, from both sides of each edge.
func TestLadder(t *testing.T) {
	const open = "open 0 a\nask 1 a\n"
	for _, c := range []struct {
		name, script string
		has, lacks   []string
	}{
		{"a probe, answered", open + "20 a > probe\n20.001 a < ack\n", []string{"20.0000 7 | probe >|", "20.0010 8 |< ACK |"}, nil},
		{"data again", open + "2 a > data 10\n2.3 a > again\n", []string{"10 bytes >|", "10 bytes, again >|"}, nil},
		{"a window of 0", open + "2 a < ack window=0\n", []string{"|< ACK, window 0 |"}, nil},
		{"three segments", open + "2 a < data 100\n2.001 a < data 100\n2.002 a < data 100\n", []string{"2.0020 9 |< 100 bytes"}, []string{"segments"}},
		{"four segments", open + "2 a < data 100\n2.001 a < data 100\n2.0015 a > ack\n2.002 a < data 100\n2.003 a < data 100\n", []string{"|< 4 segments, 400 bytes |"}, nil},
		{"four that pause", open + "2 a < data 100\n2.02 a < data 100\n2.04 a < data 100\n2.06 a < data 100\n", nil, []string{"segments"}},
		{"49 ms", open + "1.051 a > data 10\n", nil, []string{"| 49 ms |"}},
		{"50 ms", open + "1.052 a > data 10\n", []string{"6 | ACK >|\n| 50 ms |\n1.0520 7 |"}, nil},
		{"a second", open + "2.002 a > data 10\n", []string{"| |\n| 1 s |\n2.0020"}, nil},
		{"ten seconds", open + "11.002 a > data 10\n", []string{"ACK >|\n| |\n| 10 s |\n| |\n11.0020"}, nil},
		{"a reset", open + "2 a < rst\n", []string{"|< RST ACK |"}, nil},
	} {
		got := ladder(t, c.script)
		for _, want := range c.has {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", c.name, want, got)
			}
		}
		for _, bad := range c.lacks {
			if strings.Contains(got, bad) {
				t.Errorf("%s: %q in\n%s", c.name, bad, got)
			}
		}
	}
}
