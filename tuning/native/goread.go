package native

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// goUnits are the units of package time.
var goUnits = map[string]time.Duration{
	"Nanosecond": time.Nanosecond, "Microsecond": time.Microsecond, "Millisecond": time.Millisecond, "Second": time.Second, "Minute": time.Minute, "Hour": time.Hour,
}

// goTypes are the types that hold settings, and whose they are.
var goTypes = map[string]model.SystemID{
	"http.Server": "go-server", "net.ListenConfig": "go-server", "http2.Server": "go-server", "http2.Transport": "go-client",
	"http.Transport": "go-client", "net.Dialer": "go-client", "http.Client": "go-client",
}

// goFields are the settings of a type by field.
var goFields = map[string]map[string]model.ParamID{
	"http.Server": {
		"IdleTimeout": "go-server.IdleTimeout", "ReadTimeout": "go-server.ReadTimeout",
		"ReadHeaderTimeout": "go-server.ReadHeaderTimeout", "WriteTimeout": "go-server.WriteTimeout",
		"HTTP2.SendPingTimeout": "go-server.HTTP2.SendPingTimeout", "HTTP2.PingTimeout": "go-server.HTTP2.PingTimeout",
	},
	"http2.Server": {
		"IdleTimeout": "go-server.http2.IdleTimeout", "ReadIdleTimeout": "go-server.HTTP2.SendPingTimeout", "PingTimeout": "go-server.HTTP2.PingTimeout",
	},
	"http2.Transport": {"ReadIdleTimeout": "go-client.HTTP2.SendPingTimeout", "PingTimeout": "go-client.HTTP2.PingTimeout"},
	"http.Transport": {
		"IdleConnTimeout": "go-client.IdleConnTimeout", "MaxIdleConnsPerHost": "go-client.MaxIdleConnsPerHost", "MaxIdleConns": "go-client.MaxIdleConns",
		"ResponseHeaderTimeout": "go-client.ResponseHeaderTimeout", "DisableKeepAlives": "go-client.keepAlives",
		"HTTP2.SendPingTimeout": "go-client.HTTP2.SendPingTimeout", "HTTP2.PingTimeout": "go-client.HTTP2.PingTimeout",
	},
	"http.Client": {"Timeout": "go-client.Timeout"},
}

// goProbeFields are those of net.KeepAliveConfig.
var goProbeFields = map[string]model.ParamID{"Enable": "tcp_keepalive", "Idle": "tcp_keepidle", "Interval": "tcp_keepintvl", "Count": "tcp_keepcnt"}

// A goObject is a value of one of the types, and the one that uses it.
type goObject struct {
	kind, name, function string
	line                 int
	user                 *goObject // the transport of a dialer or client
	scope                *scope
}

// main reports whether an object is an end by itself.
func (o *goObject) main() bool {
	return o.user == nil && slices.Contains([]string{"http.Server", "http.Transport", "http.Client"}, o.kind)
}

// A goReader walks through a program.
type goReader struct {
	*reader
	files     *token.FileSet
	constants map[string]ast.Expr
	depth     int
	function  string
	objects   []*goObject
	byLiteral map[*ast.CompositeLit]*goObject
}

// readGo reads the servers and clients of a Go program: each is a context,
// where there are several.
func readGo(r *reader, text string) {
	g := &goReader{reader: r, files: token.NewFileSet(), constants: map[string]ast.Expr{}, byLiteral: map[*ast.CompositeLit]*goObject{}}
	file, err := parser.ParseFile(g.files, "f.go", text, parser.SkipObjectResolution)
	if err != nil && !strings.Contains(text, "package ") { // lines of a program
		file, err = parser.ParseFile(g.files, "f.go", "package p; func _() { "+text+"\n}", parser.SkipObjectResolution)
		if err != nil {
			file, err = parser.ParseFile(g.files, "f.go", "package p; "+text, parser.SkipObjectResolution)
		}
	}
	if file == nil {
		r.warn(1, "this is not Go: %v", err)
		return
	}
	if err != nil {
		r.warn(1, "the program has errors, and may not be read as a whole: %v", err)
	}
	ast.Inspect(file, g.collect)
	for _, d := range file.Decls {
		g.function = ""
		if f, ok := d.(*ast.FuncDecl); ok {
			g.function = f.Name.Name
		}
		ast.Inspect(d, g.visit)
	}
	g.contexts()
}

