//go:build real

package proof_test

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/probe/realserver"
)

// waitFor waits until something became true, and fails after limit.
func waitFor(t testing.TB, what string, limit time.Duration, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain: " + what)
		}
	}
}

// within fails where a time lies outside a span.
func within(t testing.TB, what string, d, low, high time.Duration) {
	t.Helper()
	t.Logf("%s after %v, the catalog says from %v to %v", what, d, low, high)
	if d < low-early || high != model.Never && d > high+late {
		t.Errorf("%s after %v, the catalog says from %v to %v", what, d, low, high)
	}
}

// pings is the end that a side's own pings bring about.
func pings(t testing.TB, end tuning.End) (low, high time.Duration) {
	t.Helper()
	if end.By != "application pings" {
		t.Fatalf("the catalog says that %q ends a silent session first", end.By)
	}
	return end.Low, end.High
}

var openSSH = debianVersion("openssh-client")

// An answered session lives on; once the other end is silent, each of the two
// ends it by its own questions.
func TestRealSSHAlive(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "sshd", "ssh", "tcpdump", "dpkg-query")
	path := "ssh@" + openSSH(t) + " > sshd@" + openSSH(t)
	t.Run("sshd", func(t *testing.T) {
		t.Parallel()
		sets := []string{"ClientAliveInterval=2s", "ClientAliveCountMax=2"}
		leg := legOf(t, path, 0, nil, sets)
		s := realserver.SSHD(t, exported(t, "sshd", path, 0, nil, sets))
		r := newRelay(t, s.Addr)
		capture := realserver.StartCapture(t, s.Port)
		low, high := pings(t, leg.Ends.Server.Idle)
		if _, got := falls(t, s, r, "none", high); got != socketTimes(t, &leg.Server) {
			t.Errorf("socket options are %+v, the catalog says %+v", got, socketTimes(t, &leg.Server))
		}
		c := capture.Stop(t)[0]
		if !c.ServerEnded() {
			t.Fatal("sshd did not end the session")
		}
		within(t, "the silent session ended", c.End.Sub(c.Heard[len(c.Heard)-1]), low, high)
	})
	t.Run("ssh", func(t *testing.T) {
		t.Parallel()
		sets := []string{"ServerAliveInterval=2s", "ServerAliveCountMax=2"}
		leg := legOf(t, path, 0, sets, nil)
		s := realserver.SSHD(t, "")
		r := newRelay(t, s.Addr)
		capture := realserver.StartCapture(t, r.port)
		low, high := pings(t, leg.Ends.Client.Idle)
		config := realserver.File(t, realserver.Dir(t), "config", exported(t, "ssh", path, 0, sets, nil))
		if got, _ := falls(t, s, r, config, high); got != socketTimes(t, &leg.Client) {
			t.Errorf("socket options are %+v, the catalog says %+v", got, socketTimes(t, &leg.Client))
		}
		c := capture.Stop(t)[0]
		if !c.ClientEnded() {
			t.Fatal("ssh did not end the session")
		}
		within(t, "the silent session ended", c.ClientEnd.Sub(c.Said[len(c.Said)-1]), low, high)
	})
}

// falls starts a session, lets it live for longer than the limit, then mutes
// the relay and waits until an end closes. It returns the options of both
// ends' sockets.
func falls(t *testing.T, s *realserver.SSH, r *relay, config string, limit time.Duration) (client, server realserver.SocketTimes) {
	t.Helper()
	realserver.Run(t, realserver.Dir(t), nil, "ssh", s.Client(config, r.port)...)
	waitFor(t, "the login", 10*time.Second, func() bool { return strings.Contains(s.Log(), "Accepted publickey") })
	p := r.first(t)
	client = realserver.ReadSocketTimes(t, p.client, p.front)
	server = realserver.ReadSocketTimes(t, p.server, p.back)
	time.Sleep(limit + 2*time.Second)
	if r.over() {
		t.Fatal("the session ended although it was answered")
	}
	r.mute()
	waitFor(t, "the end", limit+5*time.Second, r.over)
	return client, server
}

// PuTTY sends null packets and expects no answer.
func TestRealPuTTYAlive(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "sshd", "plink", "puttygen", "tcpdump", "dpkg-query")
	v := debianVersion("putty-tools")(t)
	const every = 2 * time.Second
	s := realserver.SSHD(t, "")
	path := "putty@" + v + "/linux > sshd@" + openSSH(t)
	for name, keepalive := range map[string]bool{"at its defaults": false, "with TCP keepalives": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sets := []string{"PingIntervalSecs=2s"}
			if keepalive {
				sets = append(sets, "TCPKeepalives=on")
			}
			leg := legOf(t, path, 0, sets, nil)
			if end := leg.Ends.Client.Idle; end.By != "retransmission" && !keepalive { // of a packet that nobody acknowledges
				t.Errorf("%q ends a session whose peer is gone; PuTTY counts no answers", end.By)
			}
			r := newRelay(t, s.Addr)
			capture := realserver.StartCapture(t, r.port)
			dir := realserver.Dir(t)
			realserver.File(t, dir, "sessions/pings", "Protocol=ssh\n"+exported(t, "putty", path, 0, sets, nil))
			key := filepath.Join(dir, "key.ppk")
			realserver.Output(t, "puttygen", s.Key, "-o", key)
			host := regexp.MustCompile(`SHA256:\S+`).FindString(realserver.Output(t, "ssh-keygen", "-lf", filepath.Join(s.Dir, "host.pub")))
			out := realserver.Run(t, dir, []string{"PUTTYDIR=" + dir, "HOME=" + dir}, "plink", "-load", "pings", "-batch", "-hostkey", host,
				"-i", key, "-P", strconv.Itoa(r.port), "-l", s.User, "-N", "127.0.0.1")
			time.Sleep(3 * time.Second) // it logs in

			r.mute()
			p := r.first(t)
			want := socketTimes(t, &leg.Client)
			if got := realserver.ReadSocketTimes(t, p.client, p.front); got != want {
				t.Errorf("socket options are %+v, the catalog says %+v", got, want)
			}
			time.Sleep(6 * every)
			c := capture.Stop(t)[0]
			if c.ClientEnded() {
				t.Errorf("plink ended the session: %s", out())
			}
			if len(c.Heard) < 5 {
				t.Fatalf("plink sent %d segments in 6 intervals: %s", len(c.Heard), out())
			}
			last := c.Heard[len(c.Heard)-5:]
			for i := range last[1:] {
				within(t, "the next null packet came", last[i+1].Sub(last[i]), every, every)
			}
		})
	}
}

// LoginGraceTime ends a connection that never says anything.
func TestRealSSHDLogin(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "sshd", "tcpdump", "dpkg-query")
	v := openSSH(t)
	for name, set := range map[string]string{"at its defaults": "", "5 s": "5s"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line, path, sets := "", "ssh@"+v+" > sshd@"+v, []string(nil)
			if set != "" {
				sets = []string{"LoginGraceTime=" + set}
				line = exported(t, "sshd", path, 0, nil, sets)
			}
			leg := legOf(t, path, 0, nil, sets)
			row := leg.Server.First(model.RoleFirstByte)
			s := realserver.SSHD(t, line)
			silent(t, s.Server, row.Low, row.High)
		})
	}
}
