package trial_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/trial"
)

// exported is what an export writes for a path with changes.
func exported(t *testing.T, path string, sets ...string) ([]native.File, *model.Catalog) {
	t.Helper()
	c := model.Embedded()
	p, err := model.ParsePath(path, c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := model.Document{Path: p}.Assign(c, sets...)
	if err != nil {
		t.Fatal(err)
	}
	report, err := tuning.Analyze(d, tuning.NewEnv(c, 0))
	if err != nil {
		t.Fatal(err)
	}
	files, err := native.Export(native.Request{Document: d, Report: report, Catalog: c, Date: time.Unix(0, 0), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return files, c
}

// etc is a directory with the files of a host's sysctl.
func etc(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sysctl.d"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	return dir
}

func TestPlanOfVariables(t *testing.T) {
	now, err := os.ReadFile("/proc/sys/net/ipv4/tcp_retries2")
	if err != nil {
		t.Fatal(err)
	}
	retries := strings.TrimSpace(string(now))
	other := "11"
	if retries == other {
		other = "12"
	}
	files, c := exported(t, "curl > nginx", "server:tcp_retries2="+other, "server:tcp_keepalive_time=600", "client:tcp_keepalive_time=50", "server:keepalive_timeout=70s")
	dir := etc(t, map[string]string{
		"sysctl.d/60-keeptune.conf": "# earlier\nnet.ipv4.tcp_retries2 = 9\nnet/ipv4/tcp_syn_retries=4\n",
		"sysctl.d/50-early.conf":    "net.ipv4.tcp_retries2 = 5\n",
		"sysctl.d/99-late.conf":     "# x\n-net.ipv4.tcp_retries2 = 6\nnet.ipv4.tcp_fin_timeout = 30\n",
		"sysctl.conf":               "net.ipv4.tcp_retries2=7\n",
	})
	if got := trial.Triable(files); len(got) != 2 {
		t.Errorf("triable: %v", got)
	}
	p, err := trial.Exported(t.Context(), files, c, trial.Place{Endpoints: []model.EndpointID{"nginx"}, Etc: dir})
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, ch := range append(p.Changes, p.Same...) {
		if name := ch.Target.About().Name; name == "net.ipv4.tcp_retries2" {
			found = ch.From == retries && ch.To == other && ch.Target.About().Effect == "at once"
		} else if ch.To == "50" {
			t.Error("the client's value is planned for the server")
		}
	}
	if !found && len(p.Refused) == 0 { // it is refused to who may not set it
		t.Errorf("%+v", p.Changes)
	}
	if len(p.Keep) != 1 || !strings.Contains(string(p.Keep[0].Content), "net.ipv4.tcp_retries2 = "+other+"\n") ||
		!strings.HasSuffix(string(p.Keep[0].Content), "\n# Kept before this:\nnet.ipv4.tcp_syn_retries = 4\n") || !strings.HasPrefix(string(p.Keep[0].Was), "# earlier") {
		t.Errorf("kept: %s", p.Keep[0].Content)
	}
	notes := strings.Join(p.Notes, "\n")
	if len(p.Notes) != 2 || !strings.Contains(notes, "sysctl.conf:1 sets net.ipv4.tcp_retries2 to 7") || !strings.Contains(notes, "99-late.conf:2 sets net.ipv4.tcp_retries2 to 6") {
		t.Errorf("notes: %s", notes)
	}
	if _, err := trial.Exported(t.Context(), files, c, trial.Place{Endpoints: []model.EndpointID{"curl", "nginx"}, Etc: dir}); err == nil || !strings.Contains(err.Error(), "two values of net.ipv4.tcp_keepalive_time") {
		t.Errorf("two endpoints, one host: %v", err)
	}
}
