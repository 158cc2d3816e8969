package model_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/model"
)

func TestChanges(t *testing.T) {
	const file = `id = "x"
name = "X"
kind = "proxy"
assume = "3"
known = ["1", "2", "3"]
os = "linux"
os_at = [{ since = "3", os = "linux@6.12" }]
[server]
close = "fin"
source = "s"
sends = [{ since = "0", when = "never", source = "s" }, { since = "3", when = "always", value = "idle", source = "hints" }]
[[server.param]]
name = "idle"
role = "idle"
unit = "s"
zero = "off"
set_since = "2"
default = [{ since = "0", value = "5s", source = "s", seen = "2026-11-20" }, { since = "2", value = "60s", source = "idles", seen = "2026-11-20" }, { since = "2", value = "70s", os = "windows", source = "idles", seen = "2026-11-20" }]
real = [{ since = "3", low = "0s", high = "1s", ratio = 0.01, source = "measured" }]
[[server.param]]
name = "gone"
role = "requests"
unit = "count"
zero = "off"
before = "2"
default = [{ since = "0", value = "7", source = "s", seen = "2026-11-20" }]
[client]
close = "fin"
source = "s"
[[client.param]]
name = "pool"
role = "pool"
unit = "count"
zero = "off"
since = "2"
default = [{ since = "0", value = "32", source = "pools", seen = "2026-11-20" }]
`
	s, err := model.DecodeSystem("x.toml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	told := func(from, to model.Version) []string {
		var out []string
		for _, c := range s.Changes(from, to) {
			out = append(out, c.Human("->")+" ("+c.Source+")")
		}
		return out
	}
	for _, tc := range []struct {
		from, to model.Version
		want     []string
	}{
		{"1", "1", nil},
		{"1", "2", []string{
			"idle 5 s -> 60 s (idles)", "idle on windows 5 s -> 70 s (idles)", "idle can be set (idles)",
			"gone is gone, its default was 7 (s)", "upstream.pool is new, default 32 (pools)",
		}},
		{"2", "3", []string{
			"runs on linux -> linux@6.12 ()",
			"now Keep-Alive: timeout= is sent with every answer, with the idle timeout (hints)",
			"idle really ends on time -> +0 s to +1 s, and 1 % of the time (measured)",
		}},
	} {
		if diff := cmp.Diff(tc.want, told(tc.from, tc.to)); diff != "" {
			t.Errorf("%s to %s:\n%s", tc.from, tc.to, diff)
		}
	}
	if back := s.Changes("2", "1"); len(back) != len(s.Changes("1", "2")) {
		t.Errorf("backwards it is %v", back)
	}
}

// Each version of a known list can be told from the one before it, or says
// that nothing is known to differ.
func TestChangesOfTheCatalog(t *testing.T) {
	s, err := model.Embedded().System("nginx")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, c := range s.Changes("1.18.0", "1.19.10") {
		found = found || c.Human("->") == "keepalive_requests 100 -> 1000"
	}
	if !found {
		t.Errorf("1.18.0 to 1.19.10 changes %v", s.Changes("1.18.0", "1.19.10"))
	}
}

// A setting is called what its product calls it, where its id has another word.
func TestChangesHaveTheProductsNames(t *testing.T) {
	var got []string
	for id, versions := range map[model.SystemID][2]model.Version{"haproxy": {"2.2", "2.4"}, "nginx": {"1.19.9", "1.19.10"}} {
		s, err := model.Embedded().System(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range s.Changes(versions[0], versions[1]) {
			got = append(got, c.Human("->"))
		}
	}
	for _, want := range []string{"clitcpka-idle can be set", "srvtcpka-cnt can be set", "keepalive_requests 100 -> 1000", "upstream.keepalive_time is new, default 1 h"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}
