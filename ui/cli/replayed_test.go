//go:build !windows

package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	live "example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/ui/internal/screen"
)

// recorded writes a recording of a test with a ladder, a race and held
// connections.
func recorded(t *testing.T) (file string, result livetest.Result) {
	t.Helper()
	begin := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	spec := livetest.NewSpec(livetest.Target{Host: "localhost", Port: 8080})
	spec.Measure = append(livetest.DefaultMeasurements(), livetest.MeasureLadder, livetest.MeasureRace, livetest.MeasureHold)
	spec.Hold = 2
	spec = spec.Normalize()
	sec := time.Second
	events := []livetest.Event{{Kind: livetest.EventStarted, Spec: &spec}}
	for conn := 1; conn <= 3; conn++ {
		at := 5*sec + time.Duration(conn)*10*time.Millisecond
		events = append(events,
			livetest.Event{Kind: livetest.EventConnected, Conn: conn, Role: livetest.RoleIdle, Connect: 200 * time.Microsecond},
			livetest.Event{Kind: livetest.EventResponse, Conn: conn, Role: livetest.RoleIdle, Request: 1, Asked: true, Took: 300 * time.Microsecond},
			livetest.Event{Kind: livetest.EventClosed, Conn: conn, Role: livetest.RoleIdle, At: at, After: at, Close: livetest.CloseFIN, Exact: true},
			livetest.Event{Kind: livetest.EventResponse, Conn: 9, Role: livetest.RoleControl, Request: conn + 1, Took: 100 * time.Microsecond, At: time.Duration(conn) * sec})
	}
	for i, gap := range []time.Duration{2 * sec, 4 * sec} {
		events = append(events,
			livetest.Event{Kind: livetest.EventRung, Conn: 20 + i, Role: livetest.RoleLadder, Gap: gap, Direction: livetest.Outward},
			livetest.Event{Kind: livetest.EventRung, Conn: 20 + i, Role: livetest.RoleLadder, Gap: gap, Direction: livetest.Outward, Done: true, Close: livetest.CloseNone, At: gap})
	}
	events = append(events,
		livetest.Event{Kind: livetest.EventStep, Role: livetest.RoleRace, Gap: 5 * sec, Offset: -time.Millisecond, Method: "GET", Sent: 8, Lost: 3, Done: true},
		livetest.Event{Kind: livetest.EventResponse, Conn: 30, Role: livetest.RoleHold, At: 6 * sec},
		livetest.Event{Kind: livetest.EventClosed, Conn: 30, Role: livetest.RoleHold, At: 11 * sec, After: 5 * sec, Close: livetest.CloseFIN},
		livetest.Event{Kind: livetest.EventFinished, At: 12 * sec, Outcome: livetest.OutcomeMeasured})
	var lines bytes.Buffer
	to := live.NewRecorder(&lines)
	for _, e := range events {
		e.Wall = begin.Add(e.At)
		to.Record(e)
	}
	file = filepath.Join(t.TempDir(), "run.jsonl")
	if err := os.WriteFile(file, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, livetest.Summarize(events)
}

// flat is text on one line, so that where it was wrapped does not matter.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

// A recording says the same headless and on the screen: both conclude with
// livetest.Summarize, and both use its numbers in the same sentences.
func TestReplayOnTheScreenSaysTheSame(t *testing.T) {
	t.Parallel()
	file, result := recorded(t)
	if result.Idle.Low == nil || result.Race == nil || result.Race.Failures != 3 || result.Hold.Opened != 1 {
		t.Fatalf("the recording amounts to %+v", result)
	}
	_, text := run(t, "probe", "--replay", file)
	s := screen.Start(t, screen.Build(t), screen.Options{Args: []string{"probe", "--replay", file, "--ui"}, W: 120, H: 60})
	s.WaitFor("MEASURED on 2026-11-20 08:00:12", "as recorded", "5.01 s / 5.02 s / 5.03 s")
	headless := flat(string(text))
	for _, want := range []string{
		"LADDER An idle connection outlives 4 s.", "HELD 1 of 2 connections opened", "RACE 3 of 8 requests were lost around the close at 5 s (37.50 %)",
		"WORTH keep-alive is worth 400 us per request", "NETWORK connected in 200 us",
	} {
		if !strings.Contains(headless, want) {
			t.Errorf("keeptune probe --replay does not say %q:\n%s", want, text)
		}
		s.WaitUntil("does not show "+want, func(shown string) bool { return strings.Contains(flat(shown), want) })
	}
	if !strings.Contains(headless, "5.01 to 5.03 s, closed with a FIN (3 samples)") {
		t.Errorf("keeptune probe --replay has another idle timeout:\n%s", text)
	}
}

// What the screen writes of a test is what keeptune probe prints.
func TestReportsOfTheScreenAreThoseOfProbe(t *testing.T) {
	t.Parallel()
	file, _ := recorded(t)
	dir := t.TempDir()
	s := screen.Start(t, screen.Build(t), screen.Options{Args: []string{"probe", "--replay", file, "--ui", "--server", "apache"}, Dir: dir})
	s.WaitFor("MEASURED")
	s.Type("x")
	s.WaitFor("[test-summary]")
	for _, r := range []struct{ name, format string }{{"md", "markdown"}, {"csv", "csv"}, {"json", "json"}, {"svg", "svg"}, {"txt", ""}} {
		s.Type("enter")
		s.WaitFor("write to")
		s.Type("ctrl+u", "out", "enter")
		s.WaitFor("wrote to out: keeptune-test." + r.name)
		got, err := os.ReadFile(filepath.Join(dir, "out", "keeptune-test."+r.name))
		if err != nil {
			t.Fatal(err)
		}
		if r.format == "" {
			if !strings.Contains(string(got), "M measured") || !strings.Contains(string(got), "3 of 8 lost") {
				t.Errorf("the chart is\n%s", got)
			}
			continue
		}
		want, err := exec.CommandContext(t.Context(), screen.Build(t), "probe", "--replay", file, "--server", "apache", "--format", r.format).Output() // the same build: it names its version
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != string(got) {
			t.Errorf("the screen wrote another %s than keeptune probe prints:\n%s\nand\n%s", r.format, got, want)
		}
		s.Type("right")
	}
}

func TestReplayOnTheScreenNeedsAFile(t *testing.T) {
	t.Parallel()
	if code, _ := run(t, "probe", "--ui"); code != 2 {
		t.Errorf("--ui without a recording ends with %d", code)
	}
}
