package cli

import "os"

// The program that this test binary is plans a crash where it is told to.
func init() {
	if text := os.Getenv("KEEPTUNE_CRASH"); text != "" {
		crash = func() { panic(text) }
	}
}
