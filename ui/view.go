package ui

import (
	"cmp"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/pane"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/widget"
)

// The smallest terminal that shows verdict, field and value.
const (
	leastWidth  = 40
	leastHeight = 12
	fullHeight  = 16 // from here on the screens have a line of their own
)

// small reports whether the terminal cannot show the screen.
func (a app) small() bool { return a.w < leastWidth || a.h < leastHeight }

// View draws the whole screen, exactly as large as the terminal.
func (a app) View() (s string) {
	defer func() {
		if v := recover(); v != nil { // drawing cannot quit, but the context can
			a.out.crash = &crashMsg{v, debug.Stack()}
			a.out.cancel()
			s = ""
		}
	}()
	return a.cfg.Redact.Frame(a.draw(a.w, a.h), a.w)
}

func (a app) draw(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	if a.small() {
		text := fmt.Sprintf("keeptune needs %d columns and %d lines; here are %d and %d. Ctrl+c quits, the session is kept.", leastWidth, leastHeight, w, h)
		return widget.Paragraph(text, w, h, a.cfg.Theme.Glyphs)
	}
	c := a.context()
	over := a.top()
	if _, full := over.(contract.FullScreen); full {
		return widget.Fit(over.View(c, w, h), w, h)
	}
	foot := a.foot(c, w, h)
	body := a.panes[a.screen].View(c, w, h-1-len(foot))
	screen := widget.Stack(w, h, append([]string{a.title(c, w), body}, foot...)...)
	if _, bottom := over.(contract.BottomLine); bottom || over == nil {
		return screen
	}
	return lay(screen, a.over(c, over), w, h)
}

// over draws what lies in the middle of the screen.
func (a app) over(c *contract.Context, o contract.Overlay) string {
	w, h := a.within()
	return o.View(c, w, h)
}

// within is the room for what lies in the middle of the screen.
func (a app) within() (w, h int) { return min(a.w, max(leastWidth, a.w-2)), a.h - 2 }

// settle tells what gets keys its size, as draw gives it.
func (a app) settle() {
	if a.w <= 0 || a.h <= 0 || a.small() {
		return
	}
	c := a.context()
	if over := a.top(); over != nil {
		w, h := a.within()
		if _, full := over.(contract.FullScreen); full {
			w, h = a.w, a.h
		}
		if s, ok := over.(contract.Settler); ok {
			s.Settle(c, w, h)
		}
		return
	}
	if s, ok := a.panes[a.screen].(contract.Settler); ok {
		s.Settle(c, a.w, a.h-1-len(a.foot(c, a.w, a.h)))
	}
}

// compute lets what is on the screen make again what is dear.
func (a app) compute() {
	for _, part := range []any{a.panes[a.screen], a.top()} {
		if p, ok := part.(contract.Computer); ok {
			p.Compute(a.context())
		}
	}
}

// corner is where a block in the middle of a screen begins.
func corner(block []string, w, h int) (left, top int) {
	bw := 0
	for _, l := range block {
		bw = max(bw, widget.Width(l))
	}
	return max(0, (w-bw)/2), max(0, (h-len(block))/2)
}

// lay puts a block in the middle of a screen.
func lay(screen, block string, w, h int) string {
	under, on := strings.Split(screen, "\n"), strings.Split(block, "\n")
	bw := 0
	for _, l := range on {
		bw = max(bw, widget.Width(l))
	}
	left, top := corner(on, w, h)
	clear := left <= 2 // no crumbs of what is below at the sides
	for i, l := range on {
		y := top + i
		switch {
		case y >= len(under):
		case clear:
			under[y] = widget.FitLine(strings.Repeat(" ", left)+l, w)
		default:
			under[y] = widget.FitLine(ansi.Cut(under[y], 0, left), left) + l +
				widget.FitLine(ansi.Cut(under[y], left+bw, w), w-left-bw)
		}
	}
	return strings.Join(under, "\n")
}

// title is the first line: what is open, whether it is saved, what runs.
func (a app) title(c *contract.Context, w int) string {
	th := a.cfg.Theme
	name := a.name()
	if a.s.Dirty() {
		name += " " + th.Glyphs.Changed + " unsaved"
	}
	does := "back"
	if a.screen == contract.Tune && !a.inspects {
		does = "quit"
	}
	help := a.keys.Key(keymap.ScopeGlobal, keymap.ShowHelp) + " help"
	right := help + "   " + a.keys.Key(keymap.ScopeGlobal, keymap.Back) + " " + does + " "
	if o := a.top(); o != nil && !slices.ContainsFunc(o.Keys(c).Bindings, func(b keymap.Binding) bool { return b.ID == keymap.ShowHelp }) {
		right = "" // what lies over the screen has its keys in its own last line
	}
	if worse := pane.WorseLeg(c); worse != nil {
		leg := pane.Worse(worse)
		if w < 60 { // the last line has help, too
			leg, right = strings.Replace(leg, " is worse:", "", 1), ""
		}
		right = strings.TrimRight(leg+"   "+right, " ") + " "
	}
	if a.screen == contract.Tune && pane.Chip(c) == "" && a.top() == nil {
		room := w - len(" keeptune  ") - 2
		right = withTarget(a.cfg.Redact.Text(a.s.Document().Target), a.keys.Key(keymap.ScopeGlobal, keymap.Test), right, help, room, widget.Width(name), th.Glyphs)
	}
	if chip := pane.Chip(c); chip != "" && a.screen != contract.Test { // a number that runs stands on one line only
		right = chip + "   " + right
	}
	if a.trial.state.Open {
		right = "TRIAL " + a.trialLeft() + "  " + a.keys.Key(keymap.ScopeGlobal, keymap.TryHere) + " ends it   " + right
	}
	own := " keeptune  "
	if a.cfg.Redact != nil {
		own = " redacted  "
	} else if widget.Width(own+name+"  "+right) > w { // the session's name says more than the program's
		own = " "
	}
	if room := w - widget.Width(own+"  "+right); room > 2 {
		name = widget.Middle(name, room, th.Glyphs.Ellipsis)
	}
	return widget.Line(w, th.Glyphs.Ellipsis, widget.Fixed(own, th.Title),
		widget.Elastic(name, th.Plain), widget.Part{Text: "  " + right, Style: th.Plain, Keep: true})
}

