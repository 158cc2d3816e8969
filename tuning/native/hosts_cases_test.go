package native_test

import (
	"os"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// hostLawCases are those of hosts, databases, devices and machine formats.
var hostLawCases = []lawCase{
	{"ssh", "ssh@9.9 > sshd", 0, time.Second, 2147483647 * time.Second, false},
	{"sshd", "ssh > sshd@9.2", 1, time.Second, 2147483647 * time.Second, false},
	{"postgresql", "libpq > postgresql@15", 1, time.Second, 2147483 * time.Second, false},
	{"postgresql", "libpq@15 > postgresql", 0, time.Second, 2147483 * time.Second, false},
	{"mariadb", "mysql-client > mariadb@10.11.19", 1, time.Second, 31536000 * time.Second, false},
	{"pgbouncer", "libpq > pgbouncer@1.18.0 > postgresql", 1, time.Second, 2147483 * time.Second, false},
	{"memcached", "memcached-client > memcached@1.6.18", 1, time.Second, 2147483647 * time.Second, false},
	{"rabbitmq", "amqplib > rabbitmq@3.10", 1, time.Second, 65535 * time.Second, false},
	{"mosquitto", "mqtt-js > mosquitto@2.0.11", 1, time.Second, 65535 * time.Second, false},
	{"nats", "nats-client > nats-server@2.9.10", 1, time.Second, 2147483647 * time.Second, false},
	{"stunnel", "libpq > stunnel@5.68 > postgresql", 1, time.Second, 2147483647 * time.Second, true},
	{"slapd", "libldap > slapd@2.5.13", 1, time.Second, 2147483647 * time.Second, false},
	{"redis", "redis-cli > redis@7.0", 1, time.Second, 2147483647 * time.Second, false},
	{"redis", "redis-cli > redis@3.0", 1, time.Second, 2147483647 * time.Second, false},
	{"firefox", "firefox@145 > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"ipadm", "curl > nginx/illumos@5.11", 1, time.Millisecond, 2147483 * time.Second, true},
	{"ipadm", "curl > nginx/illumos@5.10", 1, time.Millisecond, 2147483 * time.Second, true},
	{"aix", "curl > nginx/aix@7.3", 1, time.Second / 2, 2147483647 * time.Second, true},
	{"sysctl", "curl > nginx/netbsd@10", 1, time.Second / 2, 2147483647 * time.Second, true},
	{"sysctl", "curl > nginx/openbsd@7.8", 1, time.Second, 2147483647 * time.Second, true},
	{"sysctl", "curl > nginx/freebsd@14.2", 1, time.Second, 2147483 * time.Second, true},
	{"sysctl", "curl > conntrack > nginx", 0, time.Second, 2147483 * time.Second, true},
	{"cisco-asa", "chrome > cisco-asa > nginx", 1, time.Second, 4294800 * time.Second, true},
	{"juniper-srx", "chrome > juniper-srx > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"palo-alto", "chrome > palo-alto > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"fortigate", "chrome > fortigate > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"checkpoint", "chrome > checkpoint > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"f5-fastl4", "chrome > f5-fastl4 > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"pf", "chrome > pf > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"ipvsadm", "chrome > ipvs > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"aws-cli", "chrome > aws-alb > nginx", 1, time.Second, 2147483647 * time.Second, false},
	{"aws-cli", "chrome > aws-nlb > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"aws-cli", "chrome > aws-classic-elb > nginx", 1, time.Second, 2147483647 * time.Second, false},
	{"aws-cli", "chrome > aws-security-group > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"az-cli", "chrome > azure-lb > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"az-cli", "chrome > azure-front-door > nginx", 1, time.Second, 2147483647 * time.Second, false},
	{"gcloud", "chrome > gcp-alb > nginx", 1, time.Second, 2147483647 * time.Second, false},
	{"gcloud", "chrome > gcp-cloud-nat > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"terraform", "chrome > aws-alb > nginx", 1, time.Second, 2147483647 * time.Second, false},
	{"terraform", "chrome > aws-classic-elb > nginx", 1, time.Second, 2147483647 * time.Second, false},
	{"terraform", "chrome > aws-cloudfront > nginx", 1, time.Second, 2147483647 * time.Second, false},
	{"terraform", "chrome > aws-nlb > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"terraform", "chrome > aws-gwlb > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"terraform", "chrome > aws-network-firewall > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"terraform", "chrome > azure-lb > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"terraform", "chrome > azure-nat-gateway > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"terraform", "chrome > azure-front-door > nginx", 1, time.Second, 2147483647 * time.Second, false},
	{"terraform", "chrome > gcp-alb > nginx", 1, time.Second, 2147483647 * time.Second, false},
	{"terraform", "chrome > gcp-cloud-nat > nginx", 1, time.Second, 2147483647 * time.Second, true},
	{"terraform", "chrome > fastly > nginx", 1, time.Second, 2147483647 * time.Second, false},
	{"terraform", "chrome > cloudflare > nginx", 1, time.Second, 2147483647 * time.Second, false},
	{"reg", "putty@0.83 > sshd", 0, time.Second, 2147483647 * time.Second, false},
	{"putty", "putty@0.83/linux > sshd", 0, time.Second, 2147483647 * time.Second, false},
	{"powershell", "putty@0.83 > sshd", 0, time.Second, 2147483647 * time.Second, false},
	{"powershell", "ie@11/windows@10 > nginx", 0, time.Second, 4294967 * time.Second, false},
	{"powershell", "ie@11 > iis@10", 1, time.Second, 23 * time.Hour, false},
	{"appcmd", "ie@11 > iis@10", 1, time.Second, 23 * time.Hour, false},
	{"netsh", "ie@11 > iis@10", 1, time.Second, 65535 * time.Second, false},
	{"docker", "chrome > nginx/linux@6.12", 1, time.Second, 1 << 31 * time.Second, true},
	{"kubernetes", "chrome > nginx/linux@6.12", 1, time.Second, 1 << 31 * time.Second, true},
	{"docker", "chrome > haproxy@2.6.12/linux@6.12 > nginx", 1, time.Second, 2147483 * time.Second, false},
	{"kubernetes", "chrome > haproxy@2.6.12/linux@6.12 > nginx", 1, time.Second, 2147483 * time.Second, false},
	{"docker", "chrome > nginx@1.30.0/linux@6.12 > node", 1, time.Second, 1 << 31 * time.Second, false},
	{"kubernetes", "chrome > nginx@1.22.1/linux@6.12 > node", 1, time.Second, 1 << 31 * time.Second, false},
	{"docker", "chrome > apache@2.4.71/linux@6.12 > node", 1, time.Second, 1 << 31 * time.Second, false},
	{"kubernetes", "chrome > apache@2.4.71/linux@6.12 > node", 1, time.Second, 1 << 31 * time.Second, false},
	{"docker", "libpq > haproxy-tcp@3.2/linux@6.12 > postgresql", 1, time.Second, 2147483 * time.Second, true},
	{"kubernetes", "chrome > squid@5.7/linux@6.12 > nginx", 1, time.Second, 2147483 * time.Second, false},
	{"docker", "ssh > sshd@9.2/linux@6.12", 1, time.Second, 2147483647 * time.Second, false},
	{"ansible", "ssh > sshd@9.2/linux@6.1", 1, time.Second, 1 << 31 * time.Second, true},
	{"ansible", "ssh > sshd@9.2/linux@6.1", 1, time.Second, 2147483647 * time.Second, false},
	{"gunicorn", "curl > gunicorn-uvicorn", 1, time.Second, 2147483 * time.Second, false},
	{"spring", "nginx > spring-boot-jetty", 1, time.Second, 2147483 * time.Second, false},
	{"spring", "nginx > spring-boot-undertow", 1, time.Second, 2147483 * time.Second, false},
}

// hostExportCases has a document for each of these formats.
var hostExportCases = []exportCase{
	{"ssh", "ssh > sshd", []string{"client:ServerAliveInterval=30s"}},
	{"sshd", "ssh > sshd", []string{"server:ClientAliveInterval=30s"}},
	{"postgresql", "libpq > postgresql", []string{"server:tcp_keepidle=60s"}},
	{"mariadb", "mysql-client > mariadb", []string{"server:wait_timeout=10m"}},
	{"pgbouncer", "libpq > pgbouncer > postgresql", []string{"pgbouncer:client_idle_timeout=10m"}},
	{"memcached", "memcached-client > memcached", []string{"server:idle_timeout=10m"}},
	{"rabbitmq", "amqplib > rabbitmq", []string{"server:heartbeat=30s"}},
	{"mosquitto", "mqtt-js > mosquitto", []string{"server:max_keepalive=60s"}},
	{"nats", "nats-client > nats-server", []string{"server:ping_interval=30s"}},
	{"stunnel", "libpq > stunnel > postgresql", []string{"stunnel:TIMEOUTidle=10m"}},
	{"slapd", "libldap > slapd", []string{"server:idletimeout=10m"}},
	{"redis", "redis-cli > redis", []string{"server:timeout=300s"}},
	{"firefox", "firefox > nginx", []string{"client:network.http.keep-alive.timeout=60s"}},
	{"ipadm", "curl > nginx/illumos", []string{"server:_keepalive_interval=10m"}},
	{"aix", "curl > nginx/aix", []string{"server:aix.tcp_keepidle=10m"}},
	{"cisco-asa", "chrome > cisco-asa > nginx", []string{"cisco-asa:idle_timeout=2h"}},
	{"juniper-srx", "chrome > juniper-srx > nginx", []string{"juniper-srx:idle_timeout=2h"}},
	{"palo-alto", "chrome > palo-alto > nginx", []string{"palo-alto:idle_timeout=2h"}},
	{"fortigate", "chrome > fortigate > nginx", []string{"fortigate:idle_timeout=2h"}},
	{"checkpoint", "chrome > checkpoint > nginx", []string{"checkpoint:idle_timeout=2h"}},
	{"f5-fastl4", "chrome > f5-fastl4 > nginx", []string{"f5-fastl4:idle_timeout=2h"}},
	{"pf", "chrome > pf > nginx", []string{"pf:idle_timeout=2h"}},
	{"ipvsadm", "chrome > ipvs > nginx", []string{"ipvs:idle_timeout=2h"}},
	{"terraform", "chrome > aws-nlb > nginx", []string{"aws-nlb:idle_timeout=10m"}},
	{"aws-cli", "chrome > aws-nlb > nginx", []string{"aws-nlb:idle_timeout=10m"}},
	{"az-cli", "chrome > azure-lb > nginx", []string{"azure-lb:idle_timeout=10m"}},
	{"gcloud", "chrome > gcp-alb > nginx", []string{"gcp-alb:httpKeepAliveTimeoutSec=300s"}},
	{"powershell", "ie@11 > nginx", []string{"client:KeepAliveTimeout=180s"}},
	{"appcmd", "ie@11 > iis@10", []string{"server:connectionTimeout=190s"}},
	{"netsh", "ie@11 > iis@10", []string{"server:idleconnectiontimeout=60s"}},
	{"putty", "putty/linux > sshd", []string{"client:PingIntervalSecs=90s"}},
	{"docker", "chrome > nginx/linux", []string{"server:tcp_keepalive_time=10m"}},
	{"kubernetes", "chrome > nginx/linux", []string{"server:tcp_keepalive_time=10m"}},
	{"ansible", "chrome > nginx/linux", []string{"server:tcp_keepalive_time=10m"}},
	{"json", "chrome > nginx/linux", []string{"server:tcp_keepalive_time=10m"}},
}

// hostUndoCases are exports over a known value.
var hostUndoCases = []undoCase{
	{"ssh", "ssh > sshd", "client:ServerAliveInterval=60s", []string{"client:ServerAliveInterval=30s", "client:tcp_keepalive=off"}, nil},
	{"sshd", "ssh > sshd", "server:ClientAliveInterval=60s", []string{"server:ClientAliveInterval=30s"}, nil},
	{"postgresql", "libpq > postgresql@15", "server:tcp_keepidle=2m", []string{"server:tcp_keepidle=60s", "server:idle_session_timeout=1h"}, nil},
	{"postgresql", "libpq@15 > postgresql", "client:tcp_keepidle=2m", []string{"client:tcp_keepidle=60s"}, nil},
	{"mariadb", "mysql-client > mariadb", "server:wait_timeout=1h", []string{"server:wait_timeout=10m", "server:interactive_timeout=10m", "server:tcp_keepidle=60s"}, map[model.ParamID]string{"mariadb.interactive_timeout": "8h"}},
	{"pgbouncer", "libpq > pgbouncer > postgresql", "pgbouncer:client_idle_timeout=1h", []string{"pgbouncer:client_idle_timeout=10m", "pgbouncer:server_lifetime=30m"}, nil},
	{"memcached", "memcached-client > memcached", "server:idle_timeout=1h", []string{"server:idle_timeout=10m"}, nil},
	{"rabbitmq", "amqplib > rabbitmq", "server:heartbeat=20s", []string{"server:heartbeat=30s", "server:tcp_keepalive=on"}, nil},
	{"mosquitto", "mqtt-js > mosquitto", "server:max_keepalive=30s", []string{"server:max_keepalive=60s"}, nil},
	{"nats", "nats-client > nats-server", "server:ping_interval=20s", []string{"server:ping_interval=30s", "server:ping_max=3"}, nil},
	{"stunnel", "libpq > stunnel > postgresql", "stunnel:TIMEOUTidle=1h", []string{"stunnel:TIMEOUTidle=10m"}, nil},
	{"slapd", "libldap > slapd", "server:idletimeout=1h", []string{"server:idletimeout=10m"}, nil},
	{"redis", "redis-cli > redis@7.0", "server:timeout=600s", []string{"server:timeout=300s"}, nil},
	{"redis", "redis-cli > redis@7.0", "server:tcp_keepalive=off", []string{"server:tcp_keepalive=on"}, nil},
	{"aix", "curl > nginx/aix@7.3", "server:aix.tcp_keepidle=1h", []string{"server:aix.tcp_keepidle=10m"}, nil},
	{"fortigate", "chrome > fortigate > nginx", "fortigate:idle_timeout=2h", []string{"fortigate:idle_timeout=1h30m"}, nil},
	{"firefox", "firefox > nginx", "client:network.http.keep-alive.timeout=90s", []string{"client:network.http.keep-alive.timeout=60s", "client:tcp_keepalive=off"}, map[model.ParamID]string{"firefox.tcp_keepalive": "on"}},
	{"terraform", "chrome > azure-lb > nginx", "azure-lb:idle_timeout=5m", []string{"azure-lb:idle_timeout=10m"}, nil},
	{"reg", "putty > sshd", "client:PingIntervalSecs=5m", []string{"client:PingIntervalSecs=90s", "client:tcp_keepalive=on"}, nil},
	{"powershell", "ie@11 > nginx", "client:ie.KeepAliveTimeout=90s", []string{"client:ie.KeepAliveTimeout=180s", "client:ServerInfoTimeout=180s"}, nil},
	{"appcmd", "ie@11 > iis@10", "server:connectionTimeout=3m", []string{"server:connectionTimeout=190s", "server:AllowKeepAlive=off"}, nil},
	{"netsh", "ie@11 > iis@10", "server:idleconnectiontimeout=3m", []string{"server:idleconnectiontimeout=60s"}, nil},
	{"docker", "chrome > nginx/linux", "server:tcp_keepalive_time=1h", []string{"server:tcp_keepalive_time=10m", "server:tcp_retries2=8"}, nil},
	{"kubernetes", "chrome > nginx/linux", "server:tcp_keepalive_time=1h", []string{"server:tcp_keepalive_time=10m", "server:tcp_retries2=8"}, nil},
	{"docker", "chrome > nginx/linux", "server:keepalive_timeout=50s", []string{"server:keepalive_timeout=65s", "server:tcp_retries2=8"}, nil},
	{"kubernetes", "chrome > nginx/linux", "server:keepalive_timeout=50s", []string{"server:keepalive_timeout=65s", "server:tcp_retries2=8"}, nil},
	{"ansible", "ssh > sshd/linux", "server:ClientAliveInterval=1h", []string{"server:ClientAliveInterval=10m", "server:tcp_retries2=8"}, map[model.ParamID]string{"linux.tcp_retries2": "15"}},
}

// TestHostsForeign reads lines as people write them.
func TestHostsForeign(t *testing.T) {
	for _, tt := range []foreignCase{
		{
			"sshd", "Include /etc/ssh/sshd_config.d/*.conf\nclientaliveinterval=1m\nClientAliveCountMax 3 # comment\nChannelTimeout session=5m\nTCPKeepAlive maybe\nUsePAM yes\n",
			map[model.ParamID]string{"sshd.ClientAliveInterval": "1m", "sshd.ClientAliveCountMax": "3"},
			[]string{`f:5: TCPKeepAlive is yes or no, not "maybe"`, "f:1: /etc/ssh/sshd_config.d/*.conf is included and was not read: only the text of one file is here"},
		},
		{
			"postgresql", "max_connections = 100\t# (change requires restart)\ntcp_keepalives_idle = 60 # TCP_KEEPIDLE\nidle_session_timeout '2h'\nauthentication_timeout = 1min\n#tcp_user_timeout = 0\n",
			map[model.ParamID]string{"postgresql.tcp_keepidle": "1m", "postgresql.idle_session_timeout": "2h", "postgresql.authentication_timeout": "1m"},
			nil,
		},
		{
			"mariadb", "; x\n[client-server]\nsocket = /run/s\n[client]\nwait_timeout=9\n[mysqld]\nwait-timeout = \"700\" # c\nloose_tcp_keepalive_time=0\nconnect_timeout=1\n[mariadb]\nWAIT_TIMEOUT=1K\nnet_write_timeout = soon\n[mariadb-10.6]\nnet_read_timeout=9\n",
			map[model.ParamID]string{"mariadb.wait_timeout": "17m4s", "mariadb.connect_timeout": "2s", "mariadb.net_read_timeout": "unknown"},
			[]string{"f:12: net_write_timeout takes a whole number, not soon", "f:14: net_read_timeout is not known: group [mariadb-10.6] counts for that version alone"},
		},
		{
			"mariadb", "Variable_name\tValue\nnet_read_timeout\t30\ntcp_keepalive_time\t0\nwait_timeout\t700\n",
			map[model.ParamID]string{"mariadb.wait_timeout": "11m40s", "mariadb.net_read_timeout": "30s"},
			nil,
		},
		{
			"mariadb", "mariadbd would have been started with the following arguments:\n--datadir=/d --wait-timeout=700 --interactive_timeout=5K \n",
			map[model.ParamID]string{"mariadb.wait_timeout": "11m40s", "mariadb.interactive_timeout": "1h25m20s"},
			nil,
		},
		{
			"pgbouncer", ";; x\n[databases]\na = host=h\n[pgbouncer]\nlisten_port = 6432\nclient_idle_timeout = 5\ntcp_keepidle = 60\n[users]\nu = pool_mode=session\n[pgbouncer]\npool_mode = statement\nserver_idle_timeout = 0\nserver_lifetime = soon\n",
			map[model.ParamID]string{"pgbouncer.pool_mode transaction": "on", "pgbouncer.upstream.server_idle_timeout": "never", "pgbouncer.upstream.server_lifetime": "unknown"},
			[]string{`f:13: server_lifetime takes a number without a unit, not "soon": with that it does not start`},
		},
		{
			"pgbouncer", "server_idle_timeout|77|600|yes\ntcp_keepalive|0|1|yes\n",
			map[model.ParamID]string{"pgbouncer.upstream.server_idle_timeout": "1m17s", "pgbouncer.tcp_keepalive": "off", "pgbouncer.upstream.tcp_keepalive": "off"},
			nil,
		},
		{
			"memcached", "# memcached default config file\n-d\n-m 64\n-p 11211\n-o modern,idle_timeout=60\n--extended=idle_timeout=5m\n",
			map[model.ParamID]string{"memcached.idle_timeout": "5s"},
			[]string{"f:6: idle_timeout takes a whole number of seconds and stops at the first letter: 5m is 5 s"},
		},
		{
			"rabbitmq", "## x\nlisteners.tcp.default = 5672\nheartbeat = 60\ntcp_listen_options.backlog = 128\ntcp_listen_options.keepalive = true\nheartbeat = 20\n",
			map[model.ParamID]string{"rabbitmq.heartbeat": "20s", "rabbitmq.tcp_keepalive": "on"},
			nil,
		},
		{ // advanced.config
			"rabbitmq", "%% x\n[{rabbit, [{heartbeat, 20}, % {heartbeat, 21}\n  {tcp_listen_options, [binary, {keepalive, true}]},\n  {log_levels, [{connection, info}]}, {default_user, <<\"{heartbeat,22}\">>}]},\n {rabbitmq_stream, [{heartbeat, 60}]},\n {aten, [{handshake_timeout, 1}]}].\n",
			map[model.ParamID]string{"rabbitmq.heartbeat": "20s", "rabbitmq.tcp_keepalive": "on"},
			nil,
		},
		{
			"rabbitmq", "heartbeat = 5m\nhandshake_timeout = 5000 # ms\n# heartbeat = 7\n",
			map[model.ParamID]string{"rabbitmq.handshake_timeout": "5s", "rabbitmq.heartbeat": "unknown"},
			[]string{`f:1: heartbeat takes a number without a unit, not "5m": with that it does not start`},
		},
		{
			"mosquitto", "listener 1883\r\n#max_keepalive 20\r\n  max_keepalive 60 # c\r\nmax_keepalive\t70\r\nmax_keepalive 5m\r\nmax_keepalive 80 90\r\n",
			map[model.ParamID]string{"mosquitto.max_keepalive": "1m20s"},
			[]string{"f:4: a tab parts no words here, and mosquitto does not start: write max_keepalive 70", "f:5: max_keepalive takes a whole number of seconds and stops at the first letter: 5m is 5 s", "f:5: mosquitto.max_keepalive cannot be 5; it takes a time such as 65, 65s or 1m5s (a bare number is seconds) from 10s to 18h12m15s"},
		},
		{ // a brace in a comment, in a string, and in an address's list; two on a line
			"nats", "server_name: \"a{\" # {\nauthorization { user: u } // {\ncluster { routes = [nats-route://u:p@h:6222, nats://h:1]\n  ping_max: 9 }\nping_interval: \"1h30m\"; ping_max: 7\n",
			map[model.ParamID]string{"nats-server.ping_interval": "1h30m", "nats-server.ping_max": "7"},
			nil,
		},
		{
			"nats", "{\n  ping_max 3, ping_interval 90s\n}\n",
			map[model.ParamID]string{"nats-server.ping_interval": "1m30s", "nats-server.ping_max": "3"},
			nil,
		},
		{
			"nats", "ping_interval: 2m\nping_max: 4\n",
			map[model.ParamID]string{"nats-server.ping_interval": "unknown", "nats-server.ping_max": "4"},
			[]string{`f:1: ping_interval 2m has no quotes: m multiplies the number and is no unit of time; write "2m"`},
		},
		{
			"stunnel", "TIMEOUTidle = 5m\n",
			map[model.ParamID]string{"stunnel.TIMEOUTidle": "unknown"},
			[]string{`f:1: TIMEOUTidle takes a number without a unit, not "5m": with that it does not start`},
		},
		{
			"mosquitto", "# x\nlistener 1883\nmax_keepalive 60\nconnection bridge-1\nkeepalive_interval 30\nmax_keepalive 9\n",
			map[model.ParamID]string{"mosquitto.max_keepalive": "1m"},
			[]string{"f:6: mosquitto.max_keepalive cannot be 9; it takes a time such as 65, 65s or 1m5s (a bare number is seconds) from 10s to 18h12m15s"},
		},
		{
			"nats", "port: 4222\n\"ping_interval\" = \"2m\" // c\nPING_MAX 3\ncluster {\n  ping_interval: 7s\n}\nping_interval: 30\n",
			map[model.ParamID]string{"nats-server.ping_interval": "30s", "nats-server.ping_max": "3"},
			nil,
		},
		{
			"nats", "ping_interval: $EVERY\n",
			map[model.ParamID]string{"nats-server.ping_interval": "unknown"},
			[]string{"f:1: ping_interval is not known: it is $EVERY, which is decided elsewhere"},
		},
		{
			"stunnel", "; x\nTIMEOUTidle = 90\nTIMEOUTclose = 5\n[a]\naccept = 1\ntimeoutidle = 30\ntimeoutidle = 40\n[b]\naccept = 2\nTIMEOUTidle = 40\n[c]\nTIMEOUTidle = 40\n",
			nil,
			nil,
		},
		{
			"slapd", "dn: cn=config\nobjectClass: olcGlobal\nolcIdleTimeout: 300\n",
			map[model.ParamID]string{"slapd.idletimeout": "5m"},
			nil,
		},
		{
			"redis", "# x\nbind 127.0.0.1 -::1\ntimeout 300\ntcp-keepalive 60\nsave 3600 1 300 100\n",
			map[model.ParamID]string{"redis.timeout": "5m", "redis.tcp_keepalive": "on", "redis.tcp_keepidle": "1m"},
			nil,
		},
		{
			"reg", "Windows Registry Editor Version 5.00\n\n[HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\db]\n\"Present\"=dword:00000001\n\"HostName\"=\"db\"\n\"PingInterval\"=dword:00000001\n\"PingIntervalSecs\"=dword:0000001e\n\"TCPKeepalives\"=dword:00000001\n",
			map[model.ParamID]string{"putty.PingIntervalSecs": "1m30s", "putty.tcp_keepalive": "on"},
			nil,
		},
		{
			"firefox", "// mine\nuser_pref(\"browser.startup.page\", 3);\nuser_pref(\"network.http.keep-alive.timeout\", 60);\n",
			map[model.ParamID]string{"firefox.network.http.keep-alive.timeout": "1m"},
			nil,
		},
		{
			"terraform", "resource \"aws_lb\" \"web\" {\n  name         = \"web\"\n  idle_timeout = 120\n  access_logs {\n    idle_timeout = 7\n  }\n}\nresource \"azurerm_lb_rule\" \"a\" {\n  idle_timeout_in_minutes = var.minutes\n}\n",
			map[model.ParamID]string{"aws-alb.idle_timeout.timeout_seconds": "2m", "aws-alb.upstream.idle_timeout.timeout_seconds": "2m", "azure-lb.idleTimeoutInMinutes": "unknown"},
			[]string{"f:9: idle_timeout_in_minutes is not known: it is var.minutes, which is decided elsewhere"},
		},
		{
			"docker", "services:\n  web:\n    image: x\n    sysctls:\n      - net.ipv4.tcp_keepalive_time=600\n      - net.core.somaxconn=1024\n",
			map[model.ParamID]string{"linux.tcp_keepalive_time": "10m"},
			nil,
		},
		{ // compose writes $ twice; a file that is no server's is passed over
			"docker", "services:\n  web:\n    image: nginx:1.28\n    configs:\n      - source: conf\n        target: /etc/nginx/conf.d/a.conf\n      - other\nconfigs:\n  conf:\n    content: |\n      keepalive_timeout 31s; # $$x\n      log_format a '$$request';\n  other:\n    content: x\n",
			map[model.ParamID]string{"nginx.keepalive_timeout": "31s"},
			nil,
		},
		{
			"kubernetes", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: conf\ndata:\n  default.conf: |\n    keepalive_timeout 31s;\n    keepalive_requests x;\n---\nkind: Pod\nspec:\n  volumes:\n  - name: v\n    configMap:\n      name: conf\n      items:\n      - key: default.conf\n        path: a.conf\n  containers:\n  - image: nginx\n    volumeMounts:\n    - name: v\n      mountPath: /etc/nginx/conf.d\n",
			map[model.ParamID]string{"nginx.keepalive_timeout": "31s", "nginx.keepalive_requests": "unknown"},
			[]string{`f:8: nginx.keepalive_requests takes a number from 0 to 2147483647, or off, not "x"`},
		},
		{
			"kubernetes", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: conf\ndata:\n  haproxy.cfg: |\n    defaults\n      timeout http-keep-alive 31s\n",
			map[model.ParamID]string{"haproxy.timeout http-keep-alive": "31s"},
			nil,
		},
		{
			"kubernetes", "spec:\n  securityContext:\n    sysctls:\n    - name: net.ipv4.tcp_keepalive_time\n      value: \"600\"\n",
			map[model.ParamID]string{"linux.tcp_keepalive_time": "10m"},
			nil,
		},
		{
			"cisco-asa", "hostname fw\ntimeout xlate 3:00:00\ntimeout conn 2:00:00 half-closed 0:10:00 udp 0:02:00 icmp 0:00:02\n",
			map[model.ParamID]string{"cisco-asa.timeout conn": "2h"},
			nil,
		},
	} {
		tt.hold(t)
		if got := native.Detect([]byte(tt.text)); got != tt.format {
			t.Errorf("%s is told as %q", tt.format, got)
		}
	}
}

// TestRabbitMQEnvironment reads what a broker with plugins printed, one of which has a
// heartbeat of its own.
func TestRabbitMQEnvironment(t *testing.T) {
	c := model.Embedded()
	text, err := os.ReadFile("testdata/rabbitmq-environment-3.10.8.txt")
	if err != nil {
		t.Fatal(err)
	}
	im, err := native.ImportAny("f", text, c)
	if err != nil || im.Format != "rabbitmq" || len(im.Warnings) > 0 {
		t.Fatalf("%s, %v, %v", im.Format, err, im.Warnings)
	}
	for id, want := range map[model.ParamID]string{"rabbitmq.heartbeat": "33s", "rabbitmq.handshake_timeout": "5s", "rabbitmq.tcp_keepalive": "on"} {
		if got := im.Settings[id].Value.String(); got != want {
			t.Errorf("%s = %s, want %s", id, got, want)
		}
	}
}
