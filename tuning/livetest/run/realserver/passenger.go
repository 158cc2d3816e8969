package realserver

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
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
	return start(t, dir, port, []string{"TMPDIR=" + dir}, "passenger", "start", "--engine=builtin", "--address=127.0.0.1", "--port="+strconv.Itoa(port),
		"--log-file="+dir+"/passenger.log", "--pid-file="+dir+"/passenger.pid",
		"--disable-security-update-check", "--disable-anonymous-telemetry", "--no-install-runtime")
}

// foreign are lines of the nginx.conf of Passenger that need its module, which Debian does
// not build, or that start wants otherwise.
var foreign = regexp.MustCompile(`(?m)^\s*(passenger_|daemon |user |error_log |pid ).*\n`)

// standaloneTemplate makes the nginx.conf of Passenger standalone.
const standaloneTemplate = "/usr/share/passenger/templates/standalone/config.erb"

// templateTimeout is the line of the template that an exported file stands for.
var templateTimeout = regexp.MustCompile(`(?m)^\s*keepalive_timeout 60;$`)

// PassengerNginx starts Debian's nginx with the nginx.conf that Passenger standalone writes
// for its own nginx, less the lines of its module: the same server with the same timers,
// which serves files in place of a Ruby program. Lines take the place of keepalive_timeout in
// Passenger's template; empty leaves the template as it is.
func PassengerNginx(t testing.TB, lines string) *Server {
	t.Helper()
	Need(t, "passenger", "nginx")
	NeedFile(t, standaloneTemplate)
	dir, port := Dir(t), FreePort(t)
	File(t, dir, "config.ru", rackup)
	File(t, dir, "public/index.html", "ok\n")
	b, err := os.ReadFile(standaloneTemplate)
	if err != nil {
		t.Fatal(err)
	}
	if !templateTimeout.Match(b) {
		t.Fatal("Passenger's template does not set keepalive_timeout 60")
	}
	if lines != "" {
		b = templateTimeout.ReplaceAllLiteral(b, []byte("include "+File(t, dir, "keeptune.conf", lines)+";"))
	}
	cmd := exec.CommandContext(t.Context(), find("passenger"), "start", "--debug-nginx-config", //nolint:gosec // a test's own arguments
		"--nginx-bin="+find("nginx"), "--address=127.0.0.1", "--port="+strconv.Itoa(port), "--no-install-runtime",
		"--nginx-config-template="+File(t, dir, "config.erb", string(b)))
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "TMPDIR="+dir)
	written, err := cmd.Output()
	if err != nil {
		t.Fatalf("passenger writes no nginx.conf: %v\n%s", err, written)
	}
	user := ""
	if root() {
		user = "user www-data;"
	}
	conf := "daemon off;\nerror_log stderr;\npid " + dir + "/nginx.pid;\n" + user + "\n" + foreign.ReplaceAllString(string(written), "")
	return start(t, dir, port, nil, "nginx", "-e", "stderr", "-p", dir, "-c", File(t, dir, "nginx.conf", conf))
}
