package options

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// FromHere is of a value that was changed while the program runs: it is in no file.
const FromHere Source = FromFlag + 1

// Next is the value after the present one, for an option that has certain values; false
// for one that takes a text.
func (v Value) Next() (string, bool) {
	list := v.words
	if v.Kind == Switch {
		list = []string{"false", "true"}
	}
	i := slices.Index(list, v.Text)
	if len(list) == 0 {
		return "", false
	}
	return list[(i+1)%len(list)], true
}

// With is what is set after an option was changed while the program runs. The error says
// what it takes.
func (l Loaded) With(name, text string) (Loaded, error) {
	i := slices.IndexFunc(l.Set, func(v Value) bool { return v.Name == name })
	if i < 0 {
		return l, fmt.Errorf("there is no option %q", model.Clean(name, 60))
	}
	v := l.Set[i]
	read, ok := v.read(text)
	if !ok {
		return l, fmt.Errorf("%s is %q; it takes %s", v.Name, model.Clean(text, 60), v.Takes())
	}
	if read == v.Text {
		return l, nil
	}
	v.Text, v.Source, v.Origin = read, FromHere, notKept
	l.Set = slices.Clone(l.Set)
	l.Set[i] = v
	return l, nil
}

// Here are the values that were changed while the program runs and are in no file.
func (l Loaded) Here() Set {
	return slices.DeleteFunc(slices.Clone(l.Set), func(v Value) bool { return v.Source != FromHere })
}

// Kept is what is set once the values of Here and the keys of [Loaded.KeysHere] are in the
// file.
func (l Loaded) Kept() Loaded {
	l.Set = slices.Clone(l.Set)
	for i, v := range l.Set {
		if v.Source == FromHere {
			l.Set[i].Source, l.Set[i].Origin = FromFile, l.fileName()
		}
	}
	l.Rebound = slices.Clone(l.Rebound)
	for i, r := range l.Rebound {
		if r.Origin == notKept {
			l.Rebound[i].Origin = l.fileName()
		}
	}
	l.kept = l.now
	l.Exists = true
	return l
}

// fileName is the last name of the file.
func (l Loaded) fileName() string { return filepath.Base(l.Path) }

// notKept is the origin of what was changed while the program runs.
const notKept = "here, not kept"

// Rewrite puts values, and the keys of [Loaded.KeysHere], into a configuration file: into the
// line that has the option or binding, into the comment that stands for it, or where its
// table ends. Everything else stays as it is. Without a file it is a whole one, as
// [Loaded.Written] has it. The error is of a file that is wrong, or in which something
// stands so that no line can be put in its place.
func (l Loaded) Rewrite(data []byte, values Set) ([]byte, error) {
	if strings.TrimSpace(string(data)) == "" {
		return []byte(l.Written()), nil
	}
	was := Parse(l.Path, data)
	if len(was.Faults) > 0 {
		return nil, was.Faults[0]
	}
	text := string(data)
	for _, v := range values {
		text = put(text, v)
	}
	text = l.putKeys(text)
	now := Parse(l.Path, []byte(text))
	if err := l.keysIn(now, was); err != nil {
		return nil, err
	}
	for _, v := range values {
		if e := now.entries[v.Name]; len(now.Faults) > 0 || e.text != v.Text {
			return nil, fmt.Errorf("%s: %s cannot be put in its place there; write %s yourself", l.Path, v.Name, v.Line())
		}
	}
	return []byte(text), nil
}

// put is a file with the line of a value.
func put(text string, v Value) string {
	lines := strings.SplitAfter(text, "\n")
	name := `["']?` + regexp.QuoteMeta(v.Name) + `["']?\s*=\s*`
	said := regexp.MustCompile(`^(\s*)` + name + `("[^"]*"|'[^']*'|[^\s#]*)(.*\n?)$`)
	comment := regexp.MustCompile(`^\s*#\s*` + name + `("[^"]*"|'[^']*'|[^\s#]*)\s*\n?$`)
	table := len(lines)
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "[") {
			table = i
			break
		}
	}
	for i, line := range lines[:table] {
		if m := said.FindStringSubmatch(line); m != nil {
			lines[i] = m[1] + v.Line() + m[3]
			return strings.Join(lines, "")
		}
	}
	for i, line := range lines[:table] {
		if comment.MatchString(line) {
			lines[i] = v.Line() + "\n"
			return strings.Join(lines, "")
		}
	}
	if table > 0 && lines[table-1] != "" && !strings.HasSuffix(lines[table-1], "\n") {
		lines[table-1] += "\n"
	}
	return strings.Join(slices.Insert(lines, table, v.Line()+"\n"), "")
}
