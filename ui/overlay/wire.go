package overlay

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/tuning/seen"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/tracepage"
	"example.com/keeptune/ui/widget"
)

// A depth is how far Wire looks into something.
type depth int

const (
	ofServers depth = iota
	ofConnections
	ofPackets
)

// Wire shows what packets prove over the whole screen: the servers, the connections of one,
// the packets of one of these.
type Wire struct {
	depth  depth
	server netip.AddrPort // selected; the first where it is not there
	conn   int64          // packet with which the selected connection began, 0 for the first
	client netip.AddrPort // of that connection
	order  int
	top    int // of the lines that are scrolled: of a server, of packets
	length int
	rows   int
	table  int // first line of the connections
}

var _ contract.Overlay = (*Wire)(nil)

// NewWire shows what the context has of a capture.
func NewWire() *Wire { return &Wire{} }

// Full says that it covers the whole screen.
func (o *Wire) Full() {}

// selected is the server that is selected; nil where there is none.
func (o *Wire) selected(c *contract.Context) (*trace.Server, int) {
	all := c.Wire.Picture.Servers
	for i, s := range all {
		if s.Addr == o.server {
			return s, i
		}
	}
	if len(all) == 0 {
		return nil, -1
	}
	return all[0], 0
}

// connections are those of the selected server, in their order, and which is selected.
func (o *Wire) connections(c *contract.Context) ([]trace.Connection, int) {
	if c.Wire.Server != o.server {
		return nil, -1
	}
	all := tracepage.Sorted(c.Wire.Connections, o.order)
	at := slices.IndexFunc(all, func(x trace.Connection) bool { return x.Packet == o.conn && x.Client == o.client })
	return all, max(min(0, len(all)-1), at)
}

// Keys is what works now.
func (o *Wire) Keys(c *contract.Context) keymap.Scope {
	s, _ := o.selected(c)
	placed := s != nil && slices.ContainsFunc(c.Wire.Places, isAt(s.Addr))
	list, _ := o.connections(c)
	scope := c.Keys.Scope(keymap.ScopeWire).Only(func(id keymap.ID) bool {
		switch id {
		case keymap.Deeper:
			return o.depth == ofServers && s != nil || o.depth == ofConnections && len(list) > 0
		case keymap.PlaceAt:
			return o.depth == ofServers && s != nil
		case keymap.Adopt:
			return o.depth == ofServers && placed
		case keymap.StopTest:
			return c.Wire.Running && c.Wire.Watch
		case keymap.Order:
			return o.depth == ofConnections
		case keymap.AsText, keymap.Copy, keymap.Export:
			return c.Wire.Known
		default:
			return true
		}
	})
	if o.depth != ofServers {
		scope = scope.Worded(keymap.Back, "back")
	} else if c.Wire.Reading() {
		scope = scope.Worded(keymap.Back, "stop")
	}
	if o.depth == ofConnections {
		scope = scope.Worded(keymap.Deeper, "packets")
	}
	return scope
}

// Update takes a key.
func (o *Wire) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := o.Keys(c).Find(key)
	s, _ := o.selected(c)
	switch id {
	case keymap.Back:
		return o.back(c)
	case keymap.Quit:
		return contract.Close{Then: contract.Quit{}}
	case keymap.Deeper:
		return o.deeper(c, s)
	case keymap.Adopt:
		return contract.AdoptSeen{Addr: s.Addr}
	case keymap.PlaceAt:
		return contract.AskPlace{Addr: s.Addr}
	case keymap.StopTest:
		return contract.StopWatch{}
	case keymap.Order:
		o.order, o.conn, o.table = (o.order+1)%len(tracepage.Orders), 0, 0
	case keymap.Undo:
		return contract.Undo{}
	case keymap.Redo:
		return contract.Redo{}
	case keymap.Export:
		return contract.ExportWire{}
	case keymap.AsText:
		return contract.PlainView{Text: strings.Join(wholeText(c, 80), "\n") + "\n"}
	case keymap.Copy:
		return contract.Copy{Text: strings.Join(o.copied(c), "\n") + "\n", What: "what is shown"}
	case keymap.ShowHelp:
		return contract.Push{Overlay: NewHelp(o.Keys(c))}
	default:
		o.move(c, id)
	}
	return nil
}

func (o *Wire) back(c *contract.Context) contract.Action {
	if o.depth == ofServers && c.Wire.Reading() { // else it is read unseen
		return contract.Close{Then: contract.StopWatch{}}
	}
	if o.depth == ofServers {
		return contract.Close{}
	}
	o.depth--
	o.top = 0
	return nil
}

