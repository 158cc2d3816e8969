package ui

import "testing"

// TestExplainOnTheScreen asks for a time, for one of the path, for a line of a log,
// for what is not known, and for what has to be asked first.
func TestExplainOnTheScreen(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30.0", 80, 24)
	typed := func(line string) { d.press(":", line[1:], "Enter") }
	run := func(line string) { // reading the catalog may take longer than a desk waits
		a, cmd := d.app.explain(line[len(":explain "):])
		if d.app = a; cmd != nil {
			d.send(cmd())
		}
	}
	run(":explain hangs for 7875 s")
	d.shows("2 h 11 m 15 s")
	d.shows("tcp_keepalive_time")
	d.press("q")
	typed(":set nginx.keepalive_timeout=97s")
	run(":explain 97 s")
	d.shows("1 nginx: keepalive_timeout = 97 s  (on the path)")
	d.press("q")
	typed(":explain Error: socket hang up")
	d.shows("Node.js client: Error: socket hang up")
	d.press("q")
	run(":explain the quick brown fox")
	d.shows(`there is no time and no known line in "the quick brown fox"`)
	typed(":explain")
	d.shows("explain takes a time or a line of a log")
	run(":explain PuTTY drops")
	d.shows("quiet times or outages?")
	d.press("Down", "Enter")
	d.shows("the ends give up too early")
	d.press("q")
	d.shows("LIMIT")
}
