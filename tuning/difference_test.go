package tuning_test

import (
	"slices"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

func reportOf(t *testing.T, path string, sets ...string) tuning.Report {
	t.Helper()
	p, err := model.ParsePath(path, model.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	d, err := model.Document{Path: p}.Assign(model.Embedded(), sets...)
	if err != nil {
		t.Fatal(err)
	}
	r, err := tuning.Analyze(d, tuning.NewEnv(model.Embedded(), 0))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// changed are the differences that are none of sameness, each in a line.
func changed(before, after tuning.Report) (all []string) {
	for _, d := range tuning.Differences(before, after) {
		if !d.Same() {
			all = append(all, string(d.At.Endpoint)+" "+d.Name+": "+d.Before.String()+" to "+d.Now.String())
		}
	}
	return all
}

func TestDifferences(t *testing.T) {
	const path = "chrome > nginx > node"
	for _, x := range []struct {
		name          string
		before, after tuning.Report
		want          []string
	}{
		{"nothing", reportOf(t, path), reportOf(t, path), nil},
		{"a setting", reportOf(t, path), reportOf(t, path, "node:keepAliveTimeout=65s"), []string{"node keepAliveTimeout: 5s to 1m5s"}},
		{"two faces of one product", reportOf(t, path, "nginx.keepalive_timeout=10s"), reportOf(t, path, "nginx.upstream.keepalive_timeout=10s"), []string{
			"nginx keepalive_timeout: 10s to 1m15s", "nginx keepalive_timeout: 1m to 10s",
		}},
		{"a quantity given", reportOf(t, path), reportOf(t, path, "leg2:outage=60s"), []string{"leg2 outage: unset to 1m"}},
		{"a quantity changed and one taken back", reportOf(t, path, "leg1:arrivals=4", "leg2:outage=60s"), reportOf(t, path, "leg2:outage=61s"), []string{
			"leg1 arrivals: 4 to unset", "leg2 outage: 1m to 1m1s",
		}},
	} {
		if got := changed(x.before, x.after); !slices.Equal(got, x.want) {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
}

// A hop that is only in one of them is told where it stands.
func TestDifferencesOfPaths(t *testing.T) {
	short, long := reportOf(t, "curl > node"), reportOf(t, "curl > firewall > node")
	for _, x := range []struct {
		before, after tuning.Report
		gone          bool
	}{{short, long, false}, {long, short, true}} {
		var places []string
		for _, d := range tuning.Differences(x.before, x.after) {
			if n := len(places); n == 0 || places[n-1] != string(d.At.Endpoint) {
				places = append(places, string(d.At.Endpoint))
			}
			if d.At.Endpoint == "firewall" && (d.Was == nil) == x.gone || d.At.Endpoint == "firewall" && (d.Is == nil) != x.gone {
				t.Errorf("%s: before %v, now %v", d.Name, d.Was, d.Is)
			}
		}
		if !slices.Equal(places, []string{"curl", "firewall", "node"}) {
			t.Errorf("the settings stand as %v", places)
		}
	}
}
