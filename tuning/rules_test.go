package tuning_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// fixtures has for each rule a path on which it fires.
var fixtures = []struct {
	rule, path string
	sets       []string
	severity   tuning.Severity
}{
	{"ORD-1", "aws-alb > node@22.10", nil, tuning.Error},        // repeats nothing
	{"ORD-1", "ie@11 > apache@2.4.66", nil, tuning.Warning},     // no POST
	{"ORD-1", "nginx@1.30.0 > node@22.10", nil, tuning.Warning}, // no POST
	{"ORD-1", "nginx@1.30.0 > node@22.10", []string{"leg1:raced=0"}, tuning.Warning},
	{"ORD-1", "nginx@1.30.0 > node@22.10", []string{"leg1:raced=1"}, tuning.Error}, // it was seen
	{"ORD-1", "chrome > haproxy@2.6.12", []string{"server:timeout http-keep-alive=20s", "server:timeout client=6s", "leg1:raced=1"}, tuning.Info},
	{"ORD-1", "cloudflare > node@22.10", nil, tuning.Warning},                                               // nobody knows
	{"ORD-1", "aws-alb > node@22.10", []string{"server:keepAliveTimeout=59s", "leg1:rtt=1s"}, tuning.Error}, // equal to the window
	{"ORD-1", "chrome > haproxy@2.6.12", []string{"server:timeout http-keep-alive=20s", "server:timeout client=6s"}, tuning.Info},
	{"ORD-2", "ie@11 > apache@2.4.66", []string{"server:KeepAliveTimeout=60500ms"}, tuning.Warning},
	{"ORD-4", "apache@2.4.66 > node@20.20.2", nil, tuning.Error},
	{"ORD-5", "undici > nginx@1.30.0", []string{"server:keepalive_timeout_header=90s"}, tuning.Error},
	{"ORD-5", "apache-httpclient-5 > nginx@1.30.0", []string{"server:keepalive_timeout_header=90s"}, tuning.Warning},
	{"ORD-5", "apache-httpclient-5 > nginx@1.30.0", []string{"server:keepalive_timeout_header=75s"}, tuning.Warning},
	{"ORD-5", "firefox > nginx@1.30.0", []string{"server:keepalive_timeout_header=90s"}, tuning.Info},
	{"MID-2", "ie@11 > aws-nlb > apache@2.4.66", []string{"server:KeepAliveTimeout=600s", "client:KeepAliveTimeout=480s", "client:ServerInfoTimeout=480s"}, tuning.Error},
	{"MID-2", "python-requests > firewall > nginx@1.30.0", []string{"firewall:idle_timeout=60s"}, tuning.Error},
	{"MID-2", "okhttp > aws-nlb > go-server", []string{"client:keepAliveDuration=10m", "server:tcp_keepalive=off"}, tuning.Info},
	{"MID-1", "ie@11 > aws-nlb > apache@2.4.66", []string{"server:KeepAliveTimeout=600s", "server:tcp_keepalive_time=400s", "client:KeepAliveTimeout=480s", "client:ServerInfoTimeout=480s"}, tuning.Error},
	{"MID-1", "ssh > firewall > sshd", []string{"firewall:idle_timeout=60s", "client:ServerAliveInterval=60s"}, tuning.Error},
	{"CAP-1", "chrome > apache@2.4.66", []string{"server:KeepAliveTimeout=15s", "server:prefork=on", "server:MaxRequestWorkers=256", "leg1:arrivals=41"}, tuning.Error},
	{"CAP-1", "chrome > apache@2.4.66", []string{"server:KeepAliveTimeout=15s", "server:prefork=on", "server:MaxRequestWorkers=256", "leg1:arrivals=17"}, tuning.Warning},
	{"EFF-5", "chrome > nginx@1.22.1 > node@20.20.2", []string{"nginx:nginx.upstream.keepalive=16", "node:keepAliveTimeout=70s"}, tuning.Info},
	{"EFF-5", "chrome > nginx@1.29.6 > node@20.20.2", []string{"nginx:nginx.upstream.keepalive=16", "nginx:proxy_http_version=off", "node:keepAliveTimeout=70s"}, tuning.Warning},
	{"EFF-9", "chrome > node@20.20.2", []string{"server:keepAliveTimeout=65"}, tuning.Warning},
	{"EFF-9", "chrome > haproxy@3.2", []string{"server:timeout client=30"}, tuning.Warning},
	{"EFF-9", "chrome > nginx@1.30.0", []string{"server:keepalive_timeout=65000"}, tuning.Warning},
	{"EFF-10", "ie@11 > apache@2.4.66", []string{"server:KeepAliveTimeout=300s", "client:KeepAliveTimeout=180s"}, tuning.Info},
	{"EFF-16", "chrome > nginx@0.8", nil, tuning.Info},
	{"EFF-13", "ie@11 > apache@2.4.66", []string{"client:KeepAliveTimeout=30s"}, tuning.Warning},
	{"KA-1", "chrome > nginx@1.30.0", []string{"nginx:tcp_keepalive_time=600"}, tuning.Error},
	{"KA-1", "ie@11/windows@10 > apache@2.4.66", []string{"client:KeepAliveTime=10m"}, tuning.Warning},
	{"KA-5a", "chrome > nginx@1.30.0", []string{"server:tcp_keepalive=on", "server:tcp_keepidle=60", "server:tcp_keepintvl=10", "server:tcp_keepcnt=3", "server:tcp_user_timeout=20s"}, tuning.Warning},
	{"KA-7", "putty/windows@7 > sshd", []string{"leg1:outage=60s"}, tuning.Warning},
	{"KA-14", "putty/windows@7 > sshd", []string{"leg1:outage=60s", "putty:PingIntervalSecs=30"}, tuning.Warning},
	{"KA-10", "ie@11/windows@10 > apache@2.4.66", []string{"client:tcp_keepalive=on"}, tuning.Info},
	{"KA-17", "node@24.21 > nginx@1.30.0", []string{"client:tcp_keepidle=500ms"}, tuning.Warning},
	{"KA-17", "go-client@1.26.8 > nginx@1.30.0", []string{"client:tcp_keepcnt=200"}, tuning.Warning},
	{"KA-16", "chrome > nginx@1.30.0", []string{"server:tcp_keepalive=on", "server:tcp_keepalive_probes=0"}, tuning.Warning},
	{"KA-1", "chrome > nginx@1.30.0 > aws-nlb > node@22.10", []string{"nginx:tcp_keepalive_time=300"}, tuning.Error},
	{"KA-11", "grpc-client > grpc-server", []string{"client:keepaliveTime=30s"}, tuning.Error},
	{"KA-11", "grpc-client > grpc-server", []string{"client:keepaliveTime=10m", "client:permitWithoutStream=on"}, tuning.Error},
	{"KA-15", "ie@11/windows@10 > apache@2.4.66", []string{"client:KeepAliveTime=5s"}, tuning.Warning},
}

