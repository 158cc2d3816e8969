package native_test

import (
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/native"
)

// Whatever a rule offers can be set, and written for the program that reads it.
func TestEveryRemedyCanBeWritten(t *testing.T) {
	c := model.Embedded()
	clients := []string{"ie", "chrome", "curl", "curl@7.88.1", "go-client", "go-client@1.22", "nginx@1.22.1", "nginx", "haproxy@2.6.12", "haproxy", "apache", "node@18.20.8", "node", "curl/windows@xp", "curl/windows-9x", "go-client/macos", "aws-alb", "envoy"}
	servers := []string{"iis", "iis@1.0", "iis@6.0", "apache", "nginx@1.22.1", "nginx", "haproxy@2.6.12", "haproxy@3.2", "node@18.20.8", "node@22.19", "node@24.6", "go-server@1.22", "go-server", "apache/windows@10", "nginx/macos"}
	changes := map[string][]string{
		"client": {"KeepAliveTimeout=500ms", "KeepAliveTimeout=40d", "IdleConnTimeout=never", "IdleConnTimeout=26h", "CURLOPT_MAXAGE_CONN=26h", "timeout=never", "timeout=26h", "tcp_user_timeout=9s", "tcp_keepalive=on", "tcp_keepalive=off"},
		"server": {"keepalive_timeout=1500ms", "keepalive_timeout=1s", "keepalive_timeout_header=75", "KeepAliveTimeout=1500ms", "KeepAliveTimeout=24d", "timeout http-keep-alive=1500ms", "keepAliveTimeout=900ms", "IdleTimeout=1500ms", "connectionTimeout=1s", "tcp_keepalive=on", "tcp_keepalive_time=30s"},
	}
	var sets [][]string
	for side, list := range changes {
		for _, text := range list {
			sets = append(sets, []string{side + ":" + text})
		}
	}
	sets = append(sets, nil)
	tried, part := 0, 4
	if lawcheck.Long() {
		part = 2
	}
	for i, client := range clients { // each setting with a part of the clients and another server for each
		for j, set := range sets {
			if (i+j)%part == 0 {
				tried += tryRemedies(t, c, client+" > "+servers[(i+j)%len(servers)], set)
			}
		}
		tried += tryRemedies(t, c, client+" > conntrack > "+servers[i%len(servers)], nil)
	}
	if tried < 160/part {
		t.Errorf("only %d remedies were tried", tried)
	}
}

// tryRemedies writes each remedy of a path, and is how many there were.
func tryRemedies(t *testing.T, c *model.Catalog, path string, set []string) (tried int) {
	t.Helper()
	p, err := model.ParsePath(path, c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := model.Document{Path: p}.Assign(c, set...)
	if err != nil {
		return 0 // this end does not have it
	}
	env := tuning.NewEnv(c, 0)
	r, err := tuning.Analyze(d, env)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := renderAll(d, r, c); err != nil {
		return 0 // what was set cannot be written as it is
	}
	for _, f := range tuning.Advised(d, env, r).Findings {
		for _, remedy := range f.Remedies {
			tried++
			cured := d
			for _, e := range remedy.Edits {
				if cured, err = cured.With(e, c); err != nil {
					t.Fatalf("%s %q %s: %v", path, set, remedy.Label, err)
				}
			}
			after, err := analyze(cured, c)
			if err != nil {
				t.Fatal(err)
			}
			// Only a program sets CURLOPT_MAXAGE_CONN: the tool has no flag, and the export says so.
			if _, err := renderAll(cured, after, c); err != nil && !strings.Contains(remedy.Label, "CURLOPT_") {
				t.Errorf("%s %q: %s of %s: %v", path, set, remedy.Label, f.Rule.ID, err)
			}
		}
	}
	return tried
}

func renderAll(d model.Document, r tuning.Report, c *model.Catalog) (files []native.File, err error) {
	req := native.Request{Document: d, Report: r, Catalog: c}
	for _, f := range native.Suggested(req) {
		fs, err := f.Render(req)
		if err != nil {
			return nil, err
		}
		files = append(files, fs...)
	}
	return files, nil
}

// Apache lowers what exceeds its server limit and starts all the same.
func TestApacheWorkersNameTheirCeiling(t *testing.T) {
	c := model.Embedded()
	for value, want := range map[string]bool{"300": false, "2000": true} {
		p, err := model.ParsePath("chrome > apache", c)
		if err != nil {
			t.Fatal(err)
		}
		d, err := model.Document{Path: p}.Assign(c, "server:MaxRequestWorkers="+value)
		if err != nil {
			t.Fatal(err)
		}
		r, err := analyze(d, c)
		if err != nil {
			t.Fatal(err)
		}
		files, err := renderAll(d, r, c)
		if err != nil || len(files) != 1 {
			t.Fatalf("%v, %d files", err, len(files))
		}
		if got := strings.Contains(strings.Join(files[0].Notes, " "), "ServerLimit"); got != want {
			t.Errorf("%s workers: %q", value, files[0].Notes)
		}
	}
}
