package ui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/seen"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/overlay"
)

// A tracing is a capture that was read, or a watch; it goes on whatever the screen.
type tracing struct {
	id     int // of this one; what an earlier one started is not taken in
	cancel context.CancelFunc
	source source[contract.Captured]
	view   contract.WireView
	placed int // the revision of the document that the places are of
}

// A connectionsMsg are connections of a server.
type connectionsMsg struct {
	id     int
	server netip.AddrPort
	all    []trace.Connection
}

// A packetsMsg are the packets of a connection.
type packetsMsg struct {
	id   int
	of   trace.Connection
	all  []capture.Segment
	more bool
	err  error
}

// readCapture follows the connections of a capture.
func (a app) readCapture(file string) (app, tea.Cmd) {
	switch {
	case file == "" || file == "-":
		return a.complain("pcap takes a file of tcpdump or Wireshark, such as :pcap trace.pcapng"), nil
	case a.cfg.Effects == nil:
		return a.complain(errNoEffects.Error()), nil
	}
	a.cfg.Redact.Path(file)
	a = a.begin(contract.WireView{Running: true, Captured: contract.Captured{Of: file}})
	effects := a.cfg.Effects
	a = a.streams(func(ctx context.Context, emit func(contract.Captured)) error { return effects.Capture(ctx, file, emit) })
	return a.showWire(), a.listenWire()
}

// streams lets work tell the screen what it reads or watches.
func (a app) streams(work func(context.Context, func(contract.Captured)) error) app {
	ctx, cancel := context.WithCancel(a.out.ctx)
	a.wire.cancel = cancel
	a.wire.source = stream(ctx, work)
	a.out.running = append(a.out.running, a.wire.source.gone)
	return a
}

// begin puts another capture in the place of the present one, which ends.
func (a app) begin(v contract.WireView) app {
	if a.wire.cancel != nil {
		a.wire.cancel()
	}
	v.Made = a.wire.view.Made + 1
	a.wire = tracing{id: a.wire.id + 1, view: v}
	return a
}

// showWire opens the screen of what packets prove, unless it is.
func (a app) showWire() app {
	if !slices.ContainsFunc(a.overlays, func(o contract.Overlay) bool { _, is := o.(*overlay.Wire); return is }) {
		a.overlays = append(slices.Clip(a.overlays), overlay.NewWire())
	}
	return a
}

// openWire shows what was read or is watched.
func (a app) openWire() (app, tea.Cmd) {
	if a.wire.id == 0 {
		return a.say("no packets were read yet: :pcap FILE reads them, :watch listens"), nil
	}
	return a.showWire(), nil
}

// captured takes in how far a capture was read, or that it was read, or why not.
func (a app) captured(b batch[contract.Captured]) (app, tea.Cmd) {
	v := &a.wire.view
	if n := len(b.items); n > 0 {
		v.Captured = b.items[n-1]
	}
	switch {
	case !b.done:
		return a, a.listenWire()
	case errors.Is(b.err, context.Canceled):
		v.Err = "it was stopped before its end; :pcap reads it again"
	case b.err != nil:
		v.Err = model.Clean(b.err.Error(), 300)
	}
	v.Running, v.Known = false, b.err == nil
	a = a.place()
	if text := overlay.Gone(a.wire.view.Gone); text != "" {
		a = a.say(text)
	}
	return a, nil
}

// watchLine is :watch, with the words of the command line.
func (a app) watchLine(rest string) (app, tea.Cmd) {
	q, err := watchQuery(words(rest))
	switch {
	case err != nil:
		return a.complain(err.Error()), nil
	case a.wire.view.Watch && a.wire.view.Running && rest == "":
		return a.openWire()
	case a.cfg.Effects == nil:
		return a.complain(errNoEffects.Error()), nil
	}
	q.Namespace = cmp.Or(q.Namespace, a.netns)
	a = a.begin(contract.WireView{Running: true, Watch: true})
	effects := a.cfg.Effects
	a = a.streams(func(ctx context.Context, emit func(contract.Captured)) error { return effects.Watch(ctx, q, emit) })
	if a.words {
		return a.say("watching; watch says what was seen, stop ends it"), a.listenWire()
	}
	return a.showWire(), a.listenWire()
}

// watchQuery reads --on eth0 --port 443 --netns web.
func watchQuery(words []string) (contract.WatchQuery, error) {
	var q contract.WatchQuery
	for i := 0; i < len(words); i++ {
		name, value, ok := strings.Cut(words[i], "=")
		if !ok && i+1 < len(words) {
			i++
			value, ok = words[i], true
		}
		switch port, err := strconv.ParseUint(value, 10, 16); {
		case ok && name == "--on":
			q.Interface = value
		case ok && name == "--netns":
			q.Namespace = value
		case ok && name == "--port" && err == nil && port > 0 && len(q.Ports) < capture.MaxPorts:
			q.Ports = append(q.Ports, uint16(port))
		default:
			return q, fmt.Errorf("watch takes --on INTERFACE, --port PORT and --netns NAMESPACE, not %s", model.Clean(strings.Join(words, " "), 60))
		}
	}
	return q, nil
}

func (a app) listenWire() tea.Cmd { return a.waits(forStream, next(a.wire.id, a.wire.source)) }

