package model

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"

	"github.com/pelletier/go-toml/v2"
)

// An Entry is what a list of the catalog shows of a system, without its
// parameters.
type Entry struct {
	ID             SystemID
	Name           string
	Kind           string
	Text           string
	Aliases        []string
	Origin         string // the file it was read from; "" for an embedded one
	Assume         Version
	Known          []Version
	Server, Client bool // the faces it has
	Proved         []Proof
}

// Entry is what a list shows of the system.
func (s *System) Entry() *Entry {
	return &Entry{
		ID: s.ID, Name: s.Name, Kind: s.Kind, Text: s.Text, Aliases: s.Aliases, Origin: s.Origin,
		Assume: s.Assume, Known: s.Known, Proved: s.Proved,
		Server: s.Faces[FaceServer] != nil, Client: s.Faces[FaceClient] != nil,
	}
}

// Middlebox reports whether the system only forwards packets.
func (e *Entry) Middlebox() bool { return e.Kind == "middlebox" }

// Both reports whether the system has a server's and a client's face, so that
// it can stand inside a path.
func (e *Entry) Both() bool { return e.Server && e.Client }

// Has reports whether the system has this face.
func (e *Entry) Has(side FaceKind) bool {
	return side == FaceServer && e.Server || side == FaceClient && e.Client
}

// Entries lists every system by id. Of an embedded file only the top is read,
// which takes a tenth of the time of reading it whole. Files that cannot be
// read are left out and reported in the error.
func (c *Catalog) Entries() ([]*Entry, error) {
	c.mu.Lock()
	known, err := c.entries, c.entriesErr
	c.mu.Unlock()
	if known != nil {
		return known, err
	}
	var all []*Entry
	var errs []error
	for _, id := range c.IDs() {
		if e := c.top(id); e != nil {
			all = append(all, e)
			continue
		}
		s, err := c.byID(id)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, s.Entry())
	}
	err = errors.Join(errs...)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries, c.entriesErr = all, err
	return all, err
}

// top reads an entry from the top of an embedded file. It is nil for a user's
// file, which has to be checked whole, and for one with an unusual shape.
func (c *Catalog) top(id SystemID) *Entry {
	name := string(id) + ".toml"
	for _, l := range c.layers {
		data, err := fs.ReadFile(l.fsys, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil || l.name != "" {
			return nil
		}
		return decodeTop(name, data)
	}
	return nil
}

type rawTop struct {
	ID, Name, Kind, Text, Assume string
	Aliases, Known, Order        []string
	Proved                       []rawProof
}

func decodeTop(file string, data []byte) *Entry {
	text, faces := topOf(data)
	var raw rawTop
	if err := toml.Unmarshal(text, &raw); err != nil {
		return nil
	}
	s := &System{
		ID: SystemID(raw.ID), Name: raw.Name, Kind: raw.Kind, Text: raw.Text, Aliases: raw.Aliases,
		Assume: Version(raw.Assume), Order: raw.Order, Faces: faces,
	}
	for _, v := range raw.Known {
		s.Known = append(s.Known, Version(v))
	}
	if err := (decoder{file: file}).proofs(s, raw.Proved); err != nil {
		return nil
	}
	return s.Entry()
}

// topOf is the text before the first table and the proofs, and which faces
// the tables are of.
func topOf(data []byte) (text []byte, faces map[FaceKind]*Face) {
	faces = map[FaceKind]*Face{}
	keep := true
	for line := range bytes.Lines(data) {
		if line[0] == '[' {
			table, _, _ := bytes.Cut(bytes.Trim(line, "[] \n\r"), []byte("."))
			keep = bytes.Equal(table, []byte("proved"))
			if side := FaceKind(table); slices.Contains([]FaceKind{FaceServer, FaceClient}, side) {
				faces[side] = &Face{Kind: side}
			}
		}
		if keep {
			text = append(text, line...)
		}
	}
	return text, faces
}
