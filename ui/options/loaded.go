package options

import (
	"path/filepath"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/keymap"
)

// A Rebound is a binding with other keys than the shipped ones.
type Rebound struct {
	Name   string // as the file has it: "tune.edit", or "edit"
	Keys   []string
	Origin string
}

// Labels are the keys as a person reads them.
func (r Rebound) Labels() string {
	if len(r.Keys) == 0 {
		return "none"
	}
	return keymap.Binding{Keys: r.Keys}.Labels()
}

// Loaded is everything that is set, and what is wrong with it.
type Loaded struct {
	Path    string // of the file; "" where none is read
	Exists  bool
	Denied  bool // this user may not read it
	Set     Set
	Keys    keymap.Map
	Rebound []Rebound
	Faults  []Fault

	kept map[string][]string // keys by name, as the file has them
	now  map[string][]string // as they hold
}

// Load settles what holds, as [Resolve] does, and the keys.
func Load(file File, getenv func(string) string, flags map[string]string) Loaded {
	var l Loaded
	l.Set, l.Faults = Resolve(file, getenv, flags)
	var faults []Fault
	l.Keys, l.Rebound, faults = file.bound()
	l.Faults = append(l.Faults, faults...)
	l.kept = map[string][]string{}
	for _, r := range l.Rebound {
		l.kept[r.Name] = r.Keys
	}
	l.now = l.kept
	return l
}

// Reads says in a line which file is read.
func (l Loaded) Reads() string {
	switch {
	case l.Path == "":
		return "no configuration file is read"
	case l.Denied:
		return "file: " + model.Clean(l.Path, 200) + ", which this user may not read"
	case l.Exists:
		return "file: " + model.Clean(l.Path, 200)
	}
	return "file: " + model.Clean(l.Path, 200) + ", which does not exist"
}

// Short is a fault with its file's last name alone, for where Reads stands beside it.
func (l Loaded) Short(f Fault) string {
	if f.File != "" {
		f.File = filepath.Base(f.File)
	}
	return f.Error()
}

// Written is a whole configuration file with these values and keys.
func (l Loaded) Written() string { return write(l.Set, l.Keys) }
