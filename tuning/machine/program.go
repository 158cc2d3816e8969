package machine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// A Program is a server that was found.
type Program struct {
	Title   string
	System  model.SystemID
	Path    string // of its executable; empty where that could not be seen
	Version model.Version
	Running []Process // the one that started the others first; none where it is only installed
	Listens []string  // as far as this user sees it
	Loaded  time.Time // when what runs was read; zero where nothing tells
	Main    string    // its configuration file; empty where none was found
	Import  native.Import
	Told    *native.Import // what its command line says
	Edited  []Edited       // files that what runs has not read
	Fault   string         // what it says itself of its files: it would not start with them
	Unread  string         // why its configuration was not read
	Answers []Fact         // what it says of itself where it can be asked

	sends   []string // what its command line says of where it sends to
	asked   []asked
	usual   map[model.ParamID]model.Value
	live    map[model.ParamID]model.Setting // what it says that runs
	adapted any                             // the JSON that Caddy makes of its files; nil where that is not known
	admin   string                          // where it listens for its administration, as Listens has it; empty for none
}

// An Edited file was changed after the program had read its configuration.
type Edited struct {
	File    string // as the values name it
	Changed time.Time
}

// Runs reports whether a program runs.
func (p *Program) Runs() bool { return len(p.Running) > 0 }

// Contexts are the places of its configuration and its command line, where what runs may
// be other values as doubtful ones: those of files that were edited since.
func (p *Program) Contexts() []native.Context {
	var list []native.Context
	for _, c := range p.Import.Contexts {
		c.Settings = maps.Clone(c.Settings)
		for id, s := range c.Settings {
			if s.Origin.Kind == model.FromFile && slices.ContainsFunc(p.Edited, func(e Edited) bool { return e.File == s.Origin.Where }) {
				s.Origin.Kind = model.FromAssumed
				c.Settings[id] = s
			}
		}
		p.running(&c)
		p.told(&c)
		list = append(list, c)
	}
	if len(list) == 0 && len(p.sends) > 0 {
		list = append(list, native.Context{System: p.System, Sends: p.sends, Settings: map[model.ParamID]model.Setting{}})
	}
	if p.Told == nil {
		return list
	}
	for _, told := range p.Told.Contexts {
		over := false
		for i := range list {
			if list[i].System == told.System {
				maps.Copy(list[i].Settings, told.Settings)
				over = true
			}
		}
		if !over {
			list = append(list, told)
		}
	}
	return list
}

// Files are those of its configuration, by the names that values have, sorted.
func (p *Program) Files() []string {
	all := slices.Sorted(maps.Keys(p.Import.Files))
	if all == nil {
		return []string{}
	}
	return all
}

// folders are where executables lie.
var folders = []string{"/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/usr/local/nginx/sbin", "/usr/lib/postgresql/*/bin"}

// programs finds the servers that run, and those that are installed besides.
func (r *reading) programs(ctx context.Context, all []Process) {
	running := map[*kind]bool{}
	for _, g := range groups(all) {
		running[g.kind] = true
		r.m.Programs = append(r.m.Programs, r.program(ctx, &g))
	}
	if r.options.Namespace != "" {
		return // what is installed is of no namespace
	}
	for i := range kinds {
		k := &kinds[i]
		if running[k] || k.system == "tomcat" || k.system == "node" {
			continue
		}
		for _, dir := range folders {
			if r.installed(ctx, k, dir) {
				break
			}
		}
	}
}

// installed adds a program that does not run.
func (r *reading) installed(ctx context.Context, k *kind, dir string) bool {
	for _, name := range k.names {
		if k.script != "" && name != k.script {
			continue
		}
		at := dir + "/" + name
		if strings.ContainsRune(dir, '*') {
			found, err := r.host.Host.Glob(at)
			if err != nil || len(found) == 0 {
				continue
			}
			at = found[len(found)-1]
		}
		if st, err := r.host.Stat(at); err != nil || st.Dir {
			continue
		}
		if real, err := r.host.Real(at); err != nil || k.script == "" && !slices.Contains(k.names, path.Base(real)) {
			continue // one file of many programs, such as busybox, whose httpd would begin to serve
		}
		p := Program{Title: k.title, System: k.system, Path: at}
		p.Version = r.version(ctx, k, []string{at})
		r.configuration(ctx, k, &p, "", nil)
		r.m.Programs = append(r.m.Programs, p)
		return true
	}
	return false
}

