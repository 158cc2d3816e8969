package prose

import (
	"strings"
	"testing"
)

func TestFaults(t *testing.T) {
	for text, want := range map[string]string{
		"--hold: strconv.ParseInt: parsing":                "internal",
		"it takes %!d(string=x)":                           "internal",
		"the value is <nil>":                               "internal",
		"*fs.PathError in tuning.Limit":                    "internal",
		"keeptune-ticket.md is for whoever owns .":         "empty name",
		"read by , and written":                            "empty name",
		"server.close() finishes requests":                 "",
		"copy it to .htaccess":                             "",
		"it would end after never":                         "never filled in",
		"the name '' is read":                              "",
		"the name ''  is read":                             "empty name",
		"closed by  the server":                            "empty name",
		"connections pile up":                              "misleads",
		"changes take effect, and take effect at once":     "misleads",
		"it waits 0 s of silence":                          "never filled in",
		"1 requests are lost":                              "never filled in",
		"11 requests are lost":                             "",
		"the the server closes":                            "a word twice",
		"apache  apache closes":                            "", // two columns
		"Node.js node closes":                              "",
		"the server closes first; the server closes first": "a clause twice",
		"the server closes first; the client reuses":       "",
		"effect: reboot. It is read at once.":              "",
	} {
		found := strings.Join(Faults(text), "; ")
		if want == "" && found != "" || !strings.Contains(found, want) {
			t.Errorf("%q: found %q, want %q", text, found, want)
		}
	}
}

func TestWide(t *testing.T) {
	if got := Wide("abc\nabcd\n", 3); len(got) != 1 || got[0] != "abcd" {
		t.Errorf("got %q", got)
	}
}
