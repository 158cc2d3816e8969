package cli

import (
	"path/filepath"
	"slices"
	"testing"

	"example.com/keeptune/tuning/trial"
)

// What the screen reads and sets is in its log, also where that fails.
func TestLogOfTheScreen(t *testing.T) {
	var e effects
	e.app = &app{}
	file := filepath.Join(t.TempDir(), "none.pcap")
	if err := e.Capture(t.Context(), file, nil); err == nil {
		t.Error("a capture that is not there was read")
	}
	s := screenTrials{app: e.app, log: &e.log, plan: trial.Plan{Changes: []trial.Change{
		{Target: &trial.Sysctl{Key: "net.ipv4.tcp_retries2"}}, {Target: trial.NewServer("nginx", "/etc/nginx/nginx.conf", nil)},
	}}}
	s.written()
	var lines []string
	for _, a := range e.Log() {
		lines = append(lines, a.String())
	}
	want := []string{"cat " + file, "write net.ipv4.tcp_retries2", "nginx, to check its files, its reload, and requests to its listeners"}
	if !slices.Equal(lines, want) {
		t.Errorf("the log is %q", lines)
	}
}
