package ui

import (
	"strings"
	"testing"
)

// Enter on a result asks before another takes its place; r runs at once.
func TestEnterOnResultsAsks(t *testing.T) {
	d := sit(t, "ie@11 > apache", 80, 24)
	d.fake.events = fiveSeconds()
	d.press("t").lacks("Run the test again?").press("Enter").shows("Run the test again?", "y run it").press("n").lacks("Run the test again?")
	d.press("r").lacks("Run the test again?")
}

// The keys under the list of versions are those of that list.
func TestTheKeysOfTheVersions(t *testing.T) {
	d := sit(t, "chrome > apache", 80, 24).press("s", "nginx", "Enter").shows("which version of nginx?")
	foot := strings.Split(d.screen(), "\n")[23]
	if strings.Contains(foot, "version") || !strings.Contains(foot, "Esc back to the list") {
		t.Errorf("the last line is %q", foot)
	}
	d.press("Esc")
	if foot := strings.Split(d.screen(), "\n")[23]; !strings.Contains(foot, "Right version") || strings.Contains(foot, "back to the list") {
		t.Errorf("the last line of the list of systems is %q", foot)
	}
}

// A long name keeps both of its ends in the first line.
func TestALongNameKeepsItsEnds(t *testing.T) {
	d := sit(t, "chrome > apache", 80, 24, func(c *Config) { c.File = "/x/shop-frontend-eu-west-3-production-blue-canary-17.toml" })
	d.shows("shop-fr", "canary-17")
	d.press(":", "target http://a-very-long-name-of-a-host.internal.example.net:8080/deep/health", "Enter", "j").shows("t tests http://a-v", "/deep/health")
}
