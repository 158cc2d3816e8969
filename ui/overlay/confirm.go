package overlay

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/widget"
)

// longestLine is how much of a line of a difference is shown, in characters.
const longestLine = 4000

// Confirm asks a question that has a yes and a no, and may offer to save first.
type Confirm struct {
	Title    string
	Text     []string // paragraphs
	Body     []string // lines that are not wrapped: a difference
	Yes, No  string   // what the answers do, in a few words
	Save     string   // "" where saving is not offered
	OnYes    contract.Action
	OnSave   contract.Action
	OnWhere  contract.Action // asks for another network namespace; nil where that is not offered
	top      int
	lines, n int
}

var _ contract.Overlay = (*Confirm)(nil)

// Keys is what works now.
func (o *Confirm) Keys(c *contract.Context) keymap.Scope {
	return c.Keys.Scope(keymap.ScopeConfirm).Only(func(id keymap.ID) bool {
		return (id != keymap.SaveFirst || o.Save != "") && (id != keymap.Namespace || o.OnWhere != nil)
	})
}

// Update takes a key.
func (o *Confirm) Update(c *contract.Context, key tea.KeyMsg) contract.Action {
	id, _ := o.Keys(c).Find(key)
	switch id {
	case keymap.Yes:
		return contract.Close{Then: o.OnYes}
	case keymap.SaveFirst:
		return contract.Close{Then: o.OnSave}
	case keymap.Namespace:
		return contract.Close{Then: o.OnWhere}
	case keymap.No:
		return contract.Close{}
	case keymap.Quit:
		return contract.Close{Then: contract.Quit{Discard: true}}
	default:
		o.top = scrolled(id, o.top, o.lines, o.n)
	}
	return nil
}

// draw draws the question.
func (o *Confirm) draw(c *contract.Context, w, h int) string {
	bw := min(w, 76)
	var lines []string
	for _, p := range o.Text {
		lines = append(lines, wrapped(p, bw-2)...)
	}
	for _, l := range o.Body {
		mark, rest := "", model.Clean(l, longestLine)
		if rest != "" && strings.ContainsAny(rest[:1], "+- ") && !strings.HasPrefix(rest, "--- ") && !strings.HasPrefix(rest, "+++ ") {
			mark, rest = rest[:1], rest[1:]
		}
		for _, l := range widget.Fold(rest, max(1, w-5)) {
			lines = append(lines, " "+mark+l)
		}
	}
	scope := o.Keys(c)
	keys := []keymap.Hint{labelled(scope, keymap.Yes, o.Yes)}
	if o.Save != "" {
		keys = append(keys, labelled(scope, keymap.SaveFirst, o.Save))
	}
	keys = append(keys, labelled(scope, keymap.No, o.No))
	if o.OnWhere != nil {
		keys = append(keys, labelled(scope, keymap.Namespace, "elsewhere"))
	}
	o.lines, o.n = len(lines), max(0, h-3)
	return frameAt(c, o.Title, lines, o.top, keys, w, h)
}
