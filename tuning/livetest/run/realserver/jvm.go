package realserver

import (
	"path/filepath"
	"testing"
)

// startJava runs a Java server with a small heap.
func startJava(t testing.TB, dir string, port int, args ...string) *Server {
	t.Helper()
	Need(t, "java")
	small := []string{
		"-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true",
		"-Djava.io.tmpdir=" + filepath.Dir(File(t, dir, "temp/.keep", "")),
	}
	return start(t, dir, port, nil, "java", append(small, args...)...)
}
