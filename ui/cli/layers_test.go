package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module = "example.com/keeptune"
	laws   = "model/lawcheck"
)

type listed struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// packages returns every package of the module, by its path below it.
func packages(t *testing.T) map[string]listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string]listed{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")] = p
	}
}

var (
	pure    = []string{"tuning", "tuning/detect", "tuning/explain", "tuning/livetest", "tuning/session", "tuning/native", "tuning/solve", "tuning/preset", "tuning/census", "tuning/capture", "tuning/trace", "tuning/seen", "tuning/machine"}
	effects = []string{"tuning/livetest/run", "tuning/scripted", "tuning/host", "tuning/trial", "tuning/store", "tuning/lab", "tuning/sockopt"}
	drawing = []string{"ui/contract", "ui/pane", "ui/overlay", "ui/widget", "ui/theme", "ui/keymap", "ui/options", "ui/redact", "ui/systempage", "ui/explainpage", "ui/censuspage", "ui/tracepage", "ui/hostpage"}
	system  = []string{"os", "os/exec", "os/signal", "net", "net/http", "syscall"}
)

// within says whether path is dir or below it.
func within(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

func inAny(path string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(d string) bool { return within(path, d) })
}

// fault returns why a package at path may not import imp, "" if it may.
func fault(path, imp string) string {
	ours, isOurs := strings.CutPrefix(imp, module+"/")
	charm := strings.HasPrefix(imp, "github.com/charmbracelet/")
	std := !strings.Contains(strings.Split(imp, "/")[0], ".")
	switch {
	case path == laws:
		return "" // linked into tests alone
	case isOurs && ours == laws:
		return "only tests hold laws"
	case !within(path, "ui") && charm:
		return "only ui may know Bubble Tea"
	case within(path, "model") && isOurs && !within(ours, "model"):
		return "model stands at the bottom"
	case within(path, "model") && !isOurs && !std && imp != "github.com/pelletier/go-toml/v2":
		return "model imports only the standard library and toml"
	case within(path, "model") && slices.Contains(system, imp):
		return "model does no I/O"
	case path == "tuning/livetest" && isOurs && ours != "model":
		return "a live test is judged above it"
	case within(path, "tuning") && isOurs && within(ours, "ui"):
		return "tuning does not know the ui"
	case slices.Contains(pure, path) && slices.Contains(system, imp):
		return "effects live in livetest/run, host, trial and store"
	case slices.Contains(pure, path) && isOurs && inAny(ours, effects):
		return "the arithmetic does not know the effects"
	case inAny(path, drawing) && slices.Contains(system, imp):
		return "ask by Action"
	case inAny(path, drawing) && isOurs && inAny(ours, effects):
		return "ask by Action"
	case within(path, "ui") && path != "ui" && !within(path, "ui/cli") && isOurs && inAny(ours, effects):
		return "only ui and ui/cli know the effects"
	case within(path, "ui") && !within(path, "ui/cli") && isOurs && within(ours, "ui/cli"):
		return "ui/cli stands above ui"
	case inAny(path, []string{"ui/widget", "ui/theme", "ui/keymap", "ui/paint", "ui/term"}) && isOurs && inAny(ours, []string{"ui/contract", "ui/pane", "ui/overlay"}):
		return "drawing does not know the panes"
	case path == "" && isOurs && !within(ours, "ui") && !within(ours, "tuning"):
		return "main starts ui/cli"
	}
	return ""
}

// The direction is main, ui, tuning, model; lint holds the same.
func TestLayers(t *testing.T) {
	for path, p := range packages(t) {
		for _, imp := range p.Imports {
			if why := fault(path, imp); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imp, why)
			}
		}
		for _, imp := range slices.Concat(p.TestImports, p.XTestImports) {
			if within(path, "ui") {
				continue
			}
			if strings.HasPrefix(imp, module+"/ui") || strings.HasPrefix(imp, "github.com/charmbracelet/") {
				t.Errorf("tests of %s import %s", p.ImportPath, imp)
			}
		}
	}
	// Go initialises first what sorts first, and the guard of ui/term must come before Bubble Tea.
	if tea := "github.com/charmbracelet/bubbletea"; module > tea {
		t.Errorf("module path %s sorts after %s", module, tea)
	}
}

