package overlay

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/seen"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/tracepage"
	"example.com/keeptune/ui/widget"
)

// wideWire is the width from which on the servers stand beside what is said of one.
const wideWire = 72

// draw draws what is looked at: a line of what was captured, the page, a sentence, the keys.
func (o *Wire) draw(c *contract.Context, w, h int) string {
	room := max(0, h-3)
	var body string
	switch {
	case !c.Wire.Known || len(c.Wire.Picture.Servers) == 0:
		o.length, o.rows = 0, room
		body = widget.Fit(strings.Join(o.empty(c, w), "\n"), w, room)
	case o.depth == ofConnections:
		body = o.connectionsView(c, w, room)
	case o.depth == ofPackets:
		body = o.packetsView(c, w, room)
	case w < wideWire:
		body = o.narrow(c, w, room)
	default:
		body = o.wide(c, w, room)
	}
	keys := o.Keys(c).Footer(9)
	return widget.Stack(w, h, o.head(c, w), body, o.foot(c, w), widget.Hints(keys, c.Keys.Key(keymap.ScopeWire, keymap.ShowHelp), w, c.Theme))
}

// empty says why there is nothing to see.
func (o *Wire) empty(c *contract.Context, w int) []string {
	v := &c.Wire
	text := "no TCP connection was seen"
	switch {
	case v.Err != "":
		text = v.Err
	case v.Running && v.Watch:
		text = "watching; no packet of TCP has passed yet"
	case v.Running:
		text = "reading " + model.Clean(v.Of, 200)
		if v.At > 0 {
			text += ": " + tracepage.Read(v.File, v.At, v.Size)
		}
	}
	return widget.Wrap(text, max(1, w))
}

// head says what was captured, and how much.
func (o *Wire) head(c *contract.Context, w int) string {
	v := &c.Wire
	lead := " WIRE  "
	if v.Watch && v.Running {
		lead = " WATCH  "
	}
	text := ""
	if v.Known {
		text = fmt.Sprintf("   %s, %s", tracepage.Plural(v.Picture.Counts.Connections, "connection"), tracepage.Plural(int(v.File.Packets), "packet"))
		if w < wideWire {
			text = "   " + tracepage.Plural(v.Picture.Counts.Connections, "connection")
		}
		if v.File.Dropped > 0 {
			text += fmt.Sprintf(", %d missed", v.File.Dropped)
		}
		if d := v.Picture.To.Sub(v.Picture.From); d > 0 && w >= wideWire {
			text += " in " + contract.Short(d)
		}
	}
	th := c.Theme
	return widget.Line(w, th.Glyphs.Ellipsis, widget.Fixed(lead, th.Title), widget.Elastic(model.Clean(v.Of, 200), th.Plain), widget.Part{Text: text, Style: th.Muted, Keep: true})
}

// foot is a sentence below the page: what went wrong, what was done, how far it goes.
func (o *Wire) foot(c *contract.Context, w int) string {
	v, th := &c.Wire, c.Theme
	counts := v.Picture.Counts
	notes := tracepage.Notes(&counts, &v.File)
	s, _ := o.selected(c)
	text, st := "", th.Muted
	switch {
	case v.Err != "" && v.Known:
		text, st = v.Err, th.Warn
	case c.Said != "":
		text, st = c.Said, th.Plain
	case o.depth == ofPackets:
		text = tracepage.Filter(&v.Connection)
	case o.depth == ofConnections:
		text = tracepage.Orders[o.order]
	case s != nil && o.placeOf(c, s) != "":
		text = o.placeOf(c, s)
	case len(notes) > 0 && v.Known:
		text = fmt.Sprintf("%s: %s tells all", notes[0], c.Keys.Key(keymap.ScopeWire, keymap.AsText))
		if len(notes) == 1 {
			text = notes[0]
		}
	}
	return widget.FitLine(st.Render(widget.Cut(" "+model.Clean(text, 400), w, th.Glyphs.Ellipsis)), w)
}

// placeOf says which server of the path one is, and why.
func (o *Wire) placeOf(c *contract.Context, s *trace.Server) string {
	if i := slices.IndexFunc(c.Wire.Places, isAt(s.Addr)); i >= 0 {
		return placed(&c.Wire.Places[i])
	}
	return ""
}

// placed says where a server was placed, and why.
func placed(x *seen.Place) string {
	if x.Chosen {
		return fmt.Sprintf("placed as %s", x.Endpoint)
	}
	return fmt.Sprintf("taken for %s: %s", x.Endpoint, x.Why)
}

// Beside is what the path says of a server, and which of its servers that is taken for where
// nobody said it.
func Beside(c *contract.Context, s *trace.Server) []string {
	var all []string
	for _, x := range c.Wire.Places {
		if x.Addr == s.Addr && !x.Chosen {
			all = append(all, placed(&x))
		}
	}
	for _, h := range c.Held(s) {
		all = append(all, h.String())
	}
	return all
}

// Gone says that a capture does not have the addresses at which servers were placed, "" where
// it has all.
func Gone(all []model.Place) string {
	var words []string
	for _, x := range all {
		words = append(words, fmt.Sprintf("%s was placed at %s", x.Endpoint, x.Addr))
	}
	if len(words) == 0 {
		return ""
	}
	return strings.Join(words, ", ") + ": no server of this capture"
}

// named is the name in the path, empty for none.
func named(c *contract.Context, s *trace.Server) string {
	i := slices.IndexFunc(c.Wire.Places, isAt(s.Addr))
	if i < 0 {
		return ""
	}
	return string(c.Wire.Places[i].Endpoint)
}

