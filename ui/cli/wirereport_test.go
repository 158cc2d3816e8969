//go:build !windows

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/seen"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/tuning/trace/packets"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/internal/screen"
	"example.com/keeptune/ui/redact"
)

// idleServer closes three connections after 5 s of silence, and another one on which a
// request meets that.
const idleServer = `
open 0 a
ask 1 a
6.001 a < fin
6.002 a > fin
open 1 b
ask 2 b
7.001 b < fin
7.002 b > fin
open 2 c
ask 3 c
8.001 c < fin
8.002 c > fin
open 10 g
ask 11 g
16 g > data 120
16.001 g < fin behind=120
16.002 g < rst
`

// What the screen writes of a capture is what keeptune pcap prints of it.
func TestReportsOfTheScreenAreThoseOfPcap(t *testing.T) {
	t.Parallel()
	dir := withCapture(t)
	s := screen.Start(t, screen.Build(t), screen.Options{Args: []string{"--path", "nginx > node"}, Dir: dir})
	s.WaitFor("LIMIT")
	s.Type(":", "pcap t.pcap", "enter")
	s.WaitFor("taken for node")
	s.Type("p", "enter")
	s.WaitFor("10.0.0.5:443 is node")
	s.Type("x")
	s.WaitFor("[wire-summary]")
	for _, r := range []struct{ name, format string }{{"md", "markdown"}, {"csv", "csv"}, {"json", "json"}, {"svg", "svg"}, {"txt", "text"}} {
		s.Type("enter")
		s.WaitFor("write to")
		s.Type("ctrl+u", "out", "enter")
		s.WaitFor("wrote to out: keeptune-wire." + r.name)
		got, err := os.ReadFile(filepath.Join(dir, "out", "keeptune-wire."+r.name))
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), screen.Build(t), "pcap", "t.pcap", "--path", "nginx > node", "--at", "node=10.0.0.5:443", "--format", r.format)
		cmd.Dir = dir
		want, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		sorted := func(text []byte) string { // the screen has its connections by server
			all := strings.Split(string(text), "\n")
			if r.format == "csv" {
				slices.Sort(all)
			}
			return strings.Join(all, "\n")
		}
		if sorted(want) != sorted(got) {
			t.Errorf("the screen wrote another %s than keeptune pcap prints:\n%s\nand\n%s", r.format, got, want)
		}
		s.Type("right")
	}
	s.Type(":", "export wire-json", "enter")
	s.WaitFor("[wire-json]")
}

// What the screen writes of a capture, a session in lines writes, too.
func TestCaptureInLines(t *testing.T) {
	t.Parallel()
	dir := withCapture(t)
	s := screen.Start(t, screen.Build(t), screen.Options{Args: []string{"--config", "none", "--path", "nginx > node"}, Dir: dir, W: 80, H: 400, Env: []string{"TERM=dumb"}})
	s.WaitFor("\n>")
	s.Type("export wire-csv", "enter")
	s.WaitFor("there is no format wire-csv for this path")
	s.Type("pcap t.pcap", "enter")
	s.WaitFor("10.0.0.5:443 is taken for node", "Type a number")
	s.Type("leave", "enter", "export", "enter")
	s.WaitFor("wire-csv: its connections (CSV)", "wire-text: all of it (text)")
	s.Type("export WIRE-csv", "enter")
	s.WaitFor("file keeptune-wire.csv:", "10.0.0.5:443,10.0.0.9:50000,2026-11-02T09:30:00Z,1,true,1,100,200,idle,", "end of keeptune-wire.csv")
	s.Type("files out wire-summary", "enter")
	s.WaitFor("wrote to out: keeptune-wire.md")
}

// What is written has every server, and with --redact no address; without it has them.
func TestReportsHaveStandIns(t *testing.T) {
	var script strings.Builder
	for i := range 33 { // three of each
		c := fmt.Sprintf("c%d port=%d", i, 8001+i/3)
		client, port, _ := strings.Cut(c, " ")
		fmt.Fprintf(&script, "open %d %s\nask %[1]d.5 %[2]s\n%d %s < fin %s\n%[3]d.1 %[4]s > fin %[5]s\n", i, c, i+6, client, port)
	}
	segments, err := packets.Parse(script.String())
	if err != nil {
		t.Fatal(err)
	}
	var w contract.Wired
	tracker := trace.New(func(c *trace.Connection) { w.Connections = append(w.Connections, *c) })
	for i := range segments {
		tracker.Add(&segments[i])
	}
	tracker.End()
	w.Of, w.Picture, w.File.Packets = "/home/orchard/t.pcap", tracker.Picture(100), int64(len(segments))
	w.Held, w.Beside = func(*trace.Server) []seen.Held { return nil }, func(*trace.Server) []string { return nil }
	for _, redacts := range []bool{true, false} {
		var a app
		a.global.zone = time.UTC
		if redacts {
			a.redact = redact.New()
			a.redact.Path(w.Of)
		}
		for _, r := range a.wireReports() {
			content, err := r.Render(&w)
			if err != nil {
				t.Fatal(err)
			}
			if foreign := strings.Contains(string(content), "10.0.0.") || strings.Contains(string(content), "orchard"); foreign == redacts {
				t.Errorf("%s, --redact %v:\n%s", r.ID, redacts, content)
			}
			if r.ID != "wire-svg" && !strings.Contains(string(content), "8011") { // that draws the first
				t.Errorf("%s has no eleventh server", r.ID)
			}
		}
	}
}

// withCapture is a folder with the packets of idleServer in t.pcap.
func withCapture(t *testing.T) string {
	t.Helper()
	segments, err := packets.Parse(idleServer)
	if err != nil {
		t.Fatal(err)
	}
	file, err := packets.Pcap(segments)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "t.pcap"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
