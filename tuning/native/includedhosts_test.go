package native_test

import (
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// TestHostsRead are lines of which others of the same name must not be taken: of comments, of
// other sections, and of files that are not included.
func TestHostsRead(t *testing.T) {
	c := model.Embedded()
	files := folder{
		"/etc/x/d/a.cnf": "[mysqld]\nwait_timeout = 70\n", "/etc/x/d/b.txt": "[mysqld]\nwait_timeout = 71\n",
		"/etc/x/users.ini": "[users]\nu = pool_mode=session\n",
		"/etc/x/m/a.conf":  "max_keepalive 70\ninclude_dir /etc/x/n\n", "/etc/x/m/b.txt": "max_keepalive 71\n", "/etc/x/n/c.conf": "max_keepalive 72\n",
	}
	for _, tt := range []struct {
		format, text string
		id           model.ParamID
		want         string
	}{
		{"mariadb", "[mysqld]\nwait_timeout = 1K\n;wait_timeout = 9\n", "mariadb.wait_timeout", "1024s"},
		{"mariadb", "[mysqld]\nwait_timeout = 1M\n", "mariadb.wait_timeout", "1048576s"},
		{"mariadb", "[mysqld]\nwait_timeout = 1G\n", "mariadb.wait_timeout", "31536000s"},
		{"mariadb", "[mysqld]\nwait_timeout = 7\n[client-server]\nwait_timeout = 8\n[server-10.11]\nwait_timeout = 9\n", "mariadb.wait_timeout", "8s"},
		{"mariadb", "[mysqld]\nwait_timeout = 7\n!includedir /etc/x/d\n", "mariadb.wait_timeout", "70s"},
		{"stunnel", "TIMEOUTidle = 7\n;TIMEOUTidle = 9\n", "stunnel.TIMEOUTidle", "7s"},
		{"pgbouncer", "[pgbouncer]\nclient_idle_timeout = 7\n[users]\nclient_idle_timeout = 9\n", "pgbouncer.client_idle_timeout", "7s"},
		{"pgbouncer", "[pgbouncer]\nclient_idle_timeout = 7\n%include /etc/x/users.ini\nclient_idle_timeout = 9\n", "pgbouncer.client_idle_timeout", "7s"},
		{"memcached", "-o idle_timeout=7\n--extended idle_timeout=9\n", "memcached.idle_timeout", "9s"},
		{"mosquitto", "max_keepalive 60\ninclude_dir /etc/x/m\n", "mosquitto.max_keepalive", "70s"},
	} {
		f, err := native.Find(tt.format)
		if err != nil {
			t.Fatal(err)
		}
		im, err := f.Open(native.Source{Name: "main", Path: "/etc/x/main", Data: []byte(tt.text), Files: files}, c)
		sys, _ := c.System(tt.id.System())
		want, wrong := sys.Param(tt.id).ParseValue(tt.want)
		if got := im.Settings[tt.id].Value; err != nil || wrong != nil || got != want {
			t.Errorf("%s\n%s = %s, want %s (%v, %v)", tt.text, tt.id, got, want, err, wrong)
		}
	}
}
