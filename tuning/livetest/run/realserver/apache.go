package realserver

import (
	"fmt"
	"testing"
)

// ApacheConf holds snippets for the contexts of an Apache httpd configuration. Debian's
// enabled modules and their configuration are loaded; the rest is at the defaults.
type ApacheConf struct {
	Server   string // server config context
	VHost    string // inside the one virtual host; empty means there is none
	Htaccess string // .htaccess of the document root
}

// Apache starts Apache httpd with the modules that Debian enables.
func Apache(t testing.TB, c ApacheConf) *Server {
	t.Helper()
	Need(t, "apache2")
	dir, port := Dir(t), FreePort(t)
	user := ""
	if root() {
		user = "User www-data\nGroup www-data"
	}
	File(t, dir, "htdocs/index.html", "ok\n")
	if c.Htaccess != "" {
		File(t, dir, "htdocs/.htaccess", c.Htaccess)
	}
	vhost := ""
	if c.VHost != "" {
		vhost = fmt.Sprintf("<VirtualHost 127.0.0.1:%d>\nDocumentRoot %s/htdocs\n%s\n</VirtualHost>", port, dir, c.VHost)
	}
	conf := File(t, dir, "apache2.conf", fmt.Sprintf(`ServerRoot %[1]s
ServerName localhost
PidFile %[1]s/apache2.pid
DefaultRuntimeDir %[1]s
%[2]s
Listen 127.0.0.1:%[3]d
ErrorLog /dev/stderr
IncludeOptional /etc/apache2/mods-enabled/*.load
IncludeOptional /etc/apache2/mods-enabled/*.conf
DocumentRoot %[1]s/htdocs
<Directory %[1]s/htdocs>
AllowOverride All
Require all granted
</Directory>
%[4]s
%[5]s
`, dir, user, port, c.Server, vhost))
	return start(t, dir, port, nil, "apache2", "-d", dir, "-f", conf, "-DFOREGROUND")
}
