package native_test

import (
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// serverForeignCases are files of servers as people have them.
var serverForeignCases = []foreignCase{
	{
		"lighttpd", "server.modules = (\n\t\"mod_access\",\n)\nserver.document-root = \"/var/www\" # here\nserver.max-keep-alive-idle=4\n$HTTP[\"host\"] == \"a\" {\n  server.max-keep-alive-requests = 4 # few\n}\nserver.max-read-idle = env.IDLE\n",
		map[model.ParamID]string{"lighttpd.server.max-keep-alive-idle": "4s"}, // what holds outside of the condition, too
		[]string{"f:9: lighttpd.server.max-read-idle takes a time such as 65, 65s or 1m5s (a bare number is seconds) from 0s to 18h12m15s, not \"env.IDLE\""},
	},
	{
		"caddy", "{\n\temail a@example.org\n\tservers :443 {\n\t\ttimeouts {\n\t\t\tread_body   10s\n\t\t\tidle        2m\n\t\t}\n\t\tkeepalive_interval 1m\n\t}\n}\nexample.org {\n\troot * /srv\n\treverse_proxy localhost:8080 {\n\t\tlb_try_duration 5s\n\t\ttransport http {\n" +
			"\t\t\tkeepalive 1d\n\t\t\tkeepalive_idle_conns_per_host 64\n\t\t\tkeepalive_interval -1s\n\t\t\tdial_timeout 3s\n\t\t}\n\t}\n}\nb.example.org {\n\treverse_proxy a {\n\t\ttransport http {\n\t\t\tkeepalive off\n\t\t}\n\t}\n}\n",
		map[model.ParamID]string{ // what the proxies of both sites have
			"caddy.read_timeout": "10s", "caddy.idle_timeout": "2m", "caddy.tcp_keepalive": "on", "caddy.tcp_keepintvl": "1m",
		},
		[]string{"f:26: keepalive off stops reuse, for which the catalog has no parameter"},
	},
	{
		"varnish", "[Service]\nExecStart=/usr/sbin/varnishd -a :6081 -p timeout_idle=60 -p tcp_keepalive_time=600 \\\n  -p feature=+http2 -ptimeout_linger=0.1\n",
		map[model.ParamID]string{"varnish.timeout_idle": "1m", "varnish.tcp_keepidle": "10m"},
		nil,
	},
	{
		"varnish", "vcl 4.1;\n# .first_byte_timeout = 5s;\nbackend default {\n  .host = \"127.0.0.1\";\n  .first_byte_timeout = 1.5s;\n}\nsub vcl_recv { set sess.timeout_idle = 2m; }\n",
		map[model.ParamID]string{"varnish.upstream.first_byte_timeout": "1s500ms", "varnish.timeout_idle": "2m"},
		nil,
	},
	{
		"squid", "acl localnet src 10.0.0.0/8\t# RFC 1918\nhttp_port 3128 tcpkeepalive=60,30,95\ndebug_options ALL,1\nclient_lifetime 1 day\npconn_timeout 2 minutes\nread_timeout 15\nclient_persistent_connections off\n",
		map[model.ParamID]string{
			"squid.tcp_keepalive": "on", "squid.tcp_keepidle": "1m", "squid.tcp_keepintvl": "30s", "squid.tcp_keepcnt": "4", "squid.client_lifetime": "1d",
			"squid.upstream.server_idle_pconn_timeout": "2m", "squid.client_persistent_connections": "off",
		},
		[]string{"f:6: squid.upstream.read_timeout: Squid takes a number and seconds, minutes, hours, days or weeks, not 15"},
	},
	{
		"h2o", "listen:\n  port: 80\nhttp1-request-timeout: 30 # seconds\nhosts:\n  default:\n    paths:\n      /:\n        proxy.reverse.url: http://127.0.0.1:8080/\n        proxy.timeout.keepalive: 4000\n",
		map[model.ParamID]string{"h2o.http1-request-timeout": "30s", "h2o.upstream.proxy.timeout.keepalive": "4s"},
		nil,
	},
	{
		"trafficserver", "LOCAL proxy.config.http.keep_alive_no_activity_timeout_in INT 60\nCONFIG proxy.config.net.sock_option_flag_in INT 0x1\nCONFIG proxy.config.proxy_name STRING a\n",
		map[model.ParamID]string{"trafficserver.proxy.config.http.keep_alive_no_activity_timeout_in": "1m", "trafficserver.tcp_keepalive": "off"},
		nil,
	},
	{
		"trafficserver", "records:\n  accept_threads: 1\n  http:\n    # comment\n    cache:\n      http: 1\n    keep_alive_no_activity_timeout_in: 60\n    keep_alive_no_activity_timeout_out: 55  # less\n  net:\n    sock_option_flag_in: 3\n",
		map[model.ParamID]string{
			"trafficserver.proxy.config.http.keep_alive_no_activity_timeout_in": "1m", "trafficserver.upstream.proxy.config.http.keep_alive_no_activity_timeout_out": "55s",
			"trafficserver.tcp_keepalive": "on",
		},
		nil,
	},
	{
		"tomcat", "<?xml version=\"1.0\"?>\n<Server port=\"-1\"><Service name=\"Catalina\">\n<!-- <Connector port=\"1\" keepAliveTimeout=\"1\"/> -->\n<Connector port=\"8080\" protocol=\"HTTP/1.1\"\n  connectionTimeout=\"20000\" maxKeepAliveRequests=\"-1\"/>\n" +
			"<Connector protocol=\"AJP/1.3\" keepAliveTimeout=\"7\"/>\n</Service></Server>\n",
		map[model.ParamID]string{"tomcat.connectionTimeout": "20s", "tomcat.maxKeepAliveRequests": "never"},
		nil,
	},
	{
		"jetty", "--module=http\n# jetty.http.idleTimeout=1\njetty.http.port=8080\njetty.http.idleTimeout=-1\njetty.ssl.idleTimeout=5\n",
		map[model.ParamID]string{"jetty.jetty.http.idleTimeout": "never"},
		nil,
	},
	{
		"gunicorn", "import multiprocessing\nworkers = multiprocessing.cpu_count()\nworker_class = 'gthread'\nkeepalive = 5  # seconds\nworker_connections = int(limit)\n",
		map[model.ParamID]string{"gunicorn.keepalive": "5s", "gunicorn.worker_connections": "unknown"},
		[]string{"f:5: gunicorn.worker_connections is int(limit), which is not a number"},
	},
	{
		"gunicorn", "worker_class = \"uvicorn.workers.UvicornWorker\"\nkeepalive = 5\n", map[model.ParamID]string{"gunicorn-uvicorn.keepalive": "5s"}, nil,
	},
	{
		"uvicorn", "[Service]\nEnvironment=\"UVICORN_TIMEOUT_KEEP_ALIVE=7\"\n# --timeout-keep-alive 9\nExecStart=/usr/bin/uvicorn --port 8000 a:b\n",
		map[model.ParamID]string{"uvicorn.timeout_keep_alive": "7s"},
		nil,
	},
	{
		"hypercorn", "bind = [\"0.0.0.0:80\"]\nkeep_alive_timeout = 65\n", map[model.ParamID]string{"hypercorn.keep_alive_timeout": "1m5s"}, nil,
	},
	{
		"puma", "# puma\nthreads 1, 5\nport ENV.fetch('PORT', 3000)\npersistent_timeout(75)\nplugin :tmp_restart\n", map[model.ParamID]string{"puma.persistent_timeout": "1m15s"}, nil,
	},
	{
		"passenger", "http {\n    <%= include_passenger_internal_template('http.erb', 4) %>\n    keepalive_timeout 1m 30s;\n    gzip_types text/plain\n        text/css;\n}\n",
		map[model.ParamID]string{"passenger.keepalive_timeout": "1m"},
		[]string{"f:3: of keepalive_timeout only the first value is kept: the catalog has no hint for Passenger"},
	},
}

// TestImportForeignServers reads files that keeptune did not write, and tells
// their formats.
func TestImportForeignServers(t *testing.T) {
	for _, tt := range serverForeignCases {
		tt.hold(t)
		if got := native.Detect([]byte(tt.text)); got != tt.format {
			t.Errorf("%s is detected as %q\n%s", tt.format, got, tt.text)
		}
	}
}
