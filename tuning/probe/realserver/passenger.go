package realserver

import (
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// rackup is a Ruby program that answers every request.
const rackup = `run lambda { |env| [200, { "Content-Type" => "text/plain" }, ["ok\n"]] }` + "\n"

// PassengerBuiltin starts Passenger standalone with its own HTTP server, --engine=builtin.
func PassengerBuiltin(t testing.TB) *Server {
	t.Helper()
	Need(t, "passenger")
	dir, port := Dir(t), FreePort(t)
	File(t, dir, "config.ru", rackup)
	return start(t, dir, port, nil, "passenger", "start", "--engine=builtin", "--address=127.0.0.1", "--port="+strconv.Itoa(port),
		"--log-file="+dir+"/passenger.log", "--pid-file="+dir+"/passenger.pid",
		"--disable-security-update-check", "--disable-anonymous-telemetry", "--no-install-runtime")
}

// foreign are lines of the nginx.conf of Passenger that need its module, which Debian does
// not build, or that start wants otherwise.
var foreign = regexp.MustCompile(`(?m)^\s*(passenger_|daemon |user |error_log |pid ).*\n`)

// PassengerNginx starts Debian's nginx with the nginx.conf that Passenger standalone writes
// for its own nginx, less the lines of its module: the same server with the same timers,
// which serves files in place of a Ruby program. Lines replace what the template says, such
// as keepalive_timeout 3.
func PassengerNginx(t testing.TB, lines string) *Server {
	t.Helper()
	Need(t, "passenger", "nginx")
	dir, port := Dir(t), FreePort(t)
	File(t, dir, "config.ru", rackup)
	File(t, dir, "public/index.html", "ok\n")
	cmd := exec.CommandContext(t.Context(), find("passenger"), "start", "--debug-nginx-config", //nolint:gosec // a test's own arguments
		"--nginx-bin="+find("nginx"), "--address=127.0.0.1", "--port="+strconv.Itoa(port), "--no-install-runtime")
	cmd.Dir = dir
	written, err := cmd.Output()
	if err != nil {
		t.Fatalf("passenger writes no nginx.conf: %v\n%s", err, written)
	}
	user := ""
	if root() {
		user = "user www-data;"
	}
	conf := "daemon off;\nerror_log stderr;\npid " + dir + "/nginx.pid;\n" + user + "\n" + foreign.ReplaceAllString(string(written), "")
	if name, _, ok := strings.Cut(lines, " "); ok {
		conf = regexp.MustCompile(`(?m)^\s*`+regexp.QuoteMeta(name)+` .*$`).ReplaceAllLiteralString(conf, lines)
	}
	return start(t, dir, port, nil, "nginx", "-e", "stderr", "-p", dir, "-c", File(t, dir, "nginx.conf", conf))
}
