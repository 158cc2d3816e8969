package ui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/tuning/explain"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/explainpage"
	"example.com/keeptune/ui/overlay"
)

// An explainedMsg is what a time or a line of a log means.
type explainedMsg struct {
	text      string
	explained explain.Explained
	table     *explain.Table
	path      string
}

// explain finds out what a text means, on the path that is shown.
func (a app) explain(text string) (app, tea.Cmd) {
	if text == "" {
		return a.complain("explain takes a time or a line of a log, such as :explain hangs for 7875 s"), nil
	}
	report, path, table := a.s.Report(), a.s.Document().Path.String(), explain.NewTable(a.s.Env().Catalog)
	return a, a.effect(func(context.Context) tea.Msg {
		e, _ := table.Text(text, &report) // what cannot be read of the catalog is told elsewhere
		return explainedMsg{text, e, table, path}
	})
}

// explained shows what a text means, and asks first what it does not tell.
func (a app) explained(m explainedMsg) (app, tea.Cmd) {
	switch {
	case m.explained.Nothing() && !m.explained.Asks:
		return a.complain(explain.Unlike(m.text)), nil
	case !m.explained.Asks:
		return a.perform(contract.PlainView{Text: m.page("", a.w)})
	}
	o := &overlay.Choice{Title: "quiet times or outages?", Text: explain.Asked + " The remedies are opposite.", Final: true}
	for _, c := range explain.Choices() {
		o.Options = append(o.Options, overlay.Option{Label: c.Label, Leads: c.Do, Then: contract.PlainView{Text: m.page(c.When, a.w)}})
	}
	return a.perform(contract.Push{Overlay: o})
}

func (m *explainedMsg) page(when string, w int) string {
	lines := explainpage.Lines(&m.explained, m.table, explainpage.Options{Width: w, Path: m.path, When: when})
	return strings.Join(lines, "\n") + "\n"
}
