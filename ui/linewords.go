package ui

import (
	"fmt"
	"strconv"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/overlay"
	"example.com/keeptune/ui/pane"
)

// lineWords are the words of a session in lines that the : line does not have, or that
// say there what a screen shows here.
var lineWords = []struct{ word, what string }{
	{"symptoms", "what brings you here: each answer leads to a path"},
	{"presets", "paths to start from"},
	{"list [TEXT]", "the settings of the shown leg, numbered; with a text, those with it in the name"},
	{"NUMBER", "select a setting of the list and tell what it is"},
	{"set VALUE", "give the selected setting a value: 65, 65s, 1m5s, off, never"},
	{"set NAME VALUE", "the same of a setting by name, such as set server:keepalive_timeout 75s"},
	{"default", "the selected setting back to its default"},
	{"verdict", "limit, verdict and why"},
	{"leg NUMBER, next, previous", "another leg of the path"},
	{"findings", "what the rules find on the shown leg, numbered"},
	{"why NUMBER", "a finding step by step, with its source and when it is wrong"},
	{"fix [NUMBER]", "what would put a finding right, to choose from"},
	{"test, stop, results, adopt", "the live test of the target"},
	{"export [FORMAT]", "the formats that can be written, or the text of one"},
	{"files DIRECTORY [FORMAT]", "write what the changes need, or one format, each with its undo"},
	{"journal", "what was done, with times"},
	{"undo, redo, save [FILE], quit", ""},
}

// lineKeys are keys of the screen, which sentences name, as words.
var lineKeys = map[string]string{
	"u": "undo", "t": "test", "s": "stop", "a": "adopt", "f": "fix", "e": "findings", "x": "export", "w": "save", "[": "previous", "]": "next", "n": "list", "=": "list",
}

// command carries out what was typed.
func (l *lines) command(line string) {
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	word = strings.ToLower(strings.TrimPrefix(word, ":"))
	n, err := strconv.Atoi(word)
	switch {
	case err == nil:
		l.selectSetting(n)
		return
	case word == "set" && rest != "" && !strings.ContainsAny(rest, " ="):
		l.setSelected(rest)
		return
	}
	if long, ok := lineKeys[word]; ok && rest == "" {
		word = long
	}
	switch word {
	case "help", "?":
		l.help()
	case "symptoms":
		l.perform(contract.Push{Overlay: overlay.NewWelcome()})
	case "presets":
		l.perform(contract.Push{Overlay: overlay.NewPresets()})
	case "list", "ls":
		l.list(rest)
	case "select":
		if n, err := strconv.Atoi(rest); err == nil {
			l.selectSetting(n)
		} else {
			l.say("select takes a number of the list")
		}
	case "default":
		l.setSelected("")
	case "verdict":
		l.say("verdict: " + l.verdictNow())
		for _, why := range l.app.context().Shown().Limit.Because {
			l.say("because " + why)
		}
	case "leg":
		l.leg(rest)
	case "next", "previous":
		by := 1
		if word == "previous" {
			by = -1
		}
		l.leg(strconv.Itoa(1 + (l.app.leg+by+len(l.app.s.Report().Legs))%len(l.app.s.Report().Legs)))
	case "findings":
		l.findings()
	case "why":
		l.why(rest)
	case "fix":
		l.fix(rest)
	case "stop":
		if l.watches() && !l.app.test.view.Running {
			l.perform(contract.StopWatch{})
			return
		}
		l.perform(contract.StopTest{})
	case "results":
		l.results()
	case "adopt":
		l.perform(contract.Adopt{})
	case "export":
		l.export(rest)
	case "files":
		l.files(rest)
	case "journal":
		l.journal()
	default:
		a, cmd := l.app.run(word + strings.TrimRight(" "+rest, " "))
		l.app = a
		l.start(cmd)
	}
}

func (l *lines) help() {
	for _, w := range lineWords {
		l.say(strings.TrimSuffix(w.word+": "+w.what, ": "))
	}
	for _, v := range verbs {
		switch v.name {
		case "set", "test", "export", "save", "undo", "redo", "quit":
		default:
			l.say(strings.TrimSpace(v.name + " " + v.args))
		}
	}
}

// A lineSetting is a row of the list.
type lineSetting struct {
	end  model.EndpointID
	row  *tuning.Row
	side string // client, server, between
}

// settings are the rows of the shown leg, in the order of their numbers.
func (l *lines) settings() []lineSetting {
	leg := l.app.context().Shown()
	var all []lineSetting
	for _, s := range []struct {
		of   *tuning.Side
		side string
	}{{&leg.Client, "client"}, {&leg.Server, "server"}} {
		for i := range s.of.Rows {
			all = append(all, lineSetting{s.of.Endpoint.ID, &s.of.Rows[i], s.side})
		}
	}
	for i := range leg.Boxes {
		if b := &leg.Boxes[i]; b.Row != nil {
			all = append(all, lineSetting{b.Endpoint.ID, b.Row, "between"})
		}
	}
	return all
}

