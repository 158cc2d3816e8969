package model

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// KnowledgeDate is the day on which the embedded catalog was last checked
// against its sources.
const KnowledgeDate = "2026-11-29"

//go:embed catalog/*.toml
var embedded embed.FS

// A Catalog finds systems by id. It reads a system's file when it is first
// asked for, from the topmost layer that has one, and is safe for concurrent use.
type Catalog struct {
	layers []layer // the topmost first
	mu     sync.Mutex
	read   map[SystemID]found

	entries    []*Entry // nil until they are asked for
	entriesErr error
}

type layer struct {
	name string // "" for the embedded files
	fsys fs.FS
}

type found struct {
	system *System
	err    error
}

// Embedded is the catalog that the program carries, one for all.
func Embedded() *Catalog { return carried() }

var carried = sync.OnceValue(func() *Catalog {
	sub, err := fs.Sub(embedded, "catalog")
	if err != nil {
		panic(err) // the folder name is a constant
	}
	return &Catalog{layers: []layer{{fsys: sub}}, read: map[SystemID]found{}}
})

// With is the catalog with a user's folder on top, whose *.toml files add
// systems or replace them whole. The name is the folder's, for messages.
func (c *Catalog) With(name string, fsys fs.FS) *Catalog {
	layers := append([]layer{{name: name, fsys: fsys}}, c.layers...)
	return &Catalog{layers: layers, read: map[SystemID]found{}}
}

// An UnknownSystemError names an id that no file has, and the nearest that exist.
type UnknownSystemError struct {
	ID      string
	Nearest []SystemID
}

// Error is one sentence with the nearest ids.
func (e *UnknownSystemError) Error() string {
	msg := fmt.Sprintf("there is no system %q", Clean(e.ID, 60))
	if len(e.Nearest) > 0 {
		msg += "; did you mean " + joinOr(e.Nearest) + "?"
	}
	return msg + " (keeptune systems lists them all)"
}

func joinOr(ids []SystemID) string {
	var b strings.Builder
	for i, id := range ids {
		switch {
		case i > 0 && i == len(ids)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(string(id))
	}
	return b.String()
}

// System is the system with this id or alias. The error is an
// [*UnknownSystemError], or says which line of its file is wrong.
func (c *Catalog) System(id SystemID) (*System, error) {
	if s, err := c.byID(id); s != nil || err != nil {
		return s, err
	}
	for _, other := range c.IDs() {
		if !c.mentions(other, string(id)) {
			continue
		}
		if s, err := c.byID(other); err == nil && slices.Contains(s.Aliases, string(id)) {
			c.mu.Lock()
			c.read[id] = found{system: s} // the other files need not be searched again
			c.mu.Unlock()
			return s, nil
		}
	}
	err := &UnknownSystemError{ID: string(id), Nearest: c.nearest(string(id))}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.read) < remembered { // a search in vain costs the most
		c.read[id] = found{err: err}
	}
	return nil, err
}

// remembered bounds what is kept of names that somebody typed.
const remembered = 1000

// mentions reports whether a system's topmost file holds this text in quotes,
// so that the search for an alias need not decode them all.
func (c *Catalog) mentions(id SystemID, text string) bool {
	for _, l := range c.layers {
		data, err := fs.ReadFile(l.fsys, string(id)+".toml")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return err == nil && (bytes.Contains(data, []byte(`"`+text+`"`)) || bytes.Contains(data, []byte("'"+text+"'")))
	}
	return false
}

// byID is nil without an error where no layer has the file.
func (c *Catalog) byID(id SystemID) (*System, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.read[id]; ok {
		return f.system, f.err
	}
	f := c.load(id)
	if f.system != nil || f.err != nil {
		c.read[id] = f
	}
	return f.system, f.err
}

func (c *Catalog) load(id SystemID) found {
	name := string(id) + ".toml"
	if !fs.ValidPath(name) || strings.Contains(name, "/") {
		return found{}
	}
	for _, l := range c.layers {
		data, err := fs.ReadFile(l.fsys, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		file := name
		if l.name != "" {
			file = l.name + "/" + name
		}
		if err != nil {
			return found{err: fmt.Errorf("%s cannot be read: %w", file, err)}
		}
		s, err := DecodeSystem(file, data)
		if err == nil && s.ID != id {
			err = fmt.Errorf("%s: id is %q, but a file is named after its id", file, s.ID)
		}
		if err != nil {
			return found{err: err}
		}
		if l.name != "" {
			s.Origin = file
		}
		return found{system: s}
	}
	return found{}
}

// IDs lists the ids of all layers, sorted.
func (c *Catalog) IDs() []SystemID {
	var ids []SystemID
	for _, l := range c.layers {
		files, err := fs.Glob(l.fsys, "*.toml")
		if err != nil {
			continue // only a malformed pattern fails
		}
		for _, f := range files {
			ids = append(ids, SystemID(strings.TrimSuffix(f, ".toml")))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// All reads every system. Files that cannot be read are left out and reported
// in the error, so that one broken user file does not hide the others.
func (c *Catalog) All() ([]*System, error) {
	var all []*System
	var errs []error
	for _, id := range c.IDs() {
		s, err := c.byID(id)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, s)
	}
	return all, errors.Join(errs...)
}

// nearest lists up to three ids that look like the given one, themselves or by
// an alias.
func (c *Catalog) nearest(id string) []SystemID {
	type scored struct {
		id   SystemID
		away int
	}
	var near []scored
	entries, _ := c.Entries() // what cannot be read cannot be meant
	for _, e := range entries {
		if away, ok := Near(id, append([]string{string(e.ID)}, e.Aliases...)...); ok {
			near = append(near, scored{e.ID, away})
		}
	}
	slices.SortStableFunc(near, func(a, b scored) int { return cmp.Compare(a.away, b.away) })
	var ids []SystemID
	for _, n := range near[:min(3, len(near))] {
		ids = append(ids, n.id)
	}
	return ids
}

// Near reports whether somebody may have meant one of the names, and how many
// letters away the nearest is.
func Near(id string, names ...string) (away int, ok bool) {
	least := len(id) + 1
	for _, known := range names {
		away := editDistance(id, known)
		if strings.HasPrefix(known, id) || strings.HasPrefix(id, known) {
			away = min(away, 1)
		}
		least = min(least, away)
	}
	return least, least <= max(1, len(id)/4)
}

// editDistance counts the insertions, deletions, changes and swaps of neighbours
// between a and b.
func editDistance(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			change := row[j]
			if a[i] != b[j] {
				change++
			}
			next[j+1] = min(change, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