// program reads what is known of a running server.
func (r *reading) program(ctx context.Context, g *group) Program {
	main := g.all[0]
	p := Program{Title: g.kind.title, System: g.kind.system, Path: main.Program, Running: g.all, Loaded: g.loaded(r), Listens: r.listens(g)}
	root := r.root(&main)
	words := main.words()
	if root == "" {
		p.Version = r.version(ctx, g.kind, r.executable(g.kind, &main))
	}
	if len(words) > 1 {
		told := native.Command(fmt.Sprintf("/proc/%d/cmdline", main.PID), words, r.options.Catalog)
		for _, c := range told.Contexts {
			for id, s := range c.Settings {
				s.Origin = model.Origin{Kind: model.FromRunning, Where: s.Origin.Where, At: r.m.Taken}
				c.Settings[id] = s
			}
			if c.System != "" && c.System != "linux" && len(c.Settings) > 0 {
				p.Told, p.System = &told, c.System
			}
		}
	}
	r.configuration(ctx, g.kind, &p, root, words)
	if root == "" {
		r.answers(ctx, &p)
	}
	if p.System == "caddy" {
		p.admin = adminAddress(r.admin(&p))
	}
	switch {
	case root != "":
	case p.System == "caddy":
		r.administered(ctx, &p)
	case p.System == "postgresql":
		r.sessions(ctx, &p, words)
	}
	if p.System == "varnish" {
		for _, to := range optionValues(words, []string{"-b"}) {
			p.sends = append(p.sends, native.Address(to, "80"))
		}
	}
	if g.kind.system == "tomcat" {
		p.Version = r.tomcatVersion(words, root)
	}
	return p
}

// root is the folder in which a process finds its files; empty where that is this
// machine's own.
func (r *reading) root(p *Process) string {
	at := "/proc/" + strconv.Itoa(p.PID) + "/root"
	its, err := r.host.Stat(at + "/")
	ours, also := r.host.Stat("/")
	if err != nil || also != nil || its.ID == ours.ID {
		return ""
	}
	return at
}

// executable is how a running program is called.
func (r *reading) executable(k *kind, p *Process) []string {
	exe := p.Program
	if p.Replaced {
		exe = "/proc/" + strconv.Itoa(p.PID) + "/exe"
	}
	if k.script == "" {
		return []string{exe}
	}
	words := p.words()
	at := k.scriptAt(p)
	if at < 1 || !path.IsAbs(words[at]) {
		return nil // a module, or a title
	}
	return []string{words[at]} // by the interpreter that it names, which has its packages
}

// version asks a program for its version, where its file is of somebody who may do
// anything as this user anyway.
func (r *reading) version(ctx context.Context, k *kind, argv []string) model.Version {
	if len(k.version) == 0 || len(argv) == 0 || argv[0] == "" {
		return ""
	}
	for _, file := range argv {
		if !r.trusted(file) {
			r.lacks(model.Clean(file, 100) + " was not run for its version: it is neither yours nor root's alone.")
			return ""
		}
	}
	out, err := r.host.Run(ctx, nil, append(slices.Clone(argv), k.version...)...)
	if err != nil && (len(out) == 0 || k.script != "") { // OpenSSH prints it with a complaint; an interpreter complains of itself
		return ""
	}
	return versionIn(string(out))
}

func (r *reading) tomcatVersion(words []string, root string) model.Version {
	for _, home := range optionValues(words, []string{"-Dcatalina.home"}) {
		data, err := r.host.Read(root + home + "/RELEASE-NOTES")
		if _, after, ok := strings.Cut(string(data), "Apache Tomcat Version "); err == nil && ok {
			return versionIn(after[:min(len(after), 20)])
		}
	}
	return ""
}

// configuration reads the files of a program: those that its command line names, or that
// lie where it looks.
func (r *reading) configuration(ctx context.Context, k *kind, p *Program, root string, words []string) {
	if k.format == "" {
		return
	}
	parts, named := r.mains(k, p, root, words)
	if len(parts) == 0 {
		if named != "" {
			p.Unread = named
		}
		return
	}
	format, err := native.Find(k.format)
	if err != nil {
		return
	}
	if port := redisPort(parts[0].Data); k.system == "redis" && p.Runs() && len(optionValues(words, k.option)) == 0 && !p.shows(port) {
		p.Unread = fmt.Sprintf("%s is for port %s, and this one, which hides the name of its file, has another", model.Clean(strings.TrimPrefix(parts[0].Path, root), 200), port)
		return
	}
	p.Main = strings.TrimPrefix(parts[0].Path, root)
	source := native.Source{Name: p.Main, Path: parts[0].Path, Data: parts[0].Data, Root: cmp.Or(root, "/"), Files: files{r.host}, Rest: parts[1:]}
	if k.system == "apache" && p.Runs() {
		source.Defines = append([]string{}, optionValues(words, []string{"-D"})...)
	}
	p.Import, err = format.Open(source, r.options.Catalog)
	if err != nil {
		p.Unread = model.Clean(err.Error(), 300)
		return
	}
	r.edited(p)
	r.checked(ctx, k, p, root, words, parts)
}

