// Package preset holds the paths to start from, and what each symptom leads to: a
// path, the rules to look at and the test to run. Both are data, presets.toml.
package preset

import (
	_ "embed" // the presets
	"fmt"
	"slices"
	"strings"
	"sync"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
)

//go:embed presets.toml
var file string

// A Preset is a path as many have it, with what is taken to be so on it.
type Preset struct {
	ID      string
	Title   string
	Path    string         // as the command line has it
	Assume  []string       // what is taken to be so until somebody says better, as --set has it
	Leg     int            // the leg to look at, from 1
	At      string         // whose setting to stand on: client, server or middlebox
	Role    model.Role     // of that setting; the idle timeout where none is given
	Verdict tuning.Verdict // of that leg; a test holds it
	Rule    string         // the finding that it shows; empty where nothing is wrong
	Shows   string         // what it shows, in a sentence without a full stop
}

// A Start is what a symptom leads to.
type Start struct {
	Symptom tuning.Symptom
	Text    string                          // the symptom as somebody would say it
	Preset  string                          // the id of the path
	Rules   []string                        // to look at, the most telling first
	Test    map[livetest.Measurement]string // what the live test measures besides, as its plan has it
	Say     string                          // what is assumed, and the next key
}

type entries struct {
	Preset  []Preset
	Symptom []Start
}

var all = sync.OnceValue(func() entries {
	e, err := decode(file)
	if err != nil {
		panic(err) // a test reads the file that is carried
	}
	return e
})

// All are the presets, in the order in which they are listed.
func All() []Preset { return slices.Clone(all().Preset) }

// Starts are the symptoms, in the order in which they are asked.
func Starts() []Start { return slices.Clone(all().Symptom) }

// Find is the preset of that id, in any letter case. The error names all.
func Find(id string) (Preset, error) {
	var ids []string
	for _, p := range all().Preset {
		if strings.EqualFold(p.ID, strings.TrimSpace(id)) {
			return p, nil
		}
		ids = append(ids, p.ID)
	}
	return Preset{}, fmt.Errorf("there is no preset %q; there are %s", model.Clean(id, 40), strings.Join(ids, ", "))
}

// Of is what a symptom leads to; false for none.
func Of(s tuning.Symptom) (Start, bool) {
	if s == tuning.SymptomNone {
		return Start{}, false
	}
	for _, x := range all().Symptom {
		if x.Symptom == s {
			return x, true
		}
	}
	return Start{}, false
}

// LooksAt is the place of a rule among those that a symptom makes one look at, from
// 0; their number for any other.
func LooksAt(s tuning.Symptom, rule string) int {
	x, _ := Of(s)
	if i := slices.Index(x.Rules, rule); i >= 0 {
		return i
	}
	return len(x.Rules)
}

// Document is the preset in the place of the path of d. What it takes to be so has the
// origin assumed. Errors are those of the path and of the assignments.
func (p *Preset) Document(d model.Document, c *model.Catalog) (model.Document, error) {
	var err error
	if d.Path, err = model.ParsePath(p.Path, c); err != nil {
		return d, err
	}
	return Assume(d, p.Assume, c)
}

// Assume is a document with settings that nobody gave yet, each as --set has it.
func Assume(d model.Document, sets []string, c *model.Catalog) (model.Document, error) {
	for _, set := range sets {
		edits, err := model.ParseAssignment(set, d, c)
		if err != nil {
			return d, err
		}
		for _, e := range edits {
			switch x := e.(type) {
			case model.Set:
				x.Setting.Origin.Kind = model.FromAssumed
				e = x
			case model.SetQuantity:
				x.Setting.Origin.Kind = model.FromAssumed
				e = x
			default:
			}
			if d, err = d.With(e, c); err != nil {
				return d, err
			}
		}
	}
	return d, nil
}

// decode reads the file; the error names what a person has to mend.
func decode(text string) (entries, error) {
	var e entries
	if err := model.ReadTOML("presets.toml", []byte(text), &e); err != nil {
		return e, err
	}
	ids := map[string]bool{}
	for i := range e.Preset {
		p := &e.Preset[i]
		if p.Role == "" {
			p.Role = model.RoleIdle
			if p.At == "middlebox" {
				p.Role = model.RoleMiddleboxTTL
			}
		}
		switch {
		case p.ID == "" || ids[p.ID]:
			return e, fmt.Errorf("presets.toml: preset %d needs an id of its own, not %q", i+1, p.ID)
		case p.Title == "" || p.Path == "" || p.Shows == "":
			return e, fmt.Errorf("presets.toml: preset %s needs title, path and shows", p.ID)
		case p.Leg < 1:
			return e, fmt.Errorf("presets.toml: preset %s needs the leg to look at, from 1", p.ID)
		case !slices.Contains([]string{"client", "server", "middlebox"}, p.At):
			return e, fmt.Errorf("presets.toml: preset %s is at %q; it takes client, server or middlebox", p.ID, p.At)
		}
		ids[p.ID] = true
	}
	for i := range e.Symptom {
		s := &e.Symptom[i]
		switch {
		case s.Symptom == tuning.SymptomNone || s.Text == "":
			return e, fmt.Errorf("presets.toml: symptom %d needs symptom and text", i+1)
		case !ids[s.Preset]:
			return e, fmt.Errorf("presets.toml: symptom %s leads to the preset %q, which is not there", s.Symptom, s.Preset)
		}
		for m, value := range s.Test {
			switch choice := choiceOf(m); {
			case choice == nil:
				return e, fmt.Errorf("presets.toml: symptom %s tests %q; what is chosen of a test is %v", s.Symptom, m, livetest.Choices())
			case choice.Format == "" && !slices.Contains(choice.Values, value):
				return e, fmt.Errorf("presets.toml: symptom %s has %s = %q; it takes %s", s.Symptom, m, value, strings.Join(choice.Values, " or "))
			}
		}
	}
	return e, nil
}

// choiceOf is how a measurement is chosen; nil for what is none, or is usual.
func choiceOf(m livetest.Measurement) *livetest.Choice {
	if !slices.Contains(livetest.Choices(), m) {
		return nil
	}
	return m.Choice()
}
