package realserver

import (
	"path/filepath"
	"sync"
	"testing"
)

// jvms bounds the Java servers that one test binary runs at the same time.
var jvms = make(chan struct{}, 2)

// startJava runs a Java server with a small heap as soon as one of the places for it is
// free; a test must not hold one server while it starts another.
func startJava(t testing.TB, dir string, port int, args ...string) *Server {
	t.Helper()
	Need(t, "java")
	jvms <- struct{}{}
	free := sync.OnceFunc(func() { <-jvms })
	t.Cleanup(free)
	small := []string{
		"-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true",
		"-Djava.io.tmpdir=" + filepath.Dir(File(t, dir, "temp/.keep", "")),
	}
	s := start(t, dir, port, nil, "java", append(small, args...)...)
	s.free = free
	return s
}
