package seen_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/seen"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/tuning/trace/packets"
)

// report is the analysis of a path with settings.
func report(t *testing.T, path string, set ...string) *tuning.Report {
	t.Helper()
	c := model.Embedded()
	p, err := model.ParsePath(path, c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := model.Document{Path: p}.Assign(c, set...)
	if err != nil {
		t.Fatal(err)
	}
	return analysed(t, d)
}

func analysed(t *testing.T, d model.Document) *tuning.Report {
	t.Helper()
	r, err := tuning.Analyze(d, tuning.NewEnv(model.Embedded(), 0))
	if err != nil {
		t.Fatal(err)
	}
	return &r
}

const whole = 1 << 16 // bytes, of any payload

// server is that of a script of packets, each captured with at most so many bytes of its payload.
func server(t *testing.T, script string, captured int) *trace.Server {
	t.Helper()
	all, err := packets.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	tr := trace.New(nil)
	for i := range all {
		all[i].Payload = all[i].Payload[:min(captured, len(all[i].Payload))]
		tr.Add(&all[i])
	}
	tr.End()
	return tr.Servers()[0]
}

// held is what is held against a server's own timer on a leg; none where nothing is.
func held(t *testing.T, r *tuning.Report, s *trace.Server) []seen.Held {
	t.Helper()
	return slices.DeleteFunc(seen.Hold(r, 0, s, "x.pcap"), func(h seen.Held) bool { return h.Side != trace.TheServer })
}

// idle are n connections that the server closes after a silence.
func idle(n int, silence time.Duration) string {
	var sb strings.Builder
	for i := range n {
		at := float64(10 * i)
		fmt.Fprintf(&sb, "open %.3f c%d\nask %.3f c%d\n%.4f c%d < fin\n", at, i, at+1, i, at+1.001+silence.Seconds(), i)
	}
	return sb.String()
}

// What is configured beside what was seen, from both sides of each edge.
func TestHold(t *testing.T) {
	for _, c := range []struct {
		name, script string
		set          []string
		says         []string
	}{
		{"agrees", idle(3, 5*time.Second), []string{"node.keepAliveTimeout=4s"}, []string{"node keepAliveTimeout closes after 5 to 5.024 s", "3 closes: 5 s: agrees"}},
		{"two closes", idle(2, 5*time.Second), []string{"node.keepAliveTimeout=65s"}, []string{"2 closes: 5 s: too few to tell"}},
		{"another timer", idle(3, 5*time.Second), []string{"node.keepAliveTimeout=65s"}, []string{"DOES NOT AGREE (EFF-1)"}},
		{"never, three closes", idle(3, 5*time.Second), []string{"node.keepAliveTimeout=0"}, []string{"node keepAliveTimeout never closes; seen on the wire, x.pcap, 3 closes: 5 s: DOES NOT AGREE (EFF-1)"}},
		{"never, two closes", idle(2, 5*time.Second), []string{"node.keepAliveTimeout=0"}, []string{"never closes", "too few to tell"}},
		{"never, and nothing closed", "open 0 a\nask 1 a\n", []string{"node.keepAliveTimeout=0"}, nil},
	} {
		var got []string
		for _, h := range held(t, report(t, "nginx > node", c.set...), server(t, c.script, whole)) {
			got = append(got, h.String())
		}
		if (len(got) > 0) != (len(c.says) > 0) {
			t.Errorf("%s: %q", c.name, got)
		}
		for _, want := range c.says {
			if !strings.Contains(strings.Join(got, "\n"), want) {
				t.Errorf("%s: %q lacks %q", c.name, got, want)
			}
		}
	}
}

// What may not be the idle timer breaks no rule: where no byte of what clients sent first was
// captured, perhaps nothing was asked.
func TestHoldWeak(t *testing.T) {
	for bytes, want := range map[int]string{0: "it may not be the timer that ended them", 100: "DOES NOT AGREE (EFF-1)"} {
		got := held(t, report(t, "nginx > node", "node.keepAliveTimeout=65s"), server(t, idle(3, 5*time.Second), bytes))
		if len(got) != 1 || !strings.HasSuffix(got[0].String(), want) {
			t.Errorf("%d bytes: %+v", bytes, got)
		}
	}
}

// at is a server of a capture, as far as a proposal looks at it.
func at(addr, called string, clients ...string) *trace.Server {
	s := &trace.Server{Addr: netip.MustParseAddrPort(addr), Called: called, Connections: 1}
	for _, c := range clients {
		s.Clients = append(s.Clients, netip.MustParseAddr(c))
	}
	return s
}

// Which address is which server, and why.
func TestPropose(t *testing.T) {
	const path = "chrome > aws-alb > nginx > node"
	for _, c := range []struct {
		name string
		path string
		all  []*trace.Server
		said []model.Place
		want string
	}{
		{"by name", path, []*trace.Server{at("10.0.0.9:9000", ""), at("10.0.0.1:9001", "nginx/1.30.0")}, nil, "nginx=10.0.0.1:9001 it calls itself nginx/1.30.0"},
		{"a chain", path, []*trace.Server{
			at("10.0.0.7:3000", "", "10.0.0.5"), at("10.0.0.5:9000", "nginx", "10.0.0.1"), at("10.0.0.1:9001", "", "203.0.113.9"),
		}, nil, "aws-alb=10.0.0.1:9001 it is a client of nginx; nginx=10.0.0.5:9000 it calls itself nginx, and aws-alb is its client; node=10.0.0.7:3000 nginx is its client, and port 3000 is one of HTTP's"},
		{"a port", "libpq > postgresql", []*trace.Server{at("10.0.0.1:443", ""), at("10.0.0.7:5432", "")}, nil, "postgresql=10.0.0.7:5432 port 5432 is one of those of postgresql"},
		{"another's port", "libpq > postgresql", []*trace.Server{at("10.0.0.7:6379", "")}, nil, ""},
		{"another's name", "chrome > nginx", []*trace.Server{at("10.0.0.7:443", "Apache/2.4.66 (Debian)")}, nil, ""},
		{"the only one", "chrome > nginx", []*trace.Server{at("10.0.0.7:9999", "")}, nil, "nginx=10.0.0.7:9999 it is the only server of the capture"},
		{"one of two", "chrome > nginx", []*trace.Server{at("10.0.0.7:9999", ""), at("10.0.0.7:9998", "")}, nil, ""},
		{"a person knows better", "chrome > nginx", []*trace.Server{at("10.0.0.7:443", "nginx"), at("10.0.0.8:9", "")}, []model.Place{{
			Endpoint: "nginx", Addr: netip.MustParseAddrPort("10.0.0.8:9"),
		}}, "nginx=10.0.0.8:9 said"},
		{"a person knows that it is none", "chrome > nginx", []*trace.Server{at("10.0.0.7:443", "nginx"), at("10.0.0.8:80", "")}, []model.Place{{
			Addr: netip.MustParseAddrPort("10.0.0.7:443"),
		}}, "nginx=10.0.0.8:80 port 80 is one of HTTP's"},
		{"said and not there", "chrome > nginx", []*trace.Server{at("10.0.0.7:443", "")}, []model.Place{{
			Endpoint: "nginx", Addr: netip.MustParseAddrPort("10.0.0.8:9"),
		}}, "nginx=10.0.0.7:443 port 443 is one of HTTP's"},
		{"of a hop that is not there", "chrome > nginx", []*trace.Server{at("10.0.0.7:443", ""), at("10.0.0.8:9", "")}, []model.Place{{
			Endpoint: "apache", Addr: netip.MustParseAddrPort("10.0.0.8:9"),
		}}, "nginx=10.0.0.7:443 port 443 is one of HTTP's"},
	} {
		var got []string
		for _, x := range seen.Propose(model.Embedded(), report(t, c.path), c.all, c.said) {
			if x.Chosen {
				x.Why += "said"
			}
			got = append(got, fmt.Sprintf("%s=%s %s", x.Endpoint, x.Addr, x.Why))
		}
		if all := strings.Join(got, "; "); all != c.want {
			t.Errorf("%s: %s\nnot %s", c.name, all, c.want)
		}
	}
}

// A timer that is from a measurement gets no verdict: what is configured is not known.
func TestHoldMeasured(t *testing.T) {
	c := model.Embedded()
	p, err := model.ParsePath("nginx > node", c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := model.Document{Path: p}.With(model.Set{Endpoint: "node", Param: "node.keepAliveTimeout", Setting: model.Setting{
		Value: model.For(4 * time.Second), Low: 5 * time.Second, High: 5 * time.Second, Origin: model.Origin{Kind: model.FromMeasured},
	}}, c)
	if err != nil {
		t.Fatal(err)
	}
	const want = "node keepAliveTimeout was measured at 5 s, what is configured is not known; seen on the wire, x.pcap, 3 closes: 5 s"
	got := held(t, analysed(t, d), server(t, idle(3, 5*time.Second), whole))
	if len(got) != 1 || got[0].String() != want || got[0].Agrees != nil || got[0].Rule != "" {
		t.Errorf("%+v", got)
	}
}
