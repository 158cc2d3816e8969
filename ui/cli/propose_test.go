package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestProposedPath holds the path that follows from a configuration alone, and
// whose a container's sysctls are on it.
func TestProposedPath(t *testing.T) {
	const (
		passing = "listen broker\n    mode tcp\n    bind 10.0.0.1:5672\n    timeout client 200s\n    timeout server 200s\n    server s 10.0.0.2:5672\n"
		both    = passing + "listen web\n    mode http\n    bind 10.0.0.1:80\n    timeout client 30s\n    server s 10.0.0.3:80\n"
		compose = "services:\n  app:\n    image: registry.example/shop\n    sysctls: [net.ipv4.tcp_keepalive_time=60]\n  db:\n    image: postgres:16\n    command: postgres -c idle_session_timeout=10min\n"
	)
	b := newBench(t)
	for _, tt := range []struct{ file, text, path, says, unsaid string }{
		{"haproxy.cfg", passing, "chrome --> haproxy-tcp --> nginx", "after 200 s", ""},
		{"haproxy.cfg", both, "chrome --> haproxy", "", "haproxy-tcp closes"},
		{"compose.yaml", compose, "libpq --> postgresql", "10 m*file", "60 s*file"},
		{"compose.yaml", strings.Replace(compose, "16\n", "16\n    sysctls: [net.ipv4.tcp_keepalive_time=90]\n", 1), "libpq --> postgresql", "90 s*file", "60 s*file"},
	} {
		file := filepath.Join(t.TempDir(), tt.file)
		if err := os.WriteFile(file, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, out := b.run(t, "check", file)
		text := string(out)
		if !strings.Contains(text, "PATH  "+tt.path+"\n") || !strings.Contains(text, tt.says) || tt.unsaid != "" && strings.Contains(text, tt.unsaid) {
			t.Errorf("%s is wanted, with %q, without %q:\n%s", tt.path, tt.says, tt.unsaid, text)
		}
	}
}