func TestLayersFindPlantedFaults(t *testing.T) {
	for _, c := range [][2]string{
		{"model", "os"},
		{"model", module + "/tuning"},
		{"model", "github.com/spf13/cobra"},
		{"tuning", "net"},
		{"tuning/detect", "os/exec"},
		{"tuning/livetest", "net"},
		{"tuning/livetest", module + "/tuning"},
		{"tuning/livetest", module + "/tuning/livetest/run"},
		{"tuning/session", module + "/tuning/store"},
		{"tuning/explain", "os"},
		{"tuning/explain", module + "/tuning/livetest/run"},
		{"tuning/livetest/run", module + "/ui/theme"},
		{"tuning/livetest/run", "github.com/charmbracelet/lipgloss"},
		{"ui/pane/compare", "os"},
		{"ui/overlay", module + "/tuning/livetest/run"},
		{"ui/explainpage", "os"},
		{"ui/censuspage", module + "/tuning/host"},
		{"tuning/census", module + "/tuning/host"},
		{"tuning/trace", "net"},
		{"ui/tracepage", "os"},
		{"ui/widget", module + "/ui/contract"},
		{"ui/term", module + "/tuning/store"},
		{"ui", module + "/ui/cli"},
	} {
		if fault(c[0], c[1]) == "" {
			t.Errorf("%s may import %s", c[0], c[1])
		}
	}
	for _, c := range [][2]string{
		{"", module + "/ui/cli"},
		{"model", "net/netip"},
		{"tuning", module + "/model"},
		{"tuning/explain", module + "/tuning/detect"},
		{"tuning/livetest/run", "net"},
		{"ui", module + "/tuning/livetest/run"},
		{"ui/cli", module + "/tuning/store"},
		{"ui/pane", module + "/tuning/session"},
	} {
		if why := fault(c[0], c[1]); why != "" {
			t.Errorf("%s may not import %s: %s", c[0], c[1], why)
		}
	}
}

// Goroutines in ui are made where they recover, and the clock
// is read by effects only.
func TestNoBareGoroutineOrClock(t *testing.T) {
	mayGo := []string{"ui/effects.go", "ui/stream.go", "ui/lines.go", "ui/term/", "ui/cli/", "ui/internal/"}
	mayClock := []string{"ui/effects.go", "ui/stream.go", "ui/ui.go", "ui/paint/", "ui/term/", "ui/cli/", "ui/internal/"}
	for _, root := range []string{"ui", "model", "tuning"} {
		err := filepath.WalkDir(filepath.Join("../..", root), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata") {
				return err
			}
			name := filepath.ToSlash(strings.TrimPrefix(path, "../../"))
			dir := filepath.ToSlash(filepath.Dir(name))
			isPure := within(dir, "model") || slices.Contains(pure, dir)
			text, err := os.ReadFile(path)
			if err != nil || !bytes.Contains(text, []byte("go ")) && !bytes.Contains(text, []byte("time.")) { // as gofmt writes them
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, text, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					if isPure || root == "ui" && !startsWithAny(name, mayGo) {
						t.Errorf("%s has a bare go statement: use effect or stream", name)
					}
				case *ast.SelectorExpr:
					x, ok := n.X.(*ast.Ident)
					clock := ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "NewTimer", "NewTicker"}, n.Sel.Name)
					if clock && (isPure || root == "ui" && !startsWithAny(name, mayClock)) {
						t.Errorf("%s reads the clock with time.%s: take a time or a duration", name, n.Sel.Name)
					}
				}
				return true
			})
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

func startsWithAny(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}
