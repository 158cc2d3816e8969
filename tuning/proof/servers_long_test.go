//go:build real && long

package proof_test

import "testing"

// TestLongServers waits for what the servers end later than the other tests wait.
func TestLongServers(t *testing.T) {
	t.Parallel()
	serve(t, servers(), serverProducts(), true)
}
