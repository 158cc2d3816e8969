//go:build unix

package run_test

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
)

func TestUnixSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "web.sock")
	relay(t, "unix", path, listen(t, short, nil), func(*bufio.Reader, net.Conn) bool { return true })
	spec := specFor(t, "http://localhost/")
	spec.Target.Route.Unix = path
	if o := good(t, run.Tester{}, spec); o.res.Address != "unix:"+path || run.NeedsConsent(t.Context(), spec) {
		t.Errorf("address %q", o.res.Address)
	}
}

// fewFilesEnv makes this test binary hold connections to its value, under a limit of files.
const fewFilesEnv = "KEEPTUNE_TEST_FEW_FILES"

// TestHoldWithFewFiles lets a process with a low limit of open files hold more connections
// than that: it raises the limit where it may, or holds what it can and says so.
func TestHoldWithFewFiles(t *testing.T) {
	const asked, files = 1000, 400
	if target := os.Getenv(fewFilesEnv); target != "" {
		_, o := held(t, target, asked, func(s *livetest.Spec) { s.IdleLimit = time.Second })
		h := o.res.Hold
		switch {
		case h == nil || h.Refused > 0 || h.Asked != asked:
			t.Errorf("held %+v: %v", h, o.err)
		case h.Opened == asked && h.Limited == "": // root raises even the ceiling
		case h.Opened != files-64 || !strings.Contains(h.Limited, "336 of 1000 connections are held: raise ulimit -n"):
			t.Errorf("opened %d of %d, limited by %q", h.Opened, asked, h.Limited)
		}
		return
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -n "$1" && exec "$0" -test.run='^TestHoldWithFewFiles$'`, os.Args[0], strconv.Itoa(files))
	cmd.Env = append(os.Environ(), fewFilesEnv+"="+holder(t, "http"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
