//go:build real && linux

package trace_test

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/trace"
)

// Clients that ask a second time about when the server's 2 s end, each on a connection of its
// own: they print what they lose, and ask again.
const (
	pythonRaces = `
import requests, sys, threading, time
base, n = sys.argv[1], int(sys.argv[2])
def one(i):
    s = requests.Session()
    s.trust_env = False
    assert s.get(f"{base}/{i}").text == "ok\n"
    time.sleep(1.93 + 0.1 * i / n)
    try:
        s.get(f"{base}/{i}/again")
    except requests.exceptions.ConnectionError as e:
        sys.stdout.write(f"lost {i} {e}\n")
        assert s.get(f"{base}/{i}/again").text == "ok\n"
    s.close()
all = [threading.Thread(target=one, args=(i,)) for i in range(n)]
for t in all: t.start()
for t in all: t.join()
print("done")
`
	nodeRaces = `
const [base, n] = [process.argv[2], Number(process.argv[3])];
const text = async (path) => (await fetch(base + path)).text();
async function one(i) {
  await text('/' + i);
  await new Promise((resolve) => setTimeout(resolve, 1930 + 100 * i / n));
  try {
    await text('/' + i + '/again');
  } catch (e) {
    console.log('lost', i, e.cause && e.cause.message);
    await text('/' + i + '/again');
  }
}
Promise.all(Array.from({ length: n }, (_, i) => one(i))).then(() => { console.log('done'); process.exit(); });
`
)

// The requests that meet a close are those that the client's own log calls lost, seen at either
// end of a link with a round trip of 40 ms.
func TestRealRacesOnTheWire(t *testing.T) {
	t.Parallel()
	const n = 50
	l := newLink(t, 20*time.Millisecond, nil)
	ports := map[string]int{"python3": 8001, "node": 8002}
	lines := ""
	for _, port := range ports {
		lines += "listen " + serverAddr + ":" + strconv.Itoa(port) + ";"
	}
	marker := listenOn(t, serverAddr) // in the server's namespace
	there := recordOn(t, device, "tcp")
	realserver.Nginx(t, realserver.NginxConf{HTTP: "keepalive_timeout 2s;", Server: lines})
	l.enter(t, l.client)
	here := recordOn(t, device, "tcp")
	dir := realserver.Dir(t)
	scripts := map[string]string{"python3": realserver.File(t, dir, "races.py", pythonRaces), "node": realserver.File(t, dir, "races.cjs", nodeRaces)}
	logs, ended := map[string]*strings.Builder{}, map[string]*exec.Cmd{}
	for program, port := range ports {
		realserver.Need(t, program)
		cmd := exec.CommandContext(t.Context(), program, scripts[program], "http://"+serverAddr+":"+strconv.Itoa(port), strconv.Itoa(n))
		log := &strings.Builder{}
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		logs[program], ended[program] = log, cmd
	}
	for program, cmd := range ended {
		if err := cmd.Wait(); err != nil || !strings.HasSuffix(logs[program].String(), "done\n") {
			t.Fatalf("%s: %v\n%s", program, err, logs[program])
		}
	}
	here.until(t, marker)
	there.until(t, marker)
	some := 0
	for name, r := range map[string]*recording{"the client": here, "the server": there} {
		agree(t, r.file)
		tr := r.show(t, func(*capture.Segment) bool { return true })
		for program, port := range ports {
			lost := strings.Count("\n"+logs[program].String(), "\nlost ")
			s := on(t, tr, serverAddr+":"+strconv.Itoa(port))
			t.Logf("%s, at %s: %d of %d lost; %d met a close, %d knowing of it, %d came again", program, name, lost, n, s.Race.Crossed, s.Race.After, s.Race.Repeated)
			some += lost
			// A busy program sends what its kernel already knows to be in vain.
			if s.Race.Crossed+s.Race.After != lost || s.Race.Repeated != s.Race.Crossed {
				t.Errorf("%s, at %s: %d lost, by its log:\n%s\n%+v\nclosed %v, by resets %v", program, name, lost, logs[program], s.Race, s.Sides[trace.TheServer].Closed, s.Sides[trace.TheServer].Reset)
			}
			if idle := s.Sides[trace.TheServer].Silences; r == there && idle.Low < 2*time.Second-eps {
				t.Errorf("%s, at %s: idle for %v, configured to 2 s", program, name, idle.Low)
			}
		}
	}
	if some == 0 {
		t.Error("nothing was lost")
	}
}

// A server that closes while a request lies unread in its kernel is a race, too.
func TestRealUnreadOnTheWire(t *testing.T) {
	t.Parallel()
	apart(t, func() {
		l, marker := listen(t), listen(t)
		r := record(t, "tcp")
		c, s := pair(t, l)
		say(t, c, s)
		<-time.After(1100 * time.Millisecond) // a silence
		if _, err := c.Write([]byte("again")); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		tr := r.follow(t, marker)
		seen := on(t, tr, l.Addr().String())
		if seen.Race.Crossed != 1 || seen.Race.Unread != 1 || seen.Sides[trace.TheServer].Reset[trace.Idle] != 1 {
			t.Errorf("%+v, closed %v", seen.Race, seen.Sides[trace.TheServer].Closed)
		}
	})
}
