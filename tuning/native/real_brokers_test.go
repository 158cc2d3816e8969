//go:build real

package native_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/native"
)

// An idling is a server that speaks no HTTP, started with an exported file.
type idling struct {
	format, path string
	sets         func(seconds int) []string
	start        func(t testing.TB, file string, seconds int) *realserver.Server
	target       func(address string) string
	dump         func(t testing.TB, s *realserver.Server) string // what it says itself is in force; nil: nothing
	low, high    func(seconds int) time.Duration                 // bounds of the silence
}

func later(times float64, late time.Duration) func(int) time.Duration {
	return func(seconds int) time.Duration {
		return time.Duration(times*float64(seconds)*float64(time.Second)) + late
	}
}

var idlings = map[string]idling{
	"MariaDB": {
		format: "mariadb", path: "mysql-client > mariadb@10.11.19",
		sets: func(s int) []string {
			return []string{
				fmt.Sprintf("server:wait_timeout=%ds", s), "server:interactive_timeout=90s", "server:idle_transaction_timeout=30s", "server:connect_timeout=5s",
				"server:net_read_timeout=20s", "server:net_write_timeout=40s", "server:tcp_keepidle=60s", "server:tcp_keepintvl=10s", "server:tcp_keepcnt=4",
			}
		},
		start: func(t testing.TB, file string, _ int) *realserver.Server {
			return realserver.MariaDB(t, "!include "+file)
		},
		target: func(a string) string { return "mysql://root@" + a },
		dump: func(t testing.TB, s *realserver.Server) string {
			_, port, _ := strings.Cut(s.Addr, ":")
			return runs(t, "", "mariadb", "--no-defaults", "-h127.0.0.1", "-P"+port, "-uroot", "-e", "SHOW GLOBAL VARIABLES")
		},
		low: later(1, 0), high: later(1, time.Second),
	},
	"PgBouncer": {
		format: "pgbouncer", path: "libpq > pgbouncer@1.18.0 > postgresql",
		sets: func(s int) []string {
			return []string{
				fmt.Sprintf("pgbouncer:client_idle_timeout=%ds", s), "pgbouncer:pool_mode transaction=on", "pgbouncer:idle_transaction_timeout=1m", "pgbouncer:client_login_timeout=20s",
				"pgbouncer:server_idle_timeout=5m", "pgbouncer:server_lifetime=30m", "pgbouncer:server_check_delay=10s", "pgbouncer:query_timeout=1m",
				"pgbouncer:pgbouncer.tcp_keepidle=60s", "pgbouncer:pgbouncer.upstream.tcp_keepidle=60s",
			}
		},
		start: func(t testing.TB, file string, _ int) *realserver.Server {
			return realserver.PgBouncer(t, realserver.Postgres(t, ""), "admin_users = postgres\n%include "+file)
		},
		target: func(a string) string { return "postgres://postgres@" + a + "/postgres" },
		dump: func(t testing.TB, s *realserver.Server) string {
			return runs(t, "", "psql", "-XAt", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Port), "-U", "postgres", "-c", "SHOW CONFIG", "pgbouncer")
		},
		low: later(1, 0), high: later(1, time.Second),
	},
	"RabbitMQ": {
		format: "rabbitmq", path: "amqplib > rabbitmq@3.10",
		sets: func(s int) []string {
			return []string{fmt.Sprintf("server:heartbeat=%ds", s), "server:handshake_timeout=5s", "server:tcp_keepalive=on"}
		},
		start: func(t testing.TB, file string, _ int) *realserver.Server {
			stream := fmt.Sprintf("stream.listeners.tcp.1 = 127.0.0.1:%d\n", realserver.FreePort(t)) // which has a heartbeat of its own
			return realserver.RabbitMQWith(t, stream+readFile(t, file), "rabbitmq_stream")
		},
		target: func(a string) string { return "amqp://" + a },
		dump:   realserver.RabbitMQEnvironment,
		low:    later(2, 0), high: later(3, time.Second), // looked at once a heartbeat: the third look without a byte ends it
	},
	"slapd": {
		format: "slapd", path: "libldap > slapd@2.5.13",
		sets: func(s int) []string { return []string{fmt.Sprintf("server:idletimeout=%ds", s)} },
		start: func(t testing.TB, file string, _ int) *realserver.Server {
			return realserver.Slapd(t, readFile(t, file))
		},
		target: func(a string) string { return "ldap://" + a },
		low:    later(1, 0), high: later(1.5, time.Second),
	},
	"mosquitto": { // the client names the keep-alive
		format: "mosquitto", path: "mqtt-js > mosquitto@2.0.11",
		sets: func(s int) []string { return []string{fmt.Sprintf("server:max_keepalive=%ds", 10*s)} },
		start: func(t testing.TB, file string, _ int) *realserver.Server {
			return realserver.Mosquitto(t, readFile(t, file))
		},
		target: func(a string) string { return "mqtt://" + a + "/?keepalive=2" },
		low:    later(0, 3*time.Second), high: later(0, 10*time.Second),
	},
	"NATS": {
		format: "nats", path: "nats-client > nats-server@2.9.10",
		sets: func(s int) []string { return []string{fmt.Sprintf("server:ping_interval=%ds", s), "server:ping_max=1"} },
		start: func(t testing.TB, file string, _ int) *realserver.Server {
			runs(t, "", "nats-server", "-t", "-c", file)
			return realserver.NATS(t, readFile(t, file))
		},
		target: func(a string) string { return "nats://" + a },
		low:    later(1, 2*time.Second), high: later(2, 3*time.Second),
	},
	"memcached": {
		format: "memcached", path: "memcached-client > memcached@1.6.18",
		sets: func(s int) []string { return []string{fmt.Sprintf("server:idle_timeout=%ds", s)} },
		start: func(t testing.TB, file string, _ int) *realserver.Server {
			var words []string
			for line := range strings.Lines(readFile(t, file)) { // as Debian's start script does
				if strings.HasPrefix(line, "-") {
					words = append(words, strings.Fields(line)...)
				}
			}
			return realserver.Memcached(t, words...)
		},
		target: func(a string) string { return "memcached://" + a },
		dump: func(t testing.TB, s *realserver.Server) string {
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.Addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_, _ = conn.Write([]byte("stats settings\r\nquit\r\n"))
			text, _ := io.ReadAll(conn)
			return string(text)
		},
		low: later(1, 0), high: later(1, 3*time.Second),
	},
}

