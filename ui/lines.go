package ui

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/term"
	"example.com/keeptune/ui/widget"
)

// lineWidth is where lines of a session in lines are broken, at spaces.
const lineWidth = 79

// A lines is a session in lines: the same model as the screen's, which is asked with
// typed words and answers with lines that are never drawn over.
type lines struct {
	app     app
	to      io.Writer
	err     error
	msgs    chan tea.Msg
	pending int // commands whose message is still to come
	quit    bool

	place    int    // the number of the selected setting, from 1; 0 is none
	verdict  string // as it was told last
	searches bool   // as was told last, of the search for settings that meet goals
	running  bool
	watched  bool // packets, as was told last
	asked    *contract.Asked
	waits    bool // the last thing written is the prompt
}

// RunLines is [Run] without a screen: prompts and answers in lines, for screen readers
// and terminals that cannot move the cursor. Nothing is drawn over, and whatever changes
// is told in a new line.
func RunLines(ctx context.Context, c Config) (Result, error) {
	watch := term.NewWatch(ctx)
	defer watch.Stop()
	inner, cancel := context.WithCancel(watch.Context())
	defer cancel()
	l := newLines(newApp(inner, cancel, c), c.Out)
	typed := make(chan string)
	go func() { // ends with the program: a read of a terminal cannot be cut short
		defer close(typed)
		in := bufio.NewScanner(c.In)
		for in.Scan() {
			select {
			case typed <- in.Text():
			case <-inner.Done():
				return
			}
		}
	}()
	l.talk(inner, typed)
	cancel()
	l.app.out.session = l.app.s
	r, err := l.app.out.finish(c, watch.ExitCode(), l.err)
	r.Recent = l.app.out.used(c.Welcome)
	return r, err
}

func newLines(a app, to io.Writer) *lines {
	a.w, a.h = lineWidth+1, 1000
	a.words, a.keys = true, keymap.New() // sentences that name a key name a word of lineKeys
	return &lines{app: a, to: to, msgs: make(chan tea.Msg, 16)}
}

// talk goes on until the person leaves, the input ends or the context does.
func (l *lines) talk(ctx context.Context, typed <-chan string) {
	l.say("keeptune, in lines. Type help for the words, quit to leave.")
	l.start(l.app.Init())
	l.tell()
	l.prompt(ctx)
	for !l.quit && l.err == nil {
		select {
		case <-ctx.Done():
			return
		case line, ok := <-typed:
			if !ok {
				l.say("")
				return
			}
			l.waits = false // the person's own end of line
			l.heard(strings.TrimSpace(line))
		case m := <-l.msgs:
			l.took(m)
		}
		l.tell()
		l.prompt(ctx)
	}
}

// prompt waits for what is quick, tells it, and asks for the next line.
func (l *lines) prompt(ctx context.Context) {
	for l.pending > 0 && !l.app.test.view.Running && !l.watches() && !l.quit {
		select {
		case <-ctx.Done():
			return
		case m := <-l.msgs:
			l.took(m)
			l.tell()
		}
	}
	if !l.quit && !l.waits {
		l.write("> ")
		l.waits = true
	}
}

// watches says whether packets are watched, beside whatever is done.
func (l *lines) watches() bool { return l.app.wire.view.Running && l.app.wire.view.Watch }

// start runs a command beside the session.
func (l *lines) start(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	l.pending++
	go func() { l.msgs <- cmd() }()
}

// took takes what a command came back with.
func (l *lines) took(m tea.Msg) {
	l.pending--
	switch m := m.(type) {
	case nil:
		return
	case tea.BatchMsg:
		for _, cmd := range m {
			l.start(cmd)
		}
		return
	case tea.QuitMsg:
		l.quit = true
		return
	case tickMsg:
		return // nothing counts down in lines
	case batch[livetest.Event]:
		l.events(m.items)
	}
	next, cmd := l.app.Update(m)
	l.app = next.(app) //nolint:forcetypeassert // Update returns what it is a method of
	l.start(cmd)
	if l.app.out.crash != nil {
		l.quit = true
	}
}

// events tells what a live test sees, as it comes.
func (l *lines) events(all []livetest.Event) {
	for _, e := range all {
		if l.app.cfg.Told == nil {
			return
		}
		if text := l.app.cfg.Told(e); text != "" {
			l.say("test: " + text)
		}
	}
}

// heard carries out a typed line.
func (l *lines) heard(line string) {
	l.app.note, l.app.bad = "", false
	l.app.now = l.app.cfg.Now()
	if l.asked != nil {
		l.answered(line)
	} else if line != "" {
		l.command(line)
	}
	l.app.out.session = l.app.s
}

// perform asks the session for something.
func (l *lines) perform(x contract.Action) {
	a, cmd := l.app.perform(x)
	l.app = a
	l.start(cmd)
}

