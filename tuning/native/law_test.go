package native_test

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/native"
)

// A lawCase is one format, and a path with an endpoint that it is for.
type lawCase struct {
	format, path string
	endpoint     int
	step         time.Duration // the smallest that every time of this target can hold
	cap          time.Duration
	host         bool // it writes what the operating system or a middlebox has
}

var lawCases = []lawCase{
	{"nginx", "chrome > nginx@1.22.1 > node@20.20.2", 1, time.Second, 1 << 31 * time.Second, false},
	{"nginx", "chrome > nginx@1.30.0 > node@20.20.2", 1, time.Second, 1 << 31 * time.Second, false},
	{"apache", "chrome > apache@2.4.71 > node@20.20.2", 1, time.Second, 1 << 31 * time.Second, false},
	{"haproxy", "chrome > haproxy@2.6.12 > node@20.20.2", 1, time.Second, 2147483 * time.Second, false},
	{"haproxy", "chrome > haproxy@3.2 > node@20.20.2", 1, time.Second, 2147483 * time.Second, false},
	{"haproxy", "libpq > haproxy-tcp@3.2 > postgresql", 1, time.Second, 2147483 * time.Second, true},
	{"node", "chrome > node@20.20.2 > nginx", 1, time.Second, 2147483 * time.Second, false},
	{"node", "chrome > node@24.6 > nginx", 1, time.Second, 2147483 * time.Second, false},
	{"go-server", "chrome > go-server@1.26.8", 1, time.Second, 1 << 31 * time.Second, false},
	{"go-server", "chrome > go-server@1.22", 1, time.Second, 1 << 31 * time.Second, false},
	{"go-client", "go-client@1.26.8 > nginx", 0, time.Second, 1 << 31 * time.Second, false},
	{"go-client", "go-client@1.22 > nginx", 0, time.Second, 1 << 31 * time.Second, false},
	{"curl", "curl@8.14.1 > nginx", 0, time.Second, 1 << 31 * time.Second, false},
	{"curl", "curl@7.88.1 > nginx", 0, time.Second, 1 << 31 * time.Second, false},
	{"sysctl", "chrome > nginx/linux@6.12", 1, time.Second, 1 << 31 * time.Second, false},
	{"sysctl", "chrome/macos@15 > nginx", 0, time.Second, 1 << 31 * time.Second, false},
	{"reg", "ie@11/windows@10 > nginx", 0, time.Second, 4294967 * time.Second, false},
	{"reg4", "chrome > iis@1.0", 1, time.Second, 4294967 * time.Second, false},
	{"reg4", "curl/windows@95 > nginx", 0, time.Second, 4294967 * time.Second, false},
	{"reg4", "curl/windows@98 > nginx", 0, time.Second, 4294967 * time.Second, false},
	{"applicationhost", "ie@11 > iis@10", 1, time.Second, 23 * time.Hour, false},
}

// TestLaw holds parse(render(settings)) = settings for random settings.
func TestLaw(t *testing.T) {
	c := model.Embedded()
	for _, lc := range slices.Concat(lawCases, hostLawCases, serverLawCases, libraryLawCases) {
		t.Run(lc.format+" "+strings.ReplaceAll(lc.path, " > ", "+"), func(t *testing.T) {
			t.Parallel()
			base := document(t, c, lc.path)
			written := 0
			for range 30 { // a few cases may all be refused
				lawcheck.Check(t, func(rt *rapid.T) {
					if law(rt, c, lc, base) {
						written++
					}
				})
				if written >= lawcheck.Cases(10) {
					return
				}
			}
			t.Errorf("only %d of the random documents could be written", written)
		})
	}
}

