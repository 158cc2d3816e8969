package tuning_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// What a configuration says and what was measured are held against each other, within
// the tolerance of a live test: a tenth and a second.
func TestAMeasurementAgainstAFile(t *testing.T) {
	c := model.Embedded()
	file := model.Setting{Value: model.For(20 * time.Second), Origin: model.Origin{Kind: model.FromFile, Where: "ie.reg", Line: 14}}
	for _, tt := range []struct {
		measured time.Duration
		before   model.Setting
		fires    bool
	}{
		{23 * time.Second, file, false},
		{23001 * time.Millisecond, file, true},
		{17 * time.Second, file, false},
		{16999 * time.Millisecond, file, true},
		{5 * time.Second, model.Typed(file.Value), false}, // a guess is no configuration
		{5 * time.Second, model.Setting{}, false},
	} {
		d := document(t, c, "ie@11 > apache@2.4.66")
		const param = "ie.KeepAliveTimeout"
		measured := model.Setting{Value: model.For(tt.measured), Low: tt.measured, High: tt.measured, Origin: model.Origin{Kind: model.FromMeasured, Where: "http://127.0.0.1/"}}
		for _, s := range []model.Setting{tt.before, measured} {
			var err error
			if d, err = d.With(model.Set{Endpoint: "ie", Param: param, Setting: s}, c); err != nil {
				t.Fatal(err)
			}
		}
		d, err := model.DecodeDocument("s.toml", model.EncodeDocument(d), c) // a session keeps it
		if err != nil {
			t.Fatal(err)
		}
		f := fired(analyzed(t, d), "EFF-1")
		if (f != nil) != tt.fires {
			t.Errorf("%v: %+v", tt.measured, f)
		}
		if f == nil {
			continue
		}
		if f.Severity != tuning.Error || !strings.HasPrefix(f.Because[0], "ie.reg:14 says KeepAliveTimeout 20 s; measured is ") {
			t.Errorf("%s %q", f.Severity, f.Because)
		}
		env := tuning.NewEnv(c, 0)
		r, err := tuning.Analyze(d, env)
		if err != nil {
			t.Fatal(err)
		}
		if f := fired(tuning.Advised(d, env, r), "EFF-1"); len(f.Remedies) > 0 {
			t.Errorf("no setting makes a program do what it is told: %+v", f.Remedies)
		}
	}
}

// What was seen is told as it was seen: a range that was measured, or a value in force.
func TestWhatWasSeenBesideAFile(t *testing.T) {
	c := model.Embedded()
	file := model.Origin{Kind: model.FromFile, Where: "httpd.conf", Line: 7}
	seconds := func(n int) model.Value { return model.For(time.Duration(n) * time.Second) }
	for _, tt := range []struct {
		param model.ParamID
		said  model.Value
		seen  model.Setting
		want  string // "" for nothing
	}{
		{"apache.KeepAliveTimeout", seconds(20), model.Setting{Value: seconds(30), Low: 29 * time.Second, High: 31 * time.Second, Origin: model.Origin{Kind: model.FromMeasured}}, "httpd.conf:7 says KeepAliveTimeout 20 s; measured is 29 to 31 s"},
		{"apache.KeepAliveTimeout", seconds(20), model.Setting{Value: seconds(30), Origin: model.Origin{Kind: model.FromRunning}}, "httpd.conf:7 says KeepAliveTimeout 20 s; running is 30 s"},
		{"apache.KeepAliveTimeout", seconds(20), model.Setting{Value: seconds(20), Origin: model.Origin{Kind: model.FromRunning}}, ""},
		{"apache.KeepAlive", model.ValueOn, model.Setting{Value: model.ValueOff, Origin: model.Origin{Kind: model.FromRunning}}, "httpd.conf:7 says KeepAlive on; running is off"},
		{"apache.KeepAlive", model.ValueOn, model.Setting{Value: model.ValueOn, Origin: model.Origin{Kind: model.FromRunning}}, ""},
	} {
		d := document(t, c, "chrome > apache@2.4.66")
		for _, s := range []model.Setting{{Value: tt.said, Origin: file}, tt.seen} {
			var err error
			if d, err = d.With(model.Set{Endpoint: "apache", Param: tt.param, Setting: s}, c); err != nil {
				t.Fatal(err)
			}
		}
		f, got := fired(analyzed(t, d), "EFF-1"), ""
		if f != nil {
			got = strings.Join(f.Because, "; ")
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.param, got, tt.want)
		}
	}
}

