package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A fault is one small change of one operator.
type fault struct {
	file      string
	line, col int
	in        string // the function
	kind      string // boundary, negation, arithmetic, step or sign
	text      string // what stands there
}

func (f fault) String() string {
	return fmt.Sprintf("%s:%d:%d %s: %s", f.file, f.line, f.col, f.kind, f.text)
}

// A change of a file's text: the bytes from at on, drop of them, become text.
type change struct {
	at, drop int
	text     string
	closes   bool
}

// A pkg is the package under test with its faults in.
type pkg struct {
	dir, name, path string
	faults          []fault             // number n is faults[n-1]
	changes         map[string][]change // by file
	source          map[string][]byte
}

var (
	compares = map[token.Token]string{token.LSS: "faultLess", token.LEQ: "faultAtMost", token.GTR: "faultMore", token.GEQ: "faultAtLeast"}
	reckons  = map[token.Token]string{token.ADD: "faultPlus", token.SUB: "faultMinus", token.MUL: "faultTimes", token.QUO: "faultOver"}
)

// load reads the package in a folder and finds the faults of its files, of which only and
// exclude choose.
func load(dir string, only, exclude *regexp.Regexp) (*pkg, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	var info struct {
		GoFiles          []string
		Name, ImportPath string
	}
	out, err := golang(abs, "list", "-json=GoFiles,Name,ImportPath", ".")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(out, &info); err != nil {
		return nil, err
	}
	p := &pkg{dir: abs, name: info.Name, path: info.ImportPath, changes: map[string][]change{}, source: map[string][]byte{}}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range info.GoFiles {
		path := filepath.Join(abs, name)
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(fset, path, b, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		p.source[path], files = b, append(files, f)
	}
	known, err := check(abs, info.ImportPath, fset, files)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if name := filepath.Base(fset.File(f.Pos()).Name()); only.MatchString(name) && !exclude.MatchString(name) {
			ast.Walk(&finder{pkg: p, fset: fset, file: fset.File(f.Pos()).Name(), types: known, bare: map[ast.Stmt]bool{}}, f)
		}
	}
	return p, nil
}

// check gives the types of all expressions, with what the compiler exported of imports.
func check(dir, path string, fset *token.FileSet, files []*ast.File) (map[ast.Expr]types.TypeAndValue, error) {
	out, err := golang(dir, "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", ".")
	if err != nil {
		return nil, err
	}
	exports := map[string]string{}
	for l := range strings.Lines(string(out)) {
		if a, b, ok := strings.Cut(strings.TrimSpace(l), " "); ok {
			exports[a] = b
		}
	}
	open := func(p string) (io.ReadCloser, error) { return os.Open(exports[p]) }
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", open)}
	_, err = conf.Check(path, fset, files, info)
	return info.Types, err
}

func golang(dir string, args ...string) ([]byte, error) {
	c := exec.Command("go", args...)
	var said bytes.Buffer
	c.Dir, c.Stderr = dir, &said
	out, err := c.Output()
	if err != nil {
		err = fmt.Errorf("go %s: %w\n%s%s", args[0], err, out, said.Bytes())
	}
	return out, err
}

// A finder goes through a file.
type finder struct {
	*pkg
	fset  *token.FileSet
	file  string
	types map[ast.Expr]types.TypeAndValue
	bare  map[ast.Stmt]bool // where a block is no statement
	in    string            // the function that is gone through
}

func (f *finder) offset(p token.Pos) int { return f.fset.Position(p).Offset }

// add notes a fault and gives its number.
func (f *finder) add(n ast.Node, kind string) int {
	at := f.fset.Position(n.Pos())
	text := strings.Join(strings.Fields(string(f.source[f.file][f.offset(n.Pos()):f.offset(n.End())])), " ")
	f.faults = append(f.faults, fault{filepath.Base(f.file), at.Line, at.Column, f.in, kind, text})
	return len(f.faults)
}

func (f *finder) put(at token.Pos, drop int, text string, closes bool) {
	f.changes[f.file] = append(f.changes[f.file], change{f.offset(at), drop, text, closes})
}

// around puts text before and after a node.
func (f *finder) around(n ast.Node, before, after string) {
	f.put(n.Pos(), 0, before, false)
	f.put(n.End(), 0, after, true)
}

