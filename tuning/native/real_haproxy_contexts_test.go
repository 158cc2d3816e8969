//go:build real

package native_test

import (
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// passing is HAProxy in mode tcp.
var passing = func() *model.System {
	sys, err := model.Embedded().System("haproxy-tcp")
	if err != nil {
		panic(err)
	}
	return sys
}()

// TestRealHAProxyContexts runs each HAProxy configuration of testdata/read and
// holds the imported values of each context against what that server does.
func TestRealHAProxyContexts(t *testing.T) {
	for _, r := range readings(t) {
		if r.format != "haproxy" || len(r.real) == 0 {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			realserver.Need(t, "haproxy", "ss")
			p := rehearse(t, r, "/etc/haproxy")
			output := realserver.Run(t, p.dir, nil, "haproxy", append([]string{"-db", "-f", p.dir + r.main}, p.parts()...)...).Output
			version := strings.Fields(realserver.Output(t, "haproxy", "-v"))[2]
			version, _, _ = strings.Cut(version, "-")
			scenes := p.scenes(t, "haproxy", version)
			for _, s := range scenes {
				if s.ctx.System == "haproxy-tcp" {
					s.system = passing
				}
				port, _ := strconv.Atoi(s.addr[strings.LastIndexByte(s.addr, ':')+1:])
				ready(t, port, output)
				p.find(s)
			}
			together(scenes, (*scene).haproxyFront, (*scene).haproxyBack)
			if t.Failed() {
				t.Logf("%s", output())
			}
		})
	}
}

// parts name the folder of further files, where there is one.
func (p *rehearsal) parts() []string {
	if rest := p.r.files.source(p.r.main).Rest; len(rest) > 0 {
		return []string{"-f", p.dir + path.Dir(rest[0].Path)}
	}
	return nil
}

// haproxyFront holds what a frontend says to its clients. In this version the
// smaller of timeout http-keep-alive and timeout client ends an idle connection.
func (s *scene) haproxyFront() {
	if s.ctx.System == passing.ID {
		s.haproxyPassing()
		return
	}
	stays := s.value("haproxy.option http-keep-alive") == model.ValueOn
	want, known := s.span("haproxy.timeout http-keep-alive")
	if client, ok := s.span("haproxy.timeout client"); ok && (!known || client < want) {
		want = client
	}
	s.idle(stays, want)
	if wait, ok := s.span("haproxy.timeout http-request"); ok {
		s.half(wait)
	}
	s.haproxyProbes()
}

// haproxyPassing holds when a connection ends whose bytes are passed on.
func (s *scene) haproxyPassing() {
	want := s.value("haproxy-tcp.timeout tunnel")
	if !want.IsSet() {
		want = s.value("haproxy-tcp.timeout client")
		client, _ := want.Duration()
		if server, _ := s.value("haproxy-tcp.timeout server").Duration(); server < client {
			want = model.For(server)
		}
	}
	d, _ := want.Duration()
	s.idle(true, d)
}

// haproxyProbes holds the TCP keep-alive of a client's connection.
func (s *scene) haproxyProbes() {
	s.probes("haproxy.", func() (filter []string) {
		c := s.dial()
		if c == nil {
			return nil
		}
		s.t.Cleanup(func() { _ = c.Close() })
		if res, _ := s.get(c, s.path); res == nil || res.Close {
			return nil
		}
		_, theirs, _ := strings.Cut(s.addr, ":")
		_, ours, _ := strings.Cut(c.LocalAddr().String(), ":")
		return []string{"sport", "=", ":" + theirs, "and", "dport", "=", ":" + ours}
	})
}

