package tuning_test

import "testing"

// A path in a sentence: the leg that is worst, the first of those alike, and what the others are.
func TestAPathInWords(t *testing.T) {
	const race = "the server may close first, after 5 s: a request on a reused connection can meet the close"
	for _, x := range []struct {
		path string
		set  []string
		want string
	}{
		{"ie@11 > apache", nil, "not safe: " + race},
		{"ie@11 > apache", []string{"apache:KeepAlive=off"}, "safe: keep-alive is off: each connection serves one request"},
		{"ssh > sshd", []string{"sshd:ChannelTimeout=60s"}, "safe: the server ends a quiet session; there is no pool that would use it again"},
		{"chrome > haproxy@2.6.12", nil, "safe: the client closes first, with enough margin"},
		{"ssh > sshd", nil, "never closed: neither side ever closes an idle connection"},
		{"ie@11 > firewall > apache", []string{"firewall:idle_timeout=3s"}, "not safe: a middlebox forgets the connection after 3 s without a word: the next request is lost"},
		{"chrome > nginx@1.30.0", []string{"nginx:tcp_keepalive_probes=0", "nginx:tcp_keepalive=on"}, "nothing is lost, but no probes are sent, so idle connections are cut off"},
		// what is not known is told before a warning
		{"chrome > fastly", []string{"chrome:tcp_keepalive_probes=0"}, "cannot be judged: client idle of fastly is not known, and it could be the smallest"},
		{"ie@11 > nginx@1.30.0 > apache", nil, "not safe: on leg 2 " + race},
		{"ie@11 > apache > apache", []string{"apache:apache.upstream.ttl=60s"}, "not safe: on leg 1 " + race + "; something is to be mended on leg 2 too"},
		{"ie@11 > apache > apache > fastly > fastly", []string{"apache:apache.upstream.ttl=60s", "apache-2:apache.upstream.ttl=60s"}, "not safe: on leg 1 " + race + "; something is to be mended on leg 2 too; leg 3, 4 cannot be judged yet"},
		{"ie@11 > nginx@1.30.0 > haproxy > unknown-server", nil, "cannot be judged: on leg 3 idle_timeout of unknown-server is not known, and it could be the smallest"},
		{"ie@11 > nginx@1.30.0 > haproxy", nil, "safe: on no leg can a request meet a close that is not made good"},
	} {
		r := reportOf(t, x.path, x.set...)
		if got := r.Words(); got != x.want {
			t.Errorf("%s %v: %q, want %q", x.path, x.set, got, x.want)
		}
	}
}
