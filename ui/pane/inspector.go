package pane

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/systempage"
	"example.com/keeptune/ui/widget"
)

// Inspector explains the selected setting in full, with its source.
type Inspector struct {
	scroll scroll
	of     contract.Place
}

var _ contract.Pane = (*Inspector)(nil)

// NewInspector is an inspector of whatever is selected.
func NewInspector() *Inspector { return &Inspector{} }

// Keys is what works now.
func (p *Inspector) Keys(c *contract.Context) keymap.Scope {
	return c.Keys.Scope(keymap.ScopeInspector)
}

// Update takes a key.
func (p *Inspector) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := p.Keys(c).Find(key)
	switch id {
	case keymap.Copy:
		return contract.Copy{Text: strings.Join(p.lines(c, 72), "\n") + "\n", What: "the explanation"}
	case keymap.Inspect:
		return contract.Inspect{}
	case keymap.ShowSystem:
		return entry(c)
	default:
		p.scroll.key(id)
	}
	return nil
}

// draw fills the body.
func (p *Inspector) draw(c *contract.Context, w, h int) string { return p.Box(c, w, h) }

// Box draws the explanation in a frame.
func (p *Inspector) Box(c *contract.Context, w, h int) string {
	if p.of != c.At {
		p.of, p.scroll = c.At, scroll{}
	}
	iw, ih := widget.BoxInner(w, h)
	title := "nothing selected"
	if in, row := selected(c); row != nil {
		title = firstThatFits(iw-5, string(in.endpoint)+" "+row.Param.Name, row.Param.Name)
	}
	if q := quantityAt(c); q != "" {
		title = string(c.At.Middlebox) + " " + string(q)
	}
	return widget.Box(title, p.scroll.view(p.lines(c, iw-1), iw, ih, c.Theme.Glyphs), w, h, c.Inspects, c.Theme)
}

// entry opens the page of the system that the selected setting belongs to.
func entry(c *contract.Context) contract.Action {
	in, row := selected(c)
	if row == nil {
		return contract.Say{Text: "nothing is selected that belongs to a system"}
	}
	return contract.ShowSystem{System: in.system.ID, Version: in.version}
}

// An owner is what a setting belongs to.
type owner struct {
	endpoint model.EndpointID
	system   *model.System
	version  model.Version
	assumed  bool
}

// selected is the setting under the cursor of the first screen.
func selected(c *contract.Context) (owner, *tuning.Row) {
	if c.At.Middlebox != "" {
		for i := range c.Shown().Boxes {
			if b := &c.Shown().Boxes[i]; b.Endpoint.ID == c.At.Middlebox {
				return owner{b.Endpoint.ID, b.System, b.Endpoint.VersionOf(b.System), b.Endpoint.Version == ""}, b.Row
			}
		}
		return owner{}, nil
	}
	side := c.Side(c.At.Server)
	row := side.Row(c.At.Param)
	o := owner{side.Endpoint.ID, side.System, side.Version, side.Endpoint.Version == ""}
	if row != nil && row.Param.Face == model.FaceHost {
		o.system, o.version, o.assumed = side.Host, side.HostAt, false
	}
	return o, row
}

// lines is the explanation, wrapped to w.
func (p *Inspector) lines(c *contract.Context, w int) []string {
	if q := quantityAt(c); q != "" {
		return quantityLines(c, q, w)
	}
	in, row := selected(c)
	if row == nil {
		return nil
	}
	out := make([]string, 0, 64)
	para := func(s string) {
		out = widget.Hang(out, " ", " ", model.Clean(s, 2000), max(1, w-1))
	}
	gap := func() { out = append(out, "") }
	item := func(name, text string) {
		const indent = "           "
		out = widget.Hang(out, " "+name+indent[min(widget.Width(name)+1, len(indent)-1):], indent, model.Clean(text, 2000), max(1, w-len(indent)))
	}
	param := row.Param
	item("now", now(c, row))
	item("default", defaults(in, row))
	gap()
	para(param.Text)
	if param.Surprise != "" {
		gap()
		para("! " + param.Surprise)
	}
	if title, steps := follows(c, row); title != "" {
		gap()
		para("Here " + title + ".")
		out = append(out, bullets(c, steps, max(1, w))...)
	}
	gap()
	item("role", param.Role.Title()+tcpNote(param))
	item("takes", param.Accepts())
	item("zero", systempage.Zero(param))
	item("unit", systempage.Unit(param))
	item("written", param.Where)
	if param.Fixed {
		item("", "No knob: it is built in. A change here is a what-if.")
	}
	item("effect", param.Effect)
	item("id", string(param.ID))
	item("source", row.Default.Source)
	if row.Default.Seen != "" {
		item("", "read "+row.Default.Seen)
	}
	item("proof", in.system.ProofOf(row.Param.Face).Human())
	item("", in.system.ProofOf(row.Param.Face).Place(in.system.Order, in.version))
	item("from", in.system.Origin)
	if len(in.system.Surprise) > 0 {
		gap()
		para("About " + contract.SystemName(in.system) + ":")
		out = append(out, bullets(c, in.system.Surprise, max(1, w))...)
	}
	return out
}

func tcpNote(p *model.Param) string {
	if p.Face == model.FaceHost && p.Role.TCP() {
		return " (of the operating system: every program's sockets)"
	}
	return ""
}

// now is the value in force and how it came about.
func now(c *contract.Context, row *tuning.Row) string {
	text := contract.Value(row)
	switch {
	case row.Via != nil:
		return text + ", not set here: " + row.Via.Name + " applies"
	case row.Setting.Origin.Kind == model.FromMeasured:
		text += ", measured " + model.HumanSpan(row.Low) + " to " + model.HumanSpan(row.High)
		if !row.Setting.Origin.At.IsZero() {
			text += " at " + c.Clock(row.Setting.Origin.At)
		}
		if w := row.Setting.Origin.Where; w != "" {
			text += " on " + w
		}
		return text
	case row.Assumed:
		return text + ", assumed: it differs between versions, and the version is not given"
	}
	return text + ", " + row.Setting.Origin.String()
}

// defaults is the default and for which version it was read.
func defaults(in owner, row *tuning.Row) string {
	system := in.system
	text := row.Default.Value.Human() + " in " + contract.SystemName(system) + " " + string(in.version)
	if in.assumed {
		text += "?"
	}
	var other []string
	for _, d := range row.Param.Defaults {
		v := system.DefaultAt(row.Param, d.Since).Value
		if d.Since == "0" || d.Since == "" {
			if v != row.Default.Value && system.Has(row.Param, d.Since) {
				other = append(other, v.Human()+" before")
			}
			continue
		}
		other = append(other, v.Human()+" since "+string(d.Since))
	}
	if len(other) > 0 {
		text += " (" + strings.Join(other, ", ") + ")"
	}
	if system.ProofOf(row.Param.Face) == nil {
		text += ", documented only"
	}
	return text
}
