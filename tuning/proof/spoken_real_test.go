//go:build real && prove

package proof_test

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// A spoke is a server that speaks no HTTP, and how its clients begin: the live test does for
// protocols that it knows, and words that get an answer do for the others.
type spoke struct {
	system  model.SystemID
	version func(testing.TB) string
	start   func(t testing.TB, lines string) *realserver.Server
	at      func(address string) string // the live test's target
	words   string                      // the first of a client
	hello   string                      // what it says instead where a kernel hands a connection over only with that; nobody is silent then
	greets  bool                        // the server speaks first
	few     int                         // clients at once; 0 is samples
	runs    []set
}

// A set is settings as the catalog and as the server's own file or command line have them.
type set struct {
	sets  []string
	lines string
}

// aQuery asks for the version of a server of DNS: any answer will do, a refusal, too.
const aQuery = "\x00\x1e\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07version\x04bind\x00\x00\x10\x00\x03"

// sslRequest asks a server of PostgreSQL for TLS.
const sslRequest = "\x00\x00\x00\x08\x04\xd2\x16\x2f"

func TestRealSpoken(t *testing.T) {
	t.Parallel()
	for _, s := range spokes() {
		for _, r := range s.runs {
			t.Run(string(s.system), func(t *testing.T) {
				t.Parallel()
				s.prove(t, r)
			})
		}
	}
}

// prove measures a server with some settings, holds it against the catalog and keeps what agrees.
func (s *spoke) prove(t *testing.T, x set) {
	t.Helper()
	kept := kept{System: s.system, Version: model.Version(s.version(t)), From: os.Getenv("KEEPTUNE_PROVE_FROM"), Seen: time.Now().UTC().Format(time.DateOnly), Sets: x.sets}
	_, report, idle, before := limitsOf(t, string(s.system)+"@"+string(kept.Version), x.sets)
	if idle.high > patience && before.high > patience {
		idle, before = span{model.Never, model.Never}, span{model.Never, model.Never}
	}
	for range tries {
		starting <- struct{}{}
		server := s.start(t, x.lines)
		<-starting
		leg := &report.Legs[0]
		got := realserver.SocketTimesOf(t, func() (local, remote string) {
			c := s.dial(t, server)
			return server.Addr, c.LocalAddr().String()
		})
		if want := socketTimes(t, &leg.Server); got != want {
			t.Errorf("sockets: %+v, the catalog says %+v", got, want)
		}
		kind := s.measure(t, server, &kept, idle, before)
		server.Stop()
		if kind != "" && kind != livetest.CloseKind(leg.Server.Face.Close) {
			t.Errorf("closed by %s, the catalog says %s", kind, leg.Server.Face.Close)
		}
		if kept.disagrees(t) == "" {
			break
		}
	}
	t.Logf("%s %s %v: idle %v, measured %v; before a request %v, measured %v; kept waiting for %v", s.system, kept.Version, x.sets, idle, kept.Idle, before, kept.Before, kept.Waited)
	if s.hello != "" {
		before = span{model.Never, model.Never}
	}
	for _, d := range []struct{ want, got *span }{{&idle, kept.Idle}, {&before, kept.Before}} {
		if due := d.want.high <= patience; due && d.got == nil {
			t.Errorf("nothing ended, the catalog says %v", *d.want)
		} else if d.want.low == model.Never && d.got != nil {
			t.Errorf("ended after %v, the catalog says never", *d.got)
		}
	}
	if why := kept.disagrees(t); why != "" {
		t.Error(why)
	}
	if !t.Failed() {
		kept.write(t)
	}
}

func (s *spoke) dial(t testing.TB, server *realserver.Server) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{Timeout: realserver.Patience}).DialContext(t.Context(), "tcp", server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, s.hello); err != nil {
		t.Fatal(err)
	}
	if s.greets { // then it has set its options
		_ = c.SetReadDeadline(time.Now().Add(realserver.Patience))
		_, _ = c.Read(make([]byte, 512))
	}
	return c
}

