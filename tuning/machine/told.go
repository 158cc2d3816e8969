package machine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// runCfg is what Apache is asked besides whether its files are right.
const runCfg = "DUMP_RUN_CFG"

// runConfiguration takes what httpd -t -D DUMP_RUN_CFG prints: NAME: VALUE.
func (r *reading) runConfiguration(p *Program, out string) {
	var defines []string
	for line := range strings.Lines(out) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		value = strings.Trim(value, `"`)
		switch {
		case name == "Define" && value != runCfg:
			defines = append(defines, value)
		case name == "PidFile":
			r.numbered(p, value)
		}
	}
	if len(defines) > 0 {
		p.says("-t -D "+runCfg, Fact{Name: "Define", Value: model.Clean(strings.Join(defines, " "), 200), Says: "true for IfDefine"})
	}
}

// says adds what a program said when it was run with an option.
func (p *Program) says(option string, f Fact) {
	f.Where = path.Base(p.Path) + " " + option
	p.Answers = append(p.Answers, f)
}

// numbered takes the time of the file in which a program keeps its process number: Apache and
// sshd write it at every start and reload, whichever workers live.
func (r *reading) numbered(p *Program, file string) {
	if !path.IsAbs(file) || r.line(file) != strconv.Itoa(p.Running[0].PID) {
		return
	}
	if st, err := r.host.Stat(file); err == nil {
		r.reloaded(p, st.Changed)
	}
}

// reloaded takes a better word on when a program read its files.
func (r *reading) reloaded(p *Program, at time.Time) {
	p.Loaded, p.Edited = at, nil
	r.edited(p)
}

// hold keeps a value that a program tells, and what it is where no file says anything.
func (r *reading) hold(p *Program, sys *model.System, param *model.Param, now model.Value, where string) {
	if p.live == nil {
		p.live, p.usual = map[model.ParamID]model.Setting{}, map[model.ParamID]model.Value{}
	}
	p.usual[param.ID] = sys.DefaultAt(param, p.Version).Value
	p.live[param.ID] = model.Setting{Value: now, Origin: model.Origin{Kind: model.FromRunning, Where: where, At: r.m.Taken}}
}

// effective takes what sshd -T prints: each keyword, in small letters, with the value that a
// connection gets for which no Match block holds.
func (r *reading) effective(p *Program, out string) {
	sys, err := r.options.Catalog.System("sshd")
	if err != nil {
		return
	}
	said := map[string]string{}
	for line := range strings.Lines(out) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if _, again := said[name]; ok && !again {
			said[name] = value
		}
	}
	r.numbered(p, said["pidfile"])
	words := map[string]string{"none": "never", "yes": "on", "no": "off"}
	for _, param := range sys.Params {
		text, ok := said[strings.ToLower(param.Name)]
		if !ok || len(p.Edited) > 0 {
			continue
		}
		if v, err := param.ParseValue(cmp.Or(words[text], text)); err == nil {
			r.hold(p, sys, param, v, "sshd -T")
		}
	}
	var blocks []string
	for _, c := range p.Import.Contexts {
		if block, ok := strings.CutPrefix(c.Where, "Match "); ok && !slices.Contains(blocks, block) {
			blocks = append(blocks, block)
		}
	}
	if len(blocks) > 0 {
		p.says("-T", Fact{
			Name: "Match", Value: model.Clean(strings.Join(blocks, "; "), 200),
			Says: "for some connections alone: sshd -T -C user=NAME,host=HOST,addr=ADDRESS tells what one gets",
		})
	}
}

