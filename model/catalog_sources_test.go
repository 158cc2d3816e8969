package model_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"example.com/keeptune/model"
)

// sourced is what a source has to name, so that somebody else can look there:
// an address, an issue or a file of a repository, a section of a standard, the
// version that was measured, or a file of a package.
var sourced = regexp.MustCompile(strings.Join([]string{
	`https?://[\w.-]+\.\w+/\S`,
	`\b[\w.-]+/[\w.-]+#\d+`,
	`\b[\w.+-]+(/[\w.-]+)*(@[\w.+/-]+( and [\w.+-]+)?)?:[\w@.-]+[/.][\w./-]+`,
	`\bRFC \d+ (section |REQ-)\d`,
	`\b[Mm]easured on (Node )?\d`,
	`: /(etc|usr)/\S+`,
}, "|"))

// Whoever doubts a fact can look it up. Only what is unknown may say so instead.
func TestEverySourceCanBeLookedUp(t *testing.T) {
	files, err := filepath.Glob("catalog/*.toml")
	if err != nil || len(files) < 90 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var raw map[string]any
		if err := toml.Unmarshal(data, &raw); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		walkSources(raw, file, func(where, source string, unknown bool) {
			if !sourced.MatchString(source) && (!unknown || !strings.HasPrefix(source, "not ")) {
				t.Errorf("%s: %q is no URL, no file of a repository or package, no RFC section and no measured version", where, source)
			}
		})
	}
}

// walkSources calls f for each source of a table and of those inside it.
func walkSources(table map[string]any, where string, f func(where, source string, unknown bool)) {
	if name, ok := table["name"].(string); ok {
		where += " " + name
	}
	if source, ok := table["source"].(string); ok {
		f(where, source, saysUnknown(table))
	}
	for key, v := range table {
		switch v := v.(type) {
		case map[string]any:
			walkSources(v, where+" "+key, f)
		case []map[string]any:
			for _, inner := range v {
				walkSources(inner, where+" "+key, f)
			}
		case []any:
			for _, x := range v {
				if inner, ok := x.(map[string]any); ok {
					walkSources(inner, where+" "+key, f)
				}
			}
		}
	}
}

// saysUnknown reports whether a table, or a default listed in it, is unknown.
func saysUnknown(table map[string]any) bool {
	for key, v := range table {
		if v == "unknown" {
			return true
		}
		list, _ := v.([]map[string]any)
		for _, inner := range list {
			if key != "param" && inner["value"] == "unknown" {
				return true
			}
		}
		mixed, _ := v.([]any)
		for _, x := range mixed {
			if inner, ok := x.(map[string]any); ok && inner["value"] == "unknown" {
				return true
			}
		}
	}
	return false
}

func TestSourcesThatNameNothing(t *testing.T) {
	for source, want := range map[string]bool{
		"https://nginx.org/en/docs/http/ngx_http_core_module.html#keepalive_timeout": true,
		"nodejs/node#54863":                                  true,
		"go1.26.8:src/net/http/transport.go":                 true,
		"torvalds/linux@v6.12:include/net/tcp.h TCP_RTO_MIN": true,
		"RFC 5382 section 5":                                 true,
		"measured on 2.6.12: 50.0 s":                         true,
		"Debian haproxy 2.6.12: /etc/haproxy/haproxy.cfg":    true,
		"https://techdocs.akamai.com":                        false,
		"JDK networking properties":                          false,
		"measured":                                           false,
		"secondary: recollection":                            false,
		"nginx: the default":                                 false,
		"RFC 9112":                                           false,
	} {
		if got := sourced.MatchString(source); got != want {
			t.Errorf("%q counts as a source: %v, want %v", source, got, want)
		}
	}
}

// The knowledge is as young as what was looked up last.
func TestKnowledgeDateIsThatOfTheLastLook(t *testing.T) {
	last := ""
	every(t, func(_ *testing.T, s *model.System) {
		for _, p := range s.Params {
			for _, at := range p.Defaults {
				for _, d := range at.Fact {
					last = max(last, d.Seen)
				}
			}
		}
		for _, p := range s.Proved {
			last = max(last, p.Seen)
		}
	})
	if last != model.KnowledgeDate {
		t.Errorf("the catalog was last checked on %s, KnowledgeDate is %s", last, model.KnowledgeDate)
	}
}