// TestRealExportsOfIdleServers starts each server with what is exported for it, at two
// settings: it ends silence then, and says of itself what was set. With the undo it says
// what was before.
func TestRealExportsOfIdleServers(t *testing.T) {
	t.Parallel()
	for name, tt := range idlings {
		for _, seconds := range []int{2, 4} {
			t.Run(name+" "+strconv.Itoa(seconds), func(t *testing.T) {
				t.Parallel()
				sets := tt.sets(seconds)
				dir, files := export(t, tt.format, tt.path, sets...)
				server := tt.start(t, filepath.Join(dir, files[0].Name), seconds)
				tt.says(t, server, sets, false)
				i := silence(t, server, tt.target(server.Addr))
				if i.Low == nil || i.High == nil || *i.Low < tt.low(seconds)-100*time.Millisecond || *i.High > tt.high(seconds) {
					t.Errorf("ended after %v to %v, want %v to %v", i.Low, i.High, tt.low(seconds), tt.high(seconds))
				}
				if seconds == 2 {
					tt.says(t, tt.start(t, filepath.Join(dir, files[0].UndoName), seconds), sets, true)
				}
			})
		}
	}
}

// says imports what a server prints of itself and holds that against what was set or,
// after an undo, against the defaults.
func (tt *idling) says(t *testing.T, s *realserver.Server, sets []string, undone bool) {
	t.Helper()
	if tt.dump == nil {
		return
	}
	c := model.Embedded()
	text := tt.dump(t, s)
	im, err := native.ImportAny("dump", []byte(text), c)
	if err != nil || im.Format != tt.format || len(im.Warnings) > 0 {
		t.Fatalf("%s, %v, %v\n%s", im.Format, err, im.Warnings, text)
	}
	d := document(t, c, tt.path, sets...)
	for _, e := range d.Path.Endpoints {
		sys, err := c.System(e.System)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range slices.Sorted(maps.Keys(e.Settings)) {
			want := e.Settings[id].Value
			if undone {
				want = sys.DefaultAt(sys.Param(id), e.Version).Value
			}
			if got := im.Settings[id].Value; got != want && (got.IsSet() || !undone) { // what is not said is the default
				t.Errorf("%s: it says %s, want %s (undone: %v)", id, got, want, undone)
			}
		}
	}
}

