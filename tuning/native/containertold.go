package native

import (
	"maps"
	"path"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// emit makes a context of each container, or of the whole file where there is one.
func (c *containerReader) emit() {
	whole := c.file
	tuned := slices.ContainsFunc(c.containers, func(s *container) bool { return len(s.sysctls) > 0 && s.host == "" })
	for _, s := range c.containers {
		at := c.root
		c.file = s.file
		if len(c.containers) > 1 {
			at = c.scope(s.line, s.where, nil)
		}
		at.hosted = true
		apart := false
		for _, list := range [][]containerWord{s.sysctls, s.env, s.words} {
			for i := range list {
				c.unless(&list[i])
			}
		}
		c.in(at, func() { apart = c.tell(s, at) })
		program := c.program(s)
		switch {
		case at.system != "" && at.system != "linux":
		case program != "":
			at.system = program
		case tuned:
			at.system = "linux"
		}
		if len(c.containers) > 1 && !apart && (at.system != "" || len(at.settings) > 0) {
			c.list(at, "")
		}
	}
	c.assume()
	c.file = whole
}

// containerImages are images that are not named as the catalog calls the program.
var containerImages = map[string]model.SystemID{
	"httpd": "apache", "postgres": "postgresql", "eclipse-mosquitto": "mosquitto", "nats": "nats-server", "valkey": "redis", "mysql": "mariadb", "openssh-server": "sshd",
}

// program is the system that a container runs, as far as its image tells.
func (c *containerReader) program(s *container) model.SystemID {
	name := imageName(s.image)
	if id := containerImages[name]; id != "" {
		return id
	}
	sys, err := c.catalog.System(model.SystemID(name))
	if name == "" || err != nil || sys.Middlebox() || sys.Kind == "os" {
		return ""
	}
	return sys.ID
}

// imageName is docker.io/library/nginx:1.28@sha256:… without all but its name.
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	name, _, _ := strings.Cut(path.Base(image), ":")
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// tell takes what a container is told; apart is true where its program has
// several places, which are listed in its stead.
func (c *containerReader) tell(s *container, at *scope) (apart bool) {
	for _, d := range s.doubts {
		c.file = d.file
		c.doubt(d.line, d.value)
	}
	c.sysctls(append(slices.Clip(s.sysctls), s.sysctlCommands()...), s.host)
	env := c.variables(s)
	runs := func(name string) bool {
		return imageName(s.image) == name || slices.ContainsFunc(s.words, func(w containerWord) bool { return path.Base(w.value) == name })
	}
	c.spring(s, env, at)
	if w, ok := env["UVICORN_TIMEOUT_KEEP_ALIVE"]; ok {
		c.say(w, func() { c.set(w.line, uvicornIdle, w.value) })
	}
	if runs("uvicorn") {
		c.flag(s.words, []string{"--timeout-keep-alive"}, func(line int, value string) { c.set(line, uvicornIdle, value) })
	}
	arguments := slices.Concat(c.carried(env, "GUNICORN_CMD_ARGS"), s.words) // of which the last counts
	if runs("gunicorn") || len(arguments) > len(s.words) {
		c.gunicorn(arguments)
	}
	if runs("hypercorn") {
		c.flag(s.words, []string{"--keep-alive"}, func(line int, value string) { c.set(line, "hypercorn.keep_alive_timeout", value) })
		c.flag(s.words, []string{"--read-timeout"}, func(line int, value string) { c.set(line, "hypercorn.read_timeout", value) })
	}
	if runs("redis-server") || runs("redis") || runs("valkey") || runs("valkey-server") {
		for _, name := range []string{"timeout", "tcp-keepalive"} {
			c.flag(s.words, []string{"--" + name}, func(line int, value string) { c.redisDirective(line, name, value) })
		}
	}
	if runs("postgres") {
		p := &pgReader{reader: c.reader}
		c.options(s.words, "-c", func(line int, name, value string) {
			if name = strings.ToLower(strings.ReplaceAll(name, "-", "_")); pgServer[name] != "" {
				p.server(pgLine{line, name, value})
			}
		})
	}
	if runs("mariadb") || runs("mariadbd") || runs("mysql") || runs("mysqld") {
		c.options(s.words, "-O", func(line int, name, value string) {
			if id := mariadbNames[mariadbName(name)]; id != "" {
				c.mariadbSet(line, id, value)
			}
		})
	}
	if runs("varnishd") || runs("varnish") {
		c.options(s.words, "-p", c.varnishSetting)
	}
	for name, w := range env {
		if keys := strings.Split(strings.ToLower(name), "__"); len(keys) == 3 && keys[0] == "kestrel" && keys[1] == "limits" {
			c.say(w, func() { c.kestrelLimit(w.line, keys[2], w.value) })
		}
	}
	apart = c.readFiles(s, at)
	return c.traefik(s, env, at) || apart
}

// say hands what is read from a word to its file, and notes its lines as used.
func (c *containerReader) say(w containerWord, read func()) {
	c.file = w.file
	if w.named != 0 && w.named != w.line {
		c.use(w.named)
	}
	read()
}

// composeVariable is ${NAME:-VALUE}, which somebody may set otherwise.
var composeVariable = lazily(`\$\{(\w+):?-([^}]*)\}`)

// variables are the environment by name; of one said twice the last counts.
func (c *containerReader) variables(s *container) map[string]containerWord {
	env := map[string]containerWord{}
	for _, w := range s.env {
		if old, ok := env[w.name]; ok {
			c.over[place{old.file, old.line}] = place{w.file, w.line}
		}
		env[w.name] = w
	}
	return env
}

// unless takes the value that a word has unless somebody sets a variable of
// the shell.
func (c *containerReader) unless(w *containerWord) {
	if m := composeVariable().FindStringSubmatch(w.value); m != nil {
		w.value = composeVariable().ReplaceAllString(w.value, "$2")
		c.perhaps[place{w.file, w.line}] = m[1]
	}
}

// assume marks what was read so.
func (c *containerReader) assume() {
	for _, at := range append([]*scope{c.root}, c.listed...) {
		for _, id := range slices.Sorted(maps.Keys(at.settings)) {
			s := at.settings[id]
			name, perhaps := c.perhaps[place{s.Origin.Where, s.Origin.Line}]
			if !perhaps {
				continue
			}
			s.Origin.Kind = model.FromAssumed
			at.settings[id] = s
			c.file = s.Origin.Where
			c.in(at, func() { c.warn(s.Origin.Line, "%s is %s unless somebody sets %s", id, s.Value, name) })
		}
	}
}

// carried are the words of variables that hold a command line.
func (c *containerReader) carried(env map[string]containerWord, names ...string) []containerWord {
	var list []containerWord
	for _, name := range names {
		w := env[name]
		for _, word := range splitWords(w.value) {
			list = append(list, containerWord{file: w.file, line: w.line, value: word})
		}
	}
	return list
}

// flag takes the values of an option of a command: --name value or --name=value.
func (c *containerReader) flag(words []containerWord, names []string, take func(line int, value string)) {
	for i, w := range words {
		name, value, joined := strings.Cut(w.value, "=")
		switch {
		case !slices.Contains(names, name):
		case joined:
			c.say(w, func() { take(w.line, value) })
		case i+1 < len(words):
			next := words[i+1]
			c.say(containerWord{file: next.file, line: next.line, named: w.line}, func() { take(next.line, next.value) })
		}
	}
}

// options takes NAME=VALUE behind a short option, joined to it or as --NAME=VALUE.
func (c *containerReader) options(words []containerWord, short string, take func(line int, name, value string)) {
	behind := 0
	for _, w := range words {
		rest, long := strings.CutPrefix(w.value, "--")
		pair := ""
		switch joined, ok := strings.CutPrefix(w.value, short); {
		case w.value == short:
			behind = w.line
			continue
		case behind != 0:
			pair = w.value
		case ok:
			pair = joined
		case long:
			pair = rest
		}
		if name, value, ok := strings.Cut(pair, "="); ok {
			c.say(containerWord{file: w.file, line: w.line, named: behind}, func() { take(w.line, name, value) })
		}
		behind = 0
	}
}

// sysctlCommands are what sysctl -w of a command sets.
func (s *container) sysctlCommands() []containerWord {
	var list []containerWord
	running := false
	for _, w := range s.words {
		key, value, ok := strings.Cut(w.value, "=")
		switch {
		case path.Base(w.value) == "sysctl":
			running = true
		case running && ok:
			list = append(list, containerWord{w.file, w.line, w.line, key, value})
		case running && !strings.HasPrefix(w.value, "-"):
			running = false
		}
		if strings.HasSuffix(w.value, ";") {
			running = false
		}
	}
	return list
}

// sysctls takes the kernel's variables of a container's own network.
func (c *containerReader) sysctls(list []containerWord, refused string) {
	linux, err := c.catalog.System("linux")
	if err != nil {
		return
	}
	for _, w := range list {
		key := strings.ReplaceAll(w.name, "/", ".")
		i := slices.IndexFunc(linux.Params, func(p *model.Param) bool { return SysctlKey(p) == key })
		c.file = w.file
		switch {
		case i < 0:
		case refused != "":
			c.say(w, func() { c.leave(w.line, "%s", refused) })
		default:
			c.say(w, func() { c.set(w.line, linux.Params[i].ID, strings.TrimSuffix(w.value, ";")) })
		}
	}
}

// gunicorn takes its options, which another system has under its worker of Uvicorn.
func (c *containerReader) gunicorn(words []containerWord) {
	system := model.ParamID("gunicorn.")
	if slices.ContainsFunc(words, func(w containerWord) bool { return strings.Contains(w.value, "UvicornWorker") }) {
		system = model.ParamID(gunicornUvicorn) + "."
	}
	c.flag(words, []string{"--keep-alive"}, func(line int, value string) { c.set(line, system+"keepalive", value) })
	if system == "gunicorn." {
		c.flag(words, []string{"--worker-connections"}, func(line int, value string) { c.set(line, system+"worker_connections", value) })
	}
}

// springArguments are variables that hold arguments of Java.
var springArguments = []string{"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS", "CATALINA_OPTS"}

// spring takes properties of Spring Boot: an argument of the program goes before
// one of Java, and that before a variable (Spring Boot, Externalized Configuration).
func (c *containerReader) spring(s *container, env map[string]containerWord, at *scope) {
	sp := &springReader{reader: c.reader}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if w := env[name]; strings.HasPrefix(name, "SERVER_") || strings.HasPrefix(name, "SPRING_") || strings.Contains(name, ".") {
			c.say(w, func() { sp.add([]springValue{{w.file, w.line, springUniform(name), w.value, ""}}, "") })
		}
	}
	words := slices.Concat(c.carried(env, springArguments...), s.words)
	for _, mark := range []string{"-D", "--"} {
		for _, w := range words {
			if m := springArgument().FindStringSubmatch(" " + w.value); m != nil && strings.HasPrefix(w.value, mark) {
				c.say(w, func() { sp.add([]springValue{{w.file, w.line, springUniform(m[1]), m[2], ""}}, "") })
			}
		}
	}
	sp.effective(at, "")
}

// traefik takes the arguments and variables of Traefik; apart is true where it
// has several entry points or transports.
func (c *containerReader) traefik(s *container, env map[string]containerWord, at *scope) (apart bool) {
	t := &traefikReader{reader: c.reader, base: at}
	arguments := slices.ContainsFunc(s.words, func(w containerWord) bool { return strings.HasPrefix(w.value, "--") })
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if rest, ok := strings.CutPrefix(name, "TRAEFIK_"); ok {
			w := env[name]
			if arguments { // the two are mutually exclusive (doc.traefik.io, Configuration Overview)
				c.say(w, func() { c.leave(w.line, "Traefik reads no variables where it has arguments") })
				continue
			}
			c.say(w, func() { t.argument(w.line, strings.Split(rest, "_"), w.value) })
		}
	}
	for _, w := range s.words {
		if name, value, ok := strings.Cut(w.value, "="); ok && strings.HasPrefix(name, "--") {
			c.say(w, func() { t.argument(w.line, strings.Split(name[2:], "."), value) })
		}
	}
	return t.settle()
}