// answered takes the answer to what was asked.
func (l *lines) answered(line string) {
	q := l.asked
	if q.Typed != nil {
		if line == "" {
			line = q.Given
		}
		l.asked = nil
		if line == "-" {
			l.perform(contract.Close{})
			l.say("left as it was")
			return
		}
		l.perform(contract.Close{Then: q.Typed(line)})
		return
	}
	if line == "" || strings.EqualFold(line, "leave") {
		l.asked = nil
		l.perform(contract.Close{})
		l.say("left as it was")
		return
	}
	for i, x := range q.Answers {
		if line == fmt.Sprint(i+1) || x.Word != "" && strings.EqualFold(line, x.Word) {
			l.asked = nil
			l.perform(contract.Close{Then: x.Then})
			return
		}
	}
	if strings.EqualFold(line, "quit") {
		l.asked = nil
		l.perform(contract.Close{})
		l.command(line)
		return
	}
	l.say("there is no answer " + model.Clean(line, 40) + "; type a number, or leave")
}

// tell says what has come about since the last line: a sentence, a question, a verdict.
func (l *lines) tell() {
	if v := l.app.test.view; v.Running != l.running {
		if l.running = v.Running; l.running {
			l.say("the test runs; stop ends it, and everything else can be done meanwhile")
		} else {
			l.results()
		}
	}
	if watched := l.watches(); watched != l.watched {
		if l.watched = watched; !watched && l.app.wire.view.Known {
			l.say("the watch ended; export wire-text tells what was seen")
		}
	}
	if n := l.app.note; n != "" {
		lead := ""
		if l.app.bad {
			lead = "not done: "
		}
		l.say(lead + strings.ReplaceAll(n, "Ctrl+r", "redo"))
		l.app.note, l.app.bad = "", false
	}
	if now := l.verdictNow(); now != l.verdict && l.app.top() == nil {
		l.verdict = now
		l.say("verdict: " + now)
	}
	if searches := l.app.search.view.Running; searches != l.searches {
		if l.searches = searches; searches {
			l.say("looking for settings that meet the goals")
		}
	}
	counts := l.app.census.open && l.app.census.view.Busy || l.app.host.Busy || l.app.wire.view.Running && !l.app.wire.view.Watch
	if over := l.app.top(); over != nil && l.asked == nil && !counts && !l.searches {
		l.ask(over)
	}
}

// ask puts the question of an overlay into lines.
func (l *lines) ask(over contract.Overlay) {
	asker, ok := over.(contract.Asker)
	if !ok { // it is for a screen, and its words serve here
		text := strings.TrimRight(over.View(l.app.context(), lineWidth, 1000), " \n")
		if _, full := over.(contract.FullScreen); full { // keys stand on its last line
			text = text[:max(0, strings.LastIndexByte(text, '\n'))]
		}
		for line := range strings.SplitSeq(text, "\n") {
			if line = strings.Trim(line, " |+-"); line != "" {
				l.say(line)
			}
		}
		l.perform(contract.Close{})
		return
	}
	q := asker.Ask(l.app.context())
	switch {
	case q.Typed != nil:
		text := strings.TrimSuffix(strings.TrimSpace(q.Title), ":") + "?"
		if q.Given != "" {
			text += " Enter takes " + q.Given + "."
		}
		l.say(text + " A - leaves it.")
	case len(q.Answers) == 0:
		l.all(append([]string{q.Title}, q.Text...))
		for _, line := range q.Lines {
			l.line(line)
		}
		l.perform(contract.Close{Then: q.Ends})
		return
	default:
		l.all(append([]string{q.Title}, q.Text...))
		for _, line := range q.Lines {
			l.line(line)
		}
		for i, x := range q.Answers {
			word := ""
			if x.Word != "" {
				word = x.Word + ": "
			}
			l.say(fmt.Sprintf("%d  %s%s", i+1, word, x.Label))
			for _, text := range x.Leads {
				l.say("   leads to: " + text)
			}
		}
		l.say("Type a number; Enter alone leaves everything as it is.")
	}
	l.asked = &q
}

func (l *lines) all(texts []string) {
	for _, t := range texts {
		if t != "" {
			l.say(t)
		}
	}
}

// say writes a sentence, broken at spaces.
func (l *lines) say(text string) {
	l.apart()
	text = l.app.cfg.Redact.Text(text)
	lead := len(text) - len(strings.TrimLeft(text, " "))
	for i, part := range widget.Wrap(strings.TrimLeft(text, " "), max(20, lineWidth-lead-2)) {
		if i > 0 {
			part = "  " + part
		}
		l.write(strings.TrimRight(strings.Repeat(" ", lead)+part, " ") + "\n")
	}
}

// line writes a line as it is.
func (l *lines) line(text string) {
	l.apart()
	l.write(l.app.cfg.Redact.Text(model.Clean(text, 4000)) + "\n")
}

// apart ends the line of the prompt, where something comes of itself.
func (l *lines) apart() {
	if l.waits {
		l.waits = false
		l.write("\n")
	}
}

func (l *lines) write(text string) {
	if l.err == nil {
		_, l.err = io.WriteString(l.to, text)
	}
}
