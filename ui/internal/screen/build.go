//go:build !windows

package screen

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var build struct {
	once sync.Once
	bin  string
	out  []byte
	err  error
}

// Build compiles keeptune once for a test process, as it is released, and
// returns the path of the binary. KEEPTUNE_BIN names one that is there
// already. The binary stays in the directory for temporary files.
func Build(tb testing.TB) string {
	tb.Helper()
	build.once.Do(func() {
		if build.bin = os.Getenv("KEEPTUNE_BIN"); build.bin != "" {
			return
		}
		mod, err := exec.Command("go", "env", "GOMOD").Output()
		if err != nil {
			build.err = err
			return
		}
		dir, err := os.MkdirTemp("", "keeptune-bin-") //nolint:usetesting // outlives the test that builds it
		if err != nil {
			build.err = err
			return
		}
		build.bin = filepath.Join(dir, "keeptune")
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", build.bin, ".")
		cmd.Dir = filepath.Dir(strings.TrimSpace(string(mod)))
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		build.out, build.err = cmd.CombinedOutput()
	})
	if build.err != nil {
		tb.Fatalf("build keeptune: %v\n%s", build.err, build.out)
	}
	return build.bin
}
