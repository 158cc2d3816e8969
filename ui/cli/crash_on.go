//go:build crashtest

package cli

import "os"

// crashIfAsked panics where KEEPTUNE_CRASH is set, to see what a panic leaves
// of the terminal. It is in no release: the tests build with -tags crashtest.
func crashIfAsked() {
	if text := os.Getenv("KEEPTUNE_CRASH"); text != "" {
		panic(text)
	}
}
