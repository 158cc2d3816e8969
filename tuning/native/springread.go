package native

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"example.com/keeptune/model"
)

// springNames are the properties that are read, in their own writing.
var springNames = map[string]model.ParamID{
	"server.tomcat.keep-alive-timeout":        "spring-boot.server.tomcat.keep-alive-timeout",
	"server.tomcat.connection-timeout":        "spring-boot.server.tomcat.connection-timeout",
	"server.tomcat.max-keep-alive-requests":   "spring-boot.server.tomcat.max-keep-alive-requests",
	"server.netty.idle-timeout":               "spring-boot-netty.server.netty.idle-timeout",
	"server.netty.max-keep-alive-requests":    "spring-boot-netty.server.netty.max-keep-alive-requests",
	"server.jetty.connection-idle-timeout":    "spring-boot-jetty.server.jetty.connection-idle-timeout",
	"server.undertow.no-request-timeout":      "spring-boot-undertow.server.undertow.no-request-timeout",
	"spring.datasource.hikari.max-lifetime":   "hikaricp.maxLifetime",
	"spring.datasource.hikari.idle-timeout":   "hikaricp.idleTimeout",
	"spring.datasource.hikari.keepalive-time": "hikaricp.keepaliveTime",
}

// springApart are other properties that bear on connections.
var springApart = map[string]string{
	"server.connection-timeout":       "Spring Boot 2.3 has taken it out; server.tomcat.connection-timeout is its name now",
	"server.netty.connection-timeout": "it bounds the start of a connection",
	"server.shutdown":                 "it is for the end of the program",
}

// springUniform is a name without what may be written in several ways: capital
// letters, dashes, underscores, and the dots that an environment variable
// cannot have (Spring Boot, Relaxed Binding).
func springUniform(name string) string {
	return strings.NewReplacer(".", "", "-", "", "_", "", "[", "", "]", "").Replace(strings.ToLower(name))
}

var springKnown, springLeft = func() (known map[string]model.ParamID, left map[string]string) {
	known, left = map[string]model.ParamID{}, map[string]string{}
	for name, id := range springNames {
		known[springUniform(name)] = id
	}
	for name, why := range springApart {
		left[springUniform(name)] = why
	}
	return known, left
}()

// A springValue is one property of a document.
type springValue struct {
	file     string
	line     int
	key      string // uniform
	value    string
	profiles string // the expression of its document; empty for every profile
}

// readSpring reads application.properties and application.yml with their
// profiles, and the same as environment variables and arguments.
func readSpring(r *reader, text string) {
	s := &springReader{reader: r}
	base, _, own := springFile(r.opened.source.Path)
	if own && r.opened.source.Files != nil {
		s.siblings(base, text)
	} else {
		s.text(r.file, text, "")
	}
	s.contexts()
}

type springReader struct {
	*reader
	entries  []springValue
	profiles []string
}

// springFile parts application-prod.yml into its base and its profile.
func springFile(name string) (base, profile string, ok bool) {
	stem, ext, _ := strings.Cut(path.Base(name), ".")
	base, profile, _ = strings.Cut(stem, "-")
	return base, profile, slices.Contains([]string{"yml", "yaml", "properties"}, ext) && (base == "application" || base == "bootstrap")
}

// siblings reads all files of an application in the order in which later ones
// win: those of a profile after the others, properties after YAML.
func (s *springReader) siblings(base, text string) {
	main := s.opened.source.Path
	dir := path.Dir(main)
	for _, pattern := range []string{base, base + "-*"} {
		for _, ext := range []string{"yaml", "yml", "properties"} {
			found, err := s.opened.source.Files.Glob(dir + "/" + pattern + "." + ext)
			if err != nil {
				continue
			}
			for _, f := range found {
				_, profile, _ := springFile(f)
				if f == main {
					s.text(s.file, text, profile)
					continue
				}
				other, err := s.opened.read(f)
				if err != nil {
					s.doubt(1, f+" was not read: "+err.Error())
					continue
				}
				s.reading(f, other, func(text string) bool { s.text(f, text, profile); return true })
			}
		}
	}
}

// text reads one file.
func (s *springReader) text(name, text, profile string) {
	if profile != "" {
		s.profile(profile)
	}
	switch {
	case strings.HasSuffix(name, ".properties") || springLine().MatchString(text) || !springYAML().MatchString(text):
		s.properties(text, profile)
	default:
		for _, doc := range s.yamlDocs(text) {
			s.document(doc, profile)
		}
	}
}

