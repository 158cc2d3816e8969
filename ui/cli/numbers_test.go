package cli_test

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"example.com/keeptune/ui/cli"
	"example.com/keeptune/ui/cli/wire"
)

// run runs the command line and returns its exit code and standard output.
func run(t testing.TB, args ...string) (int, []byte) {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	code := cli.Main(args, os.Stdin, out, os.Stderr)
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	return code, data
}

// judged is the part of the contract that the first session is about.
type judged struct {
	Schema string
	Legs   []struct {
		Limit struct {
			Idle, High, Margin *float64
			By, Endpoint       *string
			Param, Verdict     string
			Also               []string
		}
		Detection map[string]map[string]struct{ After, Low, High *float64 }
	}
	Findings []any
}

func check(t *testing.T, args ...string) (int, judged) {
	t.Helper()
	code, data := run(t, append([]string{"check", "--format", "json"}, args...)...)
	if err := validate("check", string(data)); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	// Keys that end in _s lose it, so that the fields above can be named plainly.
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	plain, err := json.Marshal(unsuffixed(tree))
	if err != nil {
		t.Fatal(err)
	}
	var j judged
	if err := json.Unmarshal(plain, &j); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return code, j
}

func unsuffixed(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for k, x := range v {
			if n := len(k) - 2; n > 0 && k[n:] == "_s" {
				k = k[:n]
			}
			m[k] = unsuffixed(x)
		}
		return m
	case []any:
		for i := range v {
			v[i] = unsuffixed(v[i])
		}
	}
	return v
}

// The steps of the first session give the numbers of its contract. A race of
// Internet Explorer costs POSTs alone, so the exit code is 0 throughout.
func TestFirstSessionNumbers(t *testing.T) {
	ends := []string{"--client", "ie@11", "--server", "apache"}
	for _, step := range []struct {
		set          []string
		code         int
		idle, margin float64
		by, param    string
		also         []string
		verdict      string
	}{
		{nil, 0, 5, -55, "server", "apache.KeepAliveTimeout", nil, "race"},
		{[]string{"server:KeepAliveTimeout=180s"}, 0, 60, 120, "client", "ie.KeepAliveTimeout", nil, "ok"},
		{[]string{"server:KeepAliveTimeout=180s", "client:KeepAliveTimeout=180000"}, 0, 120, 60, "client", "ie.ServerInfoTimeout", nil, "ok"},
		{
			[]string{"server:KeepAliveTimeout=180", "client:KeepAliveTimeout=3m", "client:ServerInfoTimeout=180s"},
			0, 180, 0, "client", "ie.KeepAliveTimeout",
			[]string{"ie.ServerInfoTimeout", "apache.KeepAliveTimeout"},
			"race",
		},
		{
			[]string{"server:KeepAliveTimeout=190s", "client:keepalivetimeout=180s", "client:ie.ServerInfoTimeout=180s"},
			0, 180, 10, "client", "ie.KeepAliveTimeout",
			[]string{"ie.ServerInfoTimeout"},
			"ok",
		},
	} {
		args := slices.Clone(ends)
		for _, s := range step.set {
			args = append(args, "--set", s)
		}
		code, j := check(t, args...)
		l := j.Legs[0].Limit
		if j.Schema != "keeptune.check/1" || code != step.code || *l.Idle != step.idle || *l.Margin != step.margin || *l.By != step.by ||
			l.Param != step.param || l.Verdict != step.verdict || !slices.Equal(l.Also, step.also) {
			t.Errorf("%v: exit code %d, idle %v, margin %v, by %s %s, also %q, %s", step.set, code, *l.Idle, *l.Margin, *l.By, l.Param, l.Also, l.Verdict)
		}
	}
}

// Dead-peer detection with probes on and off.
func TestDetectionNumbers(t *testing.T) {
	on, off := 7875.0, (*float64)(nil)
	windows, xp := 7210.0, 7205.0
	for _, tt := range []struct {
		client, set, side string
		want              *float64
	}{
		{"ie@11/windows@10", "client:tcp_keepalive=on", "client", &windows},
		{"curl/windows@xp", "client:tcp_keepalive=on", "client", &xp},
		{"curl", "server:tcp_keepalive=on", "server", &on},
		{"curl", "server:tcp_keepalive=off", "server", off},
	} {
		_, j := check(t, "--client", tt.client, "--server", "nginx", "--set", tt.set)
		got := j.Legs[0].Detection[tt.side]["idle"]
		switch {
		case tt.want == nil:
			if got.After != nil || got.Low != nil || got.High != nil {
				t.Errorf("%s %s: not null", tt.client, tt.set)
			}
		case got.After == nil || *got.After != *tt.want || *got.Low > *got.High:
			t.Errorf("%s %s: %v", tt.client, tt.set, got)
		}
	}
}

// The contract's keys are all there.
func TestContractKeys(t *testing.T) {
	want := map[string][]string{
		"Check":     {"schema", "version", "knowledge", "legs", "path", "findings"},
		"Leg":       {"client", "server", "middleboxes", "limit", "race", "detection", "ends", "load"},
		"Side":      {"endpoint", "system", "version", "os", "settings"},
		"Setting":   {"param", "role", "value", "origin", "where"},
		"Box":       {"endpoint", "system", "idle_s", "on_expiry"},
		"Limit":     {"idle_s", "high_s", "by", "endpoint", "param", "also", "closes", "verdict", "margin_s", "because", "assuming", "requests", "age"},
		"Requests":  {"count", "endpoint", "param", "last_says_close"},
		"Age":       {"after_s", "endpoint", "param", "ends"},
		"Race":      {"window_s", "worst_probability"},
		"Detected":  {"idle", "in_flight", "waiting", "zero_window"},
		"Detection": {"after_s", "low_s", "high_s", "because"},
		"End":       {"by", "param", "after_s", "low_s", "high_s", "because"},
		"Load":      {"idle_connections", "probe_packets_per_s"},
		"Path":      {"leg", "idle_s", "verdict", "worst"},
		"Finding":   {"rule", "severity", "leg", "at", "because", "assuming", "remedies"},
		"Remedy":    {"label", "set"},
	}
	var schema struct {
		Required []string
		Defs     map[string]struct{ Required []string } `json:"$defs"`
	}
	if err := json.Unmarshal(wire.Schemas()["check"], &schema); err != nil {
		t.Fatal(err)
	}
	for name, keys := range want {
		has := schema.Defs[name].Required
		if name == "Check" {
			has = schema.Required
		}
		for _, k := range keys {
			if !slices.Contains(has, k) {
				t.Errorf("%s is not sure to have %s", name, k)
			}
		}
	}
}