// silence measures how long a server bears it.
func silence(t *testing.T, s *realserver.Server, target string) livetest.Idle {
	t.Helper()
	to, err := livetest.ParseTarget(target)
	if err != nil {
		t.Fatal(err)
	}
	spec := livetest.NewSpec(to)
	spec.IdleLimit, spec.Second, spec.Measure = 30*time.Second, -1, []livetest.Measurement{livetest.MeasureIdle}
	for try := 1; ; try++ {
		var events []livetest.Event
		err := run.Run(t.Context(), spec, func(e livetest.Event) { events = append(events, e) })
		if err == nil {
			return livetest.Summarize(events).Idle
		}
		if try == 3 || !errors.Is(err, run.ErrInconclusive) {
			t.Fatalf("%v\n%s", err, s.Log())
		}
	}
}

// TestRealSlapdTakesTheLDIF hands the LDIF and its undo to a configuration that is a
// directory, and reads that.
func TestRealSlapdTakesTheLDIF(t *testing.T) {
	t.Parallel()
	dir, files := export(t, "slapd", "libldap > slapd@2.5.13", "server:idletimeout=5m")
	main := realserver.File(t, dir, "slapd.conf", "include "+filepath.Join(dir, files[0].Name)+"\n")
	config := filepath.Dir(realserver.File(t, dir, "slapd.d/.keep", ""))
	runs(t, dir, "slaptest", "-u", "-f", main)
	empty := realserver.File(t, dir, "empty.conf", "idletimeout 9\n")
	runs(t, dir, "slaptest", "-f", empty, "-F", config)
	for _, step := range []struct{ file, want string }{{files[1].Name, "5m"}, {files[1].UndoName, ""}} {
		runs(t, dir, "slapmodify", "-F", config, "-b", "cn=config", "-l", filepath.Join(dir, step.file))
		im, err := native.ImportAny("cn=config.ldif", []byte(readFile(t, filepath.Join(config, "cn=config.ldif"))), model.Embedded())
		if got := im.Settings["slapd.idletimeout"].Value; err != nil || im.Format != "slapd" || got.IsSet() != (step.want != "") || got.IsSet() && got.String() != step.want {
			t.Errorf("%s: %s says %s (%v), want %q", step.file, im.Format, got, err, step.want)
		}
	}
}

