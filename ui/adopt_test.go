package ui

import (
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// The built-in server says nothing of the session's, which is another.
func TestTheBuiltInServerIsNobodyElse(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 30)
	d.fake.events = fiveSeconds()
	d.press("t").shows("built-in server configured advertised measured", "idle timeout - 5 s 5 s / 5.01 s / 5.02 s FIN", "This is keeptune's own server, not nginx").lacks("differ", "It fits", "by default")
	d.press("a").shows("that was keeptune's own server, not nginx").press("1").lacks("measured")
	if d.app.s.Dirty() {
		t.Error("something was adopted")
	}
	d = sit(t, "ie@11 > built-in", 80, 30)
	d.fake.events = fiveSeconds()
	d.press("t").shows("built-in configured advertised measured", "The measurement agrees with what is configured.")
}

// What the target calls itself is offered with its version, before what was
// measured of it.
func TestTheServerHeaderIsOffered(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 30, aimed)
	d.fake.events = fiveSeconds()
	for i := range d.fake.events {
		if d.fake.events[i].Kind == livetest.EventResponse {
			d.fake.events[i].Server = "Apache/2.4.62 (Debian)"
		}
	}
	d.press("t").shows("The target calls itself Apache/2.4.62 (Debian), the session's server is", "a offers that system")
	d.press("a").shows("> server is apache@2.4.62", "the target calls itself Apache/2.4.62 (Debian)").press("Enter")
	d.shows("the server is apache@2.4.62 now").press("a").shows("> apache KeepAliveTimeout = 5 s", "5.01 s measured: 5 s was meant and is set").lacks("server is")
	d.press("Esc", "u", "1").shows("SERVER nginx")
}

// A target that the catalog does not have is no dead end: it takes the place of the
// session's server, and what was measured is adopted for it.
func TestAnUnknownServerIsGoneOnWith(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 30, aimed)
	d.fake.events = fiveSeconds()
	for i := range d.fake.events {
		if d.fake.events[i].Kind == livetest.EventResponse {
			d.fake.events[i].Server = "acme/3.1"
		}
	}
	d.press("t").shows("The target calls itself acme/3.1, which the catalog does not have: what is", "measured counts", "By default it would be Apache httpd").lacks("Hypercorn", "Cowboy")
	d.press("a").shows("> server is one that is not known", "its times are those that are measured or typed").press("Enter")
	d.shows("the server is one that is not known now", "There is nothing configured to hold it against").lacks("which the catalog does not have", "part of the session now")
	d.press("a").shows("> unknown-server idle_timeout = 5 s").press("Enter").press("1").shows("SERVER unknown-server", "idle_timeout 5 s*measured", "LIMIT 5 s")
}

// What explains a measurement goes with what the target calls itself.
func TestTheTargetsWordsAreHeeded(t *testing.T) {
	d := sit(t, "chrome > apache", 80, 30, aimed)
	d.fake.events = closesAt(71 * time.Second)
	d.press("t").shows("Measured and configured differ").lacks("may be set to it")
	for i := range d.fake.events {
		d.fake.events[i].Server = "nginx/1.22.1"
	}
	d.press("t").shows("nginx keepalive_timeout, 75 s by default, may be set to it: f tells of it.")
}

// What was measured was in force: a file that changes it says so, and its undo brings it
// back; not where the measurement was taken back.
func TestAnExportKnowsWhatWasMeasured(t *testing.T) {
	d := sit(t, "chrome > nginx", 80, 40, aimed)
	d.fake.events = fiveSeconds()
	d.press("t", "a", "Enter", "1", "=", "Ctrl+u", "75s", "Enter", "x")
	d.shows("75 s instead of 5 s (measured)", "keepalive_timeout 75s;").press("v").shows("5 s as before (measured)", "keepalive_timeout 5s;")
	d = sit(t, "chrome > nginx", 80, 40, aimed)
	d.fake.events = fiveSeconds()
	d.press("t", "a", "Enter", "u", "1", "=", "Ctrl+u", "60s", "Enter", "x")
	d.shows("60 s instead of 75 s (default)").press("v").shows("not set before").lacks("5 s as before")
}
