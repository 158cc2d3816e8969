//go:build real

package run_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/livetest/run/realserver"
)

// keepersSecret is the password of user keeper.
const keepersSecret = "a-word#of 24 'letters'"

// obeys fails unless a program ends with 0.
func obeys(t testing.TB, program string, args ...string) {
	t.Helper()
	realserver.Need(t, program)
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// guarded are servers that let nobody in without a password, at a setting.
func guarded(s int) []*spoken {
	d := time.Duration(s) * time.Second
	as := func(scheme, rest string) func(string) string {
		return func(address string) string { return scheme + "://keeper@" + address + rest }
	}
	quoted := strings.ReplaceAll(keepersSecret, "'", "''")
	return []*spoken{
		{name: "Redis", at: func(a string) string { return "redis://" + a }, from: d, close: livetest.CloseFIN, start: func(t testing.TB) *realserver.Server {
			return realserver.Redis(t, fmt.Sprintf("requirepass %q\ntimeout %d", keepersSecret, s))
		}},
		{name: "Redis with users", at: as("redis", ""), from: d, close: livetest.CloseFIN, start: func(t testing.TB) *realserver.Server {
			return realserver.Redis(t, fmt.Sprintf("user default off\nuser keeper on \">%s\" ~* +@all\ntimeout %d", keepersSecret, s))
		}},
		{name: "MariaDB", at: as("mysql", ""), from: d, close: livetest.CloseRST, start: func(t testing.TB) *realserver.Server {
			init := realserver.File(t, realserver.Dir(t), "init.sql", "CREATE USER keeper@'%' IDENTIFIED BY '"+quoted+"';\n")
			return realserver.MariaDB(t, fmt.Sprintf("wait_timeout=%d\ninit-file=%s", s, init))
		}},
		{name: "PostgreSQL", at: as("postgres", "/postgres"), from: d, close: livetest.CloseFIN, start: func(t testing.TB) *realserver.Server {
			hba := realserver.File(t, realserver.Dir(t), "pg_hba.conf", "host all postgres 127.0.0.1/32 trust\nhost all keeper 127.0.0.1/32 scram-sha-256\n")
			server := realserver.Postgres(t, fmt.Sprintf("max_connections = 40\nidle_session_timeout = %ds\nhba_file = '%s'", s, hba))
			obeys(t, "psql", "-Xq", "-h", "127.0.0.1", "-p", strconv.Itoa(server.Port), "-U", "postgres", "-c", "CREATE ROLE keeper LOGIN PASSWORD '"+quoted+"'", "postgres")
			return server
		}},
		{name: "RabbitMQ", at: as("amqp", ""), from: 2 * d, close: livetest.CloseRST, start: func(t testing.TB) *realserver.Server {
			return realserver.RabbitMQ(t, fmt.Sprintf("heartbeat = %d\ndefault_user = keeper\ndefault_pass = %s", s, strings.ReplaceAll(keepersSecret, "#", "-")))
		}},
		{name: "mosquitto", at: as("mqtt", fmt.Sprintf("/?keepalive=%d", s)), from: d * 3 / 2, close: livetest.CloseFIN, start: func(t testing.TB) *realserver.Server {
			users := filepath.Join(realserver.Dir(t), "users")
			obeys(t, "mosquitto_passwd", "-b", "-c", users, "keeper", keepersSecret)
			return realserver.Mosquitto(t, "allow_anonymous false\npassword_file "+users)
		}},
		{name: "NATS", at: as("nats", ""), from: 2*time.Second + d, close: livetest.CloseFIN, start: func(t testing.TB) *realserver.Server {
			return realserver.NATS(t, fmt.Sprintf("ping_interval: \"%ds\"\nping_max: 1\nauthorization { user: keeper, password: %q }", s, keepersSecret))
		}},
	}
}

// TestRealSpokenBehindPasswords holds what is measured after a login against the packets, at
// two settings each. A wrong password is a refusal, and no event has the right one.
func TestRealSpokenBehindPasswords(t *testing.T) {
	t.Parallel()
	for _, seconds := range []int{2, 4} {
		for _, s := range guarded(seconds) {
			t.Run(fmt.Sprintf("%s %v", s.name, s.from), func(t *testing.T) {
				t.Parallel()
				s.password = keepersSecret
				if s.name == "RabbitMQ" { // a # begins a comment there
					s.password = strings.ReplaceAll(keepersSecret, "#", "-")
				}
				s.check(t)
			})
		}
	}
}

// refusesOthers fails unless a server refuses a wrong password, and no word of the right one
// is in what was said.
func (s *spoken) refusesOthers(t *testing.T, spec livetest.Spec, events []livetest.Event) {
	t.Helper()
	said, err := json.Marshal(events)
	if err != nil || strings.Contains(string(said), "letters") {
		t.Errorf("the password is in the events, or they are none (%v)", err)
	}
	spec.Target.Password = "another"
	err = run.Run(t.Context(), spec, func(livetest.Event) {})
	if err == nil || strings.Contains(err.Error(), "another") {
		t.Errorf("with a wrong password: %v", err)
	}
	t.Logf("with a wrong password: %v", err)
}