// measure lets clients say something and be silent, and others be silent from the start, until
// the server ends them or they were open for openFor. It returns how it ended them.
func (s *spoke) measure(t *testing.T, server *realserver.Server, k *kept, idle, before span) (kind livetest.CloseKind) {
	t.Helper()
	limit := openFor
	for _, end := range []span{idle, before} {
		if end.high <= patience {
			limit = max(limit, end.high+5*time.Second)
		}
	}
	if idle.high <= patience && before.high > patience || before.high <= patience && idle.high > patience {
		limit = min(limit, min(idle.high, before.high)+20*time.Second)
	}
	capture := realserver.StartCapture(t, server.Port)
	waited := server.Waiting()
	var all sync.WaitGroup
	if s.at != nil {
		all.Go(func() { s.ask(t, server, limit) })
	}
	few := s.few
	if few == 0 {
		few = samples
	}
	for n := range 2 * few {
		speaks := n%2 == 0
		if speaks && s.words == "" || !speaks && s.hello != "" {
			continue
		}
		all.Go(func() {
			time.Sleep(time.Duration(n) * stagger / time.Duration(2*few))
			c, err := net.Dial("tcp", server.Addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = c.Close() }()
			_ = c.SetDeadline(time.Now().Add(limit))
			if speaks {
				if s.greets {
					_, _ = c.Read(make([]byte, 512))
				}
				_, _ = io.WriteString(c, s.words)
			}
			_, _ = io.Copy(io.Discard, c)
		})
	}
	all.Wait()
	k.Idle, k.Before = nil, nil
	for _, c := range capture.Stop(t) {
		if !c.ServerEnded() {
			continue
		}
		to, since := &k.Before, c.Accepted
		if len(c.Heard) > 0 {
			to, since = &k.Idle, c.Heard[len(c.Heard)-1]
		}
		d := c.End.Sub(since)
		if *to == nil {
			*to = &span{d, d}
		}
		(*to).low, (*to).high = min((*to).low, d), max((*to).high, d)
		if kind = livetest.CloseFIN; c.Reset {
			kind = livetest.CloseRST
		}
	}
	k.Waited = waited()
	return kind
}

// ask lets the live test open the connections, since it speaks the protocol.
func (s *spoke) ask(t *testing.T, server *realserver.Server, limit time.Duration) {
	t.Helper()
	target, err := livetest.ParseTarget(s.at(server.Addr))
	if err != nil {
		t.Error(err)
		return
	}
	spec := livetest.Spec{Target: target, IdleLimit: limit, Stagger: stagger, Second: -1, Measure: []livetest.Measurement{livetest.MeasureIdle}}
	if err := run.Run(t.Context(), spec.WithConnections(samples), func(livetest.Event) {}); err != nil && !errors.Is(err, run.ErrInconclusive) {
		t.Errorf("%v\n%s", err, server.Log())
	}
}