// administered asks a running Caddy for its configuration, where its administration endpoint
// listens: at its own socket, or at a loopback address.
func (r *reading) administered(ctx context.Context, p *Program) {
	at, host := p.admin, "" // a socket has none
	if path.IsAbs(at) {
		if !r.ownSocket(p, at, p.Import.Files[p.Main]) {
			return
		}
	} else {
		if !slices.Contains(p.Listens, at) { // of no process that is this one
			return
		}
		if host = strings.Replace(at, "*:", "127.0.0.1:", 1); !loopback(host) {
			r.lacks(fmt.Sprintf("%s was not asked for what runs: its administration endpoint %s is at no loopback address.", p.Title, model.Clean(at, 200)))
			return
		}
		at = host
	}
	got, err := r.host.Ask(ctx, at, "GET /config/ HTTP/1.0\r\nHost: "+host+"\r\n\r")
	head, body, ok := strings.Cut(string(got), "\r\n\r\n")
	if err == nil && (!ok || !strings.Contains(head[:min(len(head), 20)], " 200")) {
		err = fmt.Errorf("it answers %s", model.Clean(strings.SplitN(head, "\r\n", 2)[0], 60))
	}
	var now any
	if err == nil {
		err = json.Unmarshal([]byte(body), &now)
	}
	if err != nil {
		r.lacks(fmt.Sprintf("%s could not be asked for what runs at %s: %s.", p.Title, model.Clean(at, 200), short(err)))
		return
	}
	where := "its administration endpoint " + model.Clean(at, 200)
	if p.adapted != nil {
		same := reflect.DeepEqual(now, p.adapted)
		switch {
		case same:
			p.Edited = nil // what was edited is loaded, or makes no difference
		case len(p.Edited) == 0:
			p.Answers = append(p.Answers, Fact{Name: "configuration", Value: "another", Where: where, Says: "than its files make: it was changed since they were loaded"})
		}
	}
	r.caddyValues(p, now, where)
}

// usualAdmin is where Caddy listens for its administration unless it is told another place.
const usualAdmin = "localhost:2019"

// admin is where a Caddy says that it listens for its administration; "off" for nowhere.
func (r *reading) admin(p *Program) string {
	data, err := r.host.Read(p.Import.Files[p.Main])
	if err != nil {
		return usualAdmin
	}
	config := p.adapted
	if strings.HasSuffix(p.Main, ".json") && json.Unmarshal(data, &config) != nil {
		return "off" // it could be anywhere
	}
	if config == nil {
		return globalAdmin(string(data))
	}
	if within(config, "admin", "disabled") == true {
		return "off"
	}
	at, _ := within(config, "admin", "listen").(string)
	return cmp.Or(at, usualAdmin)
}

// globalAdmin is what the options at the top of a Caddyfile say of the administration endpoint. In
// other blocks the word is a name, as that of a user.
func globalAdmin(text string) string {
	depth := 0
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(" "+strings.TrimSpace(line), " #")
		f := strings.Fields(line)
		switch {
		case len(f) == 0:
			continue
		case depth == 0 && line != " {":
			return usualAdmin
		case depth == 1 && f[0] == "admin" && len(f) > 1 && f[1] != "{":
			return f[1]
		case f[0] == "}" && depth == 1:
			return usualAdmin
		case f[0] == "}":
			depth--
		}
		if f[len(f)-1] == "{" {
			depth++
		}
	}
	return usualAdmin
}

// adminAddress is a listener of Caddy as others are written: a path, HOST:PORT or *:PORT; empty
// for none.
func adminAddress(text string) string {
	text, _, _ = strings.Cut(text, "|") // the mode of a socket
	if at, ok := strings.CutPrefix(text, "unix/"); ok {
		return at
	}
	at := strings.TrimPrefix(text, "tcp/")
	host, port, ok := cutPort(at)
	switch addr, no := netip.ParseAddr(strings.Trim(host, "[]")); {
	case !ok:
		return ""
	case host == "localhost":
		return "127.0.0.1:" + port
	case host == "", no == nil && addr.IsUnspecified():
		return "*:" + port
	}
	return at
}

// loopback says whether an address leads nowhere but to this host.
func loopback(at string) bool {
	addr, err := netip.ParseAddrPort(at)
	return err == nil && addr.Addr().IsLoopback()
}

