//go:build real && linux

package cli_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/keeptune/ui/internal/screen"
)

// A watch on a terminal shows what it sees; Ctrl+C ends it and it concludes. What it has
// written gives the same conclusions.
func TestRealWatchCommand(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	file := filepath.Join(t.TempDir(), "seen.pcapng")
	s := screen.Start(t, screen.Build(t), screen.Options{Args: []string{"watch", "--netns", p.pid, "--on", "lo", "--port", "9", "--write", file}})
	s.WaitFor("keeptune watch: interface lo, port 9 of network namespace "+p.pid, "Ctrl-C ends it", "0 segments")
	for range 3 {
		p.does("bash", "-c", "! (exec 3<>/dev/tcp/127.0.0.1/9) 2>/dev/null") // nobody listens
	}
	s.WaitFor("6 segments, 3 connections, 0 packets missed")
	s.Type("ctrl+c")
	s.WaitFor("SERVER  127.0.0.1:9: 3 connections, ", "3 refused")
	if code := s.Exit(); code != 0 {
		t.Errorf("it ends with %d", code)
	}
	out, err := exec.CommandContext(t.Context(), screen.Build(t), "pcap", file, "--anonymise", "--format", "csv").Output()
	if err != nil {
		t.Fatal(err)
	}
	if rows := strings.Count(string(out), "\n127.0.0.1:9,127.0.0.1:"); rows != 3 {
		t.Errorf("%d connections were written:\n%s", rows, out)
	}
	out, err = exec.CommandContext(t.Context(), "tcpdump", "-nr", file).Output()
	if err != nil || strings.Count(string(out), "127.0.0.1.9: Flags [S]") != 3 {
		t.Errorf("tcpdump reads it otherwise: %v\n%s", err, out)
	}
	again, err := exec.CommandContext(t.Context(), screen.Build(t), "watch", "--netns", p.pid, "--on", "lo", "--write", file).CombinedOutput()
	if err == nil || !strings.Contains(string(again), "seen.pcapng exists; choose another name, or give --force") {
		t.Errorf("an existing file: %v %s", err, again)
	}
	again, err = exec.CommandContext(t.Context(), screen.Build(t), "watch", "--netns", p.pid, "--on", "lo", "--for", "100ms").CombinedOutput()
	if err == nil || !strings.Contains(string(again), "keeptune watch: no TCP packet passed in ") {
		t.Errorf("nothing passed: %v %s", err, again)
	}
	// Without the right, a line is told that somebody else can run.
	again, err = exec.CommandContext(t.Context(), "setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw", screen.Build(t), "watch", "--port", "443").CombinedOutput()
	if err == nil || string(again) != "keeptune watch: capturing packets takes root or the capability CAP_NET_RAW; who has it can run\n  tcpdump -i any -s 512 -U -w - 'tcp port 443' | keeptune pcap -\n" {
		t.Errorf("no right: %v %s", err, again)
	}
}
