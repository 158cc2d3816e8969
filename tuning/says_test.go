package tuning_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning"
)

var update = flag.Bool("update", false, "write testdata/says.txt again")

// TestWhatEachRuleSays holds what is said on each side of each edge, on the paths of the
// reported threads and on those where rules stay silent: of the edge's own rule severity,
// places, assumptions and reasons in full, of the others the name and how grave.
func TestWhatEachRuleSays(t *testing.T) {
	c := model.Embedded()
	var b strings.Builder
	b.WriteString("# What the rules say of the paths of the tests. go test ./tuning -update writes it.\n")
	for _, e := range edges {
		r := reported(t, c, e.path, e.fires)
		fmt.Fprintf(&b, "\n%s\n  fires   %s\n", e.path, strings.Join(e.fires, ", "))
		if f := found(r, e.rule, -1); f != nil {
			write(&b, f)
		}
		fmt.Fprintf(&b, "    beside: %s\n", named(r, e.rule))
		fmt.Fprintf(&b, "  spares  %s\n    beside: %s\n", strings.Join(e.spares, ", "), named(reported(t, c, e.path, e.spares), ""))
	}
	for _, x := range threads {
		fmt.Fprintf(&b, "\n%s: %s\n  %s\n    %s\n", x.name, x.path, strings.Join(x.set, ", "), named(reported(t, c, x.path, x.set), ""))
	}
	for _, x := range readings {
		r := reported(t, c, x.path, x.sets)
		fmt.Fprintf(&b, "\n%s, %s: %s\n  %s\n", x.rule, x.what, x.path, strings.Join(x.sets, ", "))
		said := false
		for i := range r.Findings {
			if f := &r.Findings[i]; f.Rule.ID == x.rule {
				write(&b, f)
				said = true
			}
		}
		if !said {
			b.WriteString("    silent\n")
		}
		fmt.Fprintf(&b, "    beside: %s\n", named(r, x.rule))
	}
	lawcheck.Text(t, "testdata/says.txt", b.String(), *update)
}

// write is a finding in full.
func write(b *strings.Builder, f *tuning.Finding) {
	fmt.Fprintf(b, "    %s of leg %d, %s, at %s\n", f.Rule.ID, f.Leg+1, f.Severity, refs(f.At))
	if len(f.Assuming) > 0 {
		fmt.Fprintf(b, "      assuming %s\n", refs(f.Assuming))
	}
	if f.Meant.IsSet() {
		fmt.Fprintf(b, "      meant is %s\n", f.Meant.Human())
	}
	for _, why := range f.Because {
		fmt.Fprintf(b, "      %s\n", why)
	}
}

// named names the findings of a report but those of one rule, each with its leg where that
// is not the first.
func named(r tuning.Report, but string) string {
	var all []string
	for _, f := range r.Findings {
		if f.Rule.ID == but {
			continue
		}
		one := f.Rule.ID + " " + f.Severity.String()
		if f.Leg > 0 {
			one += fmt.Sprintf(" (leg %d)", f.Leg+1)
		}
		all = append(all, one)
	}
	slices.Sort(all)
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, ", ")
}

func refs(all []tuning.ParamRef) string {
	out := make([]string, len(all))
	for i, r := range all {
		out[i] = string(r.Endpoint) + ":" + string(r.Param)
	}
	return strings.Join(out, " ")
}

// A reading is what a rule says of a path, or that it says nothing, where it turns on one
// thing that the two sides of its edge do not show.
type reading struct {
	what, rule, path string
	sets             []string
}

func read(rule, what, path string, sets ...string) reading { return reading{what, rule, path, sets} }

