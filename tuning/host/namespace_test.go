//go:build linux

package host_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/host"
)

func TestNamespacesThatAreNone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"no-such-name":          `there is no network namespace "no-such-name"`,
		"../no-such-name":       `there is no network namespace "../no-such-name"`,
		"4194305":               "there is no process 4194305", // above the kernel's most
		file:                    "is no network namespace",
		"/proc/self/ns/\x1b[1m": "there is no network namespace",
	} {
		_, err := host.Sockets(t.Context(), host.Options{Namespace: name}, func(*census.Socket) {})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q gives %v, not %s", name, err, want)
		}
	}
}
