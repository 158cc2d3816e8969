//go:build real

package native_test

import (
	"bufio"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"example.com/keeptune/tuning/livetest/run/realserver"
)

// eitherWay hands the text of an export and of its undo to try, each in a
// folder of its own with a prefix and under the name of the export.
func eitherWay(t *testing.T, to, path string, sets []string, before string, try func(dir, file string)) {
	t.Helper()
	_, files := export(t, to, path, sets...)
	for _, f := range files {
		for _, content := range [][]byte{f.Content, f.Undo} {
			dir := realserver.Dir(t)
			try(dir, realserver.File(t, dir, f.Name, before+string(content)))
		}
	}
}

// refuses fails where a program accepts a file that is wrong: a checker that
// accepts anything says nothing about an export.
func refuses(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	if out, err := command(t, dir, program, args...).CombinedOutput(); err == nil {
		t.Errorf("%s %s accepts what is wrong\n%s", program, strings.Join(args, " "), out)
	}
}

func TestRealLighttpdAccepts(t *testing.T) {
	t.Parallel()
	older := "server.document-root = \"/nonexistent\"\nserver.max-keep-alive-idle = 4\n"
	eitherWay(t, "lighttpd", "chrome > lighttpd@1.4.69", []string{
		"server:server.max-keep-alive-idle=310s", "server:server.max-keep-alive-requests=20", "server:server.max-read-idle=20s", "server:server.max-write-idle=2m",
	}, older, func(dir, file string) {
		runs(t, dir, "lighttpd", "-tt", "-f", file)
		want := "server.max-keep-alive-idle = 4 }"
		if strings.Contains(readFile(t, file), "310") {
			want = "server.max-keep-alive-idle = 310 "
		}
		in := strings.Join(strings.Fields(runs(t, dir, "lighttpd", "-p", "-f", file)), " ")
		if !strings.Contains(in, want) {
			t.Errorf("lighttpd -p does not say %s\n%s", want, in)
		}
	})
}

// wsgi is a program that gunicorn can load.
const wsgi = "def app(environ, start):\n    start('200 OK', [('Content-Length', '3')])\n    return [b'ok\\n']\n"

func TestRealGunicornAccepts(t *testing.T) {
	t.Parallel()
	eitherWay(t, "gunicorn", "nginx > gunicorn@20.1.0", []string{"server:keepalive=75s", "server:worker_connections=500"}, "", func(dir, file string) {
		realserver.File(t, dir, "program.py", wsgi)
		refuses(t, dir, "gunicorn", "--check-config", "-c", realserver.File(t, dir, "wrong.py", "keepalive = 'long'\n"), "program:app")
		runs(t, dir, "gunicorn", "--check-config", "-c", file, "program:app")
	})
}

func TestRealCaddyAccepts(t *testing.T) {
	t.Parallel()
	eitherWay(t, "caddy", "chrome > caddy@2.6.2 > node@20.20.2", []string{
		"caddy:idle_timeout=310s", "caddy:read_timeout=20s", "caddy:read_header_timeout=1500ms", "caddy:write_timeout=never", "caddy:caddy.tcp_keepintvl=60s",
		"caddy:caddy.upstream.keepalive=4s", "caddy:keepalive_idle_conns_per_host=16", "caddy:response_header_timeout=30s", "caddy:caddy.upstream.tcp_keepalive=off",
	}, "", func(dir, file string) {
		main := ":8081 {\n\treverse_proxy 127.0.0.1:1 {\n\t\timport " + file + "\n\t}\n}\n"
		if strings.Contains(file, "servers") {
			main = "{\n\tadmin off\n\timport " + file + "\n}\n:8081 {\n\trespond ok\n}\n"
		}
		runs(t, dir, "caddy", "validate", "--adapter", "caddyfile", "--config", realserver.File(t, dir, "Caddyfile", main))
		refuses(t, dir, "caddy", "validate", "--adapter", "caddyfile", "--config", realserver.File(t, dir, "wrong", strings.Replace(main, file, "/nonexistent/file", 1)))
	})
}

