package native_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// A reading is a configuration of testdata/read and what an import makes of it.
// Its head says in which format it is and which of its files is the main one:
// format: F, main: FILE. The file want is the answer.
type reading struct {
	name, format, main string
	files              memory
	order              []string
	want               string
	real               []string // the lines of the head that begin with real:
}

// readings are all of testdata/read.
func readings(t testing.TB) []reading {
	t.Helper()
	names, err := filepath.Glob("testdata/read/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no readings: %v", err)
	}
	var list []reading
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a := parseArchive(string(content))
		r := reading{name: strings.TrimSuffix(filepath.Base(name), ".txtar"), files: memory{}}
		for line := range strings.Lines(a.head) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			switch key {
			case "format":
				r.format = value
			case "main":
				r.main = value
			case "real":
				r.real = append(r.real, value)
			}
		}
		for _, f := range a.files {
			if f.name == "want" {
				r.want = f.text
				continue
			}
			r.files[f.name] = f.text
			r.order = append(r.order, f.name)
		}
		if r.main == "" {
			r.main = r.order[0]
		}
		list = append(list, r)
	}
	return list
}

// open imports the reading.
func (r *reading) open(t testing.TB) native.Import {
	t.Helper()
	source := r.files.source(r.main)
	source.Name = r.main
	im, err := format(t, r.format).Open(source, model.Embedded())
	if err != nil {
		t.Fatalf("%s: %v", r.name, err)
	}
	return im
}

// told is an import as a fixture shows it.
func told(im native.Import) string {
	var b strings.Builder
	for _, c := range im.Contexts {
		fmt.Fprintf(&b, "[%s] %s:%d %s\n", c.Where, c.File, c.Line, c.Face)
		for _, id := range slices.Sorted(maps.Keys(c.Settings)) {
			s := c.Settings[id]
			fmt.Fprintf(&b, "  %s = %s  %s:%d\n", id, s.Value, s.Origin.Where, s.Origin.Line)
		}
		for _, d := range c.Doubts {
			fmt.Fprintf(&b, "  doubt %s\n", d.Warning)
		}
	}
	for _, w := range im.Warnings {
		fmt.Fprintf(&b, "warning %s\n", w)
	}
	for _, l := range im.Unused {
		fmt.Fprintf(&b, "unused %s:%d: %s: %s\n", l.File, l.Line, l.Text, l.Why)
	}
	return strings.ReplaceAll(b.String(), " \n", "\n")
}

// TestReads imports each configuration of testdata/read.
func TestReads(t *testing.T) {
	for _, r := range readings(t) {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			read := maps.Clone(r.files)
			maps.DeleteFunc(read, func(name, _ string) bool { return strings.HasPrefix(filepath.Base(name), ".") }) // include_dir leaves them out
			holdLines(t, format(t, r.format), r.main, read)
			got := told(r.open(t))
			if got == r.want {
				return
			}
			if !*update {
				t.Fatalf("-update writes it again\n%s\n%s", firstDifference(r.want, got), got)
			}
			file := filepath.Join("testdata", "read", r.name+".txtar")
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text, _, _ := strings.Cut(string(content), "-- want --\n")
			if err := os.WriteFile(file, []byte(text+"-- want --\n"+got), 0o600); err != nil {
				t.Fatal(err)
			}
		})
	}
}
