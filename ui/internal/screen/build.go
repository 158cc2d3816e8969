//go:build !windows

package screen

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

var build struct {
	once sync.Once
	bin  string
	out  []byte
	err  error
}

// Build compiles keeptune once for a test process and returns the path of the
// binary: as it is released, or with the race detector where the test runs under
// it. KEEPTUNE_BIN names one that is there already. The package's TestMain ends with
// Clean, which removes the binary.
func Build(tb testing.TB) string {
	tb.Helper()
	build.once.Do(func() {
		if build.bin = os.Getenv("KEEPTUNE_BIN"); build.bin != "" {
			return
		}
		if built, build.err = os.MkdirTemp("", "keeptune-bin-"); build.err != nil { //nolint:usetesting // outlives the test that builds it
			return
		}
		build.bin = filepath.Join(built, "keeptune")
		build.out, build.err = compile(build.bin, "example.com/keeptune")
	})
	if build.err != nil {
		tb.Fatalf("build keeptune: %v\n%s", build.err, build.out)
	}
	return build.bin
}

// BuildAs compiles a package into a directory of the test.
func BuildAs(tb testing.TB, pkg string) string {
	tb.Helper()
	bin := filepath.Join(tb.TempDir(), "program")
	if out, err := compile(bin, pkg); err != nil {
		tb.Fatalf("build %s: %v\n%s", pkg, err, out)
	}
	return bin
}

func compile(bin, pkg string) ([]byte, error) {
	args := []string{"build", "-o", bin}
	env := os.Environ()
	if raced {
		args = append(args, "-race")
	} else {
		args, env = append(args, "-trimpath", "-ldflags", "-s -w"), append(env, "CGO_ENABLED=0")
	}
	cmd := exec.Command("go", append(args, pkg)...)
	cmd.Env = env
	return cmd.CombinedOutput()
}

// Find is where a program is that a test needs. Without it the test is skipped, or
// fails where KEEPTUNE_REQUIRE_REAL is 1.
func Find(tb testing.TB, program string) string {
	tb.Helper()
	path, err := exec.LookPath(program)
	switch {
	case err == nil:
	case os.Getenv("KEEPTUNE_REQUIRE_REAL") == "1":
		tb.Fatalf("%s is not installed and KEEPTUNE_REQUIRE_REAL is 1", program)
	default:
		tb.Skipf("%s is not installed", program)
	}
	return path
}
