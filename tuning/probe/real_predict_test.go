//go:build real

package probe_test

import (
	"regexp"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/probe/realserver"
)

// installed is the version of a program that is installed here.
func installed(t testing.TB, program ...string) string {
	t.Helper()
	m := regexp.MustCompile(`\d+\.\d+\.\d+`).FindString(realserver.Output(t, program[0], program[1:]...))
	if m == "" {
		t.Fatalf("%q does not say its version", program)
	}
	return m
}

// busy is how far a server on a busy machine may stray from its own timers:
// HAProxy, for one, counts from the time at which its event loop woke up.
const busy = 50 * time.Millisecond

// predicted is what the catalog says of the idle close of a server at a
// version with these settings, and the requests that it serves on a connection
// (0: no limit).
func predicted(t testing.TB, server string, sets ...string) (idle window, requests int) {
	t.Helper()
	c := model.Embedded()
	path, err := model.ParsePath("curl > "+server, c)
	if err != nil {
		t.Fatal(err)
	}
	d := model.Document{Path: path}
	for _, set := range sets {
		if d, err = d.Assign(c, "server:"+set); err != nil {
			t.Fatal(err)
		}
	}
	r, err := tuning.Analyze(d, tuning.NewEnv(c, 0))
	if err != nil {
		t.Fatal(err)
	}
	low, high := model.Never, model.Never
	for _, x := range r.Legs[0].Limit.All {
		if x.By == tuning.ByServer {
			low, high = min(low, x.Low), min(high, x.High)
		}
	}
	if n := r.Legs[0].Limit.Requests; n != nil {
		requests = int(n.Count)
	}
	return window{low - busy, high + busy}, requests
}
