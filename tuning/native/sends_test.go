package native_test

import (
	"slices"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// Where a server sends to is read of its files, also where they say nothing else.
func TestSends(t *testing.T) {
	for name, tt := range map[string]struct {
		format, text string
		want         [][]string // of each place
	}{
		"VCL":                  {"varnish", "vcl 4.1;\nbackend a { .host = \"127.0.0.1\"; .port = \"8080\"; }\n", [][]string{{"127.0.0.1:8080"}}},
		"VCL without a port":   {"varnish", "vcl 4.1;\nbackend a { .host = \"app.example\"; }\n", [][]string{{"app.example:80"}}},
		"VCL, a port's name":   {"varnish", "vcl 4.1;\nbackend a { .port = \"http\"; .host = \"::1\"; }\n", [][]string{{"[::1]:80"}}},
		"VCL, a socket":        {"varnish", "vcl 4.1;\nbackend a { .path = \"/run/app.sock\"; }\n", [][]string{{"unix:/run/app.sock"}}},
		"VCL, two":             {"varnish", "vcl 4.1;\nbackend a { .host = \"10.0.0.1\"; }\nbackend b { .host = \"10.0.0.2\"; .first_byte_timeout = 9s; }\n", [][]string{{"10.0.0.1:80"}, {"10.0.0.2:80"}}},
		"VCL, none":            {"varnish", "vcl 4.1;\nbackend default none;\n", nil},
		"Squid":                {"squid", "cache_peer 10.0.0.1 parent 8080 0 no-query originserver\ncache_peer 10.0.0.2 parent 8081 0\n", [][]string{{"10.0.0.1:8080", "10.0.0.2:8081"}}},
		"Squid, a sibling":     {"squid", "cache_peer 10.0.0.1 sibling 8080 0\n", nil},
		"lighttpd":             {"lighttpd", "proxy.server = ( \"/a\" => ( ( \"host\" => \"10.0.0.1\", \"port\" => 8080 ) ),\n  \"\" => (( \"port\" => \"8081\", \"host\" => \"10.0.0.2\" ), (\"host\" => \"10.0.0.3\")) )\n", [][]string{{"10.0.0.1:8080", "10.0.0.2:8081", "10.0.0.3:80"}}},
		"lighttpd, a comment":  {"lighttpd", "# proxy.server = ( \"\" => (( \"host\" => \"10.0.0.1\" )) )\n", nil},
		"lighttpd, FastCGI":    {"lighttpd", "fastcgi.server = ( \"\" => (( \"host\" => \"10.0.0.1\", \"port\" => 9000 )) )\n", nil},
		"lighttpd, an include": {"lighttpd", "include \"more/*.conf\"\n", [][]string{{"10.0.0.9:8080"}}},
	} {
		format, err := native.Find(tt.format)
		if err != nil {
			t.Fatal(err)
		}
		more := memory{"/etc/more/x.conf": "proxy.server = ( \"\" => (( \"host\" => \"10.0.0.9\", \"port\" => 8080 )) )\n"}
		im, err := format.Open(native.Source{Name: "/etc/x", Path: "/etc/x", Data: []byte(tt.text), Files: more}, model.Embedded())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got [][]string
		for _, c := range im.Contexts {
			got = append(got, c.Sends)
		}
		if !slices.EqualFunc(got, tt.want, slices.Equal[[]string]) {
			t.Errorf("%s: it sends to %v, not %v", name, got, tt.want)
		}
	}
}

// What a file includes is read at that place, in the block that it stands in, with file and line.
func TestLighttpdIncludes(t *testing.T) {
	format, err := native.Find("lighttpd")
	if err != nil {
		t.Fatal(err)
	}
	more := memory{"/etc/lighttpd/idle.conf": "\nserver.max-keep-alive-idle = 8\n"}
	for text, want := range map[string]int{"include \"idle.conf\"\n": 1, "$HTTP[\"host\"] == \"a\" {\n  include \"idle.conf\"\n}\n": 2} {
		im, err := format.Open(native.Source{Name: "/etc/lighttpd/lighttpd.conf", Path: "/etc/lighttpd/lighttpd.conf", Data: []byte(text), Files: more}, model.Embedded())
		if err != nil || len(im.Contexts) != want {
			t.Fatalf("%q: %v, contexts %+v", text, err, im.Contexts)
		}
		if o := im.Contexts[0].Settings["lighttpd.server.max-keep-alive-idle"].Origin; o.String() != "idle.conf:2" && o.String() != "/etc/lighttpd/idle.conf:2" {
			t.Errorf("%q: the value is from %s", text, o)
		}
	}
}