// ownSocket says whether a socket that a file names is one to ask: nobody else can have written the
// file, or the socket is of the user who runs the program. Another may lead to anything.
func (r *reading) ownSocket(p *Program, socket, file string) bool {
	st, err := r.host.Stat(socket)
	user, known := r.runBy(p.Running[0].PID)
	if r.trusted(file) || err == nil && known && st.User == user {
		return true
	}
	r.lacks(fmt.Sprintf("%s was not asked at %s: others may write the file that names it, and it is not of the user who runs it.", p.Title, model.Clean(socket, 200)))
	return false
}

// caddyNames are the settings of Caddy by what its JSON calls them.
var caddyNames = map[string]model.ParamID{
	"idle_timeout": "caddy.idle_timeout", "read_timeout": "caddy.read_timeout", "read_header_timeout": "caddy.read_header_timeout", "write_timeout": "caddy.write_timeout",
}

// caddyValues takes the times of all its servers, and those of all its proxies, where they agree.
func (r *reading) caddyValues(p *Program, config any, where string) {
	sys, err := r.options.Catalog.System("caddy")
	if err != nil {
		return
	}
	found := map[model.ParamID][]any{}
	servers, _ := within(config, "apps", "http", "servers").(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(servers)) {
		for key, id := range caddyNames {
			found[id] = append(found[id], within(servers[name], key))
		}
	}
	walk(config, func(x map[string]any) {
		if x["handler"] == "reverse_proxy" {
			found["caddy.upstream.keepalive"] = append(found["caddy.upstream.keepalive"], within(x, "transport", "keep_alive", "idle_timeout"))
			found["caddy.upstream.keepalive_idle_conns_per_host"] = append(found["caddy.upstream.keepalive_idle_conns_per_host"], within(x, "transport", "keep_alive", "max_idle_conns_per_host"))
		}
	})
	for id, values := range found {
		param := sys.Param(id)
		if param == nil || slices.ContainsFunc(values, func(v any) bool { return !reflect.DeepEqual(v, values[0]) }) {
			continue
		}
		now, ok := sys.DefaultAt(param, p.Version).Value, true
		switch v := values[0].(type) {
		case nil:
		case float64: // nanoseconds, or a count
			switch text := strconv.FormatFloat(v, 'f', -1, 64); {
			case v < 0:
				now = model.ValueNever
			case v > math.MaxInt64/2: // it would not have taken it
				ok = false
			case param.Unit == "count":
				now, err = param.ParseValue(text)
				ok = err == nil
			default:
				now = model.For(time.Duration(v))
			}
		default:
			ok = false
		}
		if ok {
			r.hold(p, sys, param, now, where)
		}
	}
}

// within is what stands in JSON below some names.
func within(x any, names ...string) any {
	for _, n := range names {
		m, ok := x.(map[string]any)
		if !ok {
			return nil
		}
		x = m[n]
	}
	return x
}

// walk visits every object in JSON.
func walk(x any, visit func(map[string]any)) {
	switch x := x.(type) {
	case map[string]any:
		visit(x)
		for _, v := range x {
			walk(v, visit)
		}
	case []any:
		for _, v := range x {
			walk(v, visit)
		}
	}
}

// settingsQuery asks PostgreSQL when it read its files, and for what new sessions begin with.
// Of a socket of the file system the values in force for TCP are not told, but those are.
const settingsQuery = "select 'loaded', extract(epoch from pg_conf_load_time())::text, '', 'configuration file', false" +
	" union all select name, reset_val, coalesce(unit, ''), source, pending_restart from pg_settings where name in (%s)"

// runusers are where the program is that runs another as a user. The PATH of the one who asks says
// nothing.
var runusers = []string{"/usr/sbin/runuser", "/sbin/runuser", "/usr/bin/runuser"}

func digits(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}