func (g *goReader) at(n ast.Node) int { return g.files.Position(n.Pos()).Line }

// collect notes constants and variables that are given a value once.
func (g *goReader) collect(n ast.Node) bool {
	add := func(name string, x ast.Expr) {
		if _, again := g.constants[name]; again {
			x = nil
		}
		g.constants[name] = x
	}
	switch n := n.(type) {
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if i < len(n.Values) {
				add(name.Name, n.Values[i])
			}
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if name, ok := left.(*ast.Ident); ok && i < len(n.Rhs) {
				add(name.Name, n.Rhs[i])
			}
		}
	}
	return true
}

// visit looks at literals and assignments.
func (g *goReader) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ValueSpec:
		for i, name := range n.Names {
			switch {
			case i < len(n.Values):
				g.assign(name, n.Values[i])
			case goTypes[goName(n.Type)] != "":
				g.object(goName(n.Type), name.Name, n)
			}
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if i < len(n.Rhs) {
				g.assign(left, n.Rhs[i])
			}
		}
	case *ast.CompositeLit:
		g.literal(n, "", nil)
	case *ast.CallExpr:
		g.method(n)
	}
	return true
}

// method reads a switch that is a method and no field.
func (g *goReader) method(n *ast.CallExpr) {
	s, ok := n.Fun.(*ast.SelectorExpr)
	if !ok || len(n.Args) != 1 {
		return
	}
	v, known := g.value(n.Args[0])
	if !known || v.Kind() != constant.Bool {
		return
	}
	switch s.Sel.Name {
	case "SetKeepAlivesEnabled":
		o := g.find("http.Server", goName(s.X), n)
		g.in(o.scope, func() { g.take(g.at(n), "go-server.keepAlives", model.Switch(constant.BoolVal(v))) })
	case "SetMultipathTCP":
		if o := g.find("", goName(s.X), n); o != nil {
			id := model.ParamID(goTypes[o.kind]) + ".SetMultipathTCP"
			g.in(o.scope, func() { g.take(g.at(n), id, model.Switch(constant.BoolVal(v))) })
		}
	}
}

func (g *goReader) object(kind, name string, n ast.Node) *goObject {
	line := g.at(n)
	o := &goObject{kind: kind, name: name, function: g.function, line: line, scope: g.scope(line, "", nil)}
	o.scope.system = goTypes[kind]
	g.objects = append(g.objects, o)
	return o
}

// find is the object that a name stands for in the function at hand, or a new one.
func (g *goReader) find(kind, name string, n ast.Node) *goObject {
	for _, o := range slices.Backward(g.objects) {
		if o.name == name && (o.function == g.function || o.function == "") && (kind == "" || o.kind == kind) {
			return o
		}
	}
	if kind == "" {
		return nil
	}
	return g.object(kind, name, n)
}

// inner is the literal that an expression is, behind & and brackets.
func inner(x ast.Expr) ast.Expr {
	for {
		switch y := x.(type) {
		case *ast.UnaryExpr:
			if y.Op != token.AND {
				return x
			}
			x = y.X
		case *ast.ParenExpr:
			x = y.X
		default:
			return x
		}
	}
}

// literal reads a value written out; user is the object that it is a part of.
func (g *goReader) literal(lit *ast.CompositeLit, name string, user *goObject) *goObject {
	kind := goName(lit.Type)
	if goTypes[kind] == "" {
		return nil
	}
	if o := g.byLiteral[lit]; o != nil {
		if user != nil {
			o.user = user
		}
		return o
	}
	o := g.object(kind, name, lit)
	o.user = user
	g.byLiteral[lit] = o
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			g.field(o, goName(kv.Key), kv.Value, g.at(kv))
		}
	}
	return o
}