// springLine is NAME=VALUE, which is no YAML.
var springLine = lazily(`(?m)^[\w.-]+\s*=`)

// springYAML is a key without a value, or a document mark: properties have neither.
var springYAML = lazily(`(?m)^\s*[\w.-]+:\s*$|^---|^\s*[\w.-]+: \S`)

func (s *springReader) profile(name string) {
	if !slices.Contains(s.profiles, name) {
		s.profiles = append(s.profiles, name)
	}
}

// document reads a YAML document, which may say for which profiles it is.
func (s *springReader) document(doc *yaml.Node, profile string) {
	var found []springValue
	expression := profile
	w := &yamlWalk{}
	w.scalars(doc, nil, func(keys []string, n *yaml.Node) {
		name := strings.Join(keys, ".")
		switch springUniform(name) {
		case "springconfigactivateonprofile", "springprofiles":
			expression = s.expression(n.Line, profile, n.Value)
			return
		}
		found = append(found, springValue{s.file, n.Line, springUniform(name), n.Value, ""})
	})
	s.add(found, expression)
}

var (
	springArgument = lazily(`\s(?:--|-D)((?:server|spring)\.[\w.-]+)=([^\s"']+)`)
	springSplit    = lazily(`^[#!]---\s*$`)
)

// properties reads NAME=VALUE lines; #--- parts documents.
func (s *springReader) properties(text, profile string) {
	var found []springValue
	expression, joined, begin := profile, "", 0
	for n, line := range numbered(text) {
		if springSplit().MatchString(line) {
			s.add(found, expression)
			found, expression = nil, profile
			continue
		}
		if joined == "" && (line == "" || line[0] == '#' || line[0] == '!') {
			continue
		}
		if joined == "" {
			begin = n
		}
		if body, more := strings.CutSuffix(line, `\`); more {
			joined += body
			continue
		}
		name, value := springProperty(joined + line)
		joined = ""
		for _, m := range springArgument().FindAllStringSubmatch(" "+line, -1) {
			found = append(found, springValue{s.file, begin, springUniform(m[1]), m[2], ""})
		}
		if key := springUniform(name); key == "springconfigactivateonprofile" || key == "springprofiles" {
			expression = s.expression(begin, profile, value)
		} else {
			found = append(found, springValue{s.file, begin, key, value, ""})
		}
	}
	s.add(found, expression)
}

// springProperty splits a line at the first =, : or blank (java.util.Properties);
// export of a shell and Environment= of systemd may stand before it.
func springProperty(line string) (name, value string) {
	line = strings.TrimPrefix(strings.TrimPrefix(line, "export "), "Environment=")
	line = strings.Trim(line, `"`)
	i := strings.IndexAny(line, "=: \t")
	if i < 0 {
		return line, ""
	}
	rest := strings.TrimLeft(line[i:], " \t")
	if rest != "" && strings.ContainsRune("=:", rune(rest[0])) {
		rest = rest[1:]
	}
	return line[:i], strings.Trim(strings.TrimSpace(rest), `"'`)
}

// expression joins the profile of a file with what a document asks for.
func (s *springReader) expression(line int, profile, text string) string {
	s.use(line)
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("&|!(), ", r) }) {
		s.profile(word)
	}
	if profile != "" {
		return profile + "&(" + text + ")"
	}
	return text
}

func (s *springReader) add(found []springValue, expression string) {
	for _, e := range found {
		e.profiles = expression
		switch {
		case springKnown[e.key] != "":
			s.entries = append(s.entries, e)
		case springLeft[e.key] != "":
			s.leave(e.line, "%s", springLeft[e.key])
		case e.key == "springconfigimport":
			s.doubt(e.line, "spring.config.import names more files, which were not read")
		}
	}
}

// contexts lists a context for no profile, and one for each profile that is named.
func (s *springReader) contexts() {
	main := s.opened.source.Name
	for _, profile := range append([]string{""}, s.profiles...) {
		at := s.root
		if len(s.profiles) > 0 {
			s.file = main
			at = s.scope(1, cmp.Or(strings.TrimSuffix("profile "+profile, "profile "), "no profile"), s.root)
			s.list(at, "")
		}
		s.effective(at, profile)
	}
	s.file = main
}

