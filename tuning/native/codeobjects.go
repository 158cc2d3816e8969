package native

import (
	"go/constant"
	"maps"
	"math/big"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// A bracket is a pair of brackets in a program.
type bracket struct {
	open       byte
	start, end int
	parent     int // among the brackets; -1 at the top
}

// A program is a text whose expressions and objects are looked at.
type program struct {
	text      string
	brackets  []bracket
	constants map[string]string // names that are given a value once; nil until one is asked for
	depth     int
	objects   []*codeObject
}

// A codeObject is a call or constructor whose arguments hold settings.
type codeObject struct {
	name, kind string // the variable that it is assigned to, and what is called
	scope      *scope
}

var codeConstant = lazily(`(?m)^\s*(?:export\s+|public\s+|private\s+|static\s+|final\s+)*(?:const|let|var|val|int|long|Duration)?\s*\b([A-Za-z_$][\w$]*)\s*(?::\s*\w+\s*)?=\s*([^=>\n][^;\n]*?);?\s*$`)

// newProgram looks at a text without its comments.
func newProgram(text string) *program {
	p := &program{text: text}
	open := -1
	for i := range len(text) {
		switch c := text[i]; c {
		case '(', '[', '{':
			p.brackets = append(p.brackets, bracket{c, i, len(text), open})
			open = len(p.brackets) - 1
		case ')', ']', '}':
			if open >= 0 {
				p.brackets[open].end = i
				open = p.brackets[open].parent
			}
		}
	}
	return p
}

// constant is the expression that a name is given once, and empty where there is none.
func (p *program) constant(name string) string {
	if p.constants == nil {
		p.constants = map[string]string{}
		for _, m := range codeConstant().FindAllStringSubmatch(p.text, -1) {
			if _, again := p.constants[m[1]]; again {
				p.constants[m[1]] = ""
				continue
			}
			p.constants[m[1]] = m[2]
		}
	}
	return p.constants[name]
}

// value works out an expression with the constants of the program.
func (p *program) value(expression string) (constant.Value, bool) {
	return evaluate(expression, func(name string) (constant.Value, bool) {
		if unit := goUnits[strings.TrimPrefix(name, "time.")]; strings.HasPrefix(name, "time.") && unit != 0 {
			return constant.MakeInt64(int64(unit)), true
		}
		text := p.constant(name)
		if p.depth++; text == "" || p.depth > foldDepth {
			p.depth--
			return nil, false
		}
		defer func() { p.depth-- }()
		return p.value(text)
	})
}

// expression is what begins a text, up to what ends an argument or a line.
func expression(text string) string {
	depth := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '(' || c == '[' || c == '{':
			depth++
		case (c == ')' || c == ']' || c == '}') && depth == 0, strings.IndexByte(",;\n#", c) >= 0 && depth == 0, strings.HasPrefix(text[i:], "//"):
			return strings.TrimSpace(text[:i])
		case c == ')' || c == ']' || c == '}':
			depth--
		}
	}
	return strings.TrimSpace(text)
}

// decimal is a number as programs write it, up to nine decimals.
func decimal(v constant.Value) string {
	v = constant.ToFloat(v)
	if whole := constant.ToInt(v); whole.Kind() == constant.Int {
		return whole.ExactString()
	}
	f, _ := constant.Float64Val(v)
	return strings.TrimRight(big.NewFloat(f).Text('f', 9), "0")
}

// callBefore is what stands before the bracket of a call.
var callBefore = lazily(`(?:([A-Za-z_$][\w$.]*)\s*(?::\s*[\w.<>]+\s*)?:?=\s*)?(?:await\s+)?((?:new\s+)?[A-Za-z_$][\w$.:]*)\s*$`)

// beforeSize is how much text before a bracket is looked at, in bytes.
const beforeSize = 120

