//go:build real

package proof_test

import (
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// waitFor waits until something became true.
func waitFor(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(realserver.Patience); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain: " + what)
		}
	}
}

// within fails where a time lies before a span, and is false where it lies behind; waited is how
// long what should have acted was kept from running, as far as it lives to tell.
func within(t testing.TB, what string, d, low, high, waited time.Duration) bool {
	t.Helper()
	t.Logf("%s after %v, the catalog says from %v to %v; it was kept waiting for %v", what, d, low, high, waited)
	if d < low-early {
		t.Errorf("%s after %v, the catalog says from %v to %v", what, d, low, high)
	}
	return high == model.Never || d <= high+late+waited
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
		low, high := pings(t, leg.Ends.Server.Idle)
		comesAbout(t, "sshd ends the session in time", func() bool {
			s := realserver.SSHD(t, exported(t, "sshd", path, 0, nil, sets))
			r := newRelay(t, s.Addr)
			capture := realserver.StartCapture(t, s.Port)
			_, got, waited := falls(t, s, r, "none", high)
			if got != socketTimes(t, &leg.Server) {
				t.Errorf("socket options are %+v, the catalog says %+v", got, socketTimes(t, &leg.Server))
			}
			c := capture.Stop(t)[0]
			if !c.ServerEnded() {
				t.Fatal("sshd did not end the session")
			}
			return within(t, "the silent session ended", c.End.Sub(c.Heard[len(c.Heard)-1]), low, high, waited)
		})
	})
	t.Run("ssh", func(t *testing.T) {
		t.Parallel()
		sets := []string{"ServerAliveInterval=2s", "ServerAliveCountMax=2"}
		leg := legOf(t, path, 0, sets, nil)
		s := realserver.SSHD(t, "")
		low, high := pings(t, leg.Ends.Client.Idle)
		config := realserver.File(t, realserver.Dir(t), "config", exported(t, "ssh", path, 0, sets, nil))
		comesAbout(t, "ssh ends the session in time", func() bool {
			r := newRelay(t, s.Addr)
			capture := realserver.StartCapture(t, r.port)
			got, _, waited := falls(t, s, r, config, high)
			if got != socketTimes(t, &leg.Client) {
				t.Errorf("socket options are %+v, the catalog says %+v", got, socketTimes(t, &leg.Client))
			}
			c := capture.Stop(t)[0]
			if !c.ClientEnded() {
				t.Fatal("ssh did not end the session")
			}
			return within(t, "the silent session ended", c.ClientEnd.Sub(c.Said[len(c.Said)-1]), low, high, waited)
		})
	})
}

// falls starts a session, lets it live for longer than the limit, then mutes
// the relay and waits until an end closes. It returns the options of both
// ends' sockets, and how long the ends were kept from running since.
func falls(t *testing.T, s *realserver.SSH, r *relay, config string, limit time.Duration) (client, server realserver.SocketTimes, waited time.Duration) {
	t.Helper()
	ssh := realserver.Run(t, realserver.Dir(t), nil, "ssh", s.Client(config, r.port)...)
	p := login(t, s, r)
	client = realserver.ReadSocketTimes(t, p.client, p.front)
	server = realserver.ReadSocketTimes(t, p.server, p.back)
	time.Sleep(limit + 2*time.Second)
	if r.over() {
		t.Fatal("the session ended although it was answered")
	}
	theirs, ours := ssh.Waiting(), s.Waiting()
	r.mute()
	waitFor(t, "the end", r.over)
	return client, server, theirs() + ours()
}

// login waits until sshd lets the first client of a relay in.
func login(t *testing.T, s *realserver.SSH, r *relay) relayed {
	t.Helper()
	waitFor(t, "a client", r.used)
	p := r.first(t)
	_, port, _ := net.SplitHostPort(p.back)
	accepted := fmt.Sprintf("Accepted publickey for %s from 127.0.0.1 port %s ", s.User, port)
	waitFor(t, "the login", func() bool { return strings.Contains(s.Log(), accepted) })
	return p
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
			plink := realserver.Run(t, dir, []string{"PUTTYDIR=" + dir, "HOME=" + dir}, "plink", "-load", "pings", "-batch", "-hostkey", host,
				"-i", key, "-P", strconv.Itoa(r.port), "-l", s.User, "-N", "127.0.0.1")
			p := login(t, s, r)
			waited := plink.Waiting()
			r.mute()
			want := socketTimes(t, &leg.Client)
			if got := realserver.ReadSocketTimes(t, p.client, p.front); got != want {
				t.Errorf("socket options are %+v, the catalog says %+v", got, want)
			}
			const pings = 5
			waitFor(t, "null packets", func() bool { return r.over() || r.swallowed() >= pings+2 }) // two may belong to the login
			c := capture.Stop(t)[0]
			if c.ClientEnded() {
				t.Fatalf("plink ended the session: %s", plink.Output())
			}
			last := c.Heard[len(c.Heard)-pings:]
			for i := range last[1:] {
				if !within(t, "the next null packet came", last[i+1].Sub(last[i]), every, every, waited()) {
					t.Error("plink was late")
				}
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