func TestRealVarnishAccepts(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "varnishadm")
	running := realserver.Varnish(t, realserver.VarnishConf{Args: []string{"-T", "127.0.0.1:0"}})
	dir, files := export(t, "varnish", "chrome > varnish@7.1.1 > nginx@1.22.1", "varnish:timeout_idle=310s", "varnish:idle_send_timeout=1500ms",
		"varnish:backend_idle_timeout=4s", "varnish:first_byte_timeout=30s", "varnish:varnish.tcp_keepidle=100s", "varnish:varnish.tcp_keepintvl=11s", "varnish:varnish.tcp_keepcnt=4")
	shown := func(name string) string {
		lines := strings.Fields(runs(t, dir, "varnishadm", "-n", running.Dir, "param.show", name))
		return lines[slices.Index(lines, "is:")+1]
	}
	for _, undone := range []bool{false, true} {
		name, want := files[0].Name, []string{"310.000", "1.500", "4.000", "30.000", "100.000", "11.000", "4"}
		if undone {
			name, want = files[0].UndoName, []string{"5.000", "60.000", "60.000", "60.000"}
		}
		runs(t, dir, "sh", name, "-n", running.Dir)
		for i, param := range []string{"timeout_idle", "idle_send_timeout", "backend_idle_timeout", "first_byte_timeout", "tcp_keepalive_time", "tcp_keepalive_intvl", "tcp_keepalive_probes"}[:len(want)] {
			if got := shown(param); got != want[i] {
				t.Errorf("%s: %s is %s, want %s", name, param, got, want[i])
			}
		}
	}
	refuses(t, dir, "varnishadm", "-n", running.Dir, "param.set", "tcp_keepalive_intvl", "101")
	below := func(title string) string {
		_, rest, _ := strings.Cut(string(files[0].Content), title+":\n# ")
		line, _, _ := strings.Cut(rest, "\n")
		return line
	}
	program := "vcl 4.1;\nbackend default { .host = \"127.0.0.1\"; " + below("in each backend") + " }\nsub vcl_recv { " + below("in vcl_recv") + " }\n"
	if !strings.Contains(program, "310s") || !strings.Contains(program, "30s") {
		t.Errorf("the file does not say how a VCL sets the same\n%s", files[0].Content)
	}
	runs(t, dir, "varnishd", "-C", "-n", realserver.Dir(t), "-f", realserver.File(t, dir, "try.vcl", program))
}

func TestRealSquidAccepts(t *testing.T) {
	t.Parallel()
	eitherWay(t, "squid", "chrome > squid@5.7 > nginx@1.22.1", []string{
		"squid:client_idle_pconn_timeout=310s", "squid:client_persistent_connections=on", "squid:client_lifetime=2h", "squid:squid.pconn_lifetime=1h", "squid:request_start_timeout=20s",
		"squid:request_timeout=30s", "squid:server_persistent_connections=off", "squid:server_idle_pconn_timeout=4s", "squid:squid.upstream.read_timeout=90s",
		"squid:squid.tcp_keepalive=on", "squid:squid.tcp_keepidle=60s", "squid:squid.tcp_keepintvl=10s", "squid:squid.tcp_keepcnt=4",
	}, "", func(dir, file string) {
		runs(t, dir, "squid", "-k", "parse", "-f", file)
		refuses(t, dir, "squid", "-k", "parse", "-f", realserver.File(t, dir, "wrong.conf", strings.ReplaceAll(readFile(t, file), "seconds", "")+"\nread_timeout 9\n"))
	})
}

func TestRealPumaAccepts(t *testing.T) {
	t.Parallel()
	eitherWay(t, "puma", "nginx > puma@5.6.5", []string{"server:persistent_timeout=75s", "server:first_data_timeout=20s"}, "", func(dir, file string) {
		runs(t, dir, "ruby", "-c", file)
		running := realserver.Puma(t, readFile(t, file))
		t.Logf("puma -C: serves %s", running.Addr)
	})
}

// tomcatBase is a CATALINA_BASE with one connector.
func tomcatBase(t *testing.T, connector string) string {
	t.Helper()
	dir := realserver.Dir(t)
	realserver.File(t, dir, "conf/server.xml", "<Server port=\"-1\"><Service name=\"Catalina\">\n"+connector+
		"<Engine name=\"Catalina\" defaultHost=\"localhost\"><Host name=\"localhost\" appBase=\"webapps\"/></Engine></Service></Server>\n")
	return dir
}

