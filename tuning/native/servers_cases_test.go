package native_test

import (
	"time"

	"example.com/keeptune/model"
)

// serverLawCases are those of servers, proxies and app servers.
var serverLawCases = []lawCase{
	{"lighttpd", "chrome > lighttpd@1.4.82", 1, time.Second, 65535 * time.Second, false},
	{"caddy", "chrome > caddy@2.6.2 > node@20.20.2", 1, time.Second, 1 << 31 * time.Second, false},
	{"caddy", "chrome > caddy@2.10.0 > node@20.20.2", 1, time.Second, 1 << 31 * time.Second, false},
	{"caddy", "chrome > caddy@2.11.4 > node@20.20.2", 1, time.Second, 1 << 31 * time.Second, false},
	{"varnish", "chrome > varnish@7.1.1 > nginx", 1, time.Second, 1 << 31 * time.Second, false},
	{"squid", "chrome > squid@5.7 > nginx", 1, time.Second, 1 << 31 * time.Second, false},
	{"gunicorn", "nginx > gunicorn@26.1.0", 1, time.Second, 1 << 31 * time.Second, false},
	{"h2o", "chrome > h2o@2.2.5 > nginx", 1, time.Second, 1 << 31 * time.Second, false},
	{"trafficserver", "chrome > trafficserver@9.2.9 > nginx", 1, time.Second, 1 << 31 * time.Second, false},
	{"trafficserver", "chrome > trafficserver@10.1.0 > nginx", 1, time.Second, 1 << 31 * time.Second, false},
	{"tomcat", "nginx > tomcat@10.1.60", 1, time.Second, 2147483 * time.Second, false},
	{"jetty", "nginx > jetty@9.4.57", 1, time.Second, 2147483 * time.Second, false},
	{"uvicorn", "nginx > uvicorn@0.17.6", 1, time.Second, 1 << 31 * time.Second, false},
	{"hypercorn", "nginx > hypercorn@0.13.2", 1, time.Second, 1 << 31 * time.Second, false},
	{"hypercorn", "nginx > hypercorn@0.18.0", 1, time.Second, 1 << 31 * time.Second, false},
	{"passenger", "chrome > passenger@6.0.17", 1, time.Second, 1 << 31 * time.Second, false},
	{"puma", "nginx > puma@5.6.5", 1, time.Second, 1 << 31 * time.Second, false},
	{"puma", "nginx > puma@8.0.2", 1, time.Second, 1 << 31 * time.Second, false},
}

// serverExportCases has a document for each of these formats.
var serverExportCases = []exportCase{
	{"lighttpd", "chrome > lighttpd", []string{"server:server.max-keep-alive-idle=310s"}},
	{"caddy", "chrome > caddy > node", []string{"caddy:idle_timeout=310s"}},
	{"varnish", "chrome > varnish > nginx", []string{"varnish:timeout_idle=310s"}},
	{"squid", "chrome > squid > nginx", []string{"squid:client_idle_pconn_timeout=310s"}},
	{"gunicorn", "nginx > gunicorn", []string{"server:keepalive=75s"}},
	{"h2o", "chrome > h2o > nginx", []string{"h2o:http1-request-timeout=310s"}},
	{"trafficserver", "chrome > trafficserver > nginx", []string{"trafficserver:proxy.config.http.keep_alive_no_activity_timeout_in=310s"}},
	{"tomcat", "nginx > tomcat", []string{"server:keepAliveTimeout=75s"}},
	{"jetty", "nginx > jetty", []string{"server:idleTimeout=75s"}},
	{"uvicorn", "nginx > uvicorn", []string{"server:timeout_keep_alive=75s"}},
	{"hypercorn", "nginx > hypercorn", []string{"server:keep_alive_timeout=75s"}},
	{"passenger", "chrome > passenger", []string{"server:keepalive_timeout=310s"}},
	{"puma", "nginx > puma", []string{"server:persistent_timeout=75s"}},
}

// serverUndoCases are exports over a known value.
var serverUndoCases = []undoCase{
	{"lighttpd", "chrome > lighttpd", "server:server.max-keep-alive-idle=10s", []string{"server:server.max-keep-alive-idle=310s", "server:server.max-read-idle=20s"}, nil},
	{"caddy", "chrome > caddy@2.6.2 > node", "caddy:idle_timeout=2m", []string{"caddy:idle_timeout=310s", "caddy:read_timeout=20s"}, nil},
	{"caddy", "chrome > caddy@2.6.2 > node", "caddy:caddy.upstream.keepalive=70s", []string{"caddy:caddy.upstream.keepalive=4s"}, nil},
	{"varnish", "chrome > varnish > nginx", "varnish:timeout_idle=2m", []string{"varnish:timeout_idle=310s", "varnish:backend_idle_timeout=4s"}, nil},
	{"squid", "chrome > squid > nginx", "squid:client_idle_pconn_timeout=3m", []string{"squid:client_idle_pconn_timeout=310s", "squid:server_persistent_connections=off"}, nil},
	{"gunicorn", "nginx > gunicorn", "server:keepalive=5s", []string{"server:keepalive=75s"}, nil},
	{"h2o", "chrome > h2o > nginx", "h2o:http1-request-timeout=60s", []string{"h2o:http1-request-timeout=310s", "h2o:proxy.timeout.keepalive=4s"}, nil},
	{"trafficserver", "chrome > trafficserver@9.2.9 > nginx", "trafficserver:proxy.config.http.keep_alive_no_activity_timeout_in=60s", []string{"trafficserver:proxy.config.http.keep_alive_no_activity_timeout_in=310s"}, nil},
	{"trafficserver", "chrome > trafficserver@10.1.0 > nginx", "trafficserver:proxy.config.http.keep_alive_no_activity_timeout_in=60s", []string{"trafficserver:proxy.config.http.keep_alive_no_activity_timeout_in=310s", "trafficserver:trafficserver.tcp_keepalive=on"}, nil},
	{"gunicorn", "nginx > gunicorn-uvicorn", "server:keepalive=5s", []string{"server:keepalive=75s"}, nil},
	{"tomcat", "nginx > tomcat", "server:keepAliveTimeout=5s", []string{"server:keepAliveTimeout=75s", "server:connectionTimeout=20500ms", "server:tcp_keepalive=on"}, nil},
	{"jetty", "nginx > jetty", "server:idleTimeout=5s", []string{"server:idleTimeout=75s"}, nil},
	{"uvicorn", "nginx > uvicorn", "server:timeout_keep_alive=30s", []string{"server:timeout_keep_alive=75s"}, nil},
	{"hypercorn", "nginx > hypercorn", "server:keep_alive_timeout=30s", []string{"server:keep_alive_timeout=75s", "server:read_timeout=20s"}, nil},
	{"passenger", "chrome > passenger", "server:keepalive_timeout=65s", []string{"server:keepalive_timeout=310s", "server:keepalive_requests=50"}, map[model.ParamID]string{"passenger.keepalive_requests": "1000"}},
	{"puma", "nginx > puma", "server:persistent_timeout=5s", []string{"server:persistent_timeout=75s", "server:enable_keep_alives=off"}, nil},
}
