package native_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/native"
)

var update = flag.Bool("update", false, "write the fixtures again")

// day is the date of every test export.
var day = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// document is a path with settings applied as a user types them.
func document(t testing.TB, c *model.Catalog, path string, sets ...string) model.Document {
	t.Helper()
	p, err := model.ParsePath(path, c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := model.Document{Path: p}.Assign(c, sets...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// request is an export of a document on the day of the tests.
func request(t testing.TB, c *model.Catalog, d model.Document) native.Request {
	t.Helper()
	r, err := analyze(d, c)
	if err != nil {
		t.Fatal(err)
	}
	return native.Request{Document: d, Report: r, Catalog: c, Date: day, Version: "0.1.0"}
}

// envs remember what others computed.
var envs sync.Map // of a catalog: a *sync.Pool of *tuning.Env

// analyze is [tuning.Analyze] with an environment that is used again.
func analyze(d model.Document, c *model.Catalog) (tuning.Report, error) {
	pool, _ := envs.LoadOrStore(c, &sync.Pool{New: func() any { return tuning.NewEnv(c, 0) }})
	env := pool.(*sync.Pool).Get()
	defer pool.(*sync.Pool).Put(env)
	return tuning.Analyze(d, env.(*tuning.Env))
}

// format finds a format.
func format(t testing.TB, id string) native.Format {
	t.Helper()
	f, err := native.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// readable is a file as a fixture shows it: UTF-16 becomes UTF-8, CRLF LF.
func readable(content []byte) string {
	text := string(content)
	if strings.HasPrefix(text, "\xff\xfe") {
		units := make([]uint16, 0, len(content)/2)
		for i := 2; i+1 < len(content); i += 2 {
			units = append(units, uint16(content[i])|uint16(content[i+1])<<8)
		}
		text = "(UTF-16LE with BOM)\n" + string(utf16.Decode(units))
	}
	return strings.ReplaceAll(text, "\r\n", "\n")
}

// TestFixtures renders each testdata/*.txtar again. Its head says what:
// path: P, set: ASSIGNMENT, before: ASSIGNMENT (what a file said), to: FORMAT.
func TestFixtures(t *testing.T) {
	c := model.Embedded()
	for file, want := range fixtureFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			got := archive{want.head, renderFixture(t, c, want.head)}
			if *update {
				if err := os.WriteFile(file, []byte(got.String()), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got.String() != want.String() {
				t.Errorf("%s differs; go test -run Fixtures -update writes it again\n%s", file, firstDifference(want.String(), got.String()))
			}
		})
	}
}

// fixtureFiles are the archives in testdata, by file.
func fixtureFiles(t *testing.T) map[string]archive {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	all := map[string]archive{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[file] = parseArchive(string(content))
	}
	return all
}

// fixtureRequest is the export that a fixture's head asks for, and its format.
func fixtureRequest(t *testing.T, c *model.Catalog, head string) (req native.Request, to string) {
	t.Helper()
	var path string
	var sets, before []string
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "path":
			path = value
		case "to":
			to = value
		case "set":
			sets = append(sets, value)
		case "before":
			before = append(before, value)
		}
	}
	req = request(t, c, document(t, c, path, sets...))
	if before != nil {
		b := document(t, c, path, before...)
		for i, e := range b.Path.Endpoints {
			for id, s := range e.Settings {
				s.Origin = model.Origin{Kind: model.FromFile, Where: "/etc/example.conf", Line: 7}
				b.Path.Endpoints[i].Settings[id] = s
			}
		}
		req.Before = &b
	}
	return req, to
}

func renderFixture(t *testing.T, c *model.Catalog, head string) []archived {
	t.Helper()
	req, to := fixtureRequest(t, c, head)
	files, err := format(t, to).Render(req)
	if err != nil {
		return []archived{{"error", err.Error() + "\n"}}
	}
	var out []archived
	for _, f := range files {
		out = append(out, archived{f.Name, readable(f.Content)})
		if f.UndoName != "" {
			out = append(out, archived{f.UndoName, readable(f.Undo)})
		}
	}
	return out
}

func firstDifference(want, have string) string {
	w, h := strings.Split(want, "\n"), strings.Split(have, "\n")
	for i := range min(len(w), len(h)) {
		if w[i] != h[i] {
			return "want: " + w[i] + "\nhave: " + h[i]
		}
	}
	return "one is longer"
}

// TestNothing holds the sentence for a document without changes.
func TestNothing(t *testing.T) {
	c := model.Embedded()
	req := request(t, c, document(t, c, "ie@11 > apache@2.4.71"))
	for id, want := range map[string]string{
		"apache":   "no value of Apache httpd 2.4.71 is changed; change one first",
		"markdown": "no value of this path is changed; change one first",
		"nginx":    "nothing on this path reads the format nginx; keeptune systems SYSTEM shows what a system reads",
	} {
		_, err := format(t, id).Render(req)
		nothing, ok := errors.AsType[*native.NothingError](err)
		if !ok || nothing.Error() != want {
			t.Errorf("%s: got %v, want %s", id, err, want)
		}
	}
}