// probes holds whether there are probes, and when the first is due, on a
// connection that open makes and names; on another where that has ended.
func (s *scene) probes(face model.ParamID, open func() (filter []string)) {
	text := ""
	for n := 0; text == ""; n++ {
		filter := open()
		if filter == nil {
			return
		}
		if text = timers(s.t, filter...); text == "" && n == tries {
			s.errorf("no connection lasts until it is looked at")
			return
		}
	}
	on, due := probed(text)
	if want := s.value(face+"tcp_keepalive") == model.ValueOn; on != want {
		s.errorf("%stcp_keepalive is imported as %v, and is %v", face, want, on)
		return
	}
	idle, set := s.value(face + "tcp_keepidle").Duration()
	if on && set && (due > idle || due < idle-15*time.Second) {
		s.errorf("%stcp_keepidle is imported as %v, and the next probe is due in %v", face, idle, due)
	}
}

// haproxyBack holds what a backend does to its servers.
func (s *scene) haproxyBack() {
	if s.ctx.System == passing.ID {
		return
	}
	if wait, ok := s.span("haproxy.upstream.timeout server"); ok {
		s.slow(wait)
	}
	keeps := s.value("haproxy.upstream.server keep-alive") == model.ValueOn
	if s.value("haproxy.option http-keep-alive") != model.ValueOn {
		s.haproxyAlone(keeps)
		return
	}
	said, told := s.twice()
	if said == nil {
		return
	}
	if told == "false" && !keeps {
		s.errorf("server keep-alive is imported as off, and requests do not say Connection: close")
	}
	pooled := keeps && s.value("haproxy.upstream.pool-max-conn") != model.ValueOff
	again := said[1] > 1
	if again != pooled {
		s.errorf("reuse of a server's connection is imported as %v; the requests found it used %v times", pooled, said)
	}
	if !pooled || told == "true" {
		return
	}
	s.probes("haproxy.upstream.", func() []string {
		if said, _ := s.twice(); said == nil {
			return nil
		}
		return []string{"dst", "127.0.0.1:" + strconv.Itoa(s.stage.port)}
	})
	s.haproxyPurge()
}

// twice sends two requests at once, so that no idle time lies between them: how
// often the backend's connection of each was used, and whether the last told it
// to close.
func (s *scene) twice() (said []int, told string) {
	c := s.dial()
	if c == nil {
		return nil, ""
	}
	defer func() { _ = c.Close() }()
	ask := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nConnection: keep-alive\r\n\r\n", s.path, s.host)
	if _, err := io.WriteString(c, ask+ask); err != nil {
		s.errorf("%v", err)
		return nil, ""
	}
	for range 2 {
		res, err := http.ReadResponse(c.in, nil)
		if err == nil {
			_, err = io.Copy(io.Discard, res.Body)
		}
		if err != nil {
			s.errorf("GET %s: %v", s.path, err)
			return nil, ""
		}
		said, told = append(said, uses(res)), res.Header.Get("X-Told")
	}
	return said, told
}

// haproxyAlone holds what a request says where the client's connection ends
// with it.
func (s *scene) haproxyAlone(keeps bool) {
	c := s.dial()
	if c == nil {
		return
	}
	defer func() { _ = c.Close() }()
	if res, _ := s.get(c, s.path); res != nil && !keeps && res.Header.Get("X-Told") != "true" {
		s.errorf("server keep-alive is imported as off, and requests do not say Connection: close")
	}
}

// haproxyPurge holds that idle connections to a server are closed after one to
// some more intervals of pool-purge-delay.
func (s *scene) haproxyPurge() {
	delay, short := s.span("haproxy.upstream.pool-purge-delay")
	if !short || delay > 2*time.Second {
		return
	}
	open := func() int {
		s.stage.mu.Lock()
		defer s.stage.mu.Unlock()
		n := 0
		for peer := range s.stage.last {
			if _, closed := s.stage.kept[peer]; !closed {
				n++
			}
		}
		return n
	}
	for end := time.Now().Add(6*delay + 3*time.Second); open() > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			s.errorf("pool-purge-delay is imported as %v, and a connection is still open", delay)
			return
		}
	}
	s.stage.mu.Lock()
	defer s.stage.mu.Unlock()
	var longest time.Duration
	for _, kept := range s.stage.kept {
		longest = max(longest, kept)
	}
	if longest < delay {
		s.errorf("pool-purge-delay is imported as %v, and no connection was idle for longer than %v", delay, longest)
	}
}
