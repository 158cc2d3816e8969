//go:build real && long

package proof_test

import (
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest/run/realserver"
)

// OkHttp at its defaults: five minutes, and no more than five idle connections.
func TestLongOkHTTP(t *testing.T) {
	t.Parallel()
	java := &starter{start: func(t testing.TB) *realserver.Driven { return startJava(t) }}
	prove(t, []*consumer{{
		name: "okhttp at its defaults", system: "okhttp", version: debianVersion("libokhttp-java"), needs: []string{"javac", "dpkg-query"},
		start: java.driver("okhttp"), samples: 4, most: 6 * time.Minute,
	}})
}
