package native_test

import (
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning/native"
)

// A memory is the files of a configuration, by absolute name.
type memory map[string]string

func (m memory) Read(name string) ([]byte, error) {
	if text, ok := m[name]; ok {
		return []byte(text), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func (m memory) Glob(pattern string) ([]string, error) {
	var found []string
	for name := range m {
		ok, err := path.Match(pattern, name)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found, nil
}

// source is the configuration that begins with a file; what lies in a folder
// parts beside it was named, too.
func (m memory) source(main string) native.Source {
	s := native.Source{Name: path.Base(main), Data: []byte(m[main]), Path: main, Files: m}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if path.Dir(name) == path.Join(path.Dir(main), "parts") {
			s.Rest = append(s.Rest, native.NextFile{Name: path.Base(name), Path: name, Data: []byte(m[name])})
		}
	}
	return s
}

// opened reads a configuration that begins with a file.
func opened(t testing.TB, f native.Format, main string, files memory) native.Import {
	t.Helper()
	im, err := f.Open(files.source(main), model.Embedded())
	if err != nil {
		t.Fatalf("%s: %v", f.ID(), err)
	}
	return im
}

// holdLines holds that nothing vanishes: without any one line the import says
// something else, or the line was told (as not used, or as not understood), or
// it is a comment or bears on no connection by the list of the format. A line
// is emptied, not removed, so that the numbers of the others stay; lines that a
// backslash joins are one. It holds for each line said twice, too, at once or at
// the end of its block: for a third of them in the short run.
func holdLines(t *testing.T, f native.Format, main string, files memory) {
	t.Helper()
	bearing := map[string][]int{}
	for name, text := range files {
		bearing[name] = native.Bearing(f, text)
	}
	l := lineLaw{f, main, files}
	l.hold(t, bearing)
	for name, text := range files {
		lines := strings.Split(text, "\n")
		for _, n := range bearing[name] {
			if n > 1 && folds(lines[n-2]) || folds(lines[n-1]) || !lawcheck.Picks(n+len(text)) {
				continue
			}
			for _, end := range slices.Compact([]int{n, blockEnd(lines, n)}) {
				twice := lineLaw{f, main, maps.Clone(files)}
				twice.files[name] = strings.Join(slices.Insert(slices.Clone(lines), end, lines[n-1]), "\n")
				twice.hold(t, map[string][]int{name: {n, end + 1}})
			}
		}
	}
}

// blockEnd is how many lines there are up to the end of a line's block, by indents.
func blockEnd(lines []string, n int) int {
	indent := func(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }
	end := n
	for end < len(lines) && lines[end] != "" && indent(lines[end]) >= indent(lines[n-1]) && !folds(lines[end]) {
		end++
	}
	return end
}

// folds reports whether a line goes on in the next.
func folds(line string) bool { return strings.HasSuffix(line, `\`) }

// A lineLaw is a configuration that nothing may vanish from.
type lineLaw struct {
	format native.Format
	main   string
	files  memory
}

func (l *lineLaw) open(files memory) (native.Import, error) {
	return l.format.Open(files.source(l.main), model.Embedded())
}

// hold takes away one line after the other.
func (l *lineLaw) hold(t *testing.T, bearing map[string][]int) {
	t.Helper()
	whole, err := l.open(l.files)
	if err != nil {
		return // a line twice, and it is none of that format any more
	}
	for name, text := range l.files {
		lines := strings.Split(text, "\n")
		for _, n := range bearing[name] {
			first := n
			for first > 1 && folds(lines[first-2]) {
				first--
			}
			if slices.ContainsFunc([]int{first, n}, func(n int) bool { return tells(whole, name, n) }) {
				continue
			}
			less := maps.Clone(l.files)
			less[name] = strings.Join(slices.Replace(slices.Clone(lines), n-1, n, ""), "\n")
			im, err := l.open(less)
			if err == nil && reflect.DeepEqual(im.Contexts, whole.Contexts) && reflect.DeepEqual(im.Document, whole.Document) && reflect.DeepEqual(im.Unused, whole.Unused) {
				t.Errorf("%s: without line %d of %s nothing changes, and it is not told: %s\n%s", l.format.ID(), n, name, lines[n-1], text)
			}
		}
	}
}

// tells reports whether an import speaks of a line of a file.
func tells(im native.Import, file string, line int) bool {
	is := func(name string, n int) bool {
		return n == line && strings.HasSuffix("/"+file, "/"+strings.TrimPrefix(name, "/"))
	}
	return slices.ContainsFunc(im.Unused, func(l native.Line) bool { return is(l.File, l.Line) }) ||
		slices.ContainsFunc(im.Warnings, func(w native.Warning) bool { return is(w.File, w.Line) })
}
