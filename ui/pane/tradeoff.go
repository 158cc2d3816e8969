package pane

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// chartFrom is the width from which a chart stands beside the table.
const (
	chartFrom  = 100
	tableWidth = 80
)

// TradeOff shows what each value of the selected time leads to.
type TradeOff struct {
	of       swept
	points   []tuning.Point
	err      error
	sel, top int
	rows     int
}

// swept is what the points were computed for.
type swept struct {
	made     bool
	revision int
	leg      int
	ref      tuning.ParamRef
}

var _ contract.Pane = (*TradeOff)(nil)

// NewTradeOff is the trade-off of whatever is selected on the first screen.
func NewTradeOff() *TradeOff { return &TradeOff{} }

// Keys is what works now.
func (p *TradeOff) Keys(c *contract.Context) keymap.Scope { return c.Keys.Scope(keymap.ScopeTradeOff) }

// subject is the setting that is swept; false where the selected one is no time.
func subject(c *contract.Context) (tuning.ParamRef, *tuning.Row, bool) {
	if quantityAt(c) != "" {
		return tuning.ParamRef{}, nil, false
	}
	in, row := selected(c)
	if row == nil || row.Param.Shape() != model.ShapeSpan {
		return tuning.ParamRef{}, nil, false
	}
	return tuning.ParamRef{Endpoint: in.endpoint, Param: row.Param.ID}, row, true
}

// sweep computes the points again where something changed.
func (p *TradeOff) sweep(c *contract.Context) (*tuning.Row, bool) {
	ref, row, ok := subject(c)
	if !ok {
		p.points, p.of = nil, swept{}
		return nil, false
	}
	now := swept{true, c.Revision, c.Shown().Index, ref}
	if p.of == now {
		return row, true
	}
	p.of = now
	p.points, p.err = tuning.Sweep(c.Session.Document(), c.Session.Env(), now.leg, ref)
	p.sel = 0
	for i, x := range p.points {
		if x.Value == row.Value {
			p.sel = i
		}
	}
	return row, true
}

// Update takes a key.
func (p *TradeOff) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := p.Keys(c).Find(key)
	row, ok := p.sweep(c)
	switch id {
	case keymap.TradeOff:
		return contract.Show{Screen: contract.Tune}
	case keymap.PrevLeg:
		return contract.GoLeg{By: -1}
	case keymap.NextLeg:
		return contract.GoLeg{By: 1}
	case keymap.Copy:
		return contract.Copy{Text: strings.Join(p.lines(c, row, tableWidth, len(p.points)+4), "\n") + "\n", What: "the trade-off"}
	case keymap.SetValue:
		if ok && p.sel < len(p.points) {
			v := p.points[p.sel].Value
			why := string(p.of.ref.Endpoint) + " " + row.Param.Name + " = " + v.Human()
			return contract.Edit{Why: why + ", from the trade-off", Seal: true, Edits: []model.Edit{
				model.Set{Endpoint: p.of.ref.Endpoint, Param: p.of.ref.Param, Setting: model.Typed(v)},
			}}
		}
	default:
		by, _ := keymap.Move(id, p.rows)
		p.sel += by
	}
	p.sel = max(0, min(p.sel, len(p.points)-1))
	return nil
}

// draw draws the table, and the chart where there is room.
func (p *TradeOff) draw(c *contract.Context, w, h int) string {
	row, ok := p.sweep(c)
	switch {
	case !ok:
		text := "The trade-off shows what each value of a time leads to. Select one on the first screen (1), such as an idle timeout, and press o."
		return widget.Stack(w, h, widget.Paragraph(text, w, h, c.Theme.Glyphs))
	case p.err != nil || len(p.points) == 0:
		return widget.Stack(w, h, widget.Paragraph(row.Param.Name+" cannot be swept: no usual time is a value that it takes.", w, h, c.Theme.Glyphs))
	}
	if w < chartFrom {
		return widget.Stack(w, h, p.lines(c, row, w, h)...)
	}
	return widget.Columns(h, " ",
		widget.Column{View: widget.Stack(tableWidth, h, p.lines(c, row, tableWidth, h)...), Width: tableWidth},
		widget.Column{View: widget.Stack(w-tableWidth-1, h, p.chart(c, w-tableWidth-1, min(h, 20))...), Width: w - tableWidth - 1})
}

func (p *TradeOff) lines(c *contract.Context, row *tuning.Row, w, h int) []string {
	if row == nil {
		return nil
	}
	given := c.Session.Document().Path.Quantities(p.of.leg)
	_, rate := given.Quantity(model.QuantityRate)
	race := "max race"
	var need []string
	if rate {
		race = "race"
	} else {
		need = append(need, "reconnects, and the race at your rate: give rate")
	}
	if p.points[0].Load.IdleConnections == nil && p.points[0].Limit.Idle != model.Never {
		need = append(need, "held idle: give arrivals")
	}
	t := widget.Table{Selected: p.sel, Top: p.top, Columns: []widget.TableColumn{
		{Title: "value", Width: 9},
		{Title: "limit", Width: 7},
		{Title: "verdict", Width: 9},
		{Title: "margin", Width: 9, Drop: 1},
		{Title: "held idle", Width: 9, Drop: 4},
		{Title: "reconnects", Width: 10, Drop: 5},
		{Title: "dead peer", Width: 9, Drop: 2},
		{Title: race, Width: 7, Drop: 3, Elastic: true},
	}}
	for _, x := range p.points {
		t.Rows = append(t.Rows, p.row(x, row, rate))
	}
	title := " " + string(p.of.ref.Endpoint) + " " + row.Param.Name + ", now " + contract.Value(row)
	var out []string
	for _, l := range widget.Wrap(title, w) {
		out = append(out, widget.FitLine(c.Theme.Title.Render(strings.TrimRight(l, " ")), w))
	}
	var foot []string
	if len(need) > 0 {
		foot = bullets(c, []string{strings.Join(need, "; ") + " (THIS LEG on the first screen)"}, w)
	}
	if h < len(t.Rows)+1+len(out)+len(foot) && h < 12 {
		foot = nil
	}
	p.rows = max(1, min(len(t.Rows), h-1-len(out)-len(foot)))
	t.Scroll(w, p.rows+1, c.Theme)
	p.top = t.Top
	out = append(out, strings.Split(t.View(w, p.rows+1, c.Theme), "\n")...)
	return append(out, foot...)
}

func (p *TradeOff) row(x tuning.Point, now *tuning.Row, rate bool) []string {
	value := x.Value.Human()
	if x.Value == now.Value {
		value += " now"
	}
	limit, margin := contract.Tight(x.Limit.Idle), ""
	switch {
	case !x.Limit.Reused:
		limit = "0s"
	case x.Limit.Verdict == tuning.VerdictUnknown:
		limit = "?"
	case x.Limit.Idle == model.Never:
		limit = "none"
	case x.Limit.HasMargin:
		margin = contract.Tight(x.Limit.Margin)
	}
	held := "arrivals?"
	if n := x.Load.IdleConnections; n != nil {
		held = fitting(*n, 9)
	} else if x.Limit.Idle == model.Never {
		held = "no bound"
	}
	reconnects, race := "rate?", oneIn(x.Worst)
	if rate {
		reconnects = percent(x.Reconnects)
		if x.Load.RaceProbability != nil {
			race = oneIn(*x.Load.RaceProbability)
		}
	}
	if x.Limit.Verdict == tuning.VerdictUnknown {
		race = "?"
	}
	return []string{value, limit, contract.VerdictWord(x.Limit.Verdict), margin, held, reconnects, contract.Tight(x.Detection), race}
}