// text is a row in words.
func (s lineSetting) text() string {
	text := fmt.Sprintf("%s %s %s is %s, %s", s.side, s.end, s.row.Param.Name, contract.Value(s.row), s.row.Setting.Origin.Kind)
	if s.row.Changed {
		text += ", changed"
	}
	return text
}

func (l *lines) list(part string) {
	c := l.app.context()
	leg := c.Shown()
	l.say(fmt.Sprintf("path: %s", c.Session.Document().Path))
	if n := len(c.Report.Legs); n > 1 {
		l.say(fmt.Sprintf("leg %d of %d: %s to %s", leg.Index+1, n, leg.Client.Endpoint.ID, leg.Server.Endpoint.ID))
	}
	shown := 0
	for i, s := range l.settings() {
		if part != "" && !strings.Contains(strings.ToLower(s.row.Param.Name), strings.ToLower(part)) {
			continue
		}
		mark := ""
		if i+1 == l.place {
			mark = ", selected"
		}
		l.say(fmt.Sprintf("%d  %s%s", i+1, s.text(), mark))
		shown++
	}
	if shown == 0 {
		l.say("no setting has " + model.Clean(part, 60) + " in its name")
	}
}

// selectSetting marks a row of the list and says what it is.
func (l *lines) selectSetting(n int) {
	all := l.settings()
	if n < 1 || n > len(all) {
		l.say(fmt.Sprintf("there is no setting %d; the list has 1 to %d", n, len(all)))
		return
	}
	l.place = n
	s := all[n-1]
	l.say("selected: " + s.text())
	if s.row.Param.Text != "" {
		l.say(s.row.Param.Text)
	}
	l.say("set takes " + s.row.Param.Accepts())
}

// setSelected gives the selected setting a value; an empty one is its default.
func (l *lines) setSelected(value string) {
	all := l.settings()
	if l.place < 1 || l.place > len(all) {
		l.say("no setting is selected; list numbers them, and a number selects one")
		return
	}
	s := all[l.place-1]
	if value == "" {
		l.perform(contract.Edit{Why: fmt.Sprintf("%s %s back to its default", s.end, s.row.Param.Name), Seal: true, Edits: []model.Edit{
			model.Set{Endpoint: s.end, Param: s.row.Param.ID},
		}})
	} else {
		a, cmd := l.app.assign(fmt.Sprintf("%s:%s=%s", s.end, s.row.Param.ID, value))
		l.app = a
		l.start(cmd)
	}
	if !l.app.bad {
		l.app.note = ""
		if now := l.settings(); l.place <= len(now) {
			l.say("now: " + now[l.place-1].text())
		}
	}
}

// verdictNow is the verdict of the shown leg, and of the worst where that is another.
func (l *lines) verdictNow() string {
	c := l.app.context()
	text := legVerdict(c.Shown())
	if worse := pane.WorseLeg(c); worse != nil {
		text += "; " + pane.Worse(worse)
	}
	return text
}

// legVerdict is a leg's verdict in one sentence.
func legVerdict(leg *tuning.Leg) string {
	x := leg.Limit
	limit := "limit " + model.HumanSpan(x.Idle)
	switch {
	case x.Verdict == tuning.VerdictUnknown:
		limit = "limit not known"
	case x.Idle == model.Never:
		limit = "no limit"
	}
	text := contract.VerdictWord(x.Verdict) + ", " + limit
	if x.Limiter.Name != "" {
		text += fmt.Sprintf(" by %s %s", x.Limiter.Ref.Endpoint, x.Limiter.Name)
	}
	if x.HasMargin {
		text += ", margin " + model.HumanSpan(x.Margin)
	}
	return text + ": " + pane.Reason(leg)
}

func (l *lines) leg(text string) {
	n, err := strconv.Atoi(text)
	if legs := len(l.app.s.Report().Legs); err != nil || n < 1 || n > legs {
		l.say(fmt.Sprintf("leg takes a number from 1 to %d", legs))
		return
	}
	l.perform(contract.GoLeg{By: n - 1 - l.app.leg})
	l.place = 0
	leg := l.app.context().Shown()
	l.say(fmt.Sprintf("leg %d: %s to %s", n, leg.Client.Endpoint.ID, leg.Server.Endpoint.ID))
}

func (l *lines) findings() {
	all := l.app.context().Advised()
	if len(all) == 0 {
		l.say("the rules find nothing on this leg")
	}
	for i, f := range all {
		l.say(fmt.Sprintf("%d  %s %s: %s", i+1, f.Severity, f.Rule.ID, f.Rule.Title))
	}
}

