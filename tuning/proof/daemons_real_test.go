//go:build real

package proof_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// silent opens connections that never say anything and compares their end, and those of others
// where some come late: what serves one connection alone and ends with it does not tell how long
// it was kept waiting.
func silent(t *testing.T, s *realserver.Server, low, high time.Duration) {
	t.Helper()
	comesAbout(t, "silent connections end in time", func() bool { return silentOnce(t, s, low, high) })
}

func silentOnce(t *testing.T, s *realserver.Server, low, high time.Duration) (inTime bool) {
	t.Helper()
	capture := realserver.StartCapture(t, s.Port)
	waited := s.Waiting()
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			time.Sleep(time.Duration(n) * 130 * time.Millisecond)
			c, err := net.Dial("tcp", s.Addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = c.Close() }()
			_ = c.SetReadDeadline(time.Now().Add(high + realserver.Patience))
			for b := make([]byte, 512); err == nil; {
				_, err = c.Read(b)
			}
		})
	}
	all.Wait()
	inTime = true
	for _, c := range capture.Stop(t) {
		if !c.ServerEnded() {
			t.Errorf("the silent connection was not ended within %v", high)
			continue
		}
		inTime = within(t, "the silent connection ended", c.End.Sub(c.Accepted), low, high, waited()) && inTime
	}
	return inTime
}

// postgresVersion is that of the server.
func postgresVersion(t testing.TB) string {
	t.Helper()
	return says(realserver.Newest(t, "/usr/lib/postgresql/*/bin/postgres"), "--version")(t)
}

// psql starts a session with these words in its connection string.
func psql(t testing.TB, s *realserver.Server, words string) (p *realserver.Driven, local string) {
	t.Helper()
	p = realserver.Drive(t, realserver.Dir(t), nil, "sh", "-c", fmt.Sprintf(
		"echo ready; exec psql -XqAt 'host=127.0.0.1 port=%d user=postgres dbname=postgres %s'", s.Port, words))
	return p, "127.0.0.1:" + p.Do(t, "select inet_client_port();")
}

// The server's and the client's socket, at the defaults and as set.
func TestRealPostgresSockets(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "psql", "dpkg-query")
	v := postgresVersion(t)
	for _, c := range []struct {
		name, words    string
		client, server []string
	}{
		{name: "at the defaults"},
		{
			name:   "as set",
			server: []string{"tcp_keepalives_idle=11s", "tcp_keepalives_interval=12s", "tcp_keepalives_count=13", "tcp_user_timeout=14s"},
			words:  "keepalives_idle=21 keepalives_interval=22 keepalives_count=23 tcp_user_timeout=24000",
			client: []string{"keepalives_idle=21s", "keepalives_interval=22s", "keepalives_count=23", "tcp_user_timeout=24s"},
		},
		{name: "keepalives=0", words: "keepalives=0", client: []string{"keepalives=off"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path, lines := "libpq@"+v+" > postgresql@"+v, ""
			leg := legOf(t, path, 0, c.client, c.server)
			if c.server != nil {
				lines = exported(t, "postgresql", path, 0, nil, c.server)
			}
			s := realserver.Postgres(t, lines)
			_, local := psql(t, s, c.words)
			if got, want := realserver.ReadSocketTimes(t, local, s.Addr), socketTimes(t, &leg.Client); got != want {
				t.Errorf("the client's socket options are %+v, the catalog says %+v", got, want)
			}
			if got, want := realserver.ReadSocketTimes(t, s.Addr, local), socketTimes(t, &leg.Server); got != want {
				t.Errorf("the server's socket options are %+v, the catalog says %+v", got, want)
			}
		})
	}
}

func TestRealPostgresLogin(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "tcpdump", "dpkg-query")
	v := postgresVersion(t)
	leg := legOf(t, "libpq@"+v+" > postgresql@"+v, 0, nil, nil)
	row := leg.Server.First(model.RoleFirstByte)
	silent(t, realserver.Postgres(t, ""), row.Low, row.High)
}