var readings = []reading{
	read("ORD-1", "two limits of the client, one of them the longer", "ie@11 > apache", "client:KeepAliveTimeout=40s", "client:ServerInfoTimeout=30s"),
	read("ORD-1", "two limits of the server, one of them the shorter", "aws-alb > haproxy@2.6.12", "haproxy:timeout http-keep-alive=20s", "haproxy:timeout client=10s"),
	read("ORD-3", "a connection that is used once", "node@18.20.8 > nginx@1.30.0", "leg1:period=75s"),
	read("ORD-4", "a box comes first, so that the close costs nothing", "python-requests > firewall > nginx@1.30.0", "firewall:idle_timeout=60s"),
	read("ORD-5", "the client's own limit comes first", "node@24.21 > nginx@1.30.0", "nginx:keepalive_timeout_header=90s"),
	read("ORD-5", "a client that shortens", "node@24.21 > nginx@1.30.0", "node:node.upstream.timeout=200s", "nginx:keepalive_timeout_header=90s"),
	read("ORD-5", "a client whose own limit is as the hint", "node@24.21 > nginx@1.30.0", "node:node.upstream.timeout=89s", "nginx:keepalive_timeout_header=90s"),
	read("ORD-5", "a client of which nobody knows whether it reads", "ie@11 > nginx@1.30.0", "nginx:keepalive_timeout_header=90s", "ie:KeepAliveTimeout=80s", "ie:ServerInfoTimeout=80s"),
	read("ORD-7", "Node.js that counts anew for each request", "aws-alb > node@18.2", "node:keepAliveTimeout=65s"),
	read("ORD-7", "no timer for headers", "aws-alb > node@16.20", "node:keepAliveTimeout=65s", "node:headersTimeout=0"),
	read("ORD-10", "the age is spread", "grpc-client > grpc-server", "leg1:connections=200", "grpc-server:maxConnectionAge=10m"),
	read("ORD-11", "the first version that keeps them through a reload", "apache > haproxy@2.4", "leg1:reloads=on"),
	read("ORD-11", "the last version that does not", "apache > haproxy@2.3", "leg1:reloads=on"),
	read("ORD-12", "Node.js that closes idle connections by itself", "aws-alb > node@19.0", "leg1:grace=4s", "node:keepAliveTimeout=65s"),

	read("EFF-2", "timers that do not cap each other", "aws-alb > haproxy@3.2", "haproxy:timeout http-keep-alive=20s", "haproxy:timeout client=19s"),
	read("EFF-2", "nothing was set", "chrome > haproxy@2.6.12", "leg1:rate=1"),
	read("EFF-7", "the client lets go first", "nginx@1.30.0 > gunicorn-uvicorn", "nginx:nginx.upstream.keepalive_timeout=1s"),
	read("EFF-7", "a box comes first", "python-requests > firewall > gunicorn-uvicorn", "firewall:idle_timeout=1s"),
	read("EFF-9", "30 h in seconds", "chrome > nginx@1.30.0", "nginx:keepalive_timeout=108000"),
	read("EFF-9", "10 h in seconds", "chrome > nginx@1.30.0", "nginx:keepalive_timeout=36000"),
	read("EFF-9", "nothing of a unit", "chrome > node@20.20.2", "node:keepAliveTimeout=0"),
	read("EFF-14", "the hint was set", "chrome > nginx@1.30.0", "leg1:http2=on", "nginx:keepalive_timeout_header=70s"),

	read("MID-2", "two boxes, both forget", "python-requests > firewall > aws-nlb > nginx@1.30.0", "firewall:idle_timeout=60s", "nginx:keepalive_timeout=1h", "nginx:tcp_keepalive=off"),
	read("MID-2", "a box that never forgets", "libpq > haproxy-tcp > postgresql", "haproxy-tcp:timeout client=0", "haproxy-tcp:timeout server=0"),
	read("MID-2", "the client's signs of life make a new entry", "ssh > conntrack > sshd", "conntrack:nf_conntrack_tcp_timeout_established=60s", "ssh:ServerAliveInterval=70s"),
	read("MID-2", "the server's signs of life do not", "ssh > conntrack > sshd", "conntrack:nf_conntrack_tcp_timeout_established=60s", "sshd:ClientAliveInterval=70s"),
	read("MID-3", "the server is no proxy", "okhttp > node@22.19", "okhttp:tcp_keepalive=on", "okhttp:tcp_keepidle=1s", "okhttp:tcp_keepintvl=1s"),
	read("MID-5", "the other end of the leg probes", "chrome > nginx@1.30.0 > aws-nlb > nginx@1.30.0", "nginx:nginx.tcp_keepalive=on", "nginx-2:tcp_keepalive=on", "nginx-2:tcp_keepidle=2h", "nginx-2:keepalive_timeout=400s", "nginx:nginx.upstream.keepalive_timeout=390s"),
	read("MID-5", "the box is before the proxy", "python-requests > aws-nlb > nginx@1.30.0 > node@22.19", "nginx:nginx.upstream.tcp_keepalive=on", "nginx:nginx.keepalive_timeout=400s"),
	read("MID-5", "the probes are two legs away", "python-requests > aws-nlb > nginx@1.30.0 > envoy > node@22.19", "envoy:envoy.upstream.tcp_keepalive=on", "nginx:nginx.keepalive_timeout=400s"),
	read("MID-6", "the client has a timer of its own", "go-client > aws-nlb > go-server", "go-client:tcp_keepalive=off", "go-server:tcp_keepalive=off", "go-client:IdleConnTimeout=10m"),
	read("MID-9", "the box takes as long as the probes", "libpq > firewall > postgresql", "firewall:idle_timeout=2h", "libpq:tcp_keepalive=on"),
	read("MID-9", "the box forgets a little later", "libpq > firewall > postgresql", "firewall:idle_timeout=7201s", "libpq:tcp_keepalive=on"),
	read("MID-9", "a box that no probe refreshes", "libpq > haproxy-tcp > postgresql", "haproxy-tcp:timeout client=10s", "libpq:tcp_keepalive=on"),
	read("MID-11", "a box that never forgets", "libpq > haproxy-tcp > postgresql", "leg1:slowest=1h", "haproxy-tcp:timeout client=0", "haproxy-tcp:timeout server=0"),
	read("MID-11", "a box of which nobody knows", "python-requests > firewall > nginx@1.30.0", "leg1:slowest=1h"),
	read("MID-11", "pings pass the box", "grpc-client > aws-nlb > grpc-server", "leg1:slowest=1h", "grpc-client:keepaliveTime=300s"),
	read("MID-11", "pings come too late", "grpc-client > aws-nlb > grpc-server", "leg1:slowest=1h", "grpc-client:keepaliveTime=350s", "grpc-server:tcp_keepalive=off", "grpc-client:tcp_keepalive=off"),
	read("MID-11", "probes pass the box", "libpq > aws-nlb > postgresql", "leg1:slowest=1h", "libpq:tcp_keepidle=349s"),
	read("MID-11", "probes come too late", "libpq > aws-nlb > postgresql", "leg1:slowest=1h", "libpq:tcp_keepidle=350s"),
	read("MID-11", "probes that the box does not count", "libpq > haproxy-tcp > postgresql", "leg1:slowest=1h", "libpq:tcp_keepidle=10s", "haproxy-tcp:timeout client=60s"),
	read("MID-13", "a client that ignores the hint", "python-requests > aws-nlb > apache", "apache:KeepAliveTimeout=400s", "apache:tcp_keepalive=off"),
	read("MID-13", "as long as the box remembers", "apache-httpclient-4 > aws-nlb > node", "node:keepAliveTimeout=350s"),
	read("MID-13", "a hint that the box outlasts", "apache-httpclient-4 > aws-nlb > node", "node:keepAliveTimeout=349s"),
	read("MID-13", "probes hold the connection", "apache-httpclient-4 > aws-nlb > node", "node:keepAliveTimeout=400s", "apache-httpclient-4:tcp_keepalive=on", "apache-httpclient-4:tcp_keepidle=60s"),

	read("KA-1", "the box is on the other leg of the proxy", "chrome > nginx@1.30.0 > firewall > node@22.19", "nginx:tcp_keepalive_time=300", "firewall:idle_timeout=10m"),
	read("KA-1", "the box is on this leg of the proxy", "chrome > firewall > nginx@1.30.0 > node@22.19", "nginx:tcp_keepalive_time=300", "firewall:idle_timeout=10m"),
	read("KA-1", "each leg has a box", "chrome > firewall > nginx@1.30.0 > aws-nlb > node@22.19", "nginx:tcp_keepalive_time=300", "firewall:idle_timeout=10m"),
	read("KA-5a", "no limit on what is unacknowledged", "libpq > postgresql", "libpq:tcp_user_timeout=0", "libpq:tcp_keepidle=60s"),
	read("KA-5b", "one probe, and less than two fit", "libpq > postgresql", "libpq:tcp_user_timeout=79s", "libpq:tcp_keepidle=60s", "libpq:tcp_keepintvl=10s", "libpq:tcp_keepcnt=1"),
	read("KA-5b", "one probe, and two would fit", "libpq > postgresql", "libpq:tcp_user_timeout=80s", "libpq:tcp_keepidle=60s", "libpq:tcp_keepintvl=10s", "libpq:tcp_keepcnt=1"),
	read("KA-7", "as long as the last try comes", "libpq > postgresql", "leg1:outage=20s", "libpq:tcp_keepidle=20s", "libpq:tcp_keepintvl=10s", "libpq:tcp_keepcnt=3"),
	read("KA-10", "a burst of just 30 s", "ie@11/windows@10 > apache@2.4.66", "ie:tcp_keepalive=on", "ie:KeepAliveInterval=3s"),
	read("KA-10", "a burst of a little less", "ie@11/windows@10 > apache@2.4.66", "ie:tcp_keepalive=on", "ie:KeepAliveInterval=2999ms"),
	read("KA-11", "what is permitted is said", "grpc-client > grpc-server", "grpc-client:keepaliveTime=10m", "grpc-client:permitWithoutStream=on"),
	read("KA-11", "pings in calls alone", "grpc-client > grpc-server", "grpc-client:keepaliveTime=10s"),
	read("KA-11", "pings are permitted, and too frequent", "grpc-client > grpc-server", "grpc-client:keepaliveTime=10s", "grpc-client:permitWithoutStream=on", "grpc-server:permitWithoutStream=on"),
	read("KA-13", "another client", "java-http-client > aws-nlb > nginx@1.30.0", "nginx:keepalive_timeout=400s"),
	read("KA-13", "the server's probes hold the box, too", "go-client > aws-nlb > nginx@1.30.0", "nginx:keepalive_timeout=400s", "nginx:tcp_keepalive=on", "nginx:tcp_keepidle=60s"),
	read("KA-13", "a box that no probe refreshes", "go-client > haproxy-tcp > nginx@1.30.0", "nginx:keepalive_timeout=400s", "haproxy-tcp:timeout client=60s"),
	read("KA-17", "more than the kernel takes", "go-client@1.26.8 > nginx@1.30.0", "go-client:tcp_keepidle=40000s"),
	read("KA-2", "the sysctl is in the product's place", "libpq > postgresql", "leg1:container=on", "postgresql:tcp_keepidle=300s"),
	read("KA-2", "another of the three", "libpq > postgresql", "leg1:container=on", "postgresql:tcp_keepalive_intvl=10s"),
	read("KA-3", "what is sent is watched", "ssh > sshd", "leg1:notice=60s", "ssh:ServerAliveInterval=15s"),

	read("CAP-3", "nobody knows when the probes come", "cloudflare > nginx@1.30.0", "leg1:vanish=0.01"),
	read("CAP-3", "both ends keep them", "putty > sshd", "leg1:vanish=0.01", "sshd:tcp_keepalive=off"),
	read("CAP-6", "a client without a pool", "curl > nginx@1.30.0", "leg1:capacity=10", "leg1:instances=100"),
}