func (o *Wire) deeper(c *contract.Context, s *trace.Server) contract.Action {
	if o.depth == ofServers {
		o.depth, o.server, o.conn, o.table = ofConnections, s.Addr, 0, 0
		return contract.ShowConnections{Server: s.Addr}
	}
	list, at := o.connections(c)
	o.depth, o.top = ofPackets, 0
	o.conn, o.client = list[at].Packet, list[at].Client
	return contract.ShowPackets{Connection: list[at]}
}

// move selects another row, or scrolls.
func (o *Wire) move(c *contract.Context, id keymap.ID) {
	page := id == keymap.PageUp || id == keymap.PageDown
	switch o.depth {
	case ofServers:
		all := c.Wire.Picture.Servers
		if page {
			o.top = scrolled(id, o.top, o.length, o.rows)
		} else if by, moves := keymap.Move(id, len(all)); moves && len(all) > 0 {
			_, at := o.selected(c)
			o.server, o.top = all[max(0, min(len(all)-1, at+by))].Addr, 0
		}
	case ofConnections:
		all, at := o.connections(c)
		if by, moves := keymap.Move(id, max(1, o.rows)); moves && len(all) > 0 {
			x := &all[max(0, min(len(all)-1, at+by))]
			o.conn, o.client = x.Packet, x.Client
		}
	case ofPackets:
		o.top = scrolled(id, o.top, o.length, o.rows)
	}
}

// wholeText is everything as the command line prints it.
func wholeText(c *contract.Context, w int) []string {
	v := &c.Wire
	lines := tracepage.Lines(&v.Picture, v.File, tracepage.Options{
		Width: w, Of: v.Of, Zone: c.Now.Location(), Servers: math.MaxInt, Seen: func(s *trace.Server) []string {
			var all []string
			for _, h := range c.Held(s) {
				all = append(all, h.String())
			}
			return all
		},
	})
	if text := Gone(v.Gone); text != "" && !v.Running {
		lines = append(append(lines, ""), widget.Wrap(text, w)...)
	}
	return lines
}

// copied is what is shown, in full.
func (o *Wire) copied(c *contract.Context) []string {
	s, _ := o.selected(c)
	switch o.depth {
	case ofConnections:
		list, _ := o.connections(c)
		return append([]string{o.server.String()}, o.connectionTable(c, list, -1).Lines(100, c.Theme)...)
	case ofPackets:
		return append([]string{tracepage.Filter(&c.Wire.Connection), ""}, tracepage.Ladder(&c.Wire.Connection, c.Wire.Packets, 80, c.Theme)...)
	case ofServers:
		if s == nil {
			return nil
		}
	}
	return append([]string{s.Addr.String()}, tracepage.About(s, c.Held(s), tracepage.Options{Width: 80, Zone: c.Now.Location()}, c.Theme)...)
}

// askable is of how many servers one can say in words which they are, those with the most
// connections.
const askable = 9

// Ask tells it in words: the whole text, what can be adopted, and which servers can be placed.
func (o *Wire) Ask(c *contract.Context) contract.Asked {
	v := &c.Wire
	q := contract.Asked{Title: "what the wire says"}
	if v.Err != "" {
		q.Text = append(q.Text, v.Err)
	}
	if !v.Known {
		return q
	}
	q.Lines = wholeText(c, 80)
	for _, x := range v.Places {
		q.Lines = append(q.Lines, fmt.Sprintf("%s is %s.", x.Addr, placed(&x)))
		q.Answers = append(q.Answers, contract.Answered{Label: "adopt what was seen of " + string(x.Endpoint), Then: contract.AdoptSeen{Addr: x.Addr}})
	}
	all := v.Picture.Servers
	for _, s := range all[:min(len(all), askable)] {
		q.Answers = append(q.Answers, contract.Answered{Label: "say which server of the path " + s.Addr.String() + " is", Then: contract.AskPlace{Addr: s.Addr}})
	}
	return q
}

// Settle keeps how long what is scrolled is, and how much of it is in view.
func (o *Wire) Settle(c *contract.Context, w, h int) { o.draw(c, w, h) }

// View draws it.
func (o *Wire) View(c *contract.Context, w, h int) string {
	shown := *o
	return shown.draw(c, w, h)
}

// isAt finds the places at an address.
func isAt(addr netip.AddrPort) func(seen.Place) bool {
	return func(x seen.Place) bool { return x.Addr == addr }
}
