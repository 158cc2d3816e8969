package realserver

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// as is a command that runs as a user where the test is root, in a folder that is given to
// that user.
func as(t testing.TB, dir, name string, args ...string) []string {
	t.Helper()
	if !root() {
		return args
	}
	Need(t, "setpriv")
	own(t, dir, name)
	return append([]string{"setpriv", "--reuid=" + name, "--regid=" + name, "--clear-groups"}, args...)
}

// Memcached starts a server with these words behind its own.
func Memcached(t testing.TB, words ...string) *Server {
	t.Helper()
	dir, port := Dir(t), FreePort(t)
	args := append([]string{"-l", "127.0.0.1", "-p", strconv.Itoa(port)}, words...)
	if root() {
		args = append(args, "-u", "nobody")
	}
	return start(t, dir, port, nil, "memcached", args...)
}

// Mosquitto starts a broker that lets anybody in, with these lines in its configuration.
func Mosquitto(t testing.TB, lines string) *Server {
	t.Helper()
	dir, port := Dir(t), FreePort(t)
	conf := File(t, dir, "mosquitto.conf", fmt.Sprintf("listener %d 127.0.0.1\nallow_anonymous true\n%s\n", port, lines))
	return start(t, dir, port, nil, "mosquitto", "-c", conf)
}

// NATS starts a server with these lines in its configuration.
func NATS(t testing.TB, lines string) *Server {
	t.Helper()
	dir, port := Dir(t), FreePort(t)
	conf := File(t, dir, "nats-server.conf", fmt.Sprintf("listen: 127.0.0.1:%d\n%s\n", port, lines))
	return start(t, dir, port, nil, "nats-server", "-c", conf)
}

// MariaDB starts a server with a database of its own and these lines in section [mariadbd].
// root has no password.
func MariaDB(t testing.TB, lines string) *Server {
	t.Helper()
	Need(t, "mariadb-install-db")
	dir, port := Dir(t), FreePort(t)
	data := filepath.Join(dir, "data")
	once(t, dir, nil, as(t, dir, "mysql", find("mariadb-install-db"), "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=4M")...)
	conf := File(t, dir, "my.cnf", fmt.Sprintf("[mariadbd]\ndatadir=%s\nport=%d\nbind-address=127.0.0.1\nsocket=%s/s\npid-file=%[3]s/pid\nskip-name-resolve\ninnodb-log-file-size=4M\n%[4]s\n", data, port, dir, lines))
	args := as(t, dir, "mysql", find("mariadbd"), "--defaults-file="+conf)
	return start(t, dir, port, nil, args[0], args[1:]...)
}

// PgBouncer starts a pool in front of a server of PostgreSQL, with these lines in section
// [pgbouncer]. Anybody may log in as postgres to the database postgres.
func PgBouncer(t testing.TB, server *Server, lines string) *Server {
	t.Helper()
	dir, port := Dir(t), FreePort(t)
	conf := File(t, dir, "pgbouncer.ini", fmt.Sprintf("[databases]\n* = host=127.0.0.1 port=%d user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %d\nunix_socket_dir =\nauth_type = trust\nauth_file = %s\n%s\n",
		server.Port, port, File(t, dir, "users", "\"postgres\" \"\"\n"), lines))
	args := as(t, dir, "postgres", find("pgbouncer"), conf)
	return start(t, dir, port, nil, args[0], args[1:]...)
}

const rabbitmqPrograms = "/usr/lib/rabbitmq/bin/"

// RabbitMQ starts a broker with these lines in rabbitmq.conf; guest may log in as guest.
func RabbitMQ(t testing.TB, lines string) *Server {
	t.Helper()
	return RabbitMQWith(t, lines)
}

// RabbitMQWith is RabbitMQ with these plugins.
func RabbitMQWith(t testing.TB, lines string, plugins ...string) *Server {
	t.Helper()
	program := rabbitmqPrograms + "rabbitmq-server"
	NeedFile(t, program)
	dir, port := Dir(t), FreePort(t)
	conf := File(t, dir, "rabbitmq.conf", fmt.Sprintf("listeners.tcp.1 = 127.0.0.1:%d\n%s\n", port, lines))
	enabled := File(t, dir, "plugins", "["+strings.Join(plugins, ",")+"].\n")
	args := as(t, dir, "rabbitmq", program)
	names := FreePort(t) // where Erlang's names are kept: by a daemon that would stay, unless it is there before
	start(t, Dir(t), names, nil, "epmd", "-port", strconv.Itoa(names), "-address", "127.0.0.1")
	return start(t, dir, port, []string{
		"HOME=" + dir, fmt.Sprintf("RABBITMQ_NODENAME=keeptune%d@localhost", port), "RABBITMQ_CONFIG_FILE=" + conf, "RABBITMQ_MNESIA_BASE=" + filepath.Join(dir, "db"),
		"RABBITMQ_LOG_BASE=" + filepath.Join(dir, "log"), "RABBITMQ_ENABLED_PLUGINS_FILE=" + enabled, fmt.Sprintf("RABBITMQ_DIST_PORT=%d", FreePort(t)),
		fmt.Sprintf("ERL_EPMD_PORT=%d", names), "ERL_EPMD_ADDRESS=127.0.0.1",
	}, args[0], args[1:]...)
}

// RabbitMQEnvironment is what rabbitmqctl environment prints of a broker.
func RabbitMQEnvironment(t testing.TB, s *Server) string {
	t.Helper()
	args := as(t, s.Dir, "rabbitmq", rabbitmqPrograms+"rabbitmqctl", "environment")
	cmd := exec.CommandContext(t.Context(), find(args[0]), args[1:]...) //nolint:gosec // a test's own arguments
	cmd.Env, cmd.Dir = s.env, s.Dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("rabbitmqctl environment: %v\n%s", err, out)
	}
	return string(out)
}

// Stunnel starts one service, with lines above it and in it.
func Stunnel(t testing.TB, above, within string) *Server {
	t.Helper()
	dir, port := Dir(t), FreePort(t)
	conf := File(t, dir, "stunnel.conf", fmt.Sprintf("foreground = yes\npid =\n%s\n[service]\naccept = 127.0.0.1:%d\n%s\n", above, port, within))
	return start(t, dir, port, nil, "stunnel4", conf)
}

// Slapd starts an LDAP server without entries, with these lines before its database.
func Slapd(t testing.TB, lines string) *Server {
	t.Helper()
	dir, port := Dir(t), FreePort(t)
	conf := File(t, dir, "slapd.conf", fmt.Sprintf("modulepath /usr/lib/ldap\nmoduleload back_ldif\npidfile %s/pid\n%s\ndatabase ldif\nsuffix \"\"\ndirectory %[1]s\n", dir, lines))
	return start(t, dir, port, nil, "slapd", "-f", conf, "-h", fmt.Sprintf("ldap://127.0.0.1:%d/", port), "-d", "0")
}
