package realserver_test

import (
	"testing"

	"example.com/keeptune/tuning/livetest/run/realserver"
)

// More ports than a random draw from the range would give without a repetition.
func TestPortsAreHeld(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for range 1000 {
		port := realserver.FreePort(t)
		if seen[port] || port < 10240 || port > 32767 {
			t.Fatalf("port %d: below 10240, above 32767 or given before: %v", port, seen[port])
		}
		seen[port] = true
	}
}