// An upgrade over the version in which a default moved is told until the session is
// saved; one beside it is not, nor one over a default that somebody set.
func TestAnUpgradeThatMovesADefault(t *testing.T) {
	c := model.Embedded()
	for _, tt := range []struct {
		path, to string
		hop      int
		sets     []string
		tells    string // "" for nothing
	}{
		{"chrome > nginx@1.29.6 > node@22.19", "nginx@1.29.7", 1, nil, "nginx, from nginx 1.29.6 to 1.29.7: upstream.keepalive off to 32"},
		{"chrome > nginx@1.29.5 > node@22.19", "nginx@1.29.6", 1, nil, ""},
		{"chrome > nginx@1.29.7 > node@22.19", "nginx@1.30.0", 1, nil, ""},
		{"chrome > nginx@1.19.9", "nginx@1.19.10", 1, nil, "keepalive_requests 100 to 1000"},
		{"chrome > nginx@1.19.9", "nginx@1.19.10", 1, []string{"nginx:keepalive_requests=500"}, "keepalive_time is new"},
		{"aws-alb > node@24.5", "node@24.6", 1, nil, "keepAliveTimeoutBuffer"},
		{"chrome > nginx", "nginx@1.30.0", 1, nil, ""}, // there was no version to leave
	} {
		d := document(t, c, tt.path, tt.sets...)
		to, err := model.ParseEndpoint(tt.to, c)
		if err != nil {
			t.Fatal(err)
		}
		from := d.Path.Endpoints[tt.hop]
		up, err := d.With(model.Choose{Index: tt.hop, Endpoint: to}, c)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, f := range analyzed(t, up).Findings {
			if f.Rule.ID == "EFF-11" {
				told = append(told, f.Because...)
				if f.Severity != tuning.Info || len(f.At) == 0 || !f.Calm() {
					t.Errorf("%+v", f)
				}
			}
		}
		if tt.tells == "" && told != nil || !slices.ContainsFunc(told, func(s string) bool { return strings.Contains(s, tt.tells) }) && tt.tells != "" {
			t.Errorf("%s to %s: %q, want %q", tt.path, tt.to, told, tt.tells)
		}
		if len(tt.sets) > 0 && strings.Contains(strings.Join(told, " "), "keepalive_requests") {
			t.Errorf("%q was set, and its default does not matter: %q", tt.sets, told)
		}
		from.Settings = nil
		back, err := up.With(model.Choose{Index: tt.hop, Endpoint: from}, c)
		if err != nil {
			t.Fatal(err)
		}
		if f := fired(analyzed(t, back), "EFF-11"); f != nil && from.Version != "" {
			t.Errorf("%s and back: %+v", tt.path, f)
		}
	}
}

// A value under a key that Windows does not read is told, with what it was meant to be;
// the same under the right key is not.
func TestAValueWhereNobodyLooks(t *testing.T) {
	c := model.Embedded()
	said := model.Said{Value: model.For(3 * time.Minute), Where: "ie.reg", Line: 4, Unread: `hkey_current_user\software\microsoft\windows\currentversion\internetsettings`}
	for _, tt := range []struct {
		setting model.Setting
		fires   bool
	}{
		{model.Setting{Value: model.For(time.Minute), Said: said}, true},
		{model.Setting{Value: model.For(3 * time.Minute), Origin: model.Origin{Kind: model.FromFile, Where: "ie.reg", Line: 4}}, false},
		{model.Setting{Value: model.For(3 * time.Minute), Origin: model.Origin{Kind: model.FromTyped}, Said: said}, false},
	} {
		d, err := document(t, c, "ie@11 > apache@2.4.66", "apache:KeepAliveTimeout=400s").With(model.Set{Endpoint: "ie", Param: "ie.KeepAliveTimeout", Setting: tt.setting}, c)
		if err != nil {
			t.Fatal(err)
		}
		env := tuning.NewEnv(c, 0)
		r, err := tuning.Analyze(d, env)
		if err != nil {
			t.Fatal(err)
		}
		f := fired(tuning.Advised(d, env, r), "EFF-12")
		if (f != nil) != tt.fires {
			t.Errorf("%+v: %+v", tt.setting, f)
		}
		if f != nil && (f.Severity != tuning.Warning || len(f.Remedies) == 0 || !strings.Contains(f.Remedies[0].Label, "let ie have it where Windows looks: KeepAliveTimeout 180 s") || !strings.HasPrefix(f.Because[0], "ie.reg:4 says KeepAliveTimeout = 180 s under")) {
			t.Errorf("%s %q %+v", f.Severity, f.Because, f.Remedies)
		}
	}
}
