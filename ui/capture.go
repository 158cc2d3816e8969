package ui

import (
	"context"
	"math"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/tracepage"
)

// A capturedMsg is a capture that was read.
type capturedMsg struct {
	file    string
	tracker *trace.Tracker
	counts  capture.Counts
	err     error
}

// readCapture follows the connections of a capture.
func (a app) readCapture(file string) (app, tea.Cmd) {
	switch {
	case file == "" || file == "-":
		return a.complain("pcap takes a file of tcpdump or Wireshark, such as :pcap trace.pcapng"), nil
	case a.cfg.Effects == nil:
		return a.complain(errNoEffects.Error()), nil
	}
	effects := a.cfg.Effects
	return a.say("reading " + model.Clean(file, 200)), a.effect(func(ctx context.Context) tea.Msg {
		tracker, counts, err := effects.Capture(ctx, file)
		return capturedMsg{file, tracker, counts, err}
	})
}

// captured shows what a capture proves.
func (a app) captured(m capturedMsg) (app, tea.Cmd) {
	if m.err != nil {
		return a.complain(model.Clean(m.err.Error(), 300)), nil
	}
	lines := tracepage.Lines(m.tracker, m.counts, tracepage.Options{Width: a.w, Of: m.file, Zone: a.cfg.Now().Location(), Servers: math.MaxInt})
	return a.say("").perform(contract.PlainView{Text: strings.Join(lines, "\n") + "\n"})
}
