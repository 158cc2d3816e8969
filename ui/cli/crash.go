//go:build !crashtest

package cli

// crashIfAsked panics in the build that the tests of crashes are run with.
func crashIfAsked() {}
