package explainpage_test

import (
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/explain"
	"example.com/keeptune/ui/explainpage"
	"example.com/keeptune/ui/widget"
)

// Every page fits its width, wide and narrow, and is never empty.
func TestPagesFit(t *testing.T) {
	table := explain.NewTable(model.Embedded())
	for _, text := range []string{
		"7875 s", "dies after exactly 350 s", "60 s", "5 s, now and then 6", "18.9 s", "exactly 123456 s", "PuTTY drops",
		"60 s idle, then it hangs 15 min",
		"*1 recv() failed (104: Connection reset by peer) while reading response header from upstream",
		"The last packet successfully received from the server was 28,801,234 milliseconds ago.",
		"a\nb",
	} {
		e, err := table.Text(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range []explainpage.Options{{Width: 80}, {Width: 80, All: true, Shell: true}, {Width: 40, When: "quiet"}, {Width: 120}} {
			lines := explainpage.Lines(&e, table, o)
			if len(lines) == 0 || strings.TrimSpace(lines[0]) == "" || strings.TrimSpace(lines[len(lines)-1]) == "" {
				t.Errorf("%q begins or ends with nothing: %q", text, lines)
			}
			for _, l := range lines {
				command := strings.HasPrefix(strings.TrimSpace(l), "keeptune ") || strings.HasPrefix(l, "     --set ") // to be copied
				if w := widget.Width(l); w > o.Width && (!command || w > 80) {
					t.Errorf("%q has a line of %d cells, %d are there: %s", text, w, o.Width, l)
				}
			}
		}
	}
}

// A system that is named and gives no such time is told with its nearest ones; one that
// gives it is not.
func TestNamedSystemsAreAnswered(t *testing.T) {
	table := explain.NewTable(model.Embedded())
	for text, want := range map[string]string{
		"cut after exactly 100 s behind cloudflare": "cloudflare has no such time unless it was changed; nearest: proxy_read_timeout = 120 s; ",
		"exactly 123456 s, iis":                     "iis has no such time unless it was changed; nearest: ",
		"120 s behind cloudflare":                   "", "100 s": "",
	} {
		e, err := table.Text(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(strings.Fields(strings.Join(explainpage.Lines(&e, table, explainpage.Options{Width: 80}), " ")), " ")
		if want == "" && strings.Contains(got, "has no such time") || !strings.Contains(got, want) {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// The first answers are told in full, the next are named, and the rest is counted.
func TestHowMuchIsTold(t *testing.T) {
	table := explain.NewTable(model.Embedded())
	e, err := table.Text("60 s", nil)
	if err != nil {
		t.Fatal(err)
	}
	full := strings.Join(explainpage.Lines(&e, table, explainpage.Options{Width: 80}), "\n")
	if n := strings.Count(full, "closes  "); n != explainpage.Detailed {
		t.Errorf("%d answers are told in full, want %d", n, explainpage.Detailed)
	}
	if !strings.Contains(full, "\n 8 ") || strings.Contains(full, "\n 9 ") || !strings.Contains(full, "more that fit") {
		t.Errorf("not eight answers are named, or the rest is not counted:\n%s", full)
	}
	all := strings.Join(explainpage.Lines(&e, table, explainpage.Options{Width: 80, All: true}), "\n")
	if !strings.Contains(all, "\n 9 ") || strings.Contains(all, "more that fit") {
		t.Errorf("not all are named:\n%s", all)
	}
}
