package native

import (
	"slices"

	"example.com/keeptune/model"
)

// A page is a file while it is written: the export, or its undo.
type page struct {
	*target
	items   []item
	undo    bool
	comment func(string) string
	lines   []string
	notes   []string
}

// add writes lines as they stand.
func (p *page) add(lines ...string) { p.lines = append(p.lines, lines...) }

// say writes a comment, folded.
func (p *page) say(indent, text string) {
	for _, l := range fold(text, headerWidth-len(indent)) {
		p.add(indent + p.comment(l))
	}
}

// reasons writes why above the items, each sentence once.
func (p *page) reasons(indent string, items ...item) {
	var said []string
	for _, it := range items {
		for _, w := range it.why {
			if !slices.Contains(said, w) {
				p.say(indent, w)
				said = append(said, w)
			}
		}
	}
}

// put writes an item's reasons and its line; of one that was not set before,
// an undo writes the reasons only.
func (p *page) put(indent string, it item, line string) {
	p.reasons(indent, it)
	if !it.gone {
		p.add(indent + line)
	}
}

// gap writes an empty line unless the page begins or one stands there.
func (p *page) gap() {
	if n := len(p.lines); n > 0 && p.lines[n-1] != "" {
		p.add("")
	}
}

// note is a sentence for the header and for the person who exports.
func (p *page) note(text string) { p.notes = append(p.notes, text) }

// has lists the items among these parameters.
func (p *page) has(ids ...model.ParamID) []item {
	var found []item
	for _, id := range ids {
		if it, ok := pick(p.items, id); ok {
			found = append(found, it)
		}
	}
	return found
}

// value is what a parameter comes to when this page is in force: its item, or
// what applies now.
func (p *page) value(id model.ParamID) item {
	if it, ok := p.effective(p.items, id); ok {
		return it
	}
	return item{}
}

// allGone reports whether an undo has nothing to write for these items.
func allGone(items []item) bool {
	for _, it := range items {
		if !it.gone {
			return false
		}
	}
	return true
}