// effective takes the last value of each property that holds with a profile.
func (s *springReader) effective(at *scope, profile string) {
	last := map[string]int{}
	for i, e := range s.entries {
		if springHolds(e.profiles, profile) {
			if before, ok := last[e.key]; ok {
				o := s.entries[before]
				s.took[place{o.file, o.line}] = true
				s.over[place{o.file, o.line}] = place{e.file, e.line}
			}
			last[e.key] = i
		}
	}
	s.in(at, func() {
		for i, e := range s.entries {
			if n, ok := last[e.key]; ok && n == i {
				s.file = e.file
				s.springValue(e)
			}
		}
	})
}

// springHolds evaluates an expression of profiles with one of them active; where
// none is, the profile named default is.
func springHolds(expression, active string) bool {
	if expression == "" {
		return true
	}
	if active == "" {
		active = "default"
	}
	p := profileParser{text: expression, active: active}
	return p.any()
}

type profileParser struct{ text, active string }

func (p *profileParser) next(want string) bool {
	p.text = strings.TrimSpace(p.text)
	rest, ok := strings.CutPrefix(p.text, want)
	if ok {
		p.text = rest
	}
	return ok
}

func (p *profileParser) any() bool {
	v := p.all()
	for p.next("|") || p.next(",") {
		w := p.all()
		v = v || w
	}
	return v
}

func (p *profileParser) all() bool {
	v := p.one()
	for p.next("&") {
		w := p.one()
		v = v && w
	}
	return v
}

func (p *profileParser) one() bool {
	switch {
	case p.next("!"):
		return !p.one()
	case p.next("("):
		v := p.any()
		p.next(")")
		return v
	}
	end := strings.IndexAny(p.text, "&|!(), ")
	if end < 0 {
		end = len(p.text)
	}
	name := p.text[:end]
	p.text = p.text[end:]
	return name == p.active
}

var springDuration = lazily(`^([+-]?\d+)\s*([a-zA-Z]{0,2})$`)

// springUnits are the units of Spring's simple durations.
var springUnits = map[string]time.Duration{
	"": time.Millisecond, "ns": time.Nanosecond, "us": time.Microsecond, "ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
}

// springProperty reads 20s, 20000 and PT20S; a bare number is milliseconds.
func (s *springReader) springValue(e springValue) {
	id := springKnown[e.key]
	p := s.param(e.line, id)
	switch m := springDuration().FindStringSubmatch(e.value); {
	case p == nil:
	case strings.Contains(e.value, "${"):
		s.unknown(e.line, id, "%s is %s, which is decided elsewhere", id, e.value)
	case p.Shape() != model.ShapeSpan:
		s.set(e.line, id, e.value)
	case m != nil:
		n, err := strconv.ParseInt(m[1], 10, 63)
		size := springUnits[strings.ToLower(m[2])]
		switch {
		case err != nil || size == 0 || n > int64(model.Never)/int64(size):
			s.warn(e.line, "%s: %q is no duration; write 20s, 20000 or PT20S", id, e.value)
		case n < 0 && p.Never != "" || n == 0 && p.Zero == model.ZeroNever:
			s.take(e.line, id, model.ValueNever)
		default:
			s.set(e.line, id, (time.Duration(n) * size).String())
		}
	default:
		d, ok := isoDuration(e.value)
		if !ok {
			s.warn(e.line, "%s: %q is no duration; write 20s, 20000 or PT20S", id, e.value)
			return
		}
		s.set(e.line, id, d.String())
	}
}

var isoPattern = lazily(`^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,9})?)S)?)?$`)

// isoDuration reads the durations of ISO 8601 up to days: PT20S, PT1M30S, P1D.
func isoDuration(text string) (time.Duration, bool) {
	m := isoPattern().FindStringSubmatch(strings.ToUpper(text))
	if m == nil || len(text) > 40 || strings.Join(m[1:], "") == "" {
		return 0, false
	}
	total := time.Duration(0)
	for i, unit := range []string{"", "h", "m", "s"} {
		part := m[1+i]
		if part == "" {
			continue
		}
		if i == 0 {
			n, err := strconv.Atoi(part)
			if err != nil || n > 100_000 {
				return 0, false
			}
			total += time.Duration(n) * 24 * time.Hour
			continue
		}
		d, err := time.ParseDuration(fmt.Sprint(part, unit))
		if err != nil {
			return 0, false
		}
		total = model.Add(total, d)
	}
	return total, total != model.Never
}