// Visit leaves constants alone: they are no code.
func (f *finder) Visit(n ast.Node) ast.Visitor {
	switch x := n.(type) {
	case *ast.FuncDecl:
		f.in = x.Name.Name
	case *ast.GenDecl:
		if x.Tok == token.CONST {
			return nil
		}
	case *ast.ArrayType:
		if x.Len != nil {
			return nil
		}
	case *ast.ForStmt:
		f.bare[x.Post], f.bare[x.Init] = true, true
	case *ast.IfStmt:
		f.bare[x.Init] = true
	case *ast.SwitchStmt:
		f.bare[x.Init] = true
	case *ast.CommClause:
		f.bare[x.Comm] = true
	case *ast.IncDecStmt:
		if !f.bare[x] {
			other := map[token.Token]string{token.INC: "--", token.DEC: "++"}[x.Tok]
			value := string(f.source[f.file][f.offset(x.X.Pos()):f.offset(x.X.End())])
			f.around(x, fmt.Sprintf("if faultOn(%d) { %s%s } else { ", f.add(x, "step"), value, other), " }")
		}
	case *ast.UnaryExpr:
		if t := f.types[x]; x.Op == token.SUB && t.Value == nil && is(t.Type, types.IsNumeric) {
			f.around(x, fmt.Sprintf("faultNegative(%d, ", f.add(x, "sign")), ")")
			f.put(x.OpPos, 1, "", false)
		}
	case *ast.BinaryExpr:
		f.binary(x)
	}
	return f
}

func (f *finder) binary(x *ast.BinaryExpr) {
	t := f.types[x]
	if t.Value != nil || t.Type == nil {
		return
	}
	left, right := f.types[x.X].Type, f.types[x.Y].Type
	switch {
	case compares[x.Op] != "" && is(left, types.IsNumeric|types.IsString):
		other := f.add(x, "negation")
		f.around(x, fmt.Sprintf("(%s(%d, ", compares[x.Op], f.add(x, "boundary")), fmt.Sprintf(") != faultOn(%d))", other))
	case x.Op == token.EQL || x.Op == token.NEQ:
		f.around(x, "((", fmt.Sprintf(") != faultOn(%d))", f.add(x, "negation")))
		return
	case reckons[x.Op] != "" && is(left, types.IsNumeric) && is(right, types.IsNumeric) && !strings.HasPrefix(t.Type.String(), "untyped"):
		f.around(x, fmt.Sprintf("%s(%d, ", reckons[x.Op], f.add(x, "arithmetic")), ")")
	default:
		return
	}
	f.put(x.OpPos, len(x.Op.String()), ",", false)
}

func is(t types.Type, what types.BasicInfo) bool {
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&what != 0 && b.Info()&types.IsComplex == 0
}

// files are the package's files with all faults in, each switched off, for go's -overlay.
func (p *pkg) files() map[string][]byte {
	all := map[string][]byte{filepath.Join(p.dir, "faults_switches.go"): fmt.Appendf(nil, switches, p.name, len(p.faults)+1)}
	for name, changes := range p.changes {
		var b bytes.Buffer
		at := 0
		for _, c := range order(changes) {
			b.Write(p.source[name][at:c.at])
			b.WriteString(c.text)
			at = c.at + c.drop
		}
		b.Write(p.source[name][at:])
		all[name] = b.Bytes()
	}
	return all
}

// order sorts changes by place. Of those at one place what closes comes before what opens,
// of what opens the outermost comes first, of what closes the innermost: nodes are visited
// from the outside in.
func order(changes []change) []change {
	type numbered struct {
		change
		n int
	}
	all := make([]numbered, len(changes))
	for i, c := range changes {
		all[i] = numbered{c, i}
	}
	slices.SortStableFunc(all, func(a, b numbered) int {
		switch {
		case a.at != b.at:
			return a.at - b.at
		case a.closes != b.closes:
			if a.closes {
				return -1
			}
			return 1
		case a.closes:
			return b.n - a.n
		}
		return a.n - b.n
	})
	sorted := make([]change, len(all))
	for i, c := range all {
		sorted[i] = c.change
	}
	return sorted
}