// assign reads NAME = VALUE and NAME.FIELD = VALUE.
func (g *goReader) assign(left, right ast.Expr) {
	if name, ok := left.(*ast.Ident); ok {
		switch x := inner(right).(type) {
		case *ast.CompositeLit:
			g.literal(x, name.Name, nil)
		case *ast.CallExpr: // of a copy: http.DefaultTransport.(*http.Transport).Clone()
			if s, ok := x.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Clone" {
				g.object("http.Transport", name.Name, x)
			} else if f, ok := x.Fun.(*ast.Ident); ok && f.Name == "new" && len(x.Args) == 1 && goTypes[goName(x.Args[0])] != "" {
				g.object(goName(x.Args[0]), name.Name, x)
			}
		}
		return
	}
	s, ok := left.(*ast.SelectorExpr)
	if !ok {
		return
	}
	receiver, field := goName(s.X), s.Sel.Name
	for _, part := range []string{"KeepAliveConfig", "HTTP2"} {
		if r, ok := strings.CutSuffix(receiver, "."+part); ok {
			receiver, field = r, part+"."+field
		}
	}
	o := g.find("", receiver, left)
	if o == nil {
		kind := goKindOf(field)
		if kind == "" || receiver == "" {
			return
		}
		o = g.object(kind, receiver, left)
	}
	g.field(o, field, right, g.at(left))
}

// goKindOf is the type that has a field by that name, where one only has.
func goKindOf(field string) string {
	for _, kind := range []string{"http.Server", "http.Transport", "http2.Transport"} {
		if goFields[kind][field] != "" {
			return kind
		}
	}
	return ""
}

// field reads one field of an object.
func (g *goReader) field(o *goObject, name string, x ast.Expr, line int) {
	system := goTypes[o.kind]
	id := goFields[o.kind][name]
	dials := o.kind == "net.Dialer" || o.kind == "net.ListenConfig"
	probe, config := strings.CutPrefix(name, "KeepAliveConfig.")
	switch {
	case id != "":
		g.setting(o, id, x, line)
	case dials && name == "KeepAlive":
		g.setting(o, model.ParamID(system)+".tcp_keepidle", x, line)
	case dials && config && goProbeFields[probe] != "":
		g.setting(o, model.ParamID(system)+"."+goProbeFields[probe], x, line)
	case dials && name == "KeepAliveConfig", name == "HTTP2":
		if lit, ok := inner(x).(*ast.CompositeLit); ok {
			for _, e := range lit.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					g.field(o, name+"."+goName(kv.Key), kv.Value, g.at(kv))
				}
			}
		}
	case name == "DialContext" || name == "Transport":
		g.tie(o, x)
	}
}

// tie notes that a transport dials with a dialer, or that a client uses a transport.
func (g *goReader) tie(o *goObject, x ast.Expr) {
	if s, ok := x.(*ast.SelectorExpr); ok && s.Sel.Name == "DialContext" {
		x = s.X
	}
	var other *goObject
	if lit, ok := inner(x).(*ast.CompositeLit); ok {
		other = g.literal(lit, "", nil)
	} else if name := goName(inner(x)); name != "" {
		other = g.find("", name, x)
	}
	switch {
	case other == nil || other == o:
	case o.kind == "http.Client":
		o.user = other
	default:
		other.user = o
	}
}

