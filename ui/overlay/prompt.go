package overlay

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// Prompt is one line to type at the bottom of the screen: a command, a filter,
// a file name.
type Prompt struct {
	Label    string
	Complete func(text string) []string // whole lines that could be meant
	Done     func(text string) contract.Action
	Change   func(text string) contract.Action // at each key; nil for nothing
	History  []string                          // the latest last
	Hint     string
	Does     string // what Enter does, in a word; "run" where it is empty
	Leaves   string // what Esc does, in a word or two; "cancel" where it is empty
	field    *widget.Field
	back     int
	draft    string
	options  []string
	option   int
}

var _ contract.Overlay = (*Prompt)(nil)

// Begin opens the prompt with a text.
func (p *Prompt) Begin(text string) *Prompt {
	p.field = widget.NewField(text)
	p.field.Limit = 1000
	return p
}

// Bottom says that it is drawn in the last lines, not in the middle.
func (p *Prompt) Bottom() {}

// Keys is what works now.
func (p *Prompt) Keys(c *contract.Context) keymap.Scope {
	s := c.Keys.Scope(keymap.ScopePrompt)
	if p.Complete == nil {
		s = s.Worded(keymap.Complete, "")
	}
	if p.Does != "" {
		s = s.Worded(keymap.Accept, p.Does)
	}
	if p.Leaves != "" {
		s = s.Worded(keymap.Cancel, p.Leaves)
	}
	return s
}

// Update takes a key.
func (p *Prompt) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := p.Keys(c).Find(key)
	before := p.field.Value()
	switch id {
	case keymap.Accept:
		return contract.Close{Then: p.Done(strings.TrimSpace(p.field.Value()))}
	case keymap.Cancel:
		return p.cancel()
	case keymap.Complete:
		p.complete()
		return p.changed(before)
	case keymap.Older, keymap.Newer:
		p.recall(id == keymap.Older)
		return p.changed(before)
	default:
	}
	p.options = nil
	if used := p.field.Update(key); !used && key.String() == "backspace" {
		return p.cancel()
	}
	return p.changed(before)
}

func (p *Prompt) cancel() contract.Action {
	if p.Change != nil {
		return contract.Close{Then: p.Change("")}
	}
	return contract.Close{}
}

func (p *Prompt) changed(before string) contract.Action {
	if p.Change == nil || p.field.Value() == before {
		return nil
	}
	return p.Change(p.field.Value())
}

// complete puts the longest common beginning of all completions; pressed
// again, it goes through them.
func (p *Prompt) complete() {
	if p.Complete == nil {
		return
	}
	if len(p.options) > 1 {
		p.option = (p.option + 1) % len(p.options)
		p.field.Set(p.options[p.option])
		return
	}
	found := p.Complete(p.field.Value())
	if len(found) == 0 {
		return
	}
	slices.Sort(found)
	common := found[0]
	for _, f := range found {
		for !strings.HasPrefix(f, common) {
			common = common[:len(common)-1]
		}
	}
	if len(common) > len(p.field.Value()) || len(found) == 1 {
		p.field.Set(common)
	}
	p.options, p.option = found, -1
}

func (p *Prompt) recall(older bool) {
	if p.back == 0 {
		p.draft = p.field.Value()
	}
	if older {
		p.back = min(p.back+1, len(p.History))
	} else {
		p.back = max(0, p.back-1)
	}
	if p.back == 0 {
		p.field.Set(p.draft)
		return
	}
	p.field.Set(p.History[len(p.History)-p.back])
}

// optionLines is how many lines of completions are shown at most.
const optionLines = 4

// View is the line, and above it what could complete it.
func (p *Prompt) View(c *contract.Context, w, _ int) string {
	line := c.Theme.Title.Render(" "+p.Label) + p.field.View(w-widget.Width(p.Label)-1, c.Theme)
	over := widget.Wrap(p.Hint, w-1)
	if len(p.options) > 1 {
		over = p.offered(w - 1)
	}
	if len(over) == 0 {
		over = []string{""}
	}
	for i, l := range over {
		over[i] = " " + l
	}
	return widget.Stack(w, len(over)+1, append(over, line)...)
}

// offered are the completions in lines of w cells, and how many have no room.
func (p *Prompt) offered(w int) []string {
	lines := []string{""}
	for i, o := range p.options {
		word, left := lastWord(o), len(p.options)-i-1
		at := len(lines) - 1
		next := strings.TrimLeft(lines[at]+"  "+word, " ")
		room := w
		if more := fmt.Sprintf("  and %d more", left); at == optionLines-1 && left > 0 {
			room -= len(more)
		}
		switch {
		case lines[at] == "" || widget.Width(next) <= room:
			lines[at] = next
		case at < optionLines-1:
			lines = append(lines, word)
		default:
			lines[at] += fmt.Sprintf("  and %d more", left+1)
			return lines
		}
	}
	return lines
}

func lastWord(s string) string { return s[strings.LastIndexAny(strings.TrimSpace(s), " :,")+1:] }
