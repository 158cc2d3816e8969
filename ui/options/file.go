package options

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/keymap"
)

// A Fault is what is wrong with a configuration.
type Fault struct {
	File string // "" where it is none's
	Line int    // from 1; 0 where it is no line's
	Text string // one sentence without a full stop
}

// Error is the sentence, behind its place.
func (f Fault) Error() string {
	switch {
	case f.File == "":
		return f.Text
	case f.Line == 0:
		return f.File + ": " + f.Text
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text)
}

type entry struct {
	text string
	line int
}

// A File is a config.toml that was read. The zero File says nothing.
type File struct {
	Name    string
	Faults  []Fault
	entries map[string]entry
	keys    map[string][]string
	lines   map[string]int // of keys
}

// Parse reads a config.toml. What cannot be read is left out and told in Faults.
func Parse(name string, data []byte) File {
	f := File{Name: model.Clean(name, 200), entries: map[string]entry{}, keys: map[string][]string{}, lines: map[string]int{}}
	var raw map[string]any
	if err := toml.Unmarshal(data, &raw); err != nil {
		line, text := model.TOMLFault(err)
		f.fail(line, "%s; an option is written as theme = \"dark\"", text)
		return f
	}
	at := linesOf(string(data))
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		if key == "keys" {
			f.bindings(raw[key], at)
			continue
		}
		f.option(key, raw[key], at[key])
	}
	slices.SortStableFunc(f.Faults, func(a, b Fault) int { return a.Line - b.Line })
	return f
}

// at is a line of the file, in short.
func (f File) at(line int) string { return fmt.Sprintf("%s:%d", filepath.Base(f.Name), line) }

func (f *File) fail(line int, format string, args ...any) {
	f.Faults = append(f.Faults, Fault{File: f.Name, Line: line, Text: fmt.Sprintf(format, args...)})
}

func (f *File) option(key string, value any, line int) {
	i := slices.IndexFunc(all, func(o Option) bool { return o.Name == key })
	if i < 0 {
		f.fail(line, "there is no option %q; %s", model.Clean(key, 60), nearest(key))
		return
	}
	o, text := all[i], fmt.Sprint(value)
	right := false
	switch value.(type) {
	case bool:
		right = o.Kind == Switch
	case int64:
		right = o.Kind == Number
	case string:
		right = o.Kind == Word
	}
	if right {
		text, right = o.read(text)
	}
	if !right {
		as := ""
		if o.Kind == Word {
			as = ", in quotes"
		}
		f.fail(line, "%s is %s; it takes %s%s", key, written(value), o.Takes(), as)
		return
	}
	f.entries[key] = entry{text, line}
}

// written is a value as TOML has it.
func written(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("%q", model.Clean(v, 60))
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	default:
		return model.Clean(fmt.Sprint(v), 60)
	}
}

// nearest names the options that an unknown one may have meant.
func nearest(key string) string {
	var names, near []string
	for _, o := range all {
		names = append(names, o.Name)
		plain := strings.NewReplacer("_", "", "-", "", "colour", "color").Replace
		if a, b := plain(strings.ToLower(key)), plain(o.Name); strings.Contains(a, b) || strings.Contains(b, a) && len(a) > 2 {
			near = append(near, o.Name)
		}
	}
	if len(near) > 0 {
		return "did you mean " + strings.Join(near, " or ") + "?"
	}
	return "there are " + strings.Join(names, ", ") + ", and [keys]"
}

// bindings reads [keys], whose names are "tune.edit", quoted or not, or "edit".
func (f *File) bindings(value any, at map[string]int) {
	table, ok := value.(map[string]any)
	if !ok {
		f.fail(at["keys"], "keys is %s; it is a table, which begins with [keys]", written(value))
		return
	}
	flat := map[string]any{}
	for name, v := range table {
		inner, ok := v.(map[string]any)
		if !ok {
			flat[name] = v
		}
		for id, v := range inner {
			flat[name+"."+id] = v
		}
	}
	for _, name := range slices.Sorted(maps.Keys(flat)) {
		line := at["keys."+name]
		var texts []any
		switch v := flat[name].(type) {
		case string:
			texts = []any{v}
		case []any:
			texts = v
		default:
			f.fail(line, "%s is %s; it takes keys such as [\"f2\", \"ctrl+x\"]", model.Clean(name, 60), written(v))
			continue
		}
		list, good := []string{}, true
		for _, t := range texts {
			text, ok := t.(string)
			if !ok {
				f.fail(line, "%s has %s; a key is written in quotes, such as \"f2\"", model.Clean(name, 60), written(t))
				good = false
				continue
			}
			key, err := keymap.ParseKey(text)
			if err != nil {
				f.fail(line, "%s: %s", model.Clean(name, 60), model.Clean(err.Error(), 200))
				good = false
				continue
			}
			list = append(list, key)
		}
		if good {
			f.keys[name], f.lines[name] = list, line
		}
	}
}

// bound are the bindings with those of the file. What does not fit is left out and told.
func (f File) bound() (m keymap.Map, rebound []Rebound, faults []Fault) {
	keys := maps.Clone(f.keys)
	for {
		m, err := keymap.New().With(keys)
		if err == nil {
			for _, name := range slices.Sorted(maps.Keys(keys)) {
				rebound = append(rebound, Rebound{Name: name, Keys: keys[name], Origin: f.at(f.lines[name])})
			}
			slices.SortStableFunc(faults, func(a, b Fault) int { return a.Line - b.Line })
			return m, rebound, faults
		}
		first, _ := errors.AsType[keymap.Fault](err)
		if _, ours := keys[first.Name]; !ours { // not the file's: the shipped keys stay
			return m, nil, append(faults, Fault{File: f.Name, Text: model.Clean(err.Error(), 200)})
		}
		faults = append(faults, Fault{File: f.Name, Line: f.lines[first.Name], Text: model.Clean(first.Text, 200)})
		delete(keys, first.Name)
	}
}
