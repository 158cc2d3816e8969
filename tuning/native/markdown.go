package native

import (
	"fmt"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// markdown is the text of a ticket: what should change on either end and why,
// for whoever owns it.
func markdown() *syntax {
	return &syntax{
		id: "markdown", title: "ticket text for the owners of both ends", comment: func(l string) string { return "<!-- " + l + " -->" },
		unchecked: "It is a text for people.",
		whole:     renderMarkdown,
		read:      readMarkdown,
	}
}

func renderMarkdown(req Request) ([]File, error) {
	restore, err := packSession(req.Document)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	name := "keeptune-ticket.md"
	line("# Connection keep-alive: %s", cell(req.Document.Path.String()))
	line("")
	any := false
	for _, t := range targets(req, "markdown") {
		table := ticketTable(t)
		if len(table) == 0 {
			continue
		}
		any = true
		sys, v := t.side.System, t.side.Version
		on := ""
		if t.side.Host != sys {
			on = " on " + subject(t.side.Host, t.side.HostAt)
		}
		line("## %s (%s%s)", t.endpoint.ID, subject(sys, v), on)
		line("")
		line("| setting | where | now | proposed | why |")
		line("|---|---|---|---|---|")
		for _, row := range table {
			line("%s", row)
		}
		line("")
		for _, e := range ticketEffects(t) {
			line("- To take effect: %s", e)
		}
		if sys.Tracking != nil {
			line("- When its time is up: %s.", expiries[sys.Tracking.OnExpiry])
		}
		if id := t.commands(); id != "" {
			line("- As commands: `keeptune export --to %s`.", id)
		}
		line("")
	}
	refused := ticketRefusals(req)
	if len(refused) > 0 {
		line("## What no file says")
		line("")
		for _, l := range refused {
			line("%s", l)
		}
		line("")
	}
	if !any && len(refused) == 0 {
		return nil, &NothingError{Format: "markdown", Endpoint: "path", Subject: "this path"}
	}
	line("## What it changes")
	line("")
	line("| leg | now | proposed |")
	line("|---|---|---|")
	before := reportBefore(req)
	for i := range req.Report.Legs {
		was := "not known"
		if i < len(before.Legs) {
			was = verdictText(&before.Legs[i])
		}
		leg := &req.Report.Legs[i]
		line("| %s to %s | %s | %s |", leg.Client.Endpoint.ID, leg.Server.Endpoint.ID, cell(was), cell(verdictText(leg)))
	}
	line("")
	for i := range req.Report.Legs {
		if _, asked := req.Report.Legs[i].Outage(); asked {
			line("Leg %d: %s", i+1, survivalText(&req.Report.Legs[i]))
			line("")
		}
	}
	line("The side that reuses a connection should close it first; otherwise a request can meet a connection that is just being closed.")
	line("")
	h := heading{format: "markdown", name: name, subject: "A text to read; nothing is applied by it.", restore: restore}
	for _, l := range h.lines(req) {
		line("%s", markdown().comment(strings.ReplaceAll(l, "--", "- -")))
	}
	return []File{{Format: "markdown", Name: name, Content: []byte(b.String()), Unowned: true}}, nil
}

// expiries are what a middlebox does when a connection was idle for too long.
var expiries = map[model.CloseKind]string{
	"fin": "it closes the connection", "rst": "it resets the connection", "rst-both": "it resets both ends",
	"rst-on-send": "it forgets the connection and tells nobody; who sends next gets a reset", "silent": "it forgets the connection and tells nobody; what is sent next is lost",
	"renewed":             "it forgets the connection; the client's next packet passes all the same, the server's is answered with a reset",
	"rst-on-send-one-way": "it forgets the connection and tells nobody; one side gets a reset when it sends next", "unknown": "what it does is not known",
}

// commands is the format that says an endpoint's first change, where it is not
// the ticket.
func (t *target) commands() string {
	for _, row := range t.rows {
		if t.changed(row) && !row.Param.Fixed && t.unsaid(row.Param.ID) == "" {
			if id := writer(syntaxes(), t, row.Param); id != "markdown" {
				return id
			}
		}
	}
	return ""
}

func ticketTable(t *target) []string {
	var rows []string
	for _, row := range t.rows {
		if !t.changed(row) {
			continue
		}
		was, known := t.before(row)
		now := was.Value.Human()
		switch {
		case known:
			now += " (" + was.Origin.String() + ")"
		case was.Value.Kind == model.Unknown:
			now = "not known"
		case !was.Value.IsSet():
			now = "not set"
		default:
			now += " (default)"
		}
		why := row.Param.Text
		if row.Param.Fixed {
			why = "Cannot be set: " + row.Param.Where + ". " + why
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s | **%s** | %s |", cell(row.Param.Name), cell(row.Param.Where), cell(now), row.Setting.Value.Human(), cell(why)))
	}
	return rows
}

func ticketEffects(t *target) []string {
	var list []string
	seen := map[string]bool{}
	for _, row := range t.rows {
		if t.changed(row) && row.Param.Effect != "" && !seen[row.Param.Effect] {
			seen[row.Param.Effect] = true
			list = append(list, row.Param.Name+": "+row.Param.Effect)
		}
	}
	return list
}

// reportBefore judges the path without what was typed, or as it was read.
func reportBefore(req Request) tuning.Report {
	d := req.Document
	d.Path.Endpoints = nil
	for _, e := range req.Document.Path.Endpoints {
		settings := map[model.ParamID]model.Setting{}
		for id, s := range e.Settings {
			if s.Origin.Kind != model.FromTyped {
				settings[id] = s
			}
		}
		if b := req.Before; b != nil {
			if i := b.Path.Index(e.ID); i >= 0 && b.Path.Endpoints[i].System == e.System {
				settings = b.Path.Endpoints[i].Settings
			}
		}
		e.Settings = settings
		d.Path.Endpoints = append(d.Path.Endpoints, e)
	}
	r, err := tuning.Analyze(d, tuning.NewEnv(req.Catalog, 0))
	if err != nil {
		return tuning.Report{}
	}
	return r
}

// cell is text that may stand in a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(text)
}

// readMarkdown takes nothing from the table: its restore string says it all.
func readMarkdown(r *reader, text string) {
	if _, ok := packedSession(text); !ok {
		r.warn(1, "a ticket is read by its restore string, and this one has none")
	}
}