func TestRealPostgresIdle(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "psql", "tcpdump", "dpkg-query")
	v := postgresVersion(t)
	path, sets := "libpq@"+v+" > postgresql@"+v, []string{"idle_session_timeout=3s"}
	leg := legOf(t, path, 0, nil, sets)
	s := realserver.Postgres(t, exported(t, "postgresql", path, 0, nil, sets))
	comesAbout(t, "idle sessions end in time", func() bool {
		capture := realserver.StartCapture(t, s.Port)
		waited, inTime := s.Waiting(), true
		var locals []string
		for range 4 {
			_, local := psql(t, s, "")
			locals = append(locals, local)
		}
		for _, local := range locals {
			waitFor(t, "the end of a session", func() bool { return !realserver.Established(s.Addr, local) })
		}
		for _, c := range capture.Stop(t) {
			if !c.ServerEnded() || c.Reset != (leg.Server.Face.Close == "rst") {
				t.Errorf("the idle session was ended: %v, with a reset: %v; the catalog says %s", c.ServerEnded(), c.Reset, leg.Server.Face.Close)
				continue
			}
			inTime = within(t, "the idle session ended", c.End.Sub(c.Heard[len(c.Heard)-1]), leg.Limit.Idle, leg.Limit.High, waited()) && inTime
		}
		return inTime
	})
}

// redisSession sends one PING.
func redisSession(t testing.TB, s *realserver.Server) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := c.Write([]byte("PING\r\n")); err != nil {
		t.Fatal(err)
	}
	if got, err := bufio.NewReader(c).ReadString('\n'); err != nil || strings.TrimSpace(got) != "+PONG" {
		t.Fatalf("redis answers %q, %v", got, err)
	}
	return c
}

// The command line client's socket.
func TestRealRedisCLI(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "redis-server", "redis-cli")
	v := says("redis-cli", "--version")(t)
	leg := legOf(t, "redis-cli@"+v+" > redis@"+v, 0, nil, nil)
	s := realserver.Redis(t, "")
	p := realserver.Drive(t, realserver.Dir(t), nil, "sh", "-c", fmt.Sprintf("echo ready; exec redis-cli -p %d", s.Port))
	local := regexp.MustCompile(` addr=(\S+)`).FindStringSubmatch(p.Do(t, "client info"))
	if local == nil {
		t.Fatal("redis does not name its client")
	}
	if got, want := realserver.ReadSocketTimes(t, local[1], s.Addr), socketTimes(t, &leg.Client); got != want {
		t.Errorf("socket options are %+v, the catalog says %+v", got, want)
	}
}

func TestRealRedis(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "redis-server", "tcpdump")
	v := says("redis-server", "--version")(t)
	for _, x := range []struct {
		name string
		sets []string
	}{
		{name: "at its defaults"},
		{name: "as set", sets: []string{"timeout=3s", "tcp-keepalive=60s"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			path, lines := "redis-cli > redis@"+v, ""
			leg := legOf(t, path, 0, nil, x.sets)
			if x.sets != nil {
				lines = exported(t, "redis", path, 0, nil, x.sets)
			}
			row := leg.Server.First(model.RoleIdle)
			s := realserver.Redis(t, lines)
			capture := realserver.StartCapture(t, s.Port)
			waited := s.Waiting()
			var sessions []net.Conn
			session := func() (local, remote string) {
				c := redisSession(t, s)
				sessions = append(sessions, c)
				return s.Addr, c.LocalAddr().String()
			}
			if got, want := realserver.SocketTimesOf(t, session), socketTimes(t, &leg.Server); got != want {
				t.Errorf("socket options are %+v, the catalog says %+v", got, want)
			}
			for range 12 {
				session()
				time.Sleep(130 * time.Millisecond)
			}
			until := time.Now().Add(15 * time.Second)
			if row.Low != model.Never {
				until = time.Now().Add(realserver.Patience)
			}
			for _, c := range sessions {
				_ = c.SetReadDeadline(until)
				_, _ = io.Copy(io.Discard, c)
			}
			for _, c := range capture.Stop(t) {
				if row.Low == model.Never {
					if c.ServerEnded() {
						t.Errorf("ended after %v", c.Idle())
					}
					continue
				}
				if !c.ServerEnded() || c.Reset {
					t.Errorf("the idle connection was ended: %v, with a reset: %v", c.ServerEnded(), c.Reset)
					continue
				}
				if !within(t, "the idle connection ended", c.Idle(), row.Low, row.High, waited()) {
					t.Error("Redis was late")
				}
			}
		})
	}
}