// law is false for a document that the format refuses.
func law(t *rapid.T, c *model.Catalog, lc lawCase, base model.Document) bool {
	d := base
	report, err := analyze(d, c)
	if err != nil {
		t.Fatal(err)
	}
	e := d.Path.Endpoints[lc.endpoint]
	for _, row := range rowsOf(report, lc.endpoint) {
		p := row.Param
		if !rapid.Bool().Draw(t, "set "+string(p.ID)) {
			continue
		}
		v, err := p.ParseValue(drawValue(t, p, lc).String()) // as a user types it
		if err != nil {
			continue
		}
		if d, err = d.With(model.Set{Endpoint: e.ID, Param: p.ID, Setting: model.Typed(v)}, c); err != nil {
			t.Fatal(err)
		}
	}
	if report, err = analyze(d, c); err != nil {
		t.Fatal(err)
	}
	f, err := native.Find(lc.format)
	if err != nil {
		t.Fatal(err)
	}
	files, err := f.Render(native.Request{Document: d, Report: report, Catalog: c, Date: day, Version: "0.1.0"})
	if refused(err) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	read := map[model.ParamID]model.Setting{}
	for _, file := range files {
		im, err := f.Parse(file.Name, file.Content, c)
		if err != nil {
			t.Fatalf("%v\n%s", err, file.Content)
		}
		if len(im.Warnings) > 0 {
			t.Fatalf("%v\n%s", im.Warnings, readable(file.Content))
		}
		if im.Document == nil || !im.Document.Equal(d) {
			t.Fatalf("the restore string gives another document: %+v", im.Document)
		}
		maps.Copy(read, im.Settings)
		if _, err := f.Parse(file.UndoName, file.Undo, c); err != nil {
			t.Fatalf("undo: %v\n%s", err, file.Undo)
		}
	}
	compareRead(t, lc, report, read, files)
	return true
}

// refused are errors that a format may give for a value.
func refused(err error) bool {
	_, cannot := errors.AsType[*native.InexpressibleError](err)
	_, nothing := errors.AsType[*native.NothingError](err)
	return cannot || nothing
}

// compareRead holds every changed row of the format against what was read, and
// what was read besides against what is in force.
func compareRead(t *rapid.T, lc lawCase, report tuning.Report, read map[model.ParamID]model.Setting, files []native.File) {
	fixed := []string{"curl.CURLOPT_MAXAGE_CONN", "curl.CURLOPT_MAXLIFETIME_CONN", "curl.CURLOPT_MAXCONNECTS"} // no flag
	for _, row := range rowsOf(report, lc.endpoint) {
		p := row.Param
		got, ok := read[p.ID]
		changed := row.Changed && row.Setting.Origin.Kind == model.FromTyped && !p.Fixed && !slices.Contains(fixed, string(p.ID)) && owned(lc, p)
		switch {
		case changed && (!ok || got.Value != row.Setting.Value):
			t.Fatalf("%s was %s and is read as %s\n%s", p.ID, row.Setting.Value, got.Value, readable(files[0].Content))
		case ok && !changed && got.Value != row.Value && !follows(lc, p):
			t.Fatalf("%s is %s and was read as %s though nobody set it\n%s", p.ID, row.Value, got.Value, readable(files[0].Content))
		}
	}
}

// ownLines are parameters of a line or block that only the configuration itself can have: no
// file beside it says them.
var ownLines = []model.ParamID{
	"nginx.upstream.keepalive", "nginx.upstream.keepalive_timeout", "nginx.upstream.keepalive_requests", "nginx.upstream.keepalive_time",
	"apache.upstream.ttl", "apache.upstream.enablereuse", "apache.upstream.tcp_keepalive",
	"haproxy.tcp_user_timeout", "haproxy-tcp.bind tcp-ut",
	"squid.tcp_keepalive", "squid.tcp_keepidle", "squid.tcp_keepintvl", "squid.tcp_keepcnt",
}

