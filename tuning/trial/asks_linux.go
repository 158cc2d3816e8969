package trial

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.com/keeptune/tuning/host"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
)

const (
	// askedListeners is the most listeners of a server that are asked.
	askedListeners = 8
	// askLimit is how long one may take to answer, and answerLimit how long all have
	// after a reload, in which a listener may be asked again.
	askLimit    = 2 * time.Second
	answerLimit = 6 * time.Second
)

// An answer is what a listener does when it is asked.
type answer struct {
	at       netip.AddrPort
	scheme   string // http, https or ssh
	answered bool
	kept     bool // and the connection, for a second request
}

// asks opens a connection to each of a server's listeners and asks: of sshd its first line,
// of others two requests for a header on one connection. The answers are in the order of the
// listeners, or in that of the former ones that want has, which are asked again as they
// answered.
func (s *Server) asks(ctx context.Context, m *master, want []answer) []answer {
	list := want
	if want == nil {
		for _, l := range listening(append(workers(m.pid), m.pid)...) {
			at := reachable(l.addr)
			if !s.serves(l.addr) {
				continue
			}
			if !slices.ContainsFunc(list, func(a answer) bool { return a.at == at }) && len(list) < askedListeners {
				list = append(list, answer{at: at})
			}
		}
	}
	out := make([]answer, len(list))
	var all sync.WaitGroup
	for i, a := range list {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, askLimit)
			defer cancel()
			switch {
			case s.Program == "sshd":
				out[i] = greets(ctx, m, a.at)
			case a.scheme != "":
				out[i] = serves(ctx, m, a.at, a.scheme)
			default:
				out[i] = serves(ctx, m, a.at, "http")
				if tls := serves(ctx, m, a.at, "https"); !out[i].kept && tls.answered { // a 400 may be all that it says without TLS
					out[i] = tls
				}
			}
		})
	}
	all.Wait()
	return out
}

// serves says whether HTTP is spoken at a listener, as far as the files tell. One whose host has
// a name there is known by its port.
func (s *Server) serves(at netip.AddrPort) bool {
	return s.Serves == nil || slices.ContainsFunc(s.Serves, func(said string) bool {
		host, port, err := net.SplitHostPort(said)
		if err != nil || port != strconv.Itoa(int(at.Port())) {
			return false
		}
		addr, err := netip.ParseAddr(host)
		return err != nil && host != "*" || host == "*" && at.Addr().IsUnspecified() || addr == at.Addr() || err == nil && addr.IsUnspecified() && at.Addr().IsUnspecified()
	})
}

// reachable is an address at which a listener takes connections from its own host.
func reachable(a netip.AddrPort) netip.AddrPort {
	if !a.Addr().IsUnspecified() {
		return a
	}
	if a.Addr().Is4() {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port())
	}
	return netip.AddrPortFrom(netip.IPv6Loopback(), a.Port())
}

// dial connects in the network namespace of a server.
func (m *master) dial(ctx context.Context, address string) (c net.Conn, err error) {
	there := ""
	ours, err := os.Readlink("/proc/thread-self/ns/net") // the first thread may be left in another
	theirs, terr := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", m.pid))
	if err == nil && terr == nil && ours != theirs {
		there = strconv.Itoa(m.pid)
	}
	inside := host.Within(there, func() error {
		c, err = (&net.Dialer{KeepAlive: -1}).DialContext(ctx, "tcp", address)
		return nil
	})
	if inside != nil {
		return nil, inside
	}
	return c, err
}

// greets reads the first line of an SSH server (RFC 4253 section 4.2).
func greets(ctx context.Context, m *master, at netip.AddrPort) answer {
	a := answer{at: at, scheme: "ssh"}
	c, err := m.dial(ctx, at.String())
	if err != nil {
		return a
	}
	defer c.Close()
	end, _ := ctx.Deadline()
	_ = c.SetReadDeadline(end)
	line, err := bufio.NewReader(c).ReadString('\n')
	a.answered = err == nil && strings.HasPrefix(line, "SSH-")
	a.kept = a.answered
	return a
}

// serves makes the part of a live test that asks twice for a header on one connection.
func serves(ctx context.Context, m *master, at netip.AddrPort, scheme string) answer {
	a := answer{at: at, scheme: scheme}
	spec := livetest.NewSpec(livetest.Target{Scheme: scheme, Host: at.Addr().String(), Port: int(at.Port()), Insecure: true})
	spec.Measure = []livetest.Measurement{livetest.MeasureHead}
	// What it says of itself is in its events.
	_ = run.Tester{Dial: m.dial}.Run(ctx, spec, func(e livetest.Event) {
		a.answered = a.answered || e.Kind == livetest.EventResponse
		a.kept = a.kept || e.Kind == livetest.EventHead && e.Yes
	})
	return a
}

// answers waits until the server does at its listeners what it did before its files were
// changed.
func (s *Server) answers(ctx context.Context, m *master, before []answer) error {
	before = slices.DeleteFunc(slices.Clone(before), func(a answer) bool { return !a.answered })
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	var last error
	for len(before) > 0 {
		last = nil
		for i, now := range s.asks(ctx, m, before) {
			switch {
			case !now.answered:
				last = fmt.Errorf("%s does not answer at %s any more", s.Program, now.at)
			case before[i].kept && !now.kept && !s.Closes:
				last = fmt.Errorf("%s does not keep a connection for a second request at %s any more", s.Program, now.at)
			default:
				continue
			}
			break
		}
		if last == nil {
			return nil
		}
		select { // workers that a reload ends may have taken it
		case <-ctx.Done():
			return last
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

// Notes tells how it will be seen that the server serves with its new files.
func (s *Server) Notes(ctx context.Context) []string {
	m, err := s.master()
	if err != nil {
		return nil
	}
	var places []string
	for _, a := range s.asks(ctx, &m, nil) {
		if a.answered {
			places = append(places, a.at.String())
		}
	}
	if len(places) == 0 {
		if s.Serves != nil && len(s.Serves) == 0 {
			return []string{"No listener of " + s.Program + " is said to speak HTTP, so after the reload none is asked."}
		}
		return []string{"No listener of " + s.Program + " answers now, so after the reload none is asked."}
	}
	what := "answer a request"
	if s.Program == "sshd" {
		what = "take a connection"
	}
	return []string{fmt.Sprintf("After the reload %s has to %s at %s, or it is undone.", s.Program, what, strings.Join(places, ", "))}
}
