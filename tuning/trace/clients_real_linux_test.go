//go:build real && linux

package trace_test

import (
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/trace"
)

const (
	// Three connections of fetch, then silence until its own time is over.
	nodeKeeps = `
const base = process.argv[2];
const one = async (i) => (await fetch(base + '/' + i)).text();
Promise.all([one(0), one(1), one(2)]).then(() => setTimeout(() => { console.log('done'); process.exit(); }, 4000));
`
	// Three connections of which the server ends each; the request after that takes another.
	pythonComesBack = `
import requests, sys, time, urllib3
urllib3.disable_warnings()
base = sys.argv[1]
all = []
for i in range(3):
    s = requests.Session()
    s.trust_env = False
    s.verify = False
    assert s.get(f"{base}/{i}").text == "ok\n"
    all.append(s)
time.sleep(2.5)
for i, s in enumerate(all):
    assert s.get(f"{base}/{i}").text == "ok\n"
time.sleep(0.3)
for s in all:
    s.close()
print("done")
`
)

// What the packets of real clients prove is what they are configured to.
func TestRealClientsOnTheWire(t *testing.T) {
	t.Parallel()
	slow := realserver.NodeScript(t, `
require('node:http').createServer((request, response) => { setTimeout(() => response.end('ok\n'), 3500); })
  .listen(Number(process.env.PORT), process.env.HOST);`)
	plain := realserver.Nginx(t, realserver.NginxConf{HTTP: "keepalive_timeout 2s;"})
	secure := realserver.Nginx(t, realserver.NginxConf{TLS: true, HTTP: "keepalive_timeout 2s;"})
	// fetch takes its time from this hint, less a margin of 1 s, or of 2 s from undici 6.15 on.
	hinting := realserver.Nginx(t, realserver.NginxConf{HTTP: "keepalive_timeout 60s 4s;"})
	dir := realserver.Dir(t)
	keeps, back := realserver.File(t, dir, "keeps.cjs", nodeKeeps), realserver.File(t, dir, "back.py", pythonComesBack)

	marker := listen(t)
	ports := []string{"tcp port " + strconv.Itoa(marker.Addr().(*net.TCPAddr).Port)}
	for _, s := range []*realserver.Server{slow, plain, secure, hinting} {
		ports = append(ports, "tcp port "+strconv.Itoa(s.Port))
	}
	r := record(t, strings.Join(ports, " or "))
	var all sync.WaitGroup
	runs := func(program string, args ...string) {
		realserver.Need(t, program)
		all.Go(func() {
			if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
				t.Errorf("%s %q: %v: %s", program, args, err, out)
			}
		})
	}
	for range 3 {
		runs("curl", "-sS", "--keepalive-time", "1", "http://"+slow.Addr)
		runs("curl", "-sS", "http://"+plain.Addr+"/[1-3]")
	}
	runs("python3", back, "https://"+secure.Addr)
	runs("node", keeps, "http://"+hinting.Addr)
	all.Wait()
	tr := r.follow(t, marker)

	// curl's probes while it waits, and one connection for what it is asked at once.
	p := on(t, tr, slow.Addr).Sides[trace.Client].Probes
	second := trace.Setting{Low: time.Second, High: time.Second}
	if got := p.Idle(); got != second || p.First.N != 3 || p.Answered.N < 3 || p.Answered.Low < time.Second-20*time.Millisecond {
		t.Errorf("curl --keepalive-time 1: %v, %+v", got, p)
	}
	if s := on(t, tr, plain.Addr); s.Reuse.N != 3 || s.Reuse.Low != 3 || s.Reuse.High != 3 || s.Sides[trace.Client].Closed[trace.AfterAnswer] != 3 {
		t.Errorf("curl asked thrice on each of 3 connections: %+v, %+v", s.Reuse, s.Sides[trace.Client].Closed)
	}

	// requests keeps connections for ever: the server ends them, and none of the six is raced.
	s := on(t, tr, secure.Addr)
	idle := about(s, trace.TopicIdle, trace.TheServer)
	if len(idle) != 1 || idle[0].N != 3 || idle[0].Low < 2*time.Second-eps || idle[0].High > 2500*time.Millisecond ||
		s.Connections != 6 || s.Reuse.High != 1 || s.Race.Crossed+s.Race.After != 0 || s.Sides[trace.Client].Silences.N != 3 {
		t.Errorf("requests on nginx with TLS: %+v, %d connections, %+v, %+v, clients closed after %v to %v",
			idle, s.Connections, s.Reuse, s.Race, s.Sides[trace.Client].Silences.Low, s.Sides[trace.Client].Silences.High)
	}

	margin := time.Second
	if version := strings.TrimSpace(realserver.Output(t, "node", "-p", "const v = process.versions.undici.split('.'); v[0] > 6 || v[0] == 6 && v[1] >= 15")); version == "true" {
		margin = 2 * time.Second
	}
	s = on(t, tr, hinting.Addr)
	idle = about(s, trace.TopicIdle, trace.Client)
	hints := about(s, trace.TopicHint, trace.TheServer)
	// Its timers look at the clock twice a second.
	if want := 4*time.Second - margin; len(idle) != 1 || idle[0].N != 3 || idle[0].Low < want-500*time.Millisecond-eps || idle[0].High > want+1500*time.Millisecond {
		t.Errorf("fetch after a hint of 4 s: %+v", idle)
	} else {
		t.Logf("fetch after a hint of 4 s: %v to %v", idle[0].Low, idle[0].High)
	}
	if len(hints) != 1 || hints[0].Low != 4*time.Second || hints[0].High != 4*time.Second || hints[0].N != 3 {
		t.Errorf("nginx promises 4 s: %+v", hints)
	}
}