// object is the call that a place of the program is an argument of: the
// outermost within its statement. It is nil where there is none.
func (p *program) object(r *reader, at int) *codeObject {
	inner := -1
	for i := range p.brackets {
		if b := &p.brackets[i]; b.start < at && at < b.end {
			inner = i
		} else if b.start >= at {
			break
		}
	}
	call, made := -1, false
	for i, n := inner, 0; i >= 0 && n < foldDepth; i, n = p.brackets[i].parent, n+1 {
		b := &p.brackets[i]
		before := strings.TrimRight(p.text[max(0, b.start-beforeSize):b.start], " \t\r\n")
		if b.open == '{' && (before == "" || strings.ContainsRune(")>;{}", rune(before[len(before)-1]))) {
			break // a block of statements
		}
		if b.open != '(' {
			continue
		}
		if m := callBefore().FindStringSubmatch(before); m != nil {
			if makes := constructor(m[2]); makes || !made {
				call, made = i, makes
			}
		}
	}
	if call < 0 {
		return nil
	}
	m := callBefore().FindStringSubmatch(p.text[max(0, p.brackets[call].start-beforeSize):p.brackets[call].start])
	key := m[1]
	for _, o := range p.objects {
		if o.name == key && key != "" && o.kind == m[2] || o.scope.line == 1+strings.Count(p.text[:p.brackets[call].start], "\n") && o.kind == m[2] {
			return o
		}
	}
	o := &codeObject{name: key, kind: m[2], scope: r.scope(1+strings.Count(p.text[:p.brackets[call].start], "\n"), "", r.root)}
	p.objects = append(p.objects, o)
	return o
}

// constructor reports whether a call makes an object.
func constructor(call string) bool { return strings.HasPrefix(call, "new ") }

// settle makes a context of each of several objects of one kind that set the
// same; what others say holds for the whole file.
func (p *program) settle(r *reader) {
	type said struct {
		kind string
		id   model.ParamID
	}
	times, several, made := map[said]int{}, map[string]bool{}, map[string]int{}
	for _, o := range p.objects {
		if len(o.scope.settings) > 0 && constructor(o.kind) {
			made[o.kind]++
			several[o.kind] = made[o.kind] > 1
		}
		for id := range o.scope.settings {
			times[said{o.kind, id}]++
			several[o.kind] = several[o.kind] || times[said{o.kind, id}] > 1
		}
	}
	for _, o := range p.objects {
		switch {
		case len(o.scope.settings) == 0:
		case several[o.kind]:
			o.scope.where = strings.TrimSpace(strings.TrimPrefix(o.kind, "new ") + " " + o.name)
			r.list(o.scope, "")
		default:
			r.join(o.scope, r.root)
		}
	}
}

// join makes what a scope says hold for one around it.
func (r *reader) join(s, into *scope) {
	for _, id := range slices.Sorted(maps.Keys(s.settings)) {
		set := s.settings[id]
		if old, ok := into.settings[id]; ok {
			r.over[place{old.Origin.Where, old.Origin.Line}] = place{set.Origin.Where, set.Origin.Line}
		}
		into.settings[id] = set
	}
	into.doubts = append(into.doubts, s.doubts...)
	into.warnings = append(into.warnings, s.warnings...)
	if s.system != "" {
		into.system = s.system
	}
}

// scoped hands what is read to the object that a place belongs to.
func (p *program) scoped(r *reader, at int, read func()) {
	if o := p.object(r, at); o != nil {
		r.in(o.scope, read)
		return
	}
	read()
}