// finding is the one that a number names; without a number the first.
func (l *lines) finding(text string) *tuning.Finding {
	all := l.app.context().Advised()
	if text == "" && len(all) > 0 {
		return all[0]
	}
	for i, f := range all {
		if text == strconv.Itoa(i+1) || strings.EqualFold(text, f.Rule.ID) {
			return f
		}
	}
	switch len(all) {
	case 0:
		l.say("the rules find nothing on this leg")
	default:
		l.say(fmt.Sprintf("there is no finding %s; findings lists 1 to %d", model.Clean(text, 40), len(all)))
	}
	return nil
}

func (l *lines) why(text string) {
	f := l.finding(text)
	if f == nil {
		return
	}
	l.say(fmt.Sprintf("%s %s: %s", f.Severity, f.Rule.ID, f.Rule.Title))
	for _, b := range f.Because {
		l.say("because " + b)
	}
	if f.Rule.Why != "" {
		l.say(f.Rule.Why)
	}
	for _, r := range f.Remedies {
		l.say("remedy: " + r.Label)
	}
	if f.Rule.WrongIf != "never" {
		l.say("wrong if " + f.Rule.WrongIf)
	}
	l.say("source: " + f.Rule.Source)
}

func (l *lines) fix(text string) {
	if f := l.finding(text); f != nil {
		l.perform(contract.Fix{Finding: *f})
	}
}

// results are what the last test found.
func (l *lines) results() {
	v := l.app.test.view
	switch {
	case v.Running:
		l.say("the test is still running")
		return
	case v.Err != "":
		l.say("the test ended: " + v.Err)
	}
	if !v.Ran {
		if v.Err == "" {
			l.say("nothing was measured yet; test runs the test")
		}
		return
	}
	if l.app.cfg.Summary == nil {
		return
	}
	text, err := l.app.cfg.Summary(pane.Tested(l.app.context()))
	if err != nil {
		l.say("not done: " + err.Error())
		return
	}
	for line := range strings.Lines(strings.TrimRight(string(text), "\n")) {
		l.line(strings.TrimRight(line, "\n"))
	}
}

// fits are the formats that somebody on the path reads.
func (l *lines) fits() []native.Format {
	req := pane.Request(l.app.context())
	var all []native.Format
	for _, f := range l.app.cfg.Formats {
		if f.Fits(req) {
			all = append(all, f)
		}
	}
	return all
}

// rendered are the files of a format, or of what a capture shows; nil where that is told already.
func (l *lines) rendered(id string) []native.File {
	req := pane.Request(l.app.context())
	for _, f := range l.fits() {
		if !strings.EqualFold(f.ID(), id) {
			continue
		}
		files, err := f.Render(req)
		if err != nil {
			l.say("not done: " + err.Error())
			return nil
		}
		return files
	}
	for _, r := range l.app.wireReports() {
		if !strings.EqualFold(r.ID, id) {
			continue
		}
		w := l.app.wired()
		w.Connections = ended(w, w.Source)
		content, err := r.Render(w)
		if err != nil {
			l.say("not done: " + err.Error())
			return nil
		}
		return []native.File{{Format: r.ID, Name: r.Name, Content: content}}
	}
	l.say("there is no format " + model.Clean(id, 40) + " for this path; export lists them")
	return nil
}

func (l *lines) export(id string) {
	if id == "" {
		for _, f := range l.fits() {
			l.say(f.ID() + ": " + f.Title())
		}
		for _, r := range l.app.wireReports() {
			l.say(r.ID + ": " + r.Title)
		}
		return
	}
	for _, f := range l.rendered(id) {
		l.say("file " + f.Name + ":")
		for line := range strings.Lines(string(f.Content)) {
			l.write(model.Clean(strings.TrimRight(line, "\r\n"), 4000) + "\n")
		}
		l.say("end of " + f.Name)
	}
}

func (l *lines) files(rest string) {
	dir, id, _ := strings.Cut(rest, " ")
	if dir == "" {
		l.say("files takes a directory, such as files ./new")
		return
	}
	var files []native.File
	if id = strings.TrimSpace(id); id != "" {
		files = l.rendered(id)
	} else {
		var err error
		if files, err = native.Export(pane.Request(l.app.context())); err != nil {
			l.say("not done: " + err.Error())
			return
		}
		if len(files) == 0 {
			l.say("nothing is changed, so there is nothing to write")
		}
	}
	if len(files) > 0 {
		l.perform(contract.PlanFiles{Dir: dir, Files: files})
	}
}

func (l *lines) journal() {
	all := l.app.s.Journal()
	if len(all) == 0 {
		l.say("nothing was changed yet")
	}
	for _, e := range all {
		l.say(l.app.context().Clock(e.At) + "  " + model.Clean(e.Why, 300))
	}
}