// setting takes the value of a field.
func (g *goReader) setting(o *goObject, id model.ParamID, x ast.Expr, line int) {
	g.in(o.scope, func() {
		p := g.param(line, id)
		v, ok := g.value(x)
		switch {
		case p == nil:
		case !ok || (v.Kind() == constant.Bool) != (p.Shape() == model.ShapeSwitch):
			g.unknown(line, id, "%s is an expression that is not understood", id)
		case v.Kind() == constant.Bool:
			on := constant.BoolVal(v)
			if id == "go-client.keepAlives" { // DisableKeepAlives
				on = !on
			}
			g.take(line, id, model.Switch(on))
		default:
			n, exact := constant.Int64Val(constant.ToInt(v))
			g.number(line, p, n, exact)
		}
	})
}

// number takes a count or nanoseconds; a negative one switches off or has no end.
func (g *goReader) number(line int, p *model.Param, n int64, exact bool) {
	switch {
	case !exact:
		g.warn(line, "%s is no whole number", p.ID)
	case n < 0 && strings.HasSuffix(string(p.ID), ".tcp_keepidle"):
		g.take(line, model.ParamID(p.ID.System())+".tcp_keepalive", model.ValueOff)
	case n < 0 && p.Never == "-1":
		g.take(line, p.ID, model.ValueNever)
	case n < 0:
		g.warn(line, "%s cannot be negative", p.ID)
	case p.Shape() == model.ShapeSpan:
		g.set(line, p.ID, time.Duration(n).String())
	default:
		g.set(line, p.ID, fmt.Sprint(n))
	}
}

// contexts joins parts to the ends that use them. What nobody is known to use
// holds for the only end of its side, or for those of the same function.
func (g *goReader) contexts() {
	mains := map[model.SystemID][]*goObject{}
	for _, o := range g.objects {
		if o.main() {
			mains[goTypes[o.kind]] = append(mains[goTypes[o.kind]], o)
		}
	}
	for _, o := range g.objects {
		if o.main() || len(o.scope.settings) == 0 {
			continue
		}
		ends := mains[goTypes[o.kind]]
		if o.user != nil {
			ends = []*goObject{o.user}
		} else if len(ends) > 1 {
			ends = slices.DeleteFunc(slices.Clone(ends), func(m *goObject) bool { return m.function != o.function })
		}
		for _, end := range ends {
			for end.user != nil && end.user != end {
				end = end.user
			}
			end.scope.also = append(end.scope.also, o.scope)
		}
		if len(ends) == 0 {
			mains[goTypes[o.kind]] = append(mains[goTypes[o.kind]], o)
		}
	}
	said := func(o *goObject) bool {
		return slices.ContainsFunc(o.scope.chain(), func(s *scope) bool { return len(s.settings) > 0 })
	}
	for _, system := range []model.SystemID{"go-server", "go-client"} {
		ends := mains[system]
		if !slices.ContainsFunc(ends, said) {
			continue
		}
		for _, o := range ends {
			o.scope.where = goWhere(o, len(ends))
			g.list(o.scope, "")
		}
	}
}

func goWhere(o *goObject, n int) string {
	if n == 1 {
		return ""
	}
	name := o.name
	if name == "" {
		name = fmt.Sprintf("of line %d", o.line)
	}
	if o.function != "" {
		name += " in " + o.function
	}
	return o.kind + " " + name
}

var goBearing = lazily(`\b(\w*Timeout|KeepAlive\w*|MaxIdle\w+|MaxConnsPerHost|DisableKeepAlives|SetKeepAlive\w*|Set\w*Deadline|ConnMaxIdleTime|ConnMaxLifetime|SetConnMax\w+|PermitWithoutStream)\s*(:=|:|=|\()`)

// goWords are parts of the names of goBearing, one of each.
var goWords = []string{"Timeout", "KeepAlive", "MaxIdle", "MaxConns", "Deadline", "ConnMax", "PermitWithoutStream"}

// goBears reports whether a line of a program sets a time of connections.
func goBears(line string) bool {
	return !strings.HasPrefix(line, "//") && !strings.Contains(line, "context.With") && slices.ContainsFunc(goWords, func(w string) bool { return strings.Contains(line, w) }) && goBearing().MatchString(line)
}
