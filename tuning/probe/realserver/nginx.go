package realserver

import (
	"fmt"
	"testing"
)

// NginxConf holds snippets for the contexts of an nginx configuration. All may be empty:
// then everything is at the defaults of the version installed.
type NginxConf struct {
	Main     string // top level
	HTTP     string // inside http, before the server
	Server   string // inside server
	Location string // inside location /; empty answers 200 with a short text
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
	conf := File(t, dir, "nginx.conf", fmt.Sprintf(`%s
daemon off;
pid %[2]s/nginx.pid;
error_log stderr notice;
%[3]s
events { worker_connections 1024; }
http {
access_log off;
client_body_temp_path %[2]s/body;
proxy_temp_path %[2]s/proxy;
fastcgi_temp_path %[2]s/fastcgi;
uwsgi_temp_path %[2]s/uwsgi;
scgi_temp_path %[2]s/scgi;
%[4]s
server {
listen 127.0.0.1:%[5]d;
%[6]s
location / {
%[7]s
}
}
}
`, user, dir, c.Main, c.HTTP, port, c.Server, c.Location))
	return start(t, dir, port, nil, "nginx", "-e", "stderr", "-p", dir, "-c", conf)
}
