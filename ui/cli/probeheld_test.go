package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// Of thousands of held connections a terminal gets a line a second.
func TestProgressOfHeldConnections(t *testing.T) {
	var h heldCount
	var lines []string
	for i := range 3000 {
		kind := livetest.EventResponse
		if i >= 2000 {
			kind = livetest.EventClosed
		}
		if text := h.text(livetest.Event{At: time.Duration(i) * time.Millisecond, Kind: kind, Role: livetest.RoleHold}); text != "" {
			lines = append(lines, text)
		}
	}
	want := []string{"1001 connections held, 0 closed, 0 without an answer", "1999 connections held, 1 closed, 0 without an answer"}
	if len(lines) != len(want) || lines[0] != want[0] || lines[1] != want[1] {
		t.Errorf("got %q, want %q", lines, want)
	}
}

// What takes longer than it was said to is told where nobody watches, too, and nothing else
// is.
func TestProgressWithoutATerminal(t *testing.T) {
	errs, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errs.Close() }()
	show := (&app{errs: errs, errsFile: errs}).progress()
	for _, kind := range []livetest.EventKind{livetest.EventStarted, livetest.EventSecond, livetest.EventClosed, livetest.EventFinished} {
		show(livetest.Event{Kind: kind, Text: "it takes at most 90 s more\x1b[2J"})
	}
	got, err := os.ReadFile(errs.Name())
	if want := "keeptune probe: it takes at most 90 s more"; err != nil || strings.Count(string(got), "\n") != 1 || !strings.HasPrefix(string(got), want) || strings.ContainsRune(string(got), 0x1b) {
		t.Errorf("%q (%v)", got, err)
	}
}
