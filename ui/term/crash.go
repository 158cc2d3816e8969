package term

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"
)

// WriteCrash writes what a panic left behind to crash-<time>.log in dir
// ($XDG_STATE_HOME/keeptune), readable by the user alone, and returns its
// path. The caller prints the same to standard error after the terminal was
// restored.
func WriteCrash(dir string, at time.Time, value any, stack []byte) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("cannot keep the crash report: %w", err)
	}
	path := filepath.Join(dir, "crash-"+at.UTC().Format("20060102T150405.000000000Z")+".log")
	text := fmt.Sprintf("keeptune %s crashed at %s\n\npanic: %v\n\n%s", buildVersion(), at.Format(time.RFC3339), value, stack)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", fmt.Errorf("cannot keep the crash report: %w", err)
	}
	_, err = f.WriteString(text)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return "", fmt.Errorf("cannot keep the crash report: %w", err)
	}
	return path, nil
}

func buildVersion() string {
	if bi, ok := debug.ReadBuildInfo(); ok && bi.Main.Version != "" {
		return bi.Main.Version
	}
	return "(devel)"
}
