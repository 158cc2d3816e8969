package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/ui/censuspage"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/overlay"
)

// A counting is the census of this host while its screen is open.
type counting struct {
	id   int // of this screen; what an earlier one started is not taken in
	open bool
	view contract.CensusView
}

// A countedMsg is a finished count.
type countedMsg struct {
	id      int
	netns   string
	summary *census.Summary
	hidden  int
	taken   time.Time
	err     error
}

// A recountMsg says that it is time for the next count.
type recountMsg struct {
	id    int
	every time.Duration
}

// openCensus shows the count, or counts anew with another filter.
func (a app) openCensus(text string) (app, tea.Cmd) {
	filter, err := census.ParseFilter(text)
	if err != nil && a.census.open {
		a.census.view.Err = err.Error()
		return a, nil
	}
	if err != nil {
		return a.complain(err.Error()), nil
	}
	if a.cfg.Effects == nil {
		return a.complain(errNoEffects.Error()), nil
	}
	if !a.census.open {
		a.census = counting{id: a.census.id + 1, open: true}
		a.overlays = append(slices.Clip(a.overlays), overlay.NewCensus())
	}
	a.census.view.Filter, a.census.view.Summary, a.census.view.Err = filter, nil, ""
	return a.recount()
}

// recount starts a count, unless one runs.
func (a app) recount() (app, tea.Cmd) {
	if !a.census.open || a.census.view.Busy {
		return a, nil
	}
	a.census.view.Busy = true
	id, effects, now := a.census.id, a.cfg.Effects, a.cfg.Now
	report := a.s.Report()
	q := contract.CensusQuery{Filter: a.census.view.Filter, Namespace: a.netns, Beside: censuspage.Timeouts(&report)}
	return a, a.effect(func(ctx context.Context) tea.Msg {
		summary, hidden, err := effects.Sockets(ctx, q)
		return countedMsg{id, q.Namespace, summary, hidden, now(), err}
	})
}

// counted takes a count in and waits for the next.
func (a app) counted(m countedMsg) (app, tea.Cmd) {
	if m.id != a.census.id || !a.census.open {
		return a, nil
	}
	v := &a.census.view
	v.Busy, v.Err = false, ""
	if m.err != nil && m.netns == a.netns {
		v.Err = model.Clean(m.err.Error(), 300)
		return a, nil
	}
	if m.netns != a.netns || m.summary.Filter().String() != v.Filter.String() { // asked for before that changed
		return a.recount()
	}
	if v.Summary == nil {
		v.Flow = census.Flow{}
	}
	v.Flow.Since(v.Summary, m.summary, m.taken.Sub(v.Taken))
	v.Summary, v.Hidden, v.Taken = m.summary, m.hidden, m.taken
	return a, a.nextCount()
}

// nextCount is the command that ends when the next count is due, nil where none is.
func (a app) nextCount() tea.Cmd {
	id, every := a.census.id, a.census.view.Every
	if every == 0 {
		return nil
	}
	return a.waits(forClock, tea.Tick(every, func(time.Time) tea.Msg { return recountMsg{id, every} }))
}

// recountDue starts the next count where that is still what is wanted.
func (a app) recountDue(m recountMsg) (app, tea.Cmd) {
	if m.id != a.census.id || m.every != a.census.view.Every {
		return a, nil
	}
	return a.recount()
}

// censusRate chooses the next rate.
func (a app) censusRate() (app, tea.Cmd) {
	rates := contract.CensusRates()
	at := slices.Index(rates, a.census.view.Every)
	a.census.view.Every = rates[(at+1)%len(rates)]
	if a.census.view.Busy {
		return a, nil
	}
	return a, a.nextCount()
}

// censusFilter asks for the filter.
func (a app) censusFilter() (app, tea.Cmd) {
	var forms []string
	for _, f := range census.FilterForms() {
		forms = append(forms, f[0])
	}
	p := &overlay.Prompt{
		Label: "count: ", Does: "count", Hint: "which sockets? such as " + strings.Join(forms, "  ") + "; nothing counts all",
		Done: func(text string) contract.Action { return contract.OpenCensus{Filter: text} },
	}
	return a.perform(contract.Push{Overlay: p.Begin(a.census.view.Filter.String())})
}

// adoptFlow takes what was measured over into the quantities of the shown leg.
func (a app) adoptFlow() (app, tea.Cmd) {
	v := &a.census.view
	if v.Summary == nil || v.Flow.Span <= 0 {
		return a, nil
	}
	where := "this host"
	if a.netns != "" {
		where = "network namespace " + a.netns
	}
	if f := v.Filter.String(); f != "" {
		where += ", " + f
	}
	origin := model.Origin{Kind: model.FromMeasured, Where: model.Clean(where, 200), At: v.Taken.UTC()}
	var edits []model.Edit
	set := func(q model.Quantity, value model.Value) {
		edits = append(edits, model.SetQuantity{Leg: a.leg, Quantity: q, Setting: model.Setting{Value: value, Origin: origin}})
	}
	set(model.QuantityConnections, model.Times(int64(v.Summary.States[census.Established])))
	set(model.QuantityArrivals, model.PerSecond(censuspage.Rounded(v.Flow.Arrivals())))
	if r, ok := v.Flow.Rate(); ok {
		set(model.QuantityRate, model.PerSecond(censuspage.Rounded(r)))
	}
	a, cmd := a.edit(contract.Edit{Why: "the load that was counted", Edits: edits, Seal: true})
	if !a.bad {
		a.census.view.Err = fmt.Sprintf("leg %d has what was counted: connections, arrivals and rate, where it is known; undo takes it back", a.leg+1)
	} else {
		a.census.view.Err = a.note
	}
	return a, cmd
}

// endCensus stops counting.
func (a app) endCensus() app {
	a.census.open = false
	return a
}
