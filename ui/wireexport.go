package ui

import (
	"context"
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/overlay"
)

// A wireFilesMsg is what can be written of what packets prove.
type wireFilesMsg struct {
	id     int
	format string
	all    []contract.WireFile
}

// wireReports are those that can be made: none before there is a capture.
func (a app) wireReports() []contract.WireReport {
	if !a.wire.view.Known {
		return nil
	}
	return a.cfg.WireReports
}

// wired is what files of a capture are made of, without its connections.
func (a app) wired() *contract.Wired {
	c := a.context()
	return &contract.Wired{Captured: a.wire.view.Captured, Held: c.Held, Beside: func(s *trace.Server) []string { return overlay.Beside(c, s) }}
}

// ended are the connections that ended and are kept, server by server.
func ended(w *contract.Wired, from contract.Packets) []trace.Connection {
	var all []trace.Connection
	for _, s := range w.Picture.Servers {
		if from != nil {
			all = append(all, from.Connections(s.Addr)...)
		}
	}
	return all
}

// exportWire makes files of what packets prove so far.
func (a app) exportWire(format string) (app, tea.Cmd) {
	reports := a.wireReports()
	if len(reports) == 0 {
		return a.say("no packets were read yet: :pcap FILE reads them, :watch listens"), nil
	}
	id, w, from := a.wire.id, a.wired(), a.wire.view.Source
	if format == "" {
		format = reports[0].ID
	}
	return a, a.effect(func(context.Context) tea.Msg {
		total := w.Picture.Counts.Connections
		w.Connections = ended(w, from)
		var all []contract.WireFile
		for _, r := range reports {
			f := contract.WireFile{ID: r.ID, Title: r.Title, Name: r.Name}
			if f.ID == contract.WireConnections && len(w.Connections) < total {
				f.Title += fmt.Sprintf(", the latest %d of %d", len(w.Connections), total)
			}
			f.Content, f.Err = r.Render(w)
			all = append(all, f)
		}
		return wireFilesMsg{id, format, all}
	})
}

// exportable shows what can be written, below what packets prove.
func (a app) exportable(m wireFilesMsg) app {
	if m.id != a.wire.id {
		return a
	}
	a.wire.view.Files = m.all
	a.wire.view.Made++
	a.overlays = slices.DeleteFunc(slices.Clone(a.overlays), func(o contract.Overlay) bool { _, is := o.(*overlay.Wire); return is })
	a.export.Choose(m.format)
	return a.show(contract.Export)
}