// owned reports whether the format of a case writes a parameter.
func owned(lc lawCase, p *model.Param) bool {
	host := p.Face == model.FaceHost
	switch lc.format {
	case "sysctl":
		return host && slices.ContainsFunc(append(p.Aliases, p.Name), func(n string) bool { return strings.Contains(n, ".") })
	case "reg", "reg4":
		return strings.HasPrefix(p.Where, "HK")
	case "powershell":
		return strings.HasPrefix(p.Where, "HK") || p.ID.System() == "iis" && p.Name != "idleconnectiontimeout"
	case "appcmd":
		return p.ID.System() == "iis" && p.Name != "idleconnectiontimeout"
	case "docker", "kubernetes":
		return host == lc.host && !slices.Contains(ownLines, p.ID) && (host || p.Face != model.FaceServer || !strings.HasPrefix(p.ID.Name(), "tcp_") || p.ID.System() != "nginx")
	case "netsh":
		return p.Name == "idleconnectiontimeout"
	}
	if p.ID.System() == "fastly" { // its provider has no attributes for probes
		return p.Role == model.RoleIdle
	}
	return host == lc.host
}

// follows are parameters that one flag sets together with another.
func follows(lc lawCase, p *model.Param) bool {
	if lc.format == "aws-cli" || lc.format == "terraform" { // one attribute for both sides of a load balancer
		return p.Role == model.RoleIdle
	}
	if lc.format == "pgbouncer" { // one setting for both sides
		return strings.HasPrefix(p.ID.Name(), "tcp_")
	}
	if p.ID == "haproxy.upstream.server keep-alive" { // option httpclose is for both sides
		return true
	}
	if p.Fixed && lc.format == "nginx" { // both lines are written beside keepalive
		return true
	}
	return lc.format == "curl" && (p.ID.Name() == "tcp_keepidle" || p.ID.Name() == "tcp_keepintvl")
}

func rowsOf(r tuning.Report, place int) []*tuning.Row {
	var rows []*tuning.Row
	for i := range r.Legs {
		for _, b := range r.Legs[i].Boxes {
			if b.Place == place {
				rows = append(rows, b.Row)
			}
		}
		for _, s := range []*tuning.Side{&r.Legs[i].Client, &r.Legs[i].Server} {
			for j := range s.Rows {
				known := slices.ContainsFunc(rows, func(o *tuning.Row) bool { return o.Param.ID == s.Rows[j].Param.ID })
				if s.Place == place && !known {
					rows = append(rows, &s.Rows[j])
				}
			}
		}
	}
	return rows
}

// drawValue is any value that a parameter takes, in steps that its target counts in.
func drawValue(t *rapid.T, p *model.Param, lc lawCase) model.Value {
	low, high := p.Range()
	switch p.Shape() {
	case model.ShapeSwitch:
		return model.Switch(rapid.Bool().Draw(t, "on"))
	case model.ShapeCount:
		if rapid.IntRange(0, 9).Draw(t, "never") == 0 {
			return model.ValueNever
		}
		return model.Times(rapid.Int64Range(low, min(high, 1<<31)).Draw(t, "count "+strconv.FormatInt(low, 10)))
	case model.ShapeSpan, model.ShapeRate:
	}
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		return model.ValueNever
	case 1:
		return model.ValueOff
	}
	high = min(high, int64(lc.cap))
	step := int64(max(lc.step, p.Unit.Size()))
	if p.Unit == model.UnitMillisecond && lc.format != "apache" && !strings.HasPrefix(p.ID.Name(), "tcp_") {
		step = int64(p.Unit.Size())
	}
	fine := lc.format == "nginx" || strings.HasPrefix(lc.format, "go-")
	if fine && !strings.HasPrefix(p.ID.Name(), "tcp_") && p.ID.Name() != "keepalive_timeout_header" && rapid.Bool().Draw(t, "milliseconds") {
		step = int64(time.Millisecond)
	}
	from, to := (low+step-1)/step, high/step
	if from > to {
		return model.ValueUnset
	}
	return model.For(time.Duration(rapid.Int64Range(from, to).Draw(t, "steps") * step))
}