// TestRealMosquittoMaxKeepalive has clients of MQTT 5 name more than the exported file allows:
// they are told 10 s and given up after 15 s, a client of MQTT 3.1.1 is not.
func TestRealMosquittoMaxKeepalive(t *testing.T) {
	t.Parallel()
	dir, files := export(t, "mosquitto", "mqtt-js > mosquitto@2.0.11", "server:max_keepalive=10s")
	server := realserver.Mosquitto(t, readFile(t, filepath.Join(dir, files[0].Name)))
	for _, tt := range []struct {
		version     byte
		named, told uint16 // 0: nothing is told
		ends        bool
	}{{5, 60, 10, true}, {5, 0, 10, true}, {5, 10, 0, true}, {4, 60, 0, false}} {
		t.Run(fmt.Sprintf("MQTT %d, %d s", tt.version, tt.named), func(t *testing.T) {
			t.Parallel()
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			body := append([]byte("\x00\x04MQTT"), tt.version, 2, byte(tt.named>>8), byte(tt.named))
			if tt.version == 5 {
				body = append(body, 0) // no properties
			}
			body = append(body, 0, 4)
			body = fmt.Appendf(body, "%02d%02d", tt.version, tt.named)
			if _, err := conn.Write(append([]byte{0x10, byte(len(body))}, body...)); err != nil {
				t.Fatal(err)
			}
			answer := make([]byte, 256)
			n, err := conn.Read(answer)
			if err != nil || n < 4 || answer[0] != 0x20 || answer[3] != 0 {
				t.Fatalf("CONNACK % x, %v", answer[:n], err)
			}
			told := slices.Index(answer[4:n], 0x13) // Server Keep Alive
			if got := told >= 0 && [2]byte(answer[4+told+1:]) == [2]byte{0, byte(tt.told)}; got != (tt.told > 0) {
				t.Errorf("CONNACK % x, want %d s", answer[:n], tt.told)
			}
			since := time.Now()
			_ = conn.SetReadDeadline(since.Add(25 * time.Second))
			_, err = io.ReadAll(conn)
			took := time.Since(since)
			if ended := !errors.Is(err, os.ErrDeadlineExceeded); ended != tt.ends || ended && (took < 15*time.Second || took > 23*time.Second) {
				t.Errorf("ended %v after %v (%v), want %v after 15 s to 22 s", ended, took, err, tt.ends)
			}
		})
	}
}

// TestRealStunnelIdle measures the silence that stunnel bears with the exported line above a
// service and in it, where that counts and not what stands above; with the undo it is what
// stood there before.
func TestRealStunnelIdle(t *testing.T) {
	t.Parallel()
	web := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(web.Close)
	behind, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = behind.Close() })
	go func() { // a server that says nothing
		for {
			conn, err := behind.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(io.Discard, conn); _ = conn.Close() }()
		}
	}()
	dir, files := export(t, "stunnel", "libpq > stunnel@5.68 > postgresql", "stunnel:TIMEOUTidle=2s")
	line, undo := readFile(t, filepath.Join(dir, files[0].Name)), readFile(t, filepath.Join(dir, files[0].UndoName))
	for _, tt := range []struct {
		name, above, within string
		want                time.Duration
	}{
		{"above", line, "", 2 * time.Second},
		{"within", "TIMEOUTidle = 5\n", line, 2 * time.Second},
		{"within, twice", "", "TIMEOUTidle = 5\n" + line, 2 * time.Second},
		{"undone within", "TIMEOUTidle = 4\n", undo, 4 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := realserver.Stunnel(t, tt.above, fmt.Sprintf("client = yes\nconnect = %s\n%s", behind.Addr(), tt.within))
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			since := time.Now()
			_ = conn.SetReadDeadline(since.Add(20 * time.Second))
			_, _ = io.ReadAll(conn)
			if took := time.Since(since); took < tt.want-100*time.Millisecond || took > tt.want+time.Second {
				t.Errorf("ended after %v, want %v", took, tt.want)
			}
		})
	}
}

// TestRealStunnelAccepts starts stunnel with the line above a service, and in it.
func TestRealStunnelAccepts(t *testing.T) {
	t.Parallel()
	dir, files := export(t, "stunnel", "libpq > stunnel@5.68 > postgresql", "stunnel:TIMEOUTidle=5m")
	for _, name := range []string{files[0].Name, files[0].UndoName} {
		service := fmt.Sprintf("[a]\nclient = yes\naccept = 127.0.0.1:%d\nconnect = 127.0.0.1:1\n", realserver.FreePort(t))
		for _, text := range []string{readFile(t, filepath.Join(dir, name)) + service, service + readFile(t, filepath.Join(dir, name))} {
			conf := realserver.File(t, dir, "stunnel.conf", "foreground = yes\npid =\n"+text)
			cmd := command(t, dir, "stunnel4", conf)
			out, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			accepted := false
			lines := bufio.NewScanner(out)
			for !accepted && lines.Scan() {
				accepted = strings.Contains(lines.Text(), "Configuration successful")
			}
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			if !accepted {
				t.Errorf("stunnel does not take\n%s", text)
			}
		}
	}
}