// spokes are the servers, each at its defaults where these end anything soon, and as set.
func spokes() []*spoke {
	scheme := func(before, after string) func(string) string {
		return func(address string) string { return before + address + after }
	}
	sh := func(text string) func(testing.TB, string) *realserver.Server {
		return func(t testing.TB, lines string) *realserver.Server {
			return realserver.Script(t, "server.sh", strings.ReplaceAll(text, "LINES", lines), "sh")
		}
	}
	return []*spoke{
		{
			system: "mariadb", version: says("mariadbd", "--version"), start: realserver.MariaDB, at: scheme("mysql://root@", ""),
			runs: []set{{sets: []string{"wait_timeout=3s", "connect_timeout=4s"}, lines: "wait_timeout=3\nconnect_timeout=4"}},
		},
		{
			system: "pgbouncer", version: debianVersion("pgbouncer"), at: scheme("postgres://postgres@", "/postgres"), hello: sslRequest,
			start: func(t testing.TB, lines string) *realserver.Server {
				return realserver.PgBouncer(t, realserver.Postgres(t, ""), lines)
			},
			runs: []set{{sets: []string{"pool_mode transaction=on", "client_idle_timeout=3s"}, lines: "pool_mode = transaction\nclient_idle_timeout = 3"}},
		},
		{
			system: "postgresql", version: postgresVersion, start: realserver.Postgres, at: scheme("postgres://postgres@", "/postgres"), few: 3,
			runs: []set{{sets: []string{"idle_session_timeout=3s", "authentication_timeout=4s"}, lines: "idle_session_timeout = 3s\nauthentication_timeout = 4s\nmax_connections = 60"}},
		},
		{
			system: "redis", version: says("redis-server", "--version"), start: realserver.Redis, at: scheme("redis://", ""),
			runs: []set{{}, {sets: []string{"timeout=3s", "tcp-keepalive=60s"}, lines: "timeout 3\ntcp-keepalive 60"}},
		},
		{
			system: "memcached", version: says("memcached", "--version"), at: scheme("memcached://", ""),
			start: func(t testing.TB, lines string) *realserver.Server {
				return realserver.Memcached(t, strings.Fields(lines)...)
			},
			runs: []set{{}, {sets: []string{"idle_timeout=3s"}, lines: "-o idle_timeout=3"}},
		},
		{
			system: "mosquitto", version: debianVersion("mosquitto"), start: realserver.Mosquitto, at: scheme("mqtt://", "/?keepalive=4"),
			runs: []set{{sets: []string{"client:keepalive=4s"}}},
		},
		{
			system: "nats-server", version: says("nats-server", "--version"), start: realserver.NATS, at: scheme("nats://", ""),
			runs: []set{{sets: []string{"ping_interval=3s", "ping_max=1"}, lines: "ping_interval: \"3s\"\nping_max: 1"}},
		},
		{
			system: "rabbitmq", version: debianVersion("rabbitmq-server"), start: realserver.RabbitMQ, at: scheme("amqp://", ""),
			runs: []set{{sets: []string{"heartbeat=4s", "handshake_timeout=6s"}, lines: "heartbeat = 4\nhandshake_timeout = 6000"}},
		},
		{
			system: "slapd", version: debianVersion("slapd"), start: realserver.Slapd, at: scheme("ldap://", ""),
			runs: []set{{sets: []string{"idletimeout=4s"}, lines: "idletimeout 4"}},
		},
		{
			system: "sshd", version: debianVersion("openssh-server"), few: 4, greets: true,
			start: func(t testing.TB, lines string) *realserver.Server { return realserver.SSHD(t, lines).Server },
			runs:  []set{{sets: []string{"LoginGraceTime=3s"}, lines: "LoginGraceTime 3"}},
		},
		{
			system: "bind", version: says("named", "-v"), words: aQuery,
			start: sh(`cat >named.conf <<CONF
options { directory "$PWD"; listen-on port $PORT { 127.0.0.1; }; listen-on-v6 { none; }; pid-file "$PWD/pid"; session-keyfile "$PWD/key"; recursion no; LINES };
controls { };
CONF
exec named -g -c named.conf`),
			runs: []set{{}, {sets: []string{"tcp-idle-timeout=3s", "tcp-initial-timeout=4s"}, lines: "tcp-idle-timeout 30; tcp-initial-timeout 40;"}},
		},
		{
			system: "unbound", version: says("unbound", "-V"), words: aQuery,
			start: sh(`cat >unbound.conf <<CONF
server:
  interface: $HOST@$PORT
  directory: "$PWD"
  chroot: ""
  username: ""
  pidfile: "$PWD/pid"
  use-syslog: no
  do-daemonize: no
  incoming-num-tcp: 200
  LINES
remote-control:
  control-enable: no
CONF
exec unbound -d -c unbound.conf`),
			runs: []set{{}, {sets: []string{"tcp-idle-timeout=3s"}, lines: "tcp-idle-timeout: 3000"}},
		},
		{
			system: "nsd", version: says("nsd", "-v"), words: aQuery,
			start: sh(`cat >nsd.conf <<CONF
server:
  ip-address: $HOST@$PORT
  username: ""
  chroot: ""
  zonesdir: "$PWD"
  zonelistfile: "$PWD/zones"
  database: ""
  xfrdfile: "$PWD/xfrd"
  pidfile: "$PWD/pid"
  LINES
remote-control:
  control-enable: no
CONF
exec nsd -d -c nsd.conf`),
			runs: []set{{sets: []string{"tcp-timeout=3s"}, lines: "tcp-timeout: 3"}},
		},
		{
			system: "knot-dns", version: says("knotd", "--version"), words: aQuery,
			start: sh(`cat >knot.conf <<CONF
server:
  listen: $HOST@$PORT
  rundir: "$PWD"
  LINES
database:
  storage: "$PWD"
CONF
exec knotd -c knot.conf`),
			runs: []set{{}, {sets: []string{"tcp-idle-timeout=3s"}, lines: "tcp-idle-timeout: 3"}},
		},
		{
			system: "pdns-recursor", version: debianVersion("pdns-recursor"), words: aQuery, hello: aQuery,
			start: sh(`exec pdns_recursor --config-dir="$PWD" --socket-dir="$PWD" --local-address="$HOST:$PORT" --daemon=no --threads=1 LINES`),
			runs:  []set{{}},
		},
		{
			system: "vsftpd", version: debianVersion("vsftpd"), words: "NOOP\r\n", greets: true,
			start: sh(`mkdir -p empty
cat >vsftpd.conf <<CONF
listen=YES
listen_address=$HOST
listen_port=$PORT
background=NO
anonymous_enable=YES
local_enable=NO
secure_chroot_dir=$PWD/empty
max_clients=0
LINES
CONF
exec vsftpd "$PWD/vsftpd.conf"`),
			runs: []set{{sets: []string{"idle_session_timeout=3s"}, lines: "idle_session_timeout=3"}},
		},
	}
}
