package model_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
)

func suppressed(t *testing.T, c *model.Catalog, path string, all ...model.Suppression) model.Document {
	t.Helper()
	p, err := model.ParsePath(path, c)
	if err != nil {
		t.Fatal(err)
	}
	d := model.Document{Path: p}
	for _, s := range all {
		if d, err = d.With(model.Suppress{Suppression: s}, c); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

var accepted = model.Suppression{
	Rule: "ORD-1", Client: "nginx", Server: "node", Level: "warning", Reason: "the backend is replaced in spring",
	At: []model.SettingRef{{Endpoint: "node", Param: "node.keepAliveTimeout"}, {Endpoint: "nginx", Param: "nginx.upstream.keepalive_timeout"}},
}

func TestASuppressionIsKeptAndTakenBack(t *testing.T) {
	c := model.Embedded()
	d := suppressed(t, c, "chrome > nginx > node", accepted)
	data := model.EncodeDocument(d)
	back, err := model.DecodeDocument("s.toml", data, c)
	if err != nil || !back.Equal(d) {
		t.Fatalf("%v\n%s\n%+v", err, data, back)
	}
	again := accepted
	again.Reason, again.At = "  it was seen in no log ", []model.SettingRef{accepted.At[1], accepted.At[0]}
	if d, err = d.With(model.Suppress{Suppression: again}, c); err != nil || len(d.Suppressed) != 1 || d.Suppressed[0].Reason != "it was seen in no log" {
		t.Errorf("the same fault, accepted again: %v %+v", err, d.Suppressed)
	}
	if d.Equal(back) {
		t.Error("another reason is no difference")
	}
	if d, err = d.With(model.Unsuppress{Suppression: accepted}, c); err != nil || len(d.Suppressed) != 0 {
		t.Errorf("taken back: %v %+v", err, d.Suppressed)
	}
}

func TestABadSuppressionIsRefused(t *testing.T) {
	c := model.Embedded()
	d := suppressed(t, c, "chrome > nginx > node")
	for want, change := range map[string]func(*model.Suppression){
		"needs a reason":                  func(s *model.Suppression) { s.Reason = " " },
		`"ORD" is no rule`:                func(s *model.Suppression) { s.Rule = "ORD" },
		"it is info, warning or error":    func(s *model.Suppression) { s.Level = "grave" },
		"the path has no endpoint \"ws\"": func(s *model.Suppression) { s.Client = "ws" },
		"is no place on the path":         func(s *model.Suppression) { s.At = []model.SettingRef{{Endpoint: "apache", Param: "x"}} },
	} {
		s := accepted
		change(&s)
		if strings.Contains(want, "path") { // edits are made from findings, files by anybody
			broken := d
			broken.Suppressed = []model.Suppression{s}
			data := model.EncodeDocument(broken)
			if _, err := model.DecodeDocument("s.toml", data, c); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "s.toml:") {
				t.Errorf("%v, want %s", err, want)
			}
			continue
		}
		if _, err := d.With(model.Suppress{Suppression: s}, c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// What was accepted of one hop never speaks of another that gets its name.
func TestSuppressionsFollowTheirHops(t *testing.T) {
	c := model.Embedded()
	second := model.Suppression{Rule: "KA-2", Client: "nginx", Server: "nginx-2", Level: "error", Reason: "r", At: []model.SettingRef{{Endpoint: "nginx-2", Param: "linux.tcp_keepalive_time"}}}
	leg := model.Suppression{Rule: "ORD-3", Client: "nginx", Server: "nginx-2", Level: "error", Reason: "r", At: []model.SettingRef{{Endpoint: "leg2", Param: "period"}}}
	haproxy, err := model.ParseEndpoint("haproxy", c)
	if err != nil {
		t.Fatal(err)
	}
	newer, err := model.ParseEndpoint("nginx@1.28.0", c)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		edit model.Edit
		want []string // client, server, first place
	}{
		{"another hop goes", model.Remove{Index: 3}, []string{"nginx nginx-2 nginx-2"}},
		{"the hop goes", model.Remove{Index: 2}, nil},
		{"the one before goes", model.Remove{Index: 1}, nil},
		{"one comes before", model.Insert{Index: 1, Endpoint: newer}, []string{"nginx-2 nginx-3 nginx-3"}},
		{"it moves", model.Move{Index: 1}, []string{"nginx-2 nginx nginx"}},
		{"another version", model.Choose{Index: 2, Endpoint: newer}, []string{"nginx nginx-2 nginx-2", "nginx nginx-2 leg2"}},
		{"another system", model.Choose{Index: 2, Endpoint: haproxy}, nil},
		{"another system in front", model.Choose{Index: 1, Endpoint: haproxy}, nil},
		{"another document", model.Replace{Document: suppressed(t, c, "chrome > node", accepted)}, nil},
	} {
		d, err := suppressed(t, c, "chrome > nginx > nginx > haproxy > node", second, leg).With(tt.edit, c)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range d.Suppressed {
			got = append(got, string(s.Client)+" "+string(s.Server)+" "+string(s.At[0].Endpoint))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestPlacesAreFoundByName(t *testing.T) {
	c := model.Embedded()
	d := suppressed(t, c, "chrome > nginx > nginx > node")
	for name, want := range map[string]string{
		"node.keepAliveTimeout":            "node:node.keepAliveTimeout",
		"keepalivetimeout":                 "node:node.keepAliveTimeout",
		"nginx-2:nginx.keepalive_timeout":  "nginx-2:nginx.keepalive_timeout",
		"nginx-2.keepalive_timeout":        "nginx-2:nginx.keepalive_timeout nginx-2:nginx.upstream.keepalive_timeout",
		"nginx.nginx.keepalive_timeout":    "nginx:nginx.keepalive_timeout",
		"leg2.period":                      "leg2:period",
		"leg2:period":                      "leg2:period",
		"leg9:period":                      "! there is no leg9",
		"leg1:perid":                       "! a leg has no quantity",
		"node.keepAliveTime":               "! no parameter",
		"apache:KeepAliveTimeout":          "! the path has no endpoint",
		"nginx-2:keepalive_timeout_header": "nginx-2:nginx.keepalive_timeout_header",
	} {
		refs, err := model.FindSettings(name, d, c)
		var got []string
		for _, r := range refs {
			got = append(got, r.String())
		}
		if sentence, bad := strings.CutPrefix(want, "! "); bad {
			if err == nil || !strings.Contains(err.Error(), sentence) {
				t.Errorf("%s: %v, want %s", name, err, sentence)
			}
		} else if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %q %v, want %s", name, got, err, want)
		}
	}
}