// sessions asks a running PostgreSQL for its settings, by psql on its socket, as the user who
// runs it.
func (r *reading) sessions(ctx context.Context, p *Program, words []string) {
	sys, err := r.options.Catalog.System("postgresql")
	data := optionValues(words, []string{"-D"})
	if err != nil || len(data) == 0 || !path.IsAbs(data[0]) || p.Path == "" {
		return
	}
	text, err := r.host.Read(data[0] + "/postmaster.pid")
	lines := strings.Split(string(text), "\n")
	user, known := r.runBy(p.Running[0].PID)
	name := r.userName(user)
	switch {
	case err != nil || !known || r.host.User() != 0 && r.host.User() != user:
		r.lacks(fmt.Sprintf("%s was not asked for what runs: root, or the user who runs it, may ask.", p.Title))
		return
	case len(lines) < 5 || !path.IsAbs(lines[4]) || strings.Contains(lines[4], ",") || !digits(lines[3]) || name == "": // of a list psql takes the first that answers
		r.lacks(p.Title + " was not asked for what runs: it has no socket in the file system.")
		return
	}
	psql := path.Dir(p.Path) + "/psql"
	if !r.trusted(psql) {
		r.lacks(p.Title + " was not asked for what runs: " + model.Clean(psql, 200) + " is not there, or others may write it.")
		return
	}
	var names []string
	params := map[string]*model.Param{}
	for _, param := range sys.Params {
		params[param.Name] = param
		names = append(names, "'"+param.Name+"'")
	}
	slices.Sort(names)
	argv := []string{psql, "-X", "-w", "-A", "-t", "-h", lines[4], "-p", lines[3], "-d", "postgres", "-U", name, "-c", fmt.Sprintf(settingsQuery, strings.Join(names, ", "))}
	if r.host.User() != user {
		i := slices.IndexFunc(runusers, r.trusted)
		if i < 0 {
			r.lacks(p.Title + " was not asked for what runs: there is no runuser, or others may write it.")
			return
		}
		argv = append([]string{runusers[i], "-u", name, "--"}, argv...)
	}
	out, err := r.host.Run(ctx, []string{"PGCONNECT_TIMEOUT=3", "PGAPPNAME=keeptune"}, argv...)
	if err != nil {
		r.lacks(fmt.Sprintf("%s does not let its own user %s ask for what runs (%s).", p.Title, model.Clean(name, 40), faultIn(string(out))))
		return
	}
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		if len(f) != 5 {
			continue
		}
		if f[0] == "loaded" {
			if at, err := strconv.ParseFloat(f[1], 64); err == nil && at > 0 && at < float64(r.host.Now().Add(time.Minute).Unix()) {
				r.reloaded(p, time.UnixMicro(int64(at*1e6)))
			}
			continue
		}
		param := params[f[0]]
		if param == nil || f[3] == "user" || f[3] == "database" || f[3] == "database user" || f[3] == "session" {
			continue // of the user who asks
		}
		if v, err := param.ParseValue(f[1] + f[2]); err == nil {
			r.hold(p, sys, param, v, "pg_settings")
		}
		if f[4] == "t" {
			p.Answers = append(p.Answers, Fact{Name: f[0], Value: "changed", Where: "pg_settings", Says: "in the file, but counts from a restart on"})
		}
	}
}

// userName is how /etc/passwd calls a user.
func (r *reading) userName(user int) string {
	data, err := r.host.Read("/etc/passwd")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(data)) {
		if f := strings.Split(line, ":"); len(f) > 3 && f[2] == strconv.Itoa(user) {
			return f[0]
		}
	}
	return ""
}

// told puts what a program tells of itself over a place of its files. Where both are the same
// the line of the file stays, and is in force.
func (p *Program) told(c *native.Context) {
	if strings.HasPrefix(c.Where, "Match ") { // sshd's, of some connections
		return
	}
	for id, now := range p.live {
		file, said := c.Settings[id]
		switch {
		case !said && (now.Value == p.usual[id] || !now.Value.IsSet()), said && file.Origin.Kind == model.FromRunning:
			continue
		case said && file.Value == now.Value:
			file.Origin.Kind = model.FromFile
			now = file
		case said:
			now.Said = model.Said{Value: file.Value, Where: file.Origin.Where, Line: file.Origin.Line}
		}
		c.Settings[id] = now
	}
}