func TestRealTomcatAccepts(t *testing.T) {
	t.Parallel()
	const home = "/usr/share/tomcat10"
	realserver.Need(t, "java", home+"/bin/catalina.sh")
	configtest := func(connector string) string {
		dir := tomcatBase(t, connector)
		return runs(t, dir, "java", "-Xmx128m", "-cp", home+"/bin/bootstrap.jar:"+home+"/bin/tomcat-juli.jar",
			"-Dcatalina.home="+home, "-Dcatalina.base="+dir, "org.apache.catalina.startup.Bootstrap", "configtest")
	}
	const unknown = "failed to set property"
	eitherWay(t, "tomcat", "nginx > tomcat@10.1.60", []string{
		"server:keepAliveTimeout=75500ms", "server:connectionTimeout=10s", "server:maxKeepAliveRequests=never", "server:tcp_keepalive=on",
	}, "", func(_, file string) {
		if out := configtest(readFile(t, file)); strings.Contains(out, unknown) {
			t.Errorf("Tomcat does not know an attribute\n%s", out)
		}
	})
	if out := configtest(`<Connector port="8080" keepAliveTime="1"/>`); !strings.Contains(out, unknown) {
		t.Errorf("Tomcat takes any attribute\n%s", out)
	}
}

func TestRealJettyAccepts(t *testing.T) {
	t.Parallel()
	eitherWay(t, "jetty", "nginx > jetty@9.4.57", []string{"server:idleTimeout=75500ms", "server:persistentConnectionsEnabled=off"}, "", func(dir, file string) {
		running := realserver.Jetty(t, readFile(t, file))
		defer running.Stop()
		shown := runs(t, dir, "java", "-Xmx128m", "-jar", "/usr/share/jetty9/start.jar", "jetty.home=/usr/share/jetty9", "jetty.base="+running.Dir, "--list-config")
		want := strings.Contains(readFile(t, file), "Timeout=75500")
		if strings.Contains(shown, "jetty.http.idleTimeout = 75500") != want {
			t.Errorf("75.5 s is there: %v, want %v\n%s", !want, want, shown)
		}
	})
}

func TestRealH2OAccepts(t *testing.T) {
	t.Parallel()
	hosts := "listen: 8081\nhosts: {default: {paths: {/: {file.dir: /nonexistent}}}}\n"
	eitherWay(t, "h2o", "chrome > h2o@2.2.5 > nginx", []string{"h2o:http1-request-timeout=310s", "h2o:proxy.timeout.keepalive=1500ms"}, hosts, func(dir, file string) {
		runs(t, dir, "h2o", "-t", "-c", file)
		refuses(t, dir, "h2o", "-t", "-c", realserver.File(t, dir, "wrong.conf", readFile(t, file)+"proxy.timeout.idle: 3\n"))
	})
}

// Traffic Server starts with any file; what it does not know, it logs.
func TestRealTrafficServerAccepts(t *testing.T) {
	t.Parallel()
	const unknown = "nrecognized configuration"
	start := func(records string) string {
		running := realserver.TrafficServer(t, realserver.TrafficServerConf{Records: records})
		running.Stop()
		return running.Log() + readFile(t, running.Dir+"/log/diags.log")
	}
	eitherWay(t, "trafficserver", "chrome > trafficserver@9.2.9 > nginx", []string{
		"trafficserver:proxy.config.http.keep_alive_no_activity_timeout_in=310s", "trafficserver:proxy.config.http.accept_no_activity_timeout=20s",
		"trafficserver:proxy.config.http.transaction_no_activity_timeout_in=20s", "trafficserver:proxy.config.http.keep_alive_no_activity_timeout_out=4s",
		"trafficserver:trafficserver.tcp_keepalive=on", "trafficserver:proxy.config.http.keep_alive_enabled_in=off",
	}, "", func(_, file string) {
		if log := start(readFile(t, file)); strings.Contains(log, unknown) {
			t.Errorf("a name is not known\n%s", log)
		}
	})
	if log := start("CONFIG proxy.config.http.keep_alive INT 75\n"); !strings.Contains(log, unknown) {
		t.Errorf("it takes any name\n%s", log)
	}
}

