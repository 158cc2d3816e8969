package native

import (
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// kestrelNever is Timeout.InfiniteTimeSpan as a TimeSpan is written.
const kestrelNever = "-00:00:00.0010000"

func kestrel() *syntax {
	return &syntax{
		id: "kestrel", signs: []string{`"Kestrel"\s*:`},
		title: "Kestrel: appsettings.json", comment: slashes, fits: ofSystem("kestrel"),
		unchecked: "No .NET is packaged for Debian 12; the JSON is parsed and compared.",
		effect: func(*target) []string {
			return []string{"A restart closes all connections; requests at work have HostOptions.ShutdownTimeout to finish."}
		},
		exportFiles: []exportFile{{
			name: "appsettings.keeptune.json",
			use:  "Merge it into appsettings.json, whose reader allows comments. Limits are only read where the program has builder.Services.Configure<KestrelServerOptions>(builder.Configuration.GetSection(\"Kestrel\")).",
			owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == "kestrel" },
			body: kestrelBody,
		}},
		read: readKestrel, inContainers: true,
	}
}

func kestrelBody(p *page) error {
	p.add("{", `  "Kestrel": {`, `    "Limits": {`)
	last := -1
	for _, it := range p.items {
		text := kestrelNever
		if d, ok := it.value.Duration(); ok && d != model.Never {
			text = timeSpan(d)
		}
		p.put("      ", it, fmt.Sprintf("%q: %q,", strings.TrimPrefix(it.param().Name, "Limits."), text))
		if !it.gone {
			last = len(p.lines) - 1
		}
	}
	if last >= 0 {
		p.lines[last] = strings.TrimSuffix(p.lines[last], ",")
	}
	p.add("    }", "  }", "}")
	return nil
}

// timeSpan is [d.]hh:mm:ss[.fffffff]. Twenty-four hours are a day: 24:00:00 would be 24 days.
func timeSpan(d time.Duration) string {
	text := fmt.Sprintf("%02d:%02d:%02d", d/time.Hour%24, d/time.Minute%60, d/time.Second%60)
	if days := d / (24 * time.Hour); days > 0 {
		text = fmt.Sprintf("%d.%s", days, text)
	}
	if rest := d % time.Second; rest > 0 {
		text += fmt.Sprintf(".%07d", rest/100)
	}
	return text
}

// parseTimeSpan reads what [timeSpan] writes; whole days may stand alone.
func parseTimeSpan(text string) (time.Duration, bool) {
	days, clock := "0", text
	if before, after, ok := strings.Cut(text, "."); ok && strings.Contains(after, ":") {
		days, clock = before, after
	} else if !strings.Contains(text, ":") {
		days, clock = text, "0:0"
	}
	var h, m int
	seconds := 0.0
	n, err := strconv.Atoi(days)
	parts := strings.Split(clock, ":")
	for i, at := range []*int{&h, &m} {
		if err == nil && i < len(parts) {
			*at, err = strconv.Atoi(parts[i])
		}
	}
	if err == nil && len(parts) == 3 {
		seconds, err = strconv.ParseFloat(parts[2], 64)
	}
	if err != nil || len(parts) > 3 || n < 0 || h < 0 || h > 23 || m < 0 || m > 59 || seconds < 0 || seconds >= 60 {
		return 0, false
	}
	whole := time.Duration(n)*24*time.Hour + time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	return whole + time.Duration(seconds*float64(time.Second)).Round(100*time.Nanosecond), true
}

// kestrelOthers are the files of environments: what one says holds over
// appsettings.json where the program runs as that (ASPNETCORE_ENVIRONMENT, or
// else Production).
var kestrelOthers = lazily(`^appsettings\.([^.]+)\.json$`)

// readKestrel reads appsettings.json and the files of environments beside it, of
// which each is a context; or one of those over appsettings.json.
func readKestrel(r *reader, text string) {
	dir, name := path.Split(r.opened.source.Path)
	if kestrelOthers().MatchString(name) {
		for below := range r.beside(dir + "appsettings.json") {
			r.kestrelLimits(below)
		}
		over := r.scope(1, "", r.root)
		r.in(over, func() { r.kestrelLimits(text) })
		r.join(over, r.root)
		return
	}
	r.kestrelLimits(text)
	if name != "appsettings.json" {
		return
	}
	for over := range r.beside(dir + "appsettings.*.json") {
		_, file := path.Split(r.file)
		if m := kestrelOthers().FindStringSubmatch(file); m != nil {
			s := r.scope(1, "environment "+m[1], r.root)
			s.system = "kestrel"
			r.in(s, func() { r.kestrelLimits(over) })
			if len(s.settings)+len(s.doubts) > 0 {
				r.list(s, "")
			}
		}
	}
	if len(r.listed) > 0 {
		r.root.where, r.root.system = "other environments", "kestrel"
		r.list(r.root, "")
	}
}

// kestrelLimits reads Kestrel:Limits, whose names may have any case.
func (r *reader) kestrelLimits(text string) {
	plain := blankComments(text, "//")
	dec := json.NewDecoder(strings.NewReader(plain))
	var path []string
	key := ""
	for {
		token, err := dec.Token()
		if err != nil {
			if err.Error() != "EOF" {
				r.warn(1+strings.Count(plain[:dec.InputOffset()], "\n"), "this is not JSON: %s", err)
			}
			return
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				path = append(path, key)
			} else if len(path) > 0 {
				path = path[:len(path)-1]
			}
			key = ""
			continue
		case string:
			if key == "" {
				key = v
				continue
			}
			if len(path) == 3 && strings.EqualFold(path[1], "Kestrel") && strings.EqualFold(path[2], "Limits") {
				r.kestrelLimit(1+strings.Count(plain[:dec.InputOffset()], "\n"), key, v)
			}
		}
		key = ""
	}
}

func (r *reader) kestrelLimit(line int, key, text string) {
	for _, name := range []string{"KeepAliveTimeout", "RequestHeadersTimeout"} {
		if !strings.EqualFold(key, name) {
			continue
		}
		id := model.ParamID("kestrel.Limits." + name)
		d, ok := parseTimeSpan(text)
		switch {
		case text == kestrelNever || strings.HasPrefix(text, "-00:00:00.001"):
			r.take(line, id, model.ValueNever)
		case ok:
			r.take(line, id, model.For(d))
		default:
			r.warn(line, "%s: %q is no TimeSpan; write 00:02:10", id, text)
		}
	}
}
