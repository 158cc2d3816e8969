//go:build real && long

package run_test

import (
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest/run/realserver"
)

// TestLongTicks is TestAloneTicks for a step of half a minute.
func TestLongTicks(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]ticker{
		"30 s": scriptedTicker(2*time.Second, 30*time.Second),
		"waitress, 30 s": realTicker(5*time.Second, 30*time.Second, func(t testing.TB) *realserver.Server {
			return realserver.Waitress(t, "--channel-timeout=5")
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.run(t)
		})
	}
}
