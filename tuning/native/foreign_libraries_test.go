package native_test

import (
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// libraryForeignCases are programs and files as people have them.
var libraryForeignCases = []foreignCase{
	{
		"undici", "import { Agent, setGlobalDispatcher } from 'undici'\n\n/* one line */\nsetGlobalDispatcher(new Agent({ keepAliveTimeout: 4_000, keepAliveMaxTimeout:600000, connections: 10, connect: { keepAlive: false } }))\n" +
			"const slow = new Agent({ headersTimeout: 5 * 60e3 }) // from the docs\n",
		nil, // two agents, which agree in nothing
		nil,
	},
	{
		"node-client", "const axios = require('axios');\nconst http = require('http');\nconst client = axios.create({\n  baseURL: 'https://a/',\n  timeout: 30000,\n  httpAgent: new http.Agent({ keepAlive: true, timeout: 60000 }),\n});\n",
		map[model.ParamID]string{"axios.timeout": "30s", "axios.agent.timeout": "1m"},
		nil,
	},
	{
		"node-client", "const HttpAgent = require('agentkeepalive');\nconst agent = new HttpAgent({ maxSockets: 100, maxFreeSockets: 10, timeout: 60000, freeSocketTimeout: 30000 });\n",
		map[model.ParamID]string{"agentkeepalive.maxFreeSockets": "10", "agentkeepalive.timeout": "1m", "agentkeepalive.freeSocketTimeout": "30s"},
		nil,
	},
	{
		"python", "import socket\nimport requests\nfrom requests.adapters import HTTPAdapter\n\nclass A(HTTPAdapter):\n    def init_poolmanager(self, *a, **k):\n        k['socket_options'] = [\n" +
			"            (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, IDLE),\n            (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 5)]\n" +
			"s.mount('https://', A(pool_connections=10, pool_maxsize=20))\n",
		map[model.ParamID]string{"python-requests.tcp_keepalive": "on", "python-requests.tcp_keepcnt": "5", "python-requests.pool_maxsize": "20"},
		[]string{"f:8: python-requests.tcp_keepidle: IDLE), is not understood"},
	},
	{
		"python", "import httpx\n\nclient = httpx.Client(limits=httpx.Limits(max_keepalive_connections=None, keepalive_expiry=2.5), timeout=10.0)\nother.wait(timeout=3)\n",
		map[model.ParamID]string{"httpx.max_keepalive_connections": "never", "httpx.keepalive_expiry": "2s500ms", "httpx.timeout": "10s"},
		nil,
	},
	{
		"python", "import aiohttp\nconnector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)\nasync with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60, connect=5)) as s: ...\n",
		map[model.ParamID]string{"aiohttp.limit": "never", "aiohttp.keepalive_timeout": "30s", "aiohttp.total": "1m"},
		nil,
	},
	{
		"java", "import org.apache.hc.client5.http.config.RequestConfig;\n\nvar config = RequestConfig.custom()\n    .setConnectionKeepAlive( TimeValue.ofSeconds(60) )\n    .setResponseTimeout(Timeout.of(wait))\n    .build();\n" +
			"cm.setMaxConnPerRoute(20);\n",
		map[model.ParamID]string{"apache-httpclient-5.connectionKeepAlive": "1m", "apache-httpclient-5.maxPerRoute": "20"},
		[]string{"f:5: apache-httpclient-5.responseTimeout: Timeout.of(wait)) is not understood"},
	},
	{
		"java", "import java.net.http.HttpClient;\nclass A { static { System.setProperty( \"jdk.httpclient.keepalive.timeout\", \"30\" ); } }\n",
		map[model.ParamID]string{"java-http-client.jdk.httpclient.keepalive.timeout": "30s"},
		nil,
	},
	{
		"dotnet", "using System.Net.Http;\nvar h = new SocketsHttpHandler { MaxConnectionsPerServer = 10 };\nh.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30);\nh.PooledConnectionLifetime=Timeout.InfiniteTimeSpan;\nh.Timeout = TimeSpan.FromMinutes(1);\n",
		map[model.ParamID]string{
			"dotnet-httpclient.PooledConnectionIdleTimeout": "30s", "dotnet-httpclient.PooledConnectionLifetime": "never", "dotnet-httpclient.Timeout": "1m",
		},
		nil,
	},
	{
		"guzzle", "<?php\nuse GuzzleHttp\\Client;\n$c = new Client(['timeout'=>2.0, 'curl' => [CURLOPT_TCP_KEEPALIVE => 1, CURLOPT_TCP_KEEPIDLE => 120]]);\n",
		map[model.ParamID]string{"guzzle.timeout": "2s", "guzzle.tcp_keepalive": "on", "guzzle.tcp_keepidle": "2m"},
		nil,
	},
	{
		"ruby", "require \"net/http\"\nconn = Net::HTTP.new(\"a\")\nconn.keep_alive_timeout = 30\nconn.read_timeout=nil\n",
		map[model.ParamID]string{"ruby-net-http.keep_alive_timeout": "30s", "ruby-net-http.read_timeout": "never"},
		nil,
	},
	{
		"rust", "let client = reqwest::Client::builder()\n    .pool_idle_timeout(None)\n    .tcp_keepalive(Some(Duration::from_secs(60)))\n    .build()?;\n", nil,
		[]string{"f:2: reqwest.pool_idle_timeout: None) is not understood", "f:3: .tcp_keepalive(Some(Duration::from_secs(60))) is not understood"},
	},
	{
		"cowboy", "{ok, _} = cowboy:start_clear(http, [{port, 80}], #{env => #{dispatch => D}, idle_timeout => infinity, request_timeout=>10000}).\n",
		map[model.ParamID]string{"cowboy.idle_timeout": "never", "cowboy.request_timeout": "10s"},
		nil,
	},
	{
		"spring", "spring.application.name=demo\nserver.port = 8080\nserver.tomcat.keep-alive-timeout: 30s\nserver.tomcat.max-keep-alive-requests = -1\nserver.tomcat.connection-timeout=20000\n",
		map[model.ParamID]string{
			"spring-boot.server.tomcat.keep-alive-timeout": "30s", "spring-boot.server.tomcat.max-keep-alive-requests": "never", "spring-boot.server.tomcat.connection-timeout": "20s",
		},
		nil,
	},
	{
		"kestrel", "{\n  // ours\n  \"Logging\": { \"LogLevel\": { \"Default\": \"Information\" } },\n  \"Kestrel\": {\n    \"Limits\": {\n      \"keepAliveTimeout\": \"1.00:00:00\",\n      \"MaxConcurrentConnections\": 100,\n" +
			"      \"RequestHeadersTimeout\": \"half a minute\"\n    },\n    \"Endpoints\": { \"Http\": { \"Url\": \"http://*:80\" } }\n  }\n}\n",
		map[model.ParamID]string{"kestrel.Limits.KeepAliveTimeout": "1d"},
		[]string{`f:8: kestrel.Limits.RequestHeadersTimeout: "half a minute" is no TimeSpan; write 00:02:10`},
	},
	{
		"traefik", "api: {}\nentryPoints:\n  websecure:\n    address: \":443\"\n    transport:\n      respondingTimeouts:\n        idleTimeout: 180\n        readTimeout: 1m\n        writeTimeout: 1m30s\nserversTransport:\n  maxIdleConnsPerHost: 7\n",
		map[model.ParamID]string{"traefik.respondingTimeouts.idleTimeout": "3m", "traefik.readTimeout": "1m", "traefik.writeTimeout": "1m30s", "traefik.upstream.maxIdleConnsPerHost": "7"},
		nil,
	},
	{
		"envoy", "static_resources:\n  listeners:\n  - address: { socket_address: { address: 0.0.0.0, port_value: 80 } }\n    filter_chains:\n    - filters:\n      - name: a\n        typed_config:\n" +
			"          common_http_protocol_options:\n            idle_timeout: 3600s # 1 hour\n          stream_idle_timeout: 300s\n          route_config:\n            virtual_hosts:\n            - routes:\n" +
			"              - route: { cluster: b, timeout: 1.5s, idle_timeout: 7s }\n  clusters:\n  - name: b\n    connect_timeout: 5s\n    upstream_connection_options:\n      tcp_keepalive:\n        keepalive_time: 60\n" +
			"    typed_extension_protocol_options:\n      x:\n        common_http_protocol_options: { idle_timeout: 9s }\n",
		map[model.ParamID]string{
			"envoy.common_http_protocol_options.idle_timeout": "1h", "envoy.stream_idle_timeout": "5m", "envoy.upstream.route.timeout": "1s500ms",
			"envoy.upstream.tcp_keepalive": "on", "envoy.upstream.tcp_keepidle": "1m", "envoy.upstream.common_http_protocol_options.idle_timeout": "9s",
		},
		nil,
	},
	{
		"undertow", "embed-server\n/subsystem=undertow/server=default-server/http-listener=default:write-attribute(name=no-request-timeout,value=30000)\n",
		map[model.ParamID]string{"undertow.no-request-timeout": "30s"},
		nil,
	},
	{
		"grpc", "package a\n\nimport \"google.golang.org/grpc\"\n\nvar _ grpc.DialOption = grpc.WithKeepaliveParams(kp)\n\nfunc init() {\n\tkp.Time = 5*time.Minute\n}\n",
		map[model.ParamID]string{"grpc-client.keepaliveTime": "5m"},
		nil,
	},
}

// TestImportForeignLibraries reads programs and files that keeptune did not
// write, and tells their formats.
func TestImportForeignLibraries(t *testing.T) {
	for _, tt := range libraryForeignCases {
		tt.hold(t)
		if got := native.Detect([]byte(tt.text)); got != tt.format {
			t.Errorf("%s is detected as %q\n%s", tt.format, got, tt.text)
		}
	}
}
