// Package keymap holds every key of keeptune, once. The footer, the help
// overlay, docs/keys.md and the man page are made from it, so they
// cannot say what is not so.
//
// No binding lies on a key that a terminal cannot tell from another (ctrl+m,
// ctrl+i, ctrl+h, ctrl+[) or that tmux, screen or flow control take (ctrl+b,
// ctrl+a, ctrl+s, ctrl+q); a test holds that.
package keymap

import (
	"fmt"
	"slices"
	"strings"
)

// An ID names what a key does, for remapping and for the switch that does it.
type ID string

// A ScopeID names where a binding works.
type ScopeID string

// The scopes. Global works beside every pane scope; the overlay scopes (Text
// true or Over true) stand alone, since an overlay gets every key.
const (
	ScopeGlobal     ScopeID = "global"
	ScopeTune       ScopeID = "tune" // the compare screen
	ScopePathBar    ScopeID = "path" // the path on the compare screen, while it is edited
	ScopeInspector  ScopeID = "inspector"
	ScopeFindings   ScopeID = "why"      // the steps behind the verdict of a leg
	ScopeList       ScopeID = "findings" // the findings of the whole path
	ScopeTest       ScopeID = "test"
	ScopePlan       ScopeID = "plan" // what a live test measures
	ScopeExport     ScopeID = "export"
	ScopeJournal    ScopeID = "journal"
	ScopeField      ScopeID = "field"      // an open value
	ScopePrompt     ScopeID = "prompt"     // the : command line and the / filter
	ScopePicker     ScopeID = "picker"     // choosing a system
	ScopeNamespaces ScopeID = "namespaces" // choosing a network namespace
	ScopeConfirm    ScopeID = "confirm"    // a yes or no question
	ScopeCensus     ScopeID = "census"     // this host's sockets
	ScopeHost       ScopeID = "host"       // what this host has in force
	ScopeWire       ScopeID = "wire"       // what packets prove
	ScopeView       ScopeID = "view"       // text over the whole screen
	ScopeTradeOff   ScopeID = "trade-off"
	ScopeRemedies   ScopeID = "remedies" // what would put a finding right
	ScopeWelcome    ScopeID = "welcome"
	ScopeCompare    ScopeID = "compare" // before and now, side by side
	ScopeSystem     ScopeID = "entry"   // the page of a system
	ScopeOptions    ScopeID = "options" // what can be set about the program
	ScopeKeys       ScopeID = "keys"    // every binding, to be changed
	ScopePress      ScopeID = "press"   // where the next key becomes a binding's
	ScopeGoals      ScopeID = "goals"   // what the path is to do, and what does it
	ScopeHelp       ScopeID = "help"
)

// A Hint is a key and the few words that say what it does. It is an alias of
// an unnamed type so that drawing code need not import this package.
type Hint = struct{ Key, Text string }

// A Binding ties keys to one thing they do. Keys are spelled as Bubble Tea
// spells them ("up", "ctrl+r", "shift+tab", "+"); the first is the one shown.
type Binding struct {
	ID    ID
	Keys  []string
	Short string // one or two words for the footer; "" keeps it out of there
	Long  string // for help, docs and man
}

// Hint returns the first key and the short text.
func (b Binding) Hint() Hint {
	text := b.Short
	if text == "" {
		text = b.Long
	}
	if len(b.Keys) == 0 {
		return Hint{Text: text}
	}
	return Hint{Key: Label(b.Keys[0]), Text: text}
}

// Labels returns all keys as a person reads them, for example "up k".
func (b Binding) Labels() string {
	out := make([]string, len(b.Keys))
	for i, k := range b.Keys {
		out[i] = Clear(k)
	}
	return strings.Join(out, " ")
}

// A Scope is the set of bindings that work in one place, the most useful
// first.
type Scope struct {
	ID       ScopeID
	Title    string // how the footer names the focused pane
	Text     bool   // keys that are characters go into a field, none may be bound
	Over     bool   // stands over the screen: global bindings do not work
	Bindings []Binding
}

// Find returns what the key does here. The key is a tea.KeyMsg or anything
// that spells a key in the same way.
func (s Scope) Find(key fmt.Stringer) (ID, bool) { return s.Lookup(key.String()) }

// Lookup is Find for a key that is spelled already.
func (s Scope) Lookup(key string) (ID, bool) {
	for _, b := range s.Bindings {
		if slices.Contains(b.Keys, key) {
			return b.ID, true
		}
	}
	return "", false
}

// Footer returns the hints of the first n bindings that have a short text.
func (s Scope) Footer(n int) []Hint {
	var out []Hint
	for _, b := range s.Bindings {
		if len(out) >= n {
			break
		}
		if b.Short != "" && len(b.Keys) > 0 {
			out = append(out, b.Hint())
		}
	}
	return out
}

// Only returns the scope with the bindings keep allows, for actions that must
// be hidden rather than refused.
func (s Scope) Only(keep func(ID) bool) Scope {
	var out []Binding
	for _, b := range s.Bindings {
		if keep(b.ID) {
			out = append(out, b)
		}
	}
	s.Bindings = out
	return s
}

// Worded returns the scope with other words for a binding in the footer.
func (s Scope) Worded(id ID, short string) Scope {
	s.Bindings = slices.Clone(s.Bindings)
	for i := range s.Bindings {
		if s.Bindings[i].ID == id {
			s.Bindings[i].Short = short
		}
	}
	return s
}

// Label spells a key for a narrow place: "^r" for ctrl+r, "S-tab" for
// shift+tab.
func Label(key string) string {
	switch key {
	case "enter", "esc", "tab", "up", "down", "left", "right", "home", "end", "backspace", "delete":
		return strings.ToUpper(key[:1]) + key[1:]
	case "pgup":
		return "PgUp"
	case "pgdown":
		return "PgDn"
	case " ":
		return "Space"
	}
	if rest, ok := strings.CutPrefix(key, "ctrl+"); ok {
		return "^" + rest
	}
	if rest, ok := strings.CutPrefix(key, "shift+"); ok {
		return "S-" + rest
	}
	return key
}

// Clear spells a key so that letter case cannot be missed: "L (shift+l)".
func Clear(key string) string {
	if len(key) == 1 && key[0] >= 'A' && key[0] <= 'Z' {
		return key + " (shift+" + strings.ToLower(key) + ")"
	}
	if rest, ok := strings.CutPrefix(key, "ctrl+"); ok {
		return "Ctrl+" + rest
	}
	if rest, ok := strings.CutPrefix(key, "shift+"); ok {
		return "Shift+" + Label(rest)
	}
	return Label(key)
}
