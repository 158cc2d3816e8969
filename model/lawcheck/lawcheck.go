// Package lawcheck holds laws against random cases, for tests: a few cases each time
// the tests run, many where KEEPTUNE_LONG=1 is in the environment. -rapid.checks=N
// says another number. [Text] holds a long text against a file.
package lawcheck

import (
	"flag"
	"os"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// Cases of one law.
const (
	few  = 3
	many = 100
)

// Long reports whether the long run was asked for.
func Long() bool { return os.Getenv("KEEPTUNE_LONG") == "1" }

// Cases is how many of a law's random cases this run takes, of so many in the long run.
func Cases(long int) int {
	if Long() {
		return long
	}
	return max(1, long*few/many)
}

// Picks reports whether this run takes case i of a list that the long run takes whole:
// one in three.
func Picks(i int) bool { return Long() || i%3 == 0 }

// Rapid's flags are there already, for it is imported; the command line is read later.
func init() {
	if err := flag.Set("rapid.checks", strconv.Itoa(Cases(many))); err != nil {
		panic(err)
	}
}

// Check holds a property against random cases.
func Check(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	rapid.Check(t, property)
}
