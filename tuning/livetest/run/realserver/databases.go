package realserver

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// postgres is a program of the server, where Debian keeps it.
func postgres(t testing.TB, name string) string {
	t.Helper()
	return Newest(t, "/usr/lib/postgresql/*/bin/"+name)
}

// Postgres starts a cluster of its own with these lines in postgresql.conf, as the user postgres
// where the test is root. Anybody on this host may log in as postgres.
func Postgres(t testing.TB, lines string) *Server {
	t.Helper()
	server, isReady := postgres(t, "postgres"), postgres(t, "pg_isready")
	dir, port := Dir(t), FreePort(t)
	data := filepath.Join(dir, "data")
	once(t, dir, nil, as(t, dir, "postgres", postgres(t, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-N")...)
	conf := File(t, dir, "postgresql.conf", fmt.Sprintf(
		"data_directory = '%s'\nhba_file = '%[1]s/pg_hba.conf'\nident_file = '%[1]s/pg_ident.conf'\nlisten_addresses = '127.0.0.1'\nport = %d\nunix_socket_directories = ''\nfsync = off\nmax_connections = 10\nshared_buffers = '16MB'\n%s\n",
		data, port, lines))
	args := as(t, dir, "postgres", server, "-c", "config_file="+conf)
	s := start(t, dir, port, nil, args[0], args[1:]...)
	for deadline := time.Now().Add(Patience); ; time.Sleep(50 * time.Millisecond) { // it listens before it lets sessions in
		if exec.CommandContext(t.Context(), isReady, "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(port)).Run() == nil { //nolint:gosec // a test's own arguments
			return s
		}
		if time.Now().After(deadline) {
			t.Fatalf("PostgreSQL lets no session in after %v:\n%s", Patience, s.Log())
		}
	}
}

// own gives a folder to a user.
func own(t testing.TB, dir, name string) {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
}

// Redis starts a server without a data file, with these lines at the end of
// its configuration.
func Redis(t testing.TB, lines string) *Server {
	t.Helper()
	dir, port := Dir(t), FreePort(t)
	conf := File(t, dir, "redis.conf", fmt.Sprintf("bind 127.0.0.1\nport %d\nsave \"\"\ndaemonize no\ndir %s\n%s\n", port, dir, lines))
	return start(t, dir, port, nil, "redis-server", conf)
}