var redisPorts = regexp.MustCompile(`(?mi)^\s*port\s+(\d+)`)

// redisPort is the port that a redis.conf says last.
func redisPort(data []byte) string {
	all := redisPorts.FindAllSubmatch(data, -1)
	if len(all) == 0 {
		return "6379"
	}
	return string(all[len(all)-1][1])
}

// shows reports whether a program answers at a port, as far as it is seen: Redis has its
// address for a title, without its file.
func (p *Program) shows(port string) bool {
	at := func(a string) bool { return strings.HasSuffix(a, ":"+port) }
	return slices.ContainsFunc(p.Listens, at) || len(p.Listens) == 0 && slices.ContainsFunc(p.Running[0].words(), at)
}

// mains are the configuration files that were named, or the first that is where the
// program looks; why none was read is said.
func (r *reading) mains(k *kind, p *Program, root string, words []string) (parts []native.NextFile, why string) {
	home := r.home(p)
	absolute := func(name string) string {
		if !path.IsAbs(name) {
			name = path.Join(home, name)
		}
		return root + name
	}
	var named []string
	for _, name := range optionValues(words, k.option) {
		if k.below != "" {
			name = path.Join(name, k.below)
		}
		if k.system == "nginx" && !path.IsAbs(name) { // from its prefix
			if prefix := optionValues(words, []string{"-p"}); len(prefix) > 0 {
				name = path.Join(prefix[0], name)
			}
		}
		named = append(named, absolute(name))
	}
	if k.system == "apache" && len(named) == 0 {
		for _, dir := range optionValues(words, []string{"-d"}) {
			named = append(named, absolute(path.Join(dir, "conf/httpd.conf")), absolute(path.Join(dir, "apache2.conf")))
		}
	}
	if len(named) == 0 {
		for _, place := range k.places {
			if strings.HasPrefix(place, "./") && home == "" {
				continue
			}
			found := []string{absolute(place)}
			if strings.ContainsRune(place, '*') {
				found, _ = r.host.Glob(absolute(place)) // none where it is no place
			}
			for _, f := range found {
				if _, err := r.host.Stat(f); !errors.Is(err, fs.ErrNotExist) && len(named) == 0 {
					named = append(named, f)
				}
			}
		}
	}
	for _, name := range named {
		list := []string{name}
		if st, err := r.host.Stat(name); err == nil && st.Dir && k.system == "haproxy" {
			list, _ = r.host.Glob(name + "/*.cfg") // none: it would not start either
		}
		for _, f := range list {
			data, err := r.host.Read(f)
			if err != nil {
				why = fmt.Sprintf("%s: %s", model.Clean(strings.TrimPrefix(f, root), 200), short(err))
				if errors.Is(err, fs.ErrPermission) {
					r.lacks("Root would read " + model.Clean(strings.TrimPrefix(f, root), 200) + ".")
				}
				continue
			}
			parts = append(parts, native.NextFile{Name: strings.TrimPrefix(f, root), Path: f, Data: data})
		}
	}
	if !native.Joined(k.format) {
		parts = parts[:min(1, len(parts))]
	}
	return parts, why
}

// home is the folder from which a running program counts; empty where it is not for this
// user.
func (r *reading) home(p *Program) string {
	if !p.Runs() {
		return ""
	}
	home, err := r.host.Link("/proc/" + strconv.Itoa(p.Running[0].PID) + "/cwd")
	if err != nil {
		return ""
	}
	return home
}

// slack is how much a time of a process and one of a file can be apart and still be the
// same: /proc tells hundredths of a second.
const slack = 50 * time.Millisecond

// edited finds files that were changed after what runs was loaded.
func (r *reading) edited(p *Program) {
	if p.Loaded.IsZero() {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(p.Import.Files)) {
		st, err := r.host.Stat(p.Import.Files[name])
		if err == nil && st.Changed.After(p.Loaded.Add(slack)) {
			p.Edited = append(p.Edited, Edited{name, st.Changed})
		}
	}
}