// nodeNames are the settings of a server and of an agent by property.
var nodeNames = map[string][2]model.ParamID{
	"keepAliveTimeout": {"node.keepAliveTimeout"}, "keepAliveTimeoutBuffer": {"node.keepAliveTimeoutBuffer"}, "maxRequestsPerSocket": {"node.maxRequestsPerSocket"},
	"headersTimeout": {"node.headersTimeout"}, "requestTimeout": {"node.requestTimeout"}, "timeout": {"node.server.timeout", nodeFace + "timeout"},
	"keepAliveInitialDelay": {nodeDelay}, "keepAlive": {nodeProbes, nodeFace + "keepAlive"}, "keepAliveMsecs": {"", nodeFace + "tcp_keepidle"},
	"maxFreeSockets": {"", nodeFace + "maxFreeSockets"}, "agentKeepAliveTimeoutBuffer": {"", nodeFace + "agentKeepAliveTimeoutBuffer"},
}

var nodeProperty = lazily(`(?:([A-Za-z_$][\w$.]*)\.)?\b(` + strings.Join(slices.Sorted(maps.Keys(nodeNames)), "|") + `)['"]?\s*(?:=|:)\s*`)

// readNode reads properties of servers and agents. Those of one variable belong
// together.
func readNode(r *reader, text string) {
	p := newProgram(blankComments(text, "//"))
	agents := map[string]bool{}
	for _, m := range nodeProperty().FindAllStringSubmatchIndex(p.text, -1) {
		rest := p.text[m[1]:min(m[1]+valueSize, len(p.text))]
		if rest == "" || strings.ContainsRune("=>", rune(rest[0])) {
			continue
		}
		line := 1 + strings.Count(p.text[:m[4]], "\n")
		o := p.object(r, m[4])
		if m[2] >= 0 {
			o = p.named(r, p.text[m[2]:m[3]], line)
		}
		at, agent := r.root, false
		if o != nil {
			at, agent = o.scope, strings.Contains(o.kind, "Agent")
			agents[o.kind] = agent
		}
		ids := nodeNames[p.text[m[4]:m[5]]]
		id := ids[0]
		if agent && ids[1] != "" || id == "" {
			id = ids[1]
		}
		r.in(at, func() { r.nodeValue(p, line, id, expression(rest)) })
	}
	p.settleNode(r, agents)
}

// named is the object that a variable stands for.
func (p *program) named(r *reader, name string, line int) *codeObject {
	for _, o := range p.objects {
		if o.name == name {
			return o
		}
	}
	kind := "server"
	if strings.Contains(strings.ToLower(name), "agent") {
		kind = "Agent"
	}
	o := &codeObject{name: name, kind: kind, scope: r.scope(line, "", r.root)}
	p.objects = append(p.objects, o)
	return o
}

// settleNode makes contexts of several servers or agents, each for its face.
func (p *program) settleNode(r *reader, agents map[string]bool) {
	faces := map[bool][]*codeObject{}
	for _, o := range p.objects {
		if len(o.scope.settings) > 0 {
			faces[agents[o.kind]] = append(faces[agents[o.kind]], o)
		}
	}
	if len(faces[false]) < 2 && len(faces[true]) < 2 {
		for _, o := range p.objects {
			r.join(o.scope, r.root)
		}
		return
	}
	for _, agent := range []bool{false, true} {
		face := model.FaceServer
		if agent {
			face = model.FaceClient
		}
		for _, o := range faces[agent] {
			o.scope.where = strings.TrimSpace(strings.TrimPrefix(o.kind, "new ") + " " + o.name)
			if strings.HasPrefix(o.scope.where, "server server") {
				o.scope.where = o.name
			}
			r.list(o.scope, face)
		}
	}
}

func (r *reader) nodeValue(p *program, line int, id model.ParamID, text string) {
	param := r.param(line, id)
	if param == nil {
		return
	}
	if param.Shape() == model.ShapeSwitch {
		if text == "true" || text == "false" {
			r.take(line, id, model.Switch(text == "true"))
		}
		return
	}
	v, ok := p.value(text)
	if !ok {
		r.unknown(line, id, "%s is %s, which is not a number", id, text)
		return
	}
	number := decimal(v)
	if param.Role == model.RoleProbeIdle {
		number += "ms"
	}
	r.set(line, id, number)
}
