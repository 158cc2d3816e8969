package trial_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	dir := etc(t, nil)
	if got := trial.Triable(files, &trial.Place{}); len(got) != 2 {
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
	if len(p.Refused) == 0 && (len(p.Keep) != 1 || !strings.Contains(string(p.Keep[0].Content), "net.ipv4.tcp_retries2 = "+other+"\n")) {
		t.Errorf("kept: %+v", p.Keep)
	}
	if _, err := trial.Exported(t.Context(), files, c, trial.Place{Endpoints: []model.EndpointID{"curl", "nginx"}, Etc: dir}); err == nil || !strings.Contains(err.Error(), "two values of net.ipv4.tcp_keepalive_time") {
		t.Errorf("two endpoints, one host: %v", err)
	}
}

// Of what the file said already all stays that is somebody's own, as it stands.
func TestFileOfVariables(t *testing.T) {
	dir := etc(t, map[string]string{
		"sysctl.d/60-keeptune.conf": "# keeptune 1.0 export sysctl\n# Path: curl > nginx\n\n# tcp_retries2: 9.\nnet.ipv4.tcp_retries2 = 9\n" +
			"\n# The same by hand, until the next start:\n# sysctl -w net.ipv4.tcp_retries2=9\n" +
			"\n# Kept before this:\n# for the lab\n-net/ipv4/conf/eth0.100/rp_filter=1\n-net.ipv4.conf.eth1.rp_filter\n; ask Ann\n\nnet/ipv4/tcp_syn_retries=4",
		"sysctl.d/50-early.conf": "net.ipv4.tcp_retries2 = 5\n",
		"sysctl.d/90-same.conf":  "net.ipv4.tcp_retries2 = 8\n",
		"sysctl.d/99-late.conf":  "# x\n-net.ipv4.tcp_retries2 = 6\nnet.ipv4.tcp_fin_timeout = 30\n",
		"sysctl.conf":            "net/ipv4/tcp_retries2=7\n",
	})
	p, err := trial.KeepSysctls(trial.Place{Etc: dir}, "# keeptune 1.1 export sysctl\n\nnet.ipv4.tcp_retries2 = 8\n")
	if err != nil || len(p.Keep) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	want := "# keeptune 1.1 export sysctl\n\nnet.ipv4.tcp_retries2 = 8\n\n# Kept before this:\n" +
		"# for the lab\n-net/ipv4/conf/eth0.100/rp_filter=1\n-net.ipv4.conf.eth1.rp_filter\n; ask Ann\n\nnet/ipv4/tcp_syn_retries=4\n"
	if d := cmp.Diff(want, string(p.Keep[0].Content)); d != "" {
		t.Error(d)
	}
	notes := strings.Join(p.Notes, "\n")
	if len(p.Notes) != 2 || !strings.Contains(notes, "sysctl.conf:1 sets net.ipv4.tcp_retries2 to 7") || !strings.Contains(notes, "99-late.conf:2 sets net.ipv4.tcp_retries2 to 6") {
		t.Errorf("notes: %s", notes)
	}
	// Once more, and it is the same.
	write(t, filepath.Join(dir, "sysctl.d/60-keeptune.conf"), want)
	p, err = trial.KeepSysctls(trial.Place{Etc: dir}, "# keeptune 1.1 export sysctl\n\nnet.ipv4.tcp_retries2 = 8\n")
	if err != nil || string(p.Keep[0].Content) != want {
		t.Errorf("%v\n%s", err, cmp.Diff(want, string(p.Keep[0].Content)))
	}
}

// A variable that this kernel does not have is not set at its next start, either.
func TestRefusedIsNotKept(t *testing.T) {
	files, c := exported(t, "curl > nginx/freebsd@14.2", "server:net.inet.tcp.keepidle=600s")
	p, err := trial.Exported(t.Context(), files, c, trial.Place{Endpoints: []model.EndpointID{"nginx"}, Etc: etc(t, nil)})
	if err != nil || len(p.Refused) != 1 || p.Refused[0].Why != "this kernel does not have it" || len(p.Keep) != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}