// wide draws the servers on the left and the selected one on the right.
func (o *Wire) wide(c *contract.Context, w, h int) string {
	left := min(36, 26+(w-wideWire)/3)
	var rows [][]string
	_, at := o.selected(c)
	for _, s := range c.Wire.Picture.Servers {
		name := named(c, s)
		if name == "" {
			name = s.Called
		}
		rows = append(rows, []string{widget.Middle(s.Addr.String(), left-9, c.Theme.Glyphs.Ellipsis) + "\n" + widget.Cut(name, left-9, c.Theme.Glyphs.Ellipsis), fmt.Sprint(s.Connections)})
	}
	t := widget.Table{Selected: at, Rows: rows, Columns: []widget.TableColumn{{Title: "server", Width: left - 10, Elastic: true}, {Title: "conns", Width: 6, Right: true}}}
	right := w - left - 2
	bar := strings.TrimRight(strings.Repeat(c.Theme.Border.Render(c.Theme.Glyphs.Vertical)+"\n", h), "\n")
	return widget.Columns(h, "", widget.Column{View: t.View(left, h, c.Theme), Width: left},
		widget.Column{View: bar, Width: 2}, widget.Column{View: o.about(c, right, h), Width: right})
}

// about draws what is said of the selected server.
func (o *Wire) about(c *contract.Context, w, h int) string {
	s, _ := o.selected(c)
	lines := tracepage.About(s, c.Held(s), tracepage.Options{Width: w - 1, Zone: c.Now.Location()}, c.Theme)
	o.length, o.rows = len(lines), h
	o.top = max(0, min(o.top, o.length-o.rows))
	return widget.Window(lines, o.top, w, h, c.Theme.Glyphs)
}

// narrow draws the selected server alone, with how many there are.
func (o *Wire) narrow(c *contract.Context, w, h int) string {
	s, at := o.selected(c)
	title := fmt.Sprintf(" %d of %d  %s", at+1, len(c.Wire.Picture.Servers), s.Addr)
	if name := named(c, s); name != "" {
		title += "  " + name
	}
	return widget.Stack(w, h, widget.FitLine(c.Theme.Title.Render(widget.Cut(title, w, c.Theme.Glyphs.Ellipsis)), w), o.about(c, w, max(0, h-1)))
}

// connectionTable is the table of a server's connections.
func (o *Wire) connectionTable(c *contract.Context, all []trace.Connection, at int) *widget.Table {
	rows := make([][]string, 0, len(all))
	for i := range all {
		x := &all[i]
		rows = append(rows, []string{
			x.Begun.In(c.Now.Location()).Format("15:04:05.000"), x.Client.String(), fmt.Sprint(x.Requests),
			model.HumanSpan(x.Silence.Round(time.Millisecond)), tracepage.Ends(x), tracepage.Trouble(x), fmt.Sprint(x.Packet),
		})
	}
	return &widget.Table{Selected: at, Rows: rows, Columns: []widget.TableColumn{
		{Title: "begun", Width: 12},
		{Title: "client", Width: 15, Elastic: true, Drop: 2},
		{Title: "reqs", Width: 4, Right: true, Drop: 4},
		{Title: "silent", Width: 9, Right: true},
		{Title: "ended by", Width: 15, Drop: 1},
		{Title: "besides", Width: 8, Drop: 3},
		{Title: "packet", Width: 7, Right: true, Drop: 5},
	}}
}

// connectionsView lists the connections of the selected server.
func (o *Wire) connectionsView(c *contract.Context, w, h int) string {
	all, at := o.connections(c)
	title := fmt.Sprintf(" %s   %s of %d", o.server, tracepage.Plural(len(all), "connection"), o.counted(c))
	o.rows = max(1, h-2)
	if len(all) == 0 {
		text := "the connections are looked for"
		if c.Wire.Server == o.server {
			text = "no connection of this server has ended yet"
		}
		return widget.Fit(title+"\n "+text, w, h)
	}
	t := o.connectionTable(c, all, at)
	t.Top = o.table
	t.Scroll(w, max(0, h-1), c.Theme)
	o.table = t.Top
	return widget.Stack(w, h, widget.FitLine(c.Theme.Title.Render(widget.Cut(title, w, c.Theme.Glyphs.Ellipsis)), w), t.View(w, max(0, h-1), c.Theme))
}

// counted is how many connections the selected server has.
func (o *Wire) counted(c *contract.Context) int {
	if s, _ := o.selected(c); s != nil {
		return s.Connections
	}
	return 0
}

// packetsView draws the packets of a connection in time.
func (o *Wire) packetsView(c *contract.Context, w, h int) string {
	v := &c.Wire
	x := &v.Connection
	title := fmt.Sprintf(" %s to %s   %s", x.Client, x.Server, tracepage.Ends(x))
	lines := tracepage.Ladder(x, v.Packets, w, c.Theme)
	switch {
	case len(lines) == 0 && v.Running && !v.Watch:
		lines = []string{" the packets are looked for"}
	case len(lines) == 0:
		lines = widget.Wrap(" its packets are not kept any more", max(1, w))
	case v.More:
		lines = append(lines, widget.Wrap(fmt.Sprintf("   only the first %d packets are drawn: the filter below shows all in Wireshark", len(v.Packets)), max(1, w))...)
	}
	o.length, o.rows = len(lines), max(0, h-1)
	o.top = max(0, min(o.top, o.length-o.rows))
	return widget.Stack(w, h, widget.FitLine(c.Theme.Title.Render(widget.Cut(title, w, c.Theme.Glyphs.Ellipsis)), w), widget.Window(lines, o.top, w, max(0, h-1), c.Theme.Glyphs))
}