// watched takes in what a watch has seen so far, or how far a capture was read.
func (a app) watched(b batch[contract.Captured]) (app, tea.Cmd) {
	if b.stream != a.wire.id {
		return a, nil
	}
	if b.crash != nil {
		a.out.crash = b.crash
		return a, tea.Quit
	}
	v := &a.wire.view
	if !v.Watch {
		return a.captured(b)
	}
	if n := len(b.items); n > 0 {
		v.Captured, v.Known = b.items[n-1], true
		a = a.place()
	}
	if !b.done {
		return a, tea.Batch(a.listenWire(), a.refreshConnections())
	}
	a.wire.view.Running = false
	if b.err != nil && !errors.Is(b.err, context.Canceled) {
		a.wire.view.Err = model.Clean(b.err.Error(), 400)
	}
	return a, a.refreshConnections()
}

// stopWatch ends a watch, of which what was seen stays, or the reading of a capture.
func (a app) stopWatch() app {
	if a.wire.cancel != nil {
		a.wire.cancel()
	}
	return a
}

// showConnections asks for the connections of a server.
func (a app) showConnections(server netip.AddrPort) (app, tea.Cmd) {
	if v := &a.wire.view; v.Server != server {
		v.Connections = nil
	}
	return a, a.connectionsOf(server)
}

// refreshConnections asks again for those that are shown.
func (a app) refreshConnections() tea.Cmd {
	if !a.wire.view.Server.IsValid() {
		return nil
	}
	return a.connectionsOf(a.wire.view.Server)
}

func (a app) connectionsOf(server netip.AddrPort) tea.Cmd {
	id, from := a.wire.id, a.wire.view.Source
	if from == nil {
		return nil
	}
	return a.effect(func(context.Context) tea.Msg { return connectionsMsg{id, server, from.Connections(server)} })
}

func (a app) gotConnections(m connectionsMsg) app {
	if m.id == a.wire.id {
		a.wire.view.Server, a.wire.view.Connections = m.server, m.all
	}
	return a
}

// showPackets asks for the packets of a connection.
func (a app) showPackets(x trace.Connection) (app, tea.Cmd) {
	v := &a.wire.view
	id, from := a.wire.id, v.Source
	v.Connection, v.Packets, v.More = x, nil, false
	if from == nil {
		return a, nil
	}
	if !v.Watch {
		v.Running = true
	}
	return a, a.effect(func(ctx context.Context) tea.Msg {
		all, more, err := from.Of(ctx, &x)
		return packetsMsg{id, x, all, more, err}
	})
}

func (a app) gotPackets(m packetsMsg) app {
	v := &a.wire.view
	if m.id != a.wire.id || m.of != v.Connection {
		return a
	}
	if !v.Watch {
		v.Running = false
	}
	v.Err = ""
	if m.err != nil {
		v.Err = model.Clean(m.err.Error(), 300)
	}
	v.Packets, v.More = m.all, m.more
	return a
}

// place finds the servers of the path in the capture, as far as no person has placed them.
func (a app) place() app {
	if v := &a.wire.view; v.Known {
		if v.Configured == nil || a.wire.placed != a.revision {
			report := a.configured()
			v.Configured = &report
		}
		said := a.s.Document().Places
		v.Places = seen.Propose(a.s.Env().Catalog, v.Configured, v.Picture.Servers, said)
		v.Gone = seen.Gone(v.Picture.Servers, said)
	}
	a.wire.placed = a.revision
	return a
}

// configured is the report without what was measured, where it is known what was before.
func (a app) configured() tuning.Report {
	if d := a.s.Configured(); !d.Equal(a.s.Document()) {
		if r, err := tuning.Analyze(d, a.s.Env()); err == nil { // it was analysed before
			return r
		}
	}
	return a.s.Report()
}

// askPlace asks which server of the path the one at an address is.
func (a app) askPlace(addr netip.AddrPort) (app, tea.Cmd) {
	o := &overlay.Choice{Title: "which server is " + addr.String() + "?", Does: "place it", Final: true}
	report := a.s.Report()
	for i := range report.Legs {
		id := report.Legs[i].Server.Endpoint.ID
		leads := "what was seen there is held against it"
		for _, x := range a.wire.view.Places {
			if x.Leg == i && x.Addr == addr {
				leads = "as now"
			} else if x.Leg == i {
				leads = "in the place of " + x.Addr.String()
			}
		}
		o.Options = append(o.Options, overlay.Option{Label: string(id), Leads: leads, Then: contract.PlaceAt{Place: model.Place{Endpoint: id, Addr: addr}}})
	}
	o.Options = append(o.Options, overlay.Option{Label: "none of the path", Leads: "nothing is held against it", Then: contract.PlaceAt{Place: model.Place{Addr: addr}}})
	return a.perform(contract.Push{Overlay: o})
}

// placeAt places a server of the capture in the path, as one step of undo.
func (a app) placeAt(x model.Place) (app, tea.Cmd) {
	is := fmt.Sprintf("%s is %s", x.Addr, cmp.Or(string(x.Endpoint), "none of the path"))
	a, cmd := a.edit(contract.Edit{Why: is, Edits: []model.Edit{model.SetPlace{Place: x}}, Seal: true})
	if a.bad {
		return a, cmd
	}
	if x.Endpoint != "" {
		is += fmt.Sprintf("; %s adopts what was seen of it", a.keys.Key(keymap.ScopeWire, keymap.Adopt))
	}
	return a.say(is), cmd
}
