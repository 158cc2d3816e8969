package realserver

import (
	"fmt"
	"net"
	"testing"
)

// VarnishConf is what a varnishd is started with.
type VarnishConf struct {
	Args   []string // such as -p timeout_idle=3
	Origin string   // host:port of the backend; empty answers 200 without one
	VCL    string   // a whole program in place of one for Origin
}

// Varnish starts varnishd with a small cache in memory; parameters are at the defaults of
// the version installed.
func Varnish(t testing.TB, c VarnishConf) *Server {
	t.Helper()
	Need(t, "varnishd", "cc")
	dir, port := Dir(t), FreePort(t)
	vcl := "vcl 4.1;\nbackend default none;\nsub vcl_recv { return (synth(200)); }\n"
	if c.Origin != "" {
		host, originPort, err := net.SplitHostPort(c.Origin)
		if err != nil {
			t.Fatal(err)
		}
		vcl = fmt.Sprintf("vcl 4.1;\nbackend default { .host = %q; .port = %q; }\nsub vcl_recv { return (pass); }\n", host, originPort)
	}
	if c.VCL != "" {
		vcl = c.VCL
	}
	file := File(t, dir, "default.vcl", vcl)
	// Without a jail it stays the user that runs the test and may write into dir.
	args := []string{"-F", "-j", "none", "-n", dir, "-T", "none", "-s", "malloc,16m", "-f", file, "-a", fmt.Sprintf("127.0.0.1:%d", port)}
	return start(t, dir, port, nil, "varnishd", append(args, c.Args...)...)
}