func fired(r tuning.Report, rule string) *tuning.Finding {
	i := slices.IndexFunc(r.Findings, func(f tuning.Finding) bool { return f.Rule.ID == rule })
	if i < 0 {
		return nil
	}
	return &r.Findings[i]
}

func gravest(r tuning.Report) tuning.Severity {
	if len(r.Findings) == 0 {
		return tuning.Info
	}
	return r.Findings[0].Severity
}

func TestEachRuleFiresAndItsRemediesCure(t *testing.T) {
	c := model.Embedded()
	env := tuning.NewEnv(c, 0)
	offered := 0
	for _, tt := range fixtures {
		t.Run(tt.rule+" "+tt.path, func(t *testing.T) {
			d := document(t, c, tt.path, tt.sets...)
			r, err := tuning.Analyze(d, env)
			if err != nil {
				t.Fatal(err)
			}
			r = tuning.Advised(d, env, r)
			f := fired(r, tt.rule)
			if f == nil {
				t.Fatalf("it does not fire; limit %+v", r.Legs[0].Limit)
			}
			if f.Severity != tt.severity || len(f.At) == 0 || len(f.Because) == 0 {
				t.Errorf("severity %s at %v because %q", f.Severity, f.At, f.Because)
			}
			for _, remedy := range f.Remedies {
				offered++
				grave := gravest(r)
				cured := d
				for _, e := range remedy.Edits {
					if cured, err = cured.With(e, c); err != nil {
						t.Fatal(err)
					}
				}
				after, err := tuning.Analyze(cured, env)
				if err != nil {
					t.Fatal(err)
				}
				if still := fired(after, tt.rule); still != nil && (!still.Calm() || f.Calm()) { // that a close costs a round trip is told all the same
					t.Errorf("%q leaves it: %q", remedy.Label, still.Because)
				}
				if gravest(after) > grave || len(after.Findings) > len(r.Findings) {
					t.Errorf("%q brings new findings: %d after %d", remedy.Label, len(after.Findings), len(r.Findings))
				}
			}
		})
	}
	if offered < len(fixtures) {
		t.Errorf("%d remedies were offered on %d paths", offered, len(fixtures))
	}
}

