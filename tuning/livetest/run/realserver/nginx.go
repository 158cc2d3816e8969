package realserver

import (
	"cmp"
	"fmt"
	"strconv"
	"testing"
)

// NginxConf holds snippets for the contexts of an nginx configuration. All may be empty:
// then everything is at the defaults of the version installed.
type NginxConf struct {
	Main     string // top level
	HTTP     string // inside http, before the server
	Server   string // inside server
	Location string // inside location /; empty answers 200 with a short text
	TLS      bool   // listen with a self-signed certificate
	HTTP2    bool   // and speak HTTP/2 there

	Connections int // worker_connections; 0 is 1024
}

// Nginx starts nginx.
func Nginx(t testing.TB, c NginxConf) *Server {
	t.Helper()
	Need(t, "nginx")
	dir, port := Dir(t), FreePort(t)
	user := ""
	if root() {
		user = "user www-data;"
	}
	if c.Location == "" {
		c.Location = `default_type text/plain; return 200 "ok\n";`
	}
	listen := strconv.Itoa(port)
	if c.TLS {
		cert, key := Certificate(t, dir)
		if listen += " ssl"; c.HTTP2 {
			listen += " http2"
		}
		listen += ";\nssl_certificate " + cert + ";\nssl_certificate_key " + key
	}
	conf := File(t, dir, "nginx.conf", fmt.Sprintf(`%s
daemon off;
pid %[2]s/nginx.pid;
error_log stderr notice;
%[3]s
events { worker_connections %[8]d; }
http {
access_log off;
client_body_temp_path %[2]s/body;
proxy_temp_path %[2]s/proxy;
fastcgi_temp_path %[2]s/fastcgi;
uwsgi_temp_path %[2]s/uwsgi;
scgi_temp_path %[2]s/scgi;
%[4]s
server {
listen 127.0.0.1:%[5]s;
%[6]s
location / {
%[7]s
}
}
}
`, user, dir, c.Main, c.HTTP, listen, c.Server, c.Location, cmp.Or(c.Connections, 1024)))
	// Debian's unit has such an argument, too, of several words.
	return start(t, dir, port, nil, "nginx", "-e", "stderr", "-p", dir, "-c", conf, "-g", "worker_priority 0; pcre_jit off;")
}