// serves starts a program that serves until it is stopped and waits for a line
// that it prints once it has accepted its configuration.
func serves(t *testing.T, dir, line string, env []string, program string, args ...string) {
	t.Helper()
	cmd := command(t, dir, "timeout", append([]string{"120", program}, args...)...)
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() }()
	var said strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), line) {
			return
		}
	}
	t.Errorf("%s does not say %q\n%s", program, line, said.String())
}

// asgi is a program that uvicorn and hypercorn can load.
const asgi = "async def app(scope, receive, send):\n    pass\n"

func TestRealUvicornAccepts(t *testing.T) {
	t.Parallel()
	eitherWay(t, "uvicorn", "nginx > uvicorn@0.17.6", []string{"server:timeout_keep_alive=75s"}, "", func(dir, file string) {
		realserver.File(t, dir, "program.py", asgi)
		var env []string
		for line := range strings.Lines(readFile(t, file)) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				env = append(env, line)
			}
		}
		args := []string{"--port", strconv.Itoa(realserver.FreePort(t)), "program:app"}
		serves(t, dir, "Uvicorn running on", env, "uvicorn", args...)
		refuses(t, dir, "env", append([]string{"UVICORN_TIMEOUT_KEEP_ALIVE=7.5", "timeout", "120", "uvicorn"}, args...)...)
	})
}

func TestRealHypercornAccepts(t *testing.T) {
	t.Parallel()
	eitherWay(t, "hypercorn", "nginx > hypercorn@0.13.2", []string{"server:keep_alive_timeout=75s", "server:read_timeout=20s"}, "", func(dir, file string) {
		realserver.File(t, dir, "program.py", asgi)
		bind := "127.0.0.1:" + strconv.Itoa(realserver.FreePort(t))
		serves(t, dir, "Running on", nil, "hypercorn", "-c", file, "--bind", bind, "program:app")
		refuses(t, dir, "timeout", "120", "hypercorn", "-c", realserver.File(t, dir, "wrong.toml", "keep_alive_timeout = 7 s\n"), "--bind", bind, "program:app")
	})
}

func TestRealPassengerTemplateAccepts(t *testing.T) {
	t.Parallel()
	const template, own, begin = "/usr/share/passenger/templates/standalone/config.erb", "    keepalive_timeout 60;\n", "    ### BEGIN your own configuration options ###\n"
	realserver.Need(t, "passenger", "nginx")
	eitherWay(t, "passenger", "chrome > passenger@6.0.17", []string{
		"server:keepalive_timeout=310s", "server:keepalive_requests=50", "server:client_header_timeout=1500ms",
	}, "", func(dir, file string) {
		text := readFile(t, template)
		if !strings.Contains(text, own) || !strings.Contains(text, begin) {
			t.Fatalf("the template has changed:\n%s", text)
		}
		include := "include " + file + ";\n"
		text = strings.Replace(strings.Replace(text, own, "", 1), begin, begin+include, 1)
		realserver.File(t, dir, "config.ru", "run lambda { |env| [200, {}, []] }\n")
		written := runs(t, dir, "passenger", "start", "--debug-nginx-config", "--nginx-bin=/usr/sbin/nginx", "--no-install-runtime",
			"--nginx-config-template", realserver.File(t, dir, "config.erb", text))
		if !strings.Contains(written, include) {
			t.Errorf("Passenger does not hand it to nginx\n%s", written)
		}
		http := "pid " + dir + "/nginx.pid;\nevents { }\nhttp {\naccess_log off;\n" + include
		runs(t, dir, "nginx", "-t", "-e", "stderr", "-p", dir, "-c", realserver.File(t, dir, "nginx.conf", http+"}\n"))
		refuses(t, dir, "nginx", "-t", "-e", "stderr", "-p", dir, "-c", realserver.File(t, dir, "wrong.conf", http+"keepalive_time_out 3;\n}\n"))
	})
}
