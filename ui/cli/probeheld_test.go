package cli

import (
	"testing"
	"time"

	"example.com/keeptune/model"
)

// Of thousands of held connections a terminal gets a line a second.
func TestProgressOfHeldConnections(t *testing.T) {
	var h heldCount
	var lines []string
	for i := range 3000 {
		kind := model.EventResponse
		if i >= 2000 {
			kind = model.EventClosed
		}
		if text := h.text(model.Event{At: time.Duration(i) * time.Millisecond, Kind: kind, Role: model.ProbeRoleHold}); text != "" {
			lines = append(lines, text)
		}
	}
	want := []string{"1001 connections held, 0 closed, 0 without an answer", "1999 connections held, 1 closed, 0 without an answer"}
	if len(lines) != len(want) || lines[0] != want[0] || lines[1] != want[1] {
		t.Errorf("got %q, want %q", lines, want)
	}
}
