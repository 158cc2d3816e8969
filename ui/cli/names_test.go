package cli_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// A retired word is in no name any more, since it had a better one or several meanings.
type retired struct {
	word string // words of a name, in small letters
	now  string
	kept map[string]string // names, and folders that end in a slash, with what the word means there
}

var retiredWords = []retired{
	{"prober", "livetest/run.Tester", map[string]string{"tuning/prober": "a side that sends TCP probes"}},
	{"way", "gap test, ladder path, direction, hops", map[string]string{
		"tuning/giveWay": "to give way, as of two goals", "tuning/giveWayEdits": "the same",
		"tuning/solve/WayOut": "a way out of a contradiction, as the screens call it", "ui/cli/wire/WayOut": "the same in the JSON",
		"ui/overlay/wayOut": "the same", "tuning/native/eitherWay": "plain English",
	}},
	{"ways", "variants, layings", map[string]string{
		"tuning/waysOut": "ways out of a conflict", "tuning/ways": "the same", "tuning/solve/WaysOut": "ways out of a contradiction",
		"ui/cli/wire/Ways": "a key of the JSON",
	}},
	{"climb", "ladder scenario", nil},
	{"unclimbed", "ladder unanswered", nil},
	{"push way", "far end sends", nil},
	{"probe apart", "timer attribution", nil},
	{"tell apart", "attribution", map[string]string{"tuning/tellApart": "suppressed findings from each other"}},
	{"probe doubt", "validity", nil},
	{"probe worth", "reuse saving", nil},
	{"worth", "reuse saving", map[string]string{"ui/cli/wire/Worth": "a key of the JSON"}},
	{"phase", "interval", map[string]string{
		"tuning/detect/": "of a timer wheel", "tuning/livetest/run/phase": "of a clock that ticks", "tuning/trial/Phase": "how far a trial is",
	}},
	{"may stand in", "head substitutes", nil},
	{"stamped", "timestamped", nil},
	{"sheet", "system page", nil},
	{"line syntax", "line format", nil},
	{"everything", "export all", nil},
	{"ship", "export", nil},
	{"in force", "effective", map[string]string{"ui/cli/wire/InForce": "a key of the JSON's schema"}},
	{"reuse and gone", "latest reuse, earliest close", nil},
	{"wire", "session codec, protocol", map[string]string{"ui/": "packets, as the screen calls them, and the JSON contract"}},
}

// wordsOf splits a name at its capitals, underscores and hyphens.
func wordsOf(name string) string {
	var b strings.Builder
	letters := []rune(name)
	for i, r := range letters {
		starts := unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1]))
		if starts || r == '_' || r == '-' || r == '.' {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return " " + strings.Join(strings.Fields(strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(b.String())), " ") + " "
}

// old is the retired word that a name in a folder has, nil without one; used gets the
// exception that allows it.
func old(dir, name string, used map[string]bool) *retired {
	words := wordsOf(name)
	for i := range retiredWords {
		w := &retiredWords[i]
		if !strings.Contains(words, " "+w.word+" ") {
			continue
		}
		allowed := false
		for k := range w.kept {
			if k == dir+"/"+name || strings.HasSuffix(k, "/") && strings.HasPrefix(dir+"/", k) {
				allowed = true
				used[w.word+" "+k] = true
			}
		}
		if !allowed {
			return w
		}
	}
	return nil
}

// declared calls yield with each name that a file declares, but those of tests, which are
// sentences.
func declared(f *ast.File, yield func(string)) {
	idents := func(all ...ast.Expr) {
		for _, x := range all {
			if id, ok := x.(*ast.Ident); ok {
				yield(id.Name)
			}
		}
	}
	yield(f.Name.Name)
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if !startsWithAny(n.Name.Name, []string{"Test", "Benchmark", "Fuzz"}) {
				yield(n.Name.Name)
			}
		case *ast.TypeSpec:
			yield(n.Name.Name)
		case *ast.ValueSpec:
			for _, id := range n.Names {
				yield(id.Name)
			}
		case *ast.Field:
			for _, id := range n.Names {
				yield(id.Name)
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				idents(n.Lhs...)
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				idents(n.Key, n.Value)
			}
		}
		return true
	})
}

// Words that had several meanings, or a better name, are in no name of the code or of its files.
func TestRetiredWordsAreGone(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, root := range []string{"ui", "model", "tuning"} {
		err := filepath.WalkDir(filepath.Join("../..", root), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			name := filepath.ToSlash(strings.TrimPrefix(path, filepath.FromSlash("../../")))
			dir := filepath.ToSlash(filepath.Dir(name))
			if w := old(dir, strings.TrimSuffix(filepath.Base(name), ".go"), used); w != nil {
				t.Errorf("the file %s says %q: %s", name, w.word, w.now)
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			declared(f, func(id string) {
				if w := old(dir, id, used); w != nil {
					t.Errorf("%s calls something %s, where %q is now: %s", name, id, w.word, w.now)
				}
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range retiredWords {
		for k := range w.kept {
			if !used[w.word+" "+k] {
				t.Errorf("nothing needs %q to be kept for %s", w.word, k)
			}
		}
	}
}

func TestRetiredWordsAreFound(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"tuning/livetest/run", "Prober"},
		{"tuning/livetest", "pushWay"},
		{"tuning/native", "words_InForce"},
		{"tuning/native", "HTTPShip"},
		{"tuning/lab", "wire_linux"},
	} {
		if old(c[0], c[1], map[string]bool{}) == nil {
			t.Errorf("%s in %s is not found", c[1], c[0])
		}
	}
	for _, c := range [][2]string{{"tuning", "prober"}, {"ui/overlay", "newWire"}, {"tuning/detect", "phases"}, {"tuning", "gateway"}, {"model", "worthless"}} {
		if w := old(c[0], c[1], map[string]bool{}); w != nil {
			t.Errorf("%s in %s is taken for %q", c[1], c[0], w.word)
		}
	}
	names := []string{}
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package p\nvar a int\ntype b struct{ c int }\nfunc d(e int) { f, g := 1, 2; for h := range 3 {} }\nfunc TestWay() {}", 0)
	if err != nil {
		t.Fatal(err)
	}
	declared(f, func(id string) { names = append(names, id) })
	if slices.Sort(names); strings.Join(names, "") != "abcdefghp" {
		t.Errorf("declared are %q", names)
	}
}
