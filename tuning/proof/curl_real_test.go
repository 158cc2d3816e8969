//go:build real

package proof_test

import (
	"net"
	"testing"

	"example.com/keeptune/tuning/livetest/run/realserver"
)

// The options of curl's socket, as they are exported for it.
func TestRealCurlExport(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "curl")
	path, sets := "curl@"+says("curl", "--version")(t)+" > nginx@1.22.1", []string{"keepalive-time=7s"}
	leg := legOf(t, path, 0, sets, nil)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	dir := realserver.Dir(t)
	config := realserver.File(t, dir, "curlrc", exported(t, "curl", path, 0, sets, nil))
	realserver.Run(t, dir, nil, "curl", "--disable", "--noproxy", "*", "-K", config, "http://"+silent.Addr().String())
	c, err := silent.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := c.Read(make([]byte, 1)); err != nil { // curl sets its options before it asks
		t.Fatal(err)
	}
	if got, want := realserver.ReadSocketTimes(t, c.RemoteAddr().String(), c.LocalAddr().String()), socketTimes(t, &leg.Client); got != want {
		t.Errorf("socket options are %+v, the catalog says %+v", got, want)
	}
}
