package native_test

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
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
			s.Rest = append(s.Rest, native.Part{Name: path.Base(name), Path: name, Data: []byte(m[name])})
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
// is emptied, not removed, so that the numbers of the others stay.
func holdLines(t *testing.T, f native.Format, main string, files memory) {
	t.Helper()
	whole := opened(t, f, main, files)
	told := map[string]bool{}
	for _, l := range whole.Unused {
		told[fmt.Sprintf("%s:%d", path.Base(l.File), l.Line)] = true
	}
	for _, w := range whole.Warnings {
		told[fmt.Sprintf("%s:%d", path.Base(w.File), w.Line)] = true
	}
	for name, text := range files {
		lines := strings.Split(text, "\n")
		for _, n := range native.Bearing(f, text) {
			i, line := n-1, lines[n-1]
			if told[fmt.Sprintf("%s:%d", path.Base(name), i+1)] {
				continue
			}
			less := maps.Clone(files)
			less[name] = strings.Join(slices.Concat(lines[:i], []string{""}, lines[i+1:]), "\n")
			im, err := f.Open(less.source(main), model.Embedded())
			if err == nil && reflect.DeepEqual(im.Contexts, whole.Contexts) && reflect.DeepEqual(im.Document, whole.Document) {
				t.Errorf("%s: without line %d of %s nothing changes, and it is not told: %s", f.ID(), i+1, name, line)
			}
		}
	}
}
