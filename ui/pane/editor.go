package pane

import (
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/widget"
)

// An editor is the open value of a setting. It begins with the value that is
// there; the first character typed takes its place, as in a spreadsheet.
type editor struct {
	cell  *cell
	param *model.Param
	was   string // the value in force, to be read
	field *widget.Field
	fresh bool
	value model.Value
	err   error
	old   []string // typed before for this setting, the latest last
	back  int      // how far back in old; 0 is what is being typed
	draft string
}

// open begins to edit a cell.
func openEditor(c *cell, old []string) *editor {
	text := c.row.Value.String()
	if d, ok := c.row.Value.Duration(); ok && d != model.Never {
		text = strings.ReplaceAll(model.HumanSpan(d), " ", "")
		if again, err := model.ParseSpan(text, time.Second); err != nil || again != d {
			text = c.row.Value.String()
		}
	}
	if !c.row.Value.IsSet() || c.row.Value == model.ValueUnknown {
		text = ""
	}
	return &editor{cell: c, param: c.row.Param, was: c.filled().value, field: widget.NewField(text), fresh: true, value: c.row.Value, old: old}
}

// update takes a key; done says that the field is to be closed.
func (e *editor) update(scope keymap.Scope, key tea.KeyMsg) (id keymap.ID, done bool) {
	id, _ = scope.Find(key)
	switch id {
	case keymap.Accept, keymap.AcceptNext:
		return id, e.fresh || e.err == nil
	case keymap.Cancel:
		return id, true
	case keymap.Older:
		e.recall(1)
		return id, false
	case keymap.Newer:
		e.recall(-1)
		return id, false
	default:
	}
	if e.fresh && key.Type == tea.KeyRunes {
		e.field.Set("")
	}
	if used := e.field.Update(key); !used && key.String() == "backspace" {
		return keymap.Cancel, true
	}
	e.fresh = false
	e.parse()
	return "", false
}

func (e *editor) recall(by int) {
	if e.back == 0 {
		e.draft = e.field.Value()
	}
	to := max(0, min(e.back+by, len(e.old)))
	if to == e.back {
		return
	}
	e.back = to
	text := e.draft
	if to > 0 {
		text = e.old[len(e.old)-to]
	}
	e.field.Set(text)
	e.fresh = false
	e.parse()
}

func (e *editor) parse() {
	if e.field.Empty() {
		e.value, e.err = model.Value{}, nil
		return
	}
	e.value, e.err = e.param.ParseValue(e.field.Value())
}

// preview is what the typed text would change, nothing while it is no value.
func (e *editor) preview() contract.Action {
	if e.fresh || e.err != nil || e.field.Empty() {
		return contract.Preview{}
	}
	return contract.Preview{Edits: e.edits()}
}

func (e *editor) edits() []model.Edit {
	return []model.Edit{e.cell.edit(e.value)}
}

// note is what the line under the screen says while the field is open.
func (e *editor) note(c *contract.Context) (text string, bad bool) {
	switch {
	case e.fresh || e.field.Empty():
		return takes(e.cell.name(), e.param), false
	case e.err != nil:
		return e.err.Error(), true
	case !e.value.IsSet():
		return e.cell.name() + " back to its default.  " + taken(c, e.keeps()), false
	}
	text = e.cell.name() + " = " + e.value.Human()
	if s := e.field.Value(); e.param.Shape() == model.ShapeSpan && e.param.Unit != model.UnitSecond && strings.Trim(s, "0123456789") == "" {
		return text + ": a bare number is " + unitWord(e.param.Unit) + " here; " + s + "s would be seconds", false
	}
	return text + "  " + taken(c, e.keeps()), false
}

// taken names the keys that end an open field, and what the second does.
func taken(c *contract.Context, keeps string) string {
	return c.Keys.Key(keymap.ScopeField, keymap.Accept) + " takes it, " + c.Keys.Key(keymap.ScopeField, keymap.Cancel) + " " + keeps
}

// back is the key that goes one step back; where q leads the bindings, the second of them.
func back(c *contract.Context) string {
	for _, b := range c.Keys.Scope(keymap.ScopeGlobal).Bindings {
		if b.ID == keymap.Back && slices.Contains(b.Keys, "esc") {
			return keymap.Label("esc")
		}
	}
	return c.Keys.Key(keymap.ScopeGlobal, keymap.Back)
}

// keeps is what Esc does.
func (e *editor) keeps() string {
	if e.was == notGiven {
		return "leaves it out"
	}
	return "keeps " + e.was
}

// takes says in one short line what a setting can be.
func takes(name string, p *model.Param) string {
	var words []string
	switch p.Shape() {
	case model.ShapeSwitch:
		return name + ": on or off"
	case model.ShapeRate:
		return name + ": a number per second, such as 0.25 or 40"
	case model.ShapeCount:
		words = append(words, "a number")
	default:
		words = append(words, "65, 65s or 1m5s", "a bare number is "+unitWord(p.Unit))
	}
	low, high := p.Range()
	show := func(n int64) string {
		if p.Shape() == model.ShapeSpan {
			return model.FormatSpan(time.Duration(n))
		}
		return model.Times(n).Human()
	}
	if p.Min > 0 {
		words = append(words, "from "+show(low))
	}
	if p.Max > 0 {
		words = append(words, "at most "+show(high))
	}
	switch p.Zero {
	case model.ZeroOff:
		words = append(words, "off")
	case model.ZeroNever:
		words = append(words, "never")
	case model.ZeroUnset, model.ZeroLiteral, model.ZeroInvalid:
	}
	return name + ": " + strings.Join(words, ", ")
}

func unitWord(u model.Unit) string {
	switch u {
	case model.UnitMillisecond:
		return "ms"
	case model.UnitMicrosecond:
		return "us"
	case model.UnitMinute:
		return "minutes"
	case model.UnitHalfSecond:
		return "half seconds"
	default:
		return "seconds"
	}
}

// view draws the field in w cells.
func (e *editor) view(w int, th theme.Theme) string {
	if e.fresh {
		return widget.FitLine(th.Selected.Render(widget.Cut(" "+e.field.Value()+" ", w, "")), w)
	}
	return e.field.View(w, th)
}
