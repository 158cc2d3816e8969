package realserver

import (
	"fmt"
	"strings"
	"testing"
)

// TrafficServerConf is what a Traffic Server is started with.
type TrafficServerConf struct {
	Records string // lines of records.config; empty means the defaults of the version installed
	Origin  string // host:port of the server behind it; empty starts one
	Remap   string // lines of remap.config in place of one for Origin
}

// TrafficServer starts Apache Traffic Server as a reverse proxy without a cache.
func TrafficServer(t testing.TB, c TrafficServerConf) *Server {
	t.Helper()
	Need(t, "traffic_server")
	dir, port := Dir(t), FreePort(t)
	if c.Remap == "" {
		if c.Origin == "" {
			c.Origin = Origin(t)
		}
		c.Remap = fmt.Sprintf("map / http://%s/\n", c.Origin)
	}
	File(t, dir, "etc/records.config", fmt.Sprintf(`CONFIG proxy.config.http.server_ports STRING %d:ip-in=127.0.0.1
CONFIG proxy.config.admin.user_id STRING #-1
CONFIG proxy.config.http.cache.http INT 0
CONFIG proxy.config.crash_log_helper STRING /bin/true
CONFIG proxy.config.diags.output.status STRING E
%s
`, port, c.Records))
	File(t, dir, "etc/remap.config", c.Remap)
	File(t, dir, "etc/ip_allow.yaml", "ip_allow: [{apply: in, ip_addrs: 127.0.0.1, action: allow, methods: ALL}]\n")
	File(t, dir, "etc/storage.config", fmt.Sprintf("%s/cache 16M\n", dir))
	layout := []string{"prefix: " + dir, "exec_prefix: /usr", "bindir: /usr/bin", "sbindir: /usr/bin"}
	for _, own := range []string{"sysconfdir: etc", "datadir: share", "localstatedir: var", "runtimedir: run", "logdir: log", "cachedir: cache"} {
		key, name, _ := strings.Cut(own, ": ")
		File(t, dir, name+"/.keep", "")
		layout = append(layout, key+": "+dir+"/"+name)
	}
	layout = append(layout, "includedir: /usr/include", "libdir: /usr/lib", "libexecdir: /usr/lib/trafficserver/modules")
	runroot := File(t, dir, "runroot.yaml", strings.Join(layout, "\n")+"\n")
	return start(t, dir, port, nil, "traffic_server", "--run-root="+runroot)
}
