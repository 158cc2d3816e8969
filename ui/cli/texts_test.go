package cli_test

import (
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"

	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/explain"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/preset"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/options"
)

// A said is one text of the catalogue: where it stands and, where that helps, what it is.
type said struct {
	files map[string]bool
	notes map[string]bool
}

// A texts is every text by itself.
type texts map[string]*said

func (all texts) add(file, note, text string) {
	s := all[text]
	if s == nil {
		s = &said{map[string]bool{}, map[string]bool{}}
		all[text] = s
	}
	s.files[file] = true
	if note != "" {
		s.notes[note] = true
	}
}

var (
	verb   = regexp.MustCompile(`%[-+# 0]*(?:\[\d+\])?[\d*.]*[a-zA-Z]`)
	spoken = regexp.MustCompile(`\pL{2,}[^\pL\s]*\s+[^\s]*\pL`)
)

// pattern is what regular expressions have and texts do not.
var pattern = regexp.MustCompile(`\\s[*+]|\\b|\\[dw][*+{]|\(\?[a-zP:]|\[\^`)

// twoWords reports whether a text has two words, its formats apart, and is for people.
func twoWords(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsAny(text, "\x00\x1b") && !pattern.MatchString(text) && spoken.MatchString(verb.ReplaceAllString(text, "%"))
}

// codeTexts are the texts of a Go file: each string of two words and more, joined with what it
// is added to, where {x} stands for what is not a string. Tags, imports and regular
// expressions are none.
func codeTexts(file string, src []byte, all texts) error {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, src, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	code := func(n ast.Node) string {
		text := strings.Join(strings.Fields(string(src[set.Position(n.Pos()).Offset:set.Position(n.End()).Offset])), " ")
		if len(text) > 40 {
			return "…"
		}
		return text
	}
	var whole func(e ast.Expr) (text string, is bool)
	whole = func(e ast.Expr) (string, bool) {
		switch e := e.(type) {
		case *ast.ParenExpr:
			return whole(e.X)
		case *ast.BasicLit:
			if e.Kind == token.STRING {
				text, err := strconv.Unquote(e.Value)
				return text, err == nil
			}
		case *ast.BinaryExpr:
			if e.Op != token.ADD {
				break
			}
			x, isX := whole(e.X)
			y, isY := whole(e.Y)
			if isX || isY {
				return x + y, true
			}
		}
		return "{" + code(e) + "}", false
	}
	note := ""
	var walk func(n ast.Node) bool
	walk = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			if n.Type != nil {
				ast.Inspect(n.Type, walk)
			}
			return false
		case *ast.CompositeLit: // an entry with an id is named by it
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && (code(kv.Key) == "ID" || code(kv.Key) == "Name") {
					if id, is := whole(kv.Value); is {
						was := note
						note = id
						for _, e := range n.Elts {
							ast.Inspect(e, walk)
						}
						note = was
						return false
					}
				}
			}
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && code(s.X) == "regexp" {
				return false
			}
		case ast.Expr:
			if text, is := whole(n); is {
				if twoWords(text) {
					all.add(file, note, text)
				}
				if b, ok := n.(*ast.BinaryExpr); ok { // what is added may have texts inside
					ast.Inspect(b, func(m ast.Node) bool {
						if c, ok := m.(*ast.CallExpr); ok {
							for _, arg := range c.Args {
								ast.Inspect(arg, walk)
							}
							return false
						}
						return true
					})
				}
				return false
			}
		}
		return true
	}
	ast.Inspect(f, walk)
	return nil
}

// dataTexts are the texts of a data file: each value of two words and more, but for sources and
// what is matched.
func dataTexts(file string, data []byte, all texts) error {
	var raw map[string]any
	if err := toml.Unmarshal(data, &raw); err != nil {
		return err
	}
	var walk func(key, id string, v any)
	walk = func(key, id string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if own, ok := v["id"].(string); ok {
				id = own
			}
			if own, ok := v["name"].(string); ok && id != "" && key == "param" {
				id = own
			}
			for _, k := range slices.Sorted(maps.Keys(v)) {
				walk(k, id, v[k])
			}
		case []any:
			for _, x := range v {
				walk(key, id, x)
			}
		case string:
			if !slices.Contains([]string{"source", "match", "has", "path", "assume"}, key) && twoWords(v) {
				all.add(file, strings.TrimSpace(id+" "+key), v)
			}
		}
	}
	walk("", "", raw)
	return nil
}

// shortTexts are the words that stand alone: of keys, screens and verdicts.
func shortTexts(all texts) {
	for _, s := range keymap.New().Scopes() {
		for _, b := range s.Bindings {
			if b.Short != "" {
				all.add("ui/keymap/bindings.go", string(s.ID)+"."+string(b.ID), b.Short)
			}
		}
		all.add("ui/keymap/bindings.go", string(s.ID), s.Title)
	}
	for _, name := range contract.ScreenNames {
		all.add("ui/contract/contract.go", "screen", name)
	}
}