// A path that is typed may not hold neighbours of two protocols; a document may,
// so that its hops can be replaced one after the other, and a rule says so.
func TestStrangersAreNoticed(t *testing.T) {
	c := model.Embedded()
	for path, want := range map[string]string{
		"putty > nginx":                    "putty speaks ssh and nginx speaks http",
		"chrome > aws-nlb > sshd":          "chrome speaks http and sshd speaks ssh",
		"chrome > nginx > redis":           "nginx speaks http and redis speaks redis",
		"libpq > haproxy > postgresql":     "libpq speaks postgresql and haproxy speaks http",
		"ssh > aws-nat-gateway > sshd":     "",
		"putty > sshd":                     "",
		"libpq > conntrack > postgresql":   "",
		"grpc-client > envoy > go-server":  "",
		"chrome > haproxy > nginx > puma":  "",
		"grpc-client > nginx > kestrel@10": "",
	} {
		_, err := model.ParsePath(path, c)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	server, err := model.ParseEndpoint("sshd", c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := document(t, c, "chrome > nginx").With(model.Choose{Index: 1, Endpoint: server}, c)
	if err != nil {
		t.Fatal(err)
	}
	r, err := tuning.Analyze(d, tuning.NewEnv(c, 0))
	if err != nil {
		t.Fatal(err)
	}
	if f := fired(r, "EFF-15"); f == nil || f.Severity != tuning.Error {
		t.Errorf("%+v", r.Findings)
	}
}

// A value that a line of a configuration decides, and nobody can tell to what,
// keeps a verdict from being a calm one; one that was read does not.
func TestWhatALineLeavesOpenIsTold(t *testing.T) {
	c := model.Embedded()
	safe := document(t, c, "ie@11 > apache@2.4.66", "server:KeepAliveTimeout=190s", "client:KeepAliveTimeout=180s", "client:ServerInfoTimeout=180s")
	file := model.Origin{Kind: model.FromFile, Where: "a.conf", Line: 4}
	open := file
	open.Kind = model.FromAssumed
	for _, tt := range []struct {
		param   model.ParamID
		setting model.Setting
		fires   bool
		verdict tuning.Verdict
	}{
		{"apache.KeepAliveTimeout", model.Setting{Value: model.For(190 * time.Second), Origin: file}, false, tuning.VerdictOK},
		{"apache.KeepAliveTimeout", model.Setting{Value: model.For(190 * time.Second), Origin: open}, true, tuning.VerdictOK},
		{"apache.KeepAliveTimeout", model.Setting{Value: model.ValueUnknown, Origin: file}, true, tuning.VerdictUnknown},
		{"apache.KeepAlive", model.Setting{Value: model.ValueOn, Origin: file}, false, tuning.VerdictOK},
		{"apache.KeepAlive", model.Setting{Value: model.ValueUnknown, Origin: file}, true, tuning.VerdictOK},
	} {
		d, err := safe.With(model.Set{Endpoint: "apache", Param: tt.param, Setting: tt.setting}, c)
		if err != nil {
			t.Fatal(err)
		}
		r, err := tuning.Analyze(d, tuning.NewEnv(c, 0))
		if err != nil {
			t.Fatal(err)
		}
		f, l := fired(r, "EFF-17"), r.Legs[0].Limit
		told := slices.Contains(l.Assuming, tuning.ParamRef{Endpoint: "apache", Param: tt.param})
		if (f != nil) != tt.fires || l.Verdict != tt.verdict || l.Verdict == tuning.VerdictOK && told != tt.fires {
			t.Errorf("%s %s %s: %s, assuming %v, %+v", tt.param, tt.setting.Value, tt.setting.Origin, l.Verdict, l.Assuming, f)
		}
		if f == nil {
			continue
		}
		taken := "is not known"
		if tt.setting.Value != model.ValueUnknown {
			taken = "is taken to be " + tt.setting.Value.Human()
		}
		if name := strings.TrimPrefix(string(tt.param), "apache."); f.Because[0] != "a.conf:4 was not read or not understood" || f.Because[1] != "apache: "+name+" "+taken {
			t.Errorf("%q", f.Because)
		}
	}
}

// The server's remedy comes first: to wait longer breaks no other client.
func TestARaceIsMendedAtTheServerFirst(t *testing.T) {
	c := model.Embedded()
	d, env := document(t, c, "go-client > apache@2.4.66"), tuning.NewEnv(c, 0)
	r, err := tuning.Analyze(d, env)
	if err != nil {
		t.Fatal(err)
	}
	r = tuning.Advised(d, env, r)
	f := fired(r, "ORD-1")
	if f == nil || len(f.Remedies) < 2 || f.Remedies[0].Edits[0].(model.Set).Endpoint != "apache" || f.Remedies[1].Edits[0].(model.Set).Endpoint != "go-client" {
		t.Errorf("%+v", f)
	}
}

func TestASafePathHasNoGraveFindings(t *testing.T) {
	c := model.Embedded()
	r, err := tuning.Analyze(document(t, c, "ie@11 > apache@2.4.66", "server:KeepAliveTimeout=190s", "client:KeepAliveTimeout=180s", "client:ServerInfoTimeout=180s"), tuning.NewEnv(c, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		if f.Severity > tuning.Info {
			t.Errorf("%s %s: %q", f.Rule.ID, f.Severity, f.Because)
		}
	}
}

func TestEveryRuleHasItsWordsAndAFixture(t *testing.T) {
	seen := map[string]string{}
	for _, rule := range tuning.Rules() {
		if other, ok := seen[rule.ID]; ok { // suppressing one would hide the other
			t.Errorf("%s is %q and %q", rule.ID, other, rule.Title)
		}
		seen[rule.ID] = rule.Title
		if rule.Title == "" || rule.Why == "" || rule.WrongIf == "" || rule.Source == "" {
			t.Errorf("%s lacks its title, reason, exception or source", rule.ID)
		}
		switch rule.ID {
		case "EFF-15", "EFF-17": // TestStrangersAreNoticed, TestWhatALineLeavesOpenIsTold
			continue
		case "EFF-1", "EFF-11", "EFF-12": // fallback_test.go: no setting fires them
			continue
		case "EFF-16": // no setting spares it, a newer version does
			continue
		}
		if !slices.ContainsFunc(edges, func(e edge) bool { return e.rule == rule.ID }) {
			t.Errorf("%s has no fixture from both sides", rule.ID)
		}
	}
}

// A server that counts no pings takes nobody's consent for them.
func TestPingsThatNobodyCountsNeedNoConsent(t *testing.T) {
	c := model.Embedded()
	for server, want := range map[string]bool{"grpc-js-server": false, "go-server": true} {
		r, err := tuning.Analyze(document(t, c, "grpc-js > "+server, "client:keepalive_time_ms=30s"), tuning.NewEnv(c, 0))
		if err != nil {
			t.Fatal(err)
		}
		if got := fired(r, "KA-8") != nil; got != want {
			t.Errorf("%s: consent needed is %v, want %v", server, got, want)
		}
	}
}