// leastTarget is how much of a target has to be seen to be worth its place, leastName
// what the session's name keeps beside it.
const (
	leastTarget = 16
	leastName   = 11
)

// withTarget puts what the live test would connect to before the right end of the
// first line, in w cells that it shares with a name: before all of it or, where that is
// too long, in the place of the keys, which the last line has, too; and then in that of
// a part of the name.
func withTarget(target, key, right, help string, w, name int, g theme.Glyphs) string {
	lead := key + " tests "
	if target == "" {
		target = "the built-in server"
	}
	target = model.Clean(target, 200)
	short, _, _ := strings.Cut(right, help)
	for _, try := range []struct {
		end   string
		name  int
		least int // of the target
	}{{right, name, widget.Width(target)}, {short, name, widget.Width(target)}, {short, min(name, leastName), leastTarget}} {
		if room := w - try.name - widget.Width(lead+"   "+try.end); room >= try.least {
			return strings.TrimRight(lead+widget.Middle(target, room, g.Ellipsis)+"   "+try.end, " ") + " "
		}
	}
	return right
}

// name is the session's, as a person knows it.
func (a app) name() string {
	name := a.s.Document().Name
	if a.file != "" {
		name = strings.TrimSuffix(filepath.Base(a.file), ".toml")
	}
	if name == "" {
		name = cmp.Or(a.cfg.Title, "new session")
	}
	return model.Clean(a.cfg.Redact.Text(name), 60)
}

// foot is the lines below the body: the verdict or a sentence, the screens,
// the keys.
func (a app) foot(c *contract.Context, w, h int) []string {
	if p := a.top(); p != nil {
		if _, bottom := p.(contract.BottomLine); bottom {
			lines := strings.Split(p.View(c, w, 2), "\n")
			return append(lines, widget.Hints(pad(p.Keys(c).Footer(5)), "", w, a.cfg.Theme))
		}
	}
	lines := a.line(c, w)
	if a.screen != contract.Tune {
		above := []string{widget.Rule("", w, a.cfg.Theme)}
		if w >= 76 {
			above = append(above, pane.LimitLine(c, w))
		} else {
			above = append(above, pane.ShortLimitLine(c, w))
		}
		lines = append(above, lines...)
	}
	if h >= fullHeight {
		lines = append(lines, a.tabs(c, w))
	}
	return append(lines, a.hints(c, w))
}

// said is what was just said or what the pane says, "" for nothing.
func (a app) said(c *contract.Context) (text string, bad bool) {
	if a.note != "" {
		return a.note, a.bad
	}
	if n, ok := a.panes[a.screen].(contract.Noter); ok {
		return n.Note(c)
	}
	return "", false
}

// saidLines bounds what one sentence takes away from the body.
const saidLines = 6

// line is what is said, on as many lines as it needs, or why the verdict is what
// it is.
func (a app) line(c *contract.Context, w int) []string {
	text, bad := a.said(c)
	if text == "" {
		return pane.ReasonLine(c, a.screen, w)
	}
	lead := " "
	if bad {
		lead = a.cfg.Theme.Bad.Render(" ! ")
	}
	lines := widget.Wrap(model.Clean(text, 600), max(1, w-1-widget.Width(lead)))
	if len(lines) > saidLines {
		dots := a.cfg.Theme.Glyphs.Ellipsis
		lines = append(lines[:saidLines-1], widget.Cut(lines[saidLines-1]+dots, w-4, dots))
	}
	for i, l := range lines {
		lines[i] = widget.FitLine(lead+l, w)
		lead = strings.Repeat(" ", widget.Width(lead))
	}
	return lines
}

// tabs names the screens, and the keys that work on all of them.
func (a app) tabs(c *contract.Context, w int) string {
	names := slices.Clone(contract.ScreenNames)
	if n := pane.Grave(c); n > 0 {
		names[contract.Why] += " (" + strconv.Itoa(n) + ")"
	}
	need := 1
	for _, n := range names {
		need += 4 + widget.Width(n)
	}
	right := ""
	key := func(id keymap.ID) string { return a.keys.Key(keymap.ScopeGlobal, id) }
	last := key(keymap.Undo) + " undo  " + key(keymap.Save) + " save "
	all := key(keymap.Test) + " test  " + key(keymap.Export) + " export  " + last
	for _, keys := range []string{all, last} {
		if need+widget.Width(keys) <= w {
			right = keys
			break
		}
	}
	left := max(0, w-widget.Width(right)-1)
	return " " + widget.Tabs(names, int(a.screen), left, a.cfg.Theme) + a.cfg.Theme.Muted.Render(right)
}

// hints are the most useful keys of what has the focus.
func (a app) hints(c *contract.Context, w int) string {
	scope := a.scope(c)
	hints := pad(scope.Footer(7))
	last := ""
	if !scope.Over {
		last = a.keys.Key(keymap.ScopeGlobal, keymap.ShowHelp)
		hints = append(hints, keymap.Hint{Key: last, Text: "help"})
	}
	return widget.Hints(hints, last, w, a.cfg.Theme)
}

func pad(hints []keymap.Hint) []keymap.Hint {
	if len(hints) > 0 {
		hints[0].Key = " " + hints[0].Key
	}
	return hints
}