// allTexts are all texts of the program.
func allTexts(t *testing.T) texts {
	t.Helper()
	all, err := everyText()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// linked are the folders of the packages that are in the program, below that of the module.
func linked() (map[string]bool, error) {
	cmd := exec.CommandContext(context.Background(), "go", "list", "-deps", "-f", "{{.ImportPath}}", ".")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	in := map[string]bool{".": true}
	for path := range strings.Lines(string(out)) {
		if dir, ours := strings.CutPrefix(strings.TrimSpace(path), module+"/"); ours {
			in[dir] = true
		}
	}
	return in, err
}

var everyText = sync.OnceValues(func() (texts, error) {
	all := texts{}
	in, err := linked()
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		name := filepath.ToSlash(strings.TrimPrefix(path, "../../"))
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "findings" || d.Name() == "docs" || d.Name() == "examples" || strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2):
			return filepath.SkipDir
		case strings.HasSuffix(name, "_test.go") || !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".toml"), strings.HasSuffix(name, ".go") && !in[filepath.ToSlash(filepath.Dir(name))]:
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(name, ".toml") {
			return dataTexts(name, data, all)
		}
		return codeTexts(name, data, all)
	})
	shortTexts(all)
	return all, err
})

// template is the catalogue in the form that translators' programs read.
func (all texts) template() string {
	var b strings.Builder
	b.WriteString(`# Every text that keeptune can show: the strings of its code, with their formats, and of its
# data files, each once, by the file where it stands. {x} stands for what the code puts there.
# Generated by make docs.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
`)
	first := func(text string) string { return slices.Min(slices.Collect(maps.Keys(all[text].files))) }
	order := slices.SortedFunc(maps.Keys(all), func(x, y string) int { return cmp.Or(cmp.Compare(first(x), first(y)), cmp.Compare(x, y)) })
	for _, text := range order {
		s := all[text]
		b.WriteString("\n")
		for _, note := range slices.Sorted(maps.Keys(s.notes)) {
			fmt.Fprintf(&b, "#. %s\n", note)
		}
		for _, file := range slices.Sorted(maps.Keys(s.files)) {
			fmt.Fprintf(&b, "#: %s\n", file)
		}
		b.WriteString("msgid ")
		if strings.Contains(strings.TrimSuffix(text, "\n"), "\n") {
			b.WriteString("\"\"\n")
		}
		for line := range strings.Lines(text) {
			fmt.Fprintf(&b, "%s\n", potLine(line))
		}
		b.WriteString("msgstr \"\"\n")
	}
	return b.String()
}

// potLine is a line as that form has it.
func potLine(line string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(line) + `"`
}

// All text stands in one file, which is as the program is.
func TestTexts(t *testing.T) {
	t.Parallel()
	const file = "../../docs/texts.pot"
	want := allTexts(t).template()
	data, err := os.ReadFile(file)
	if string(data) == want {
		return
	}
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("docs/texts.pot is stale (%v); make docs writes it again:\n%s", err, gocmp.Diff(strings.Split(string(data), "\n"), strings.Split(want, "\n")))
}

// What is said as data is in the catalogue, word for word.
func TestTextsAreWhole(t *testing.T) {
	t.Parallel()
	all := allTexts(t)
	has := func(what, text string) {
		if text != "" && twoWords(text) && all[text] == nil {
			t.Errorf("%s is missing: %q", what, text)
		}
	}
	for _, r := range tuning.Rules() {
		for _, text := range []string{r.Title, r.Why, r.WrongIf, r.Source} {
			has(r.ID, text)
		}
	}
	for _, s := range keymap.New().Scopes() {
		for _, b := range s.Bindings {
			has(string(b.ID), b.Long)
		}
	}
	for _, o := range options.All() {
		has(o.Name, o.What)
	}
	for _, p := range preset.All() {
		has(p.ID, p.Title)
		has(p.ID, p.Shows)
	}
	for _, s := range preset.Starts() {
		has(s.Text, s.Text)
		has(s.Text, s.Say)
	}
	for _, s := range explain.Shapes() {
		has(s.ID, s.Means)
		has(s.ID, s.Closed)
		for _, text := range s.Look {
			has(s.ID, text)
		}
	}
	for _, m := range livetest.Choices() {
		has(m.Choice().Name, m.Choice().About)
	}
}

// Each kind of text is found once and whole, and nothing else.
func TestTextsAreFound(t *testing.T) {
	t.Parallel()
	all := texts{}
	err := codeTexts("x.go", []byte("package x\n"+`
import _ "no text here"
type x struct { A string `+"`json:\"no text\"`"+` }
const c = "a constant text"
var v = entry{ID: "X-1", Title: "of an entry", Why: w("inside a call")}
var r = regexp.MustCompile("no text either")
func f() {
	say("%s is %d %s", a, b, "one")
	say("the format %q", a)
	say("joined to " + name(1, "with a text") + ", and to" + " more")
	say(x + " is last", word, "`+"\\\"quoted text\\\""+`")
	say(`+"`of\nlines`"+`)
	switch k { case "a case text": }
	say(strings.Repeat("no", 2), "%d ms", "single")
}`), all)
	if err != nil {
		t.Fatal(err)
	}
	if err := dataTexts("x.toml", []byte("[[shape]]\nid = \"s\"\nhas = \"not this one\"\nmeans = \"it means this\"\nlook = [\"look here\", \"one\"]\nsource = \"not this\"\n"), all); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"\"quoted text\"", "a case text", "a constant text", "inside a call", "it means this",
		"joined to {name(1, \"with a text\")}, and to more", "look here", "of\nlines", "of an entry", "the format %q", "with a text", "{x} is last",
	}
	if diff := gocmp.Diff(want, slices.Sorted(maps.Keys(all))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if !all["of an entry"].notes["X-1"] || !all["it means this"].notes["s means"] || !all["look here"].files["x.toml"] {
		t.Errorf("entries are not named: %+v", all["of an entry"])
	}
}
