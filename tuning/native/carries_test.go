package native_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning/native"
)

// plain is a file's text with its comments joined: marks and folds taken away.
func plain(content []byte) string {
	words := strings.FieldsFunc(readable(content), func(r rune) bool { return strings.ContainsRune(" \n\t\"", r) })
	marks := []string{"#", "//", ";", "!", "%%", "rem", "<!--", "-->"}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return slices.Contains(marks, w) }), " ")
}

// fold is a sentence as plain shows it.
func folded(text string) string { return plain([]byte(text)) }

// TestEveryExportCarries holds each file of each fixture against what a person
// who pastes it needs: who made it when and for which path, where it goes,
// whether it was run, what must happen, the notes, how it is undone, and the
// session.
func TestEveryExportCarries(t *testing.T) {
	c := model.Embedded()
	seen := map[string]bool{}
	for name, a := range fixtureFiles(t) {
		req, to := fixtureRequest(t, c, a.head)
		f := format(t, to)
		files, err := f.Render(req)
		if refused(err) {
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, file := range files {
			if file.UndoName == "" {
				continue // a ticket, a session
			}
			seen[to] = true
			text, undo := plain(file.Content), plain(file.Undo)
			for what, want := range map[string]string{
				"maker and date": "keeptune 0.1.0 export " + to + ", 2026-11-21, knowledge of " + model.KnowledgeDate,
				"path":           "Path: " + req.Document.Path.String(),
				"endpoint":       "For " + string(file.Endpoint) + ".",
				"undo":           "Undo: " + file.UndoName + " beside this file.",
			} {
				if !strings.Contains(text, folded(want)) {
					t.Errorf("%s: %s does not say its %s: %s", name, file.Name, what, want)
				}
			}
			if !strings.Contains(text, "Checked with ") && !strings.Contains(text, "Not run for ") {
				t.Errorf("%s: %s does not say whether it was run", name, file.Name)
			}
			if len(file.Effect) == 0 {
				t.Errorf("%s: %s does not say what must happen", name, file.Name)
			}
			for _, e := range file.Effect {
				if !strings.Contains(text, folded("Effect: "+e)) || !strings.Contains(undo, folded("Effect: "+e)) {
					t.Errorf("%s: %s or its undo does not say: %s", name, file.Name, e)
				}
			}
			for _, n := range file.Notes {
				if !strings.Contains(text, folded("Note: "+n)) {
					t.Errorf("%s: %s does not say: %s", name, file.Name, n)
				}
			}
			if head := folded(fmt.Sprintf("keeptune 0.1.0 undo %s, 2026-11-21", to)); !strings.Contains(undo, head) ||
				!strings.Contains(undo, folded("Brings back what was before "+file.Name)) {
				t.Errorf("%s: %s does not say what it undoes", name, file.UndoName)
			}
			if im, err := f.Parse(file.Name, file.Content, c); err != nil || im.Document == nil || !im.Document.Equal(req.Document) {
				t.Errorf("%s: %s does not open its session again: %v", name, file.Name, err)
			}
			otherEnds(t, name, req, files, file)
		}
	}
	for _, f := range native.Formats() {
		if !seen[f.ID()] && !slices.Contains([]string{"markdown", "json", "session"}, f.ID()) {
			t.Errorf("no fixture writes %s", f.ID())
		}
	}
}

// otherEnds fails where a file keeps silent about changes of another endpoint
// that none of the files beside it says.
func otherEnds(t *testing.T, name string, req native.Request, files []native.File, file native.File) {
	t.Helper()
	for _, e := range req.Document.Path.Endpoints {
		changed := slices.ContainsFunc(native.Suggested(req), func(f native.Format) bool {
			return f.ID() != file.Format
		}) && e.ID != file.Endpoint
		written := slices.ContainsFunc(files, func(f native.File) bool { return f.Endpoint == e.ID })
		if len(e.Settings) == 0 || !changed || written {
			continue
		}
		if !slices.ContainsFunc(file.Notes, func(n string) bool { return strings.HasPrefix(n, string(e.ID)) }) {
			t.Errorf("%s: %s does not name the changes of %s", name, file.Name, e.ID)
		}
	}
}

// TestOddTimesAreSaidOrRefused gives every time that can be set a value with a
// fraction of a millisecond: a format writes just that, or refuses it by name.
// None writes a neighbour.
func TestOddTimesAreSaidOrRefused(t *testing.T) {
	c := model.Embedded()
	all, err := c.All()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range all {
		for _, p := range s.Params {
			if !s.Settable(p, s.Assume) || p.Shape() != model.ShapeSpan {
				continue
			}
			if n++; !lawcheck.Picks(n) {
				continue
			}
			d, place := pathWith(t, c, s, p)
			at := d.Path.Endpoints[place].ID
			for _, odd := range []string{"61500100us", "61500ms", "301s"} {
				v, err := p.ParseValue(odd)
				if err != nil {
					continue // a session refuses it: out of range
				}
				changed, err := d.With(model.Set{Endpoint: at, Param: p.ID, Setting: model.Typed(v)}, c)
				if err != nil {
					t.Fatal(err)
				}
				oddFiles(t, c, request(t, c, changed), at, p, v)
			}
		}
	}
}

func oddFiles(t *testing.T, c *model.Catalog, req native.Request, at model.EndpointID, p *model.Param, v model.Value) {
	t.Helper()
	for _, f := range native.Formats() {
		if !f.Fits(req) || slices.Contains([]string{"markdown", "json", "session", "htaccess"}, f.ID()) {
			continue
		}
		files, err := f.Render(req)
		if cannot, ok := errors.AsType[*native.InexpressibleError](err); ok {
			if cannot.Endpoint != at || cannot.Target == "" || cannot.Why == "" {
				t.Errorf("%s %s=%s: the refusal names too little: %v", f.ID(), p.ID, v, err)
			}
			continue
		}
		if err != nil {
			continue // it does not write this parameter
		}
		said := false
		for _, file := range files {
			im, err := f.Parse(file.Name, file.Content, c)
			if err != nil {
				t.Fatalf("%s %s=%s: %v", f.ID(), p.ID, v, err)
			}
			if got, ok := im.Settings[p.ID]; ok {
				if said = true; got.Value != v {
					t.Errorf("%s says %s for %s=%s\n%s", f.ID(), got.Value, p.ID, v, readable(file.Content))
				}
			}
			said = said || slices.ContainsFunc(file.Notes, func(n string) bool { return strings.Contains(n, p.Name) })
		}
		if !said {
			t.Errorf("%s writes a file that does not say %s=%s", f.ID(), p.ID, v)
		}
	}
}
