package ui

import (
	"testing"

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
