package native

import (
	"cmp"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A lyingFile is the format of files, by where those lie on a host or in a container, or by a
// name alone where that is not known.
type lyingFile struct {
	at     func() *regexp.Regexp
	format func() *syntax
}

var lyingFiles = []lyingFile{
	{lazily(`^/etc/nginx/|^[^/]*nginx[^/]*$`), nginx},
	{lazily(`^(/etc/(apache2|httpd)|/usr/local/apache2/conf)/|^[^/]*(apache|httpd)[^/]*$`), apache},
	{lazily(`^(/usr/local)?/etc/haproxy/|^[^/]*haproxy[^/]*$`), haproxy},
	{lazily(`^/etc/ssh/sshd_config(\.d/.*)?$|^[^/]*sshd[^/]*$`), sshd},
	{lazily(`^/etc/ssh/ssh_config(\.d/.*)?$`), ssh},
	{lazily(`^/etc/squid/(squid\.conf|conf\.d/.*)$|^[^/]*squid[^/]*$`), squid},
}

var ansibleSysctl = lazily(`^/etc/sysctl\.(conf|d/.*)$`)

// ansibleApart are keys whose values say nothing of a connection, however they
// are worded.
var ansibleApart = lazily(`^-?\s*(notify|register|tags|listen|msg|hosts|regexp|regex|search_string|marker|loop_var|label)`)

// ansibleName is what a task is called, or a module's argument of that name.
var ansibleName = lazily(`^-?\s*name:\s*["']?(.*)`)

func ansibleBears(line string) bool {
	if m := ansibleName().FindStringSubmatch(line); m != nil && !strings.HasPrefix(m[1], "net.") && !strings.HasPrefix(m[1], "{{") {
		return false
	}
	return line != "" && line[0] != '#' && !ansibleApart().MatchString(line) && !strings.HasSuffix(line, ":") && concernsConnections(line)
}

// A playVar is the value of a variable, and the file that says it.
type playVar struct {
	*yaml.Node
	file string
}

type playVars map[string]playVar

// A playReader reads the tasks of playbooks: what their modules are told
// literally, or by variables of the same play.
type playReader struct {
	*reader
	yamlWalk
	sysctls []sysctlLine
	unclear []sysctlLine           // whose values only the run knows
	lines   map[int]map[int]string // for each of lyingFiles what its tasks write, by line
}

// readAnsible reads plays, or the tasks of a role; a play that sets something
// beside another one is a context.
func readAnsible(r *reader, text string) {
	p := &playReader{reader: r}
	root := r.root
	var said []*scope
	for _, doc := range r.yamlDocs(text) {
		plays := p.items(doc)
		if !slices.ContainsFunc(plays, func(n *yaml.Node) bool { return p.at(n, "hosts") != nil }) {
			p.play(p.roleVars(), doc)
			continue
		}
		for _, play := range plays {
			s := r.scope(play.Line, "play "+p.text(play, "hosts"), root)
			r.root, r.at = s, s
			before := len(r.listed)
			if roles := p.at(play, "roles"); roles != nil {
				r.warn(roles.Line, "the roles of a play are not read with it; import tasks/main.yml of each")
			}
			p.play(p.vars(p.varFiles(play), play), p.at(play, "pre_tasks"), p.at(play, "tasks"), p.at(play, "post_tasks"))
			if len(r.listed) == before && len(s.settings)+len(s.doubts) > 0 {
				said = append(said, s)
			}
		}
		r.root, r.at = root, root
	}
	if len(said) == 1 && len(r.listed) == 0 {
		r.join(said[0], root)
		return
	}
	for _, s := range said {
		r.list(s, "")
	}
}

func (p *playReader) at(n *yaml.Node, keys ...string) *yaml.Node {
	return p.get(n, func(a, b string) bool { return a == b }, keys...)
}

func (p *playReader) text(n *yaml.Node, keys ...string) string {
	if n = p.at(n, keys...); n != nil && n.Kind == yaml.ScalarNode {
		return n.Value
	}
	return ""
}

// play reads lists of tasks, and then all that they write as one.
func (p *playReader) play(vars playVars, lists ...*yaml.Node) {
	p.sysctls, p.unclear, p.lines = nil, nil, map[int]map[int]string{}
	for _, list := range lists {
		p.tasks(vars, list)
	}
	if len(p.sysctls) > 0 {
		p.sysctlLines(p.sysctls)
	}
	known := p.sysctlKeys(p.unclear)
	for _, l := range p.unclear {
		if id := known[l.key]; id != "" {
			p.unknown(l.line, id, "%s: only the run knows what %s is", l.key, l.value)
		}
	}
	for _, which := range slices.Sorted(maps.Keys(p.lines)) {
		var b strings.Builder
		last := slices.Max(slices.Collect(maps.Keys(p.lines[which])))
		for n := 1; n <= last; n++ {
			b.WriteString(p.lines[which][n] + "\n")
		}
		p.in(p.root, func() { lyingFiles[which].format().read(p.reader, b.String()) })
	}
}

// vars adds the variables of a play, block or task to those around it.
func (p *playReader) vars(around playVars, of *yaml.Node) playVars {
	all := maps.Clone(around)
	if all == nil {
		all = playVars{}
	}
	for _, f := range p.fields(p.at(of, "vars")) {
		all[f.key.Value] = playVar{f.value, p.file}
	}
	return all
}

// roleVars are the variables beside the tasks of a role; what a play sets in
// their place is not here.
func (p *playReader) roleVars() playVars {
	all := playVars{}
	if dir := path.Dir(p.opened.source.Path); path.Base(dir) == "tasks" {
		for _, name := range []string{"defaults", "vars"} {
			p.varFile(all, path.Join(path.Dir(dir), name, "main.yml"))
		}
	}
	return all
}

// varFiles are the variables of a play's vars_files.
func (p *playReader) varFiles(play *yaml.Node) playVars {
	all := playVars{}
	for _, n := range p.items(p.at(play, "vars_files")) {
		p.varFile(all, path.Join(path.Dir(p.opened.source.Path), n.Value))
	}
	return all
}

func (p *playReader) varFile(all playVars, name string) {
	for text := range p.beside(name) {
		for _, doc := range p.yamlDocs(text) {
			for _, f := range p.fields(doc) {
				all[f.key.Value] = playVar{f.value, p.file}
			}
		}
	}
}

func (p *playReader) tasks(vars playVars, list *yaml.Node) {
	for _, task := range p.items(list) {
		inner := p.vars(vars, task)
		if block := p.at(task, "block"); block != nil { // what rescue does is not what is wanted
			p.tasks(inner, block)
			continue
		}
		p.includes(inner, task)
		for _, f := range p.fields(task) {
			name := f.key.Value
			for _, prefix := range []string{"ansible.builtin.", "ansible.posix.", "ansible.legacy."} {
				name = strings.TrimPrefix(name, prefix)
			}
			if slices.Contains([]string{"sysctl", "copy", "template", "lineinfile", "blockinfile", "command", "shell"}, name) {
				p.looped(inner, task, name, f.value)
			}
		}
	}
}

// includes reads the tasks of a file beside this one.
func (p *playReader) includes(vars playVars, task *yaml.Node) {
	for _, f := range p.fields(task) {
		name := strings.TrimPrefix(f.key.Value, "ansible.builtin.")
		if name != "import_tasks" && name != "include_tasks" {
			continue
		}
		file, read := p.text(f.value)+p.text(f.value, "file"), false
		for text := range p.beside(path.Join(path.Dir(p.opened.source.Path), file)) {
			read = true
			for _, doc := range p.yamlDocs(text) {
				p.tasks(vars, doc)
			}
		}
		if !read {
			p.warn(f.key.Line, "the tasks of %s are not here", file)
		}
	}
}

// looped takes a task once for each item of its loop.
func (p *playReader) looped(vars playVars, task *yaml.Node, module string, args *yaml.Node) {
	var loop *yaml.Node
	for _, key := range []string{"loop", "with_items", "with_list", "with_dict"} {
		if n := p.at(task, key); n != nil {
			if loop = n; n.Kind == yaml.ScalarNode {
				name, _, _ := strings.Cut(strings.Trim(n.Value, "{} "), "|") // dict2items
				if loop = vars[strings.TrimSpace(name)].Node; loop == nil {
					p.doubt(n.Line, "only the run knows what "+n.Value+" holds")
					return
				}
				p.use(n.Line)
			}
		}
	}
	when := p.at(task, "when")
	take := func(vars playVars) {
		known := len(p.sysctls)
		p.task(vars, module, p.arguments(args))
		if when != nil && len(p.sysctls) > known && !p.used[place{p.file, when.Line}] {
			p.doubt(when.Line, "the task runs only where "+when.Value)
		}
	}
	switch loop = p.real(loop); {
	case loop == nil:
		take(vars)
	case loop.Kind == yaml.MappingNode: // with_dict, dict2items
		for _, f := range p.fields(loop) {
			take(with(vars, playVars{"item.key": {f.key, p.file}, "item.value": {f.value, p.file}}))
		}
	default:
		for _, item := range p.items(loop) {
			bound := playVars{"item": {item, p.file}}
			for _, f := range p.fields(item) {
				bound["item."+f.key.Value] = playVar{f.value, p.file}
			}
			take(with(vars, bound))
		}
	}
}

func with(vars, more playVars) playVars {
	all := maps.Clone(vars)
	maps.Copy(all, more)
	return all
}

// arguments are what a module is told: a mapping, or words k=v on one line.
func (p *playReader) arguments(n *yaml.Node) map[string]*yaml.Node {
	all := map[string]*yaml.Node{}
	if n = p.real(n); n == nil {
		return all
	}
	for _, f := range p.fields(n) {
		all[f.key.Value] = f.value
	}
	if n.Kind == yaml.ScalarNode {
		all["cmd"] = n
		for _, w := range commandWords(strings.ReplaceAll(strings.ReplaceAll(n.Value, "'", `"`), "\n", " ")) {
			if key, value, ok := strings.Cut(w, "="); ok {
				all[key] = &yaml.Node{Kind: yaml.ScalarNode, Value: value, Line: n.Line}
			}
		}
	}
	return all
}

var (
	jinja      = lazily(`\{\{\s*([\w.]+|item\['\w+'\]|item\["\w+"\])\s*((?:\|\s*\w+(?:\([^()]*\))?\s*)*)\}\}`)
	jinjaIndex = lazily(`\[["'](\w+)["']\]`)
	jinjaElse  = lazily(`\|\s*(?:default|d)\(\s*["']?([\w.:-]*)["']?\s*(?:,\s*true\s*)?\)`)
	jinjaApart = lazily(`\|\s*(?:default|d|string|int|quote|trim)\b(?:\([^()]*\))?\s*`)
)

// expand puts the variables into a text. Its place is that of the variable where
// the text is nothing else; what only the run knows is false.
func (p *playReader) expand(vars playVars, n *yaml.Node) (text string, at place, ok bool) {
	if n = p.real(n); n == nil || n.Kind != yaml.ScalarNode {
		return "", place{}, false
	}
	at, ok = place{p.file, n.Line}, true
	text = jinja().ReplaceAllStringFunc(n.Value, func(found string) string {
		m := jinja().FindStringSubmatch(found)
		v := vars[jinjaIndex().ReplaceAllString(m[1], ".$1")]
		v.Node = p.real(v.Node)
		switch other := jinjaElse().FindStringSubmatch(m[2]); {
		case strings.TrimSpace(jinjaApart().ReplaceAllString(m[2], "")) != "":
			ok = false
		case v.Node != nil && v.Kind == yaml.ScalarNode:
			said := place{v.file, v.Line}
			if found == n.Value {
				at, said = said, at
			}
			p.used[said] = p.used[said] || said != at
			return v.Value
		case v.Node == nil && other != nil:
			return other[1]
		default:
			ok = false
		}
		return found
	})
	return text, at, ok && !strings.Contains(text, "{{") && !strings.Contains(text, "{%")
}

// task takes what one module is told.
func (p *playReader) task(vars playVars, module string, args map[string]*yaml.Node) {
	if state := p.text(args["state"]); state == "absent" {
		return
	}
	switch module {
	case "sysctl":
		key, at, named := p.expand(vars, cmp.Or(args["name"], args["key"]))
		value, said, known := p.expand(vars, cmp.Or(args["value"], args["val"]))
		l := sysctlLine{file: said.file, line: said.line, key: key, value: strings.TrimSpace(value)}
		p.used[at] = p.used[at] || at != said
		switch {
		case named && known:
			p.sysctls = append(p.sysctls, l)
		case named && said.line > 0:
			p.unclear = append(p.unclear, l)
		case at.line > 0:
			p.doubt(at.line, "only the run knows what "+key+" is")
		}
	case "copy":
		p.write(vars, cmp.Or(args["dest"], args["path"]), args["content"])
	case "template":
		p.template(vars, cmp.Or(args["dest"], args["path"]), args["src"])
	case "lineinfile":
		p.write(vars, cmp.Or(args["path"], args["dest"], args["name"]), args["line"])
	case "blockinfile":
		p.write(vars, cmp.Or(args["path"], args["dest"], args["name"]), cmp.Or(args["block"], args["content"]))
	default:
		p.command(args["cmd"])
	}
}

var sysctlWrite = lazily(`\bsysctl\s+(?:-\w+\s+)*-\w*w\w*\s+(.*)`)

// command takes sysctl -w KEY=VALUE.
func (p *playReader) command(n *yaml.Node) {
	if n == nil {
		return
	}
	if m := sysctlWrite().FindStringSubmatch(n.Value); m != nil {
		for _, w := range commandWords(m[1]) {
			if key, value, ok := cutSysctl(strings.Trim(w, "'")); ok {
				p.sysctls = append(p.sysctls, sysctlLine{file: p.file, line: n.Line, key: key, value: value})
			}
		}
	}
}

// ansibleFormat is which of lyingFiles a file is, or whether it holds sysctls.
func ansibleFormat(name string) (which int, isSysctl bool) {
	which = slices.IndexFunc(lyingFiles, func(f lyingFile) bool { return f.at().MatchString(name) })
	return which, ansibleSysctl().MatchString(name)
}

// template reads a template that lies beside the tasks, with the variables that
// are known. Of what it says under a condition only the run knows.
func (p *playReader) template(vars playVars, dest, src *yaml.Node) {
	name, _, _ := p.expand(vars, dest)
	which, isSysctl := ansibleFormat(name)
	if which < 0 && !isSysctl || src == nil {
		return
	}
	dir := path.Dir(p.opened.source.Path)
	if path.Base(dir) == "tasks" {
		dir = path.Dir(dir)
	}
	found := false
	for text := range p.beside(path.Join(dir, "templates", src.Value)) {
		found = true
		var lines []string
		for n, l := range numbered(text) {
			said, _, known := p.expand(vars, &yaml.Node{Kind: yaml.ScalarNode, Value: l + "\n", Line: n})
			if condition := strings.Contains(l, "{%"); condition || !known && concernsConnections(l) {
				p.doubt(n, "only the run knows what this is: "+l)
				said = "\n"
			}
			lines = append(lines, said)
		}
		if text = strings.Join(lines, ""); isSysctl {
			p.sysctlText(text, &p.sysctls)
		} else {
			lyingFiles[which].format().read(p.reader, text)
		}
	}
	if !found {
		p.doubt(src.Line, src.Value+" says what is written to "+name+", and is not here")
	}
}

// write takes lines of a file.
func (p *playReader) write(vars playVars, dest, content *yaml.Node) {
	name, at, named := p.expand(vars, dest)
	text, said, known := p.expand(vars, content)
	if !named || content == nil {
		return
	}
	which, isSysctl := ansibleFormat(name)
	if which < 0 && !isSysctl {
		return
	}
	if !known {
		p.doubt(content.Line, "only the run knows what is written to "+name)
		return
	}
	p.used[at] = p.used[at] || at != said
	line := content.Line // a variable's own line is no line of what is written
	if content.Style == yaml.LiteralStyle || content.Style == yaml.FoldedStyle {
		line++
	}
	if isSysctl {
		p.sysctlText(strings.Repeat("\n", line-1)+text, &p.sysctls)
		return
	}
	if p.lines[which] == nil {
		p.lines[which] = map[int]string{}
	}
	for i, l := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if p.lines[which][line+i] != "" {
			p.doubt(line+i, "several values stand on this line; the first was read")
			continue
		}
		p.lines[which][line+i] = l
	}
}
