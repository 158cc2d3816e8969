package native

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// An Include is a pattern of files that a configuration includes.
type Include struct {
	File    string // that includes, as messages call it
	Line    int
	Pattern string // where they lie, on disk; may be one name
}

// A DropIn is a file for a folder that a configuration includes.
type DropIn struct {
	File  RewrittenFile // Was is nil where it is new; the same as Now where it has those lines
	Lines []string      // its lines that are no comments
	Apart []string      // places at which other lines count, a clause each
}

// DropIns are the formats of which [NewDropIn] makes files, sorted.
func DropIns() []string { return slices.Sorted(maps.Keys(dropIns)) }

// A dropping is how a product takes files of a folder.
type dropping struct {
	name string // of the file, which the playbook writes, too
	once bool   // a line that is said twice at one place is a fault
	own  string // begins lines that belong into a block of the configuration itself
	what string // which that is
}

var dropIns = map[string]dropping{
	"nginx":  {name: "keeptune.conf", once: true, own: "upstream ", what: "an upstream block"},
	"apache": {name: "keeptune.conf", own: "<Proxy ", what: "a <Proxy> block"},
	"sshd":   {name: "10-keeptune.conf"},
}

// dropFolder are the names of folders that are made for files of others.
var dropFolder = regexp.MustCompile(`^(conf|http|sshd_config)\.d$|^conf-enabled$`)

// NewDropIn puts what an export has written for an endpoint into a folder that the main file
// includes, and reads the configuration with it: at one place at least it has to say then what
// the file says. The error is a clause that says why none does.
func NewDropIn(format string, main Source, content []byte, c *model.Catalog) (DropIn, error) {
	how, known := dropIns[format]
	f, err := Find(format)
	if err != nil || !known {
		return DropIn{}, errors.Join(err, fmt.Errorf("%s takes no file in a folder", format))
	}
	d := DropIn{Lines: uncommented(content)}
	bare := strings.Join(d.Lines, "\n") + "\n"
	if how.own != "" && slices.ContainsFunc(d.Lines, func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), how.own) }) {
		return DropIn{}, fmt.Errorf("it has lines for %s of the configuration itself", how.what)
	}
	alone, err := f.Open(Source{Name: how.name, Data: []byte(bare)}, c)
	if err != nil {
		return DropIn{}, err
	}
	wanted := map[model.ParamID]model.Value{}
	for _, x := range alone.Contexts {
		for id, s := range x.Settings {
			wanted[id] = s.Value
		}
	}
	without := main
	without.Files = dropped{main.Files, "", nil}
	before, err := f.Open(without, c)
	if err != nil {
		return DropIn{}, err
	}
	why := fmt.Errorf("%s includes no folder such as conf.d", main.Name)
	for _, folder := range before.folders() {
		at := path.Join(folder, how.name)
		without.Files = dropped{main.Files, at, nil}
		if before, err = f.Open(without, c); err != nil {
			return DropIn{}, err
		}
		with := main
		with.Files = dropped{main.Files, at, []byte(bare)}
		after, err := f.Open(with, c)
		if err != nil {
			return DropIn{}, err
		}
		if d.Apart, err = counts(before, after, at, wanted, how.once); err != nil {
			why = err
			continue
		}
		d.File = RewrittenFile{Path: at, Now: content}
		if was, err := main.Files.Read(at); err == nil {
			d.File.Was = was
			if slices.Equal(uncommented(was), d.Lines) { // its comments are older ones
				d.File.Now = was
			}
		}
		return d, nil
	}
	return DropIn{}, why
}

// folders are those of the includes that are made for files of others, in their order.
func (im *Import) folders() []string {
	var all []string
	for _, in := range im.Includes {
		dir := path.Dir(in.Pattern)
		if dropFolder.MatchString(path.Base(dir)) && !strings.ContainsAny(dir, "*?[") && strings.ContainsAny(in.Pattern, "*?[") && !slices.Contains(all, dir) {
			all = append(all, dir)
		}
	}
	return all
}

// counts says whether what is wanted is in force with a file at a place, and where other lines
// count.
func counts(before, after Import, at string, wanted map[model.ParamID]model.Value, once bool) (apart []string, err error) {
	for _, id := range slices.Sorted(maps.Keys(wanted)) {
		found := false
		var other string
		for i := range after.Contexts {
			x := &after.Contexts[i]
			s, said := x.Settings[id]
			if x.System != id.System() || !said {
				continue
			}
			ours := after.Files[s.Origin.Where] == at
			found = found || ours && s.Value == wanted[id]
			if ours {
				if was, twice := saidBefore(before, x, id); once && twice {
					return nil, fmt.Errorf("%s says %s already, and it may stand there once", was, id.Name())
				}
				continue
			}
			text := fmt.Sprintf("%s says %s %s", s.Origin.String(), id.Name(), s.Value.Human())
			if x.Where != "" {
				text += ", which counts for " + x.Where
			}
			other = cmp.Or(other, text)
			if s.Value != wanted[id] && !slices.Contains(apart, text) {
				apart = append(apart, text)
			}
		}
		switch {
		case !found && other != "":
			return nil, errors.New(other)
		case !found:
			return nil, fmt.Errorf("a file in %s is not read for %s", path.Dir(at), id.Name())
		}
	}
	return apart, nil
}

// saidBefore is the line that said a setting at a place before.
func saidBefore(before Import, x *Context, id model.ParamID) (string, bool) {
	for i := range before.Contexts {
		b := &before.Contexts[i]
		if s, ok := b.Settings[id]; ok && b.Where == x.Where && b.File == x.File && b.Line == x.Line && s.Origin.Kind == model.FromFile {
			return s.Origin.String(), true
		}
	}
	return "", false
}

// dropped are the files of a configuration with one more, or without it where it has no
// content.
type dropped struct {
	Files
	at   string
	data []byte
}

func (d dropped) Read(name string) ([]byte, error) {
	if name == d.at && d.data != nil {
		return d.data, nil
	}
	return d.Files.Read(name)
}

func (d dropped) Glob(pattern string) ([]string, error) {
	found, err := d.Files.Glob(pattern)
	if matches, _ := path.Match(pattern, d.at); err != nil || !matches {
		return found, err
	}
	found = slices.DeleteFunc(found, func(f string) bool { return f == d.at })
	if d.data != nil {
		found = append(found, d.at)
		slices.Sort(found)
	}
	return found, nil
}

// uncommented are the lines of a file that are neither empty nor begin with #.
func uncommented(content []byte) []string {
	var out []string
	for line := range strings.Lines(string(content)) {
		if text := strings.TrimRight(line, " \t\r\n"); strings.TrimSpace(text) != "" && !strings.HasPrefix(strings.TrimSpace(text), "#") {
			out = append(out, text)
		}
	}
	return out
}
