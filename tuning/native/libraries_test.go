package native_test

import (
	"testing"
	"time"

	"example.com/keeptune/model"
)

// libraryLawCases are the formats of libraries, frameworks and proxies of clusters.
var libraryLawCases = []lawCase{
	{"undici", "undici > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"node-client", "agentkeepalive > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"node-client", "axios > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"python", "python-requests > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"python", "httpx > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"python", "httpx@0.23.0 > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"python", "aiohttp > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"python", "aiohttp@3.8 > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"java", "apache-httpclient-4 > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"java", "apache-httpclient-5 > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"java", "apache-httpclient-5@5.1 > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"java", "httpurlconnection > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"java", "java-http-client > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"java", "okhttp > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"java", "reactor-netty > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"dotnet", "dotnet-httpclient > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"dotnet", "dotnet-framework > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"guzzle", "guzzle > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"ruby", "ruby-net-http > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"rust", "reqwest > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"rust", "reqwest@0.11.0 > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"rust", "chrome > hyper", 1, time.Second, 2147483 * time.Second, false},
	{"rust", "chrome > actix-web", 1, time.Second, 2147483 * time.Second, false},
	{"cowboy", "nginx > cowboy", 1, time.Second, 2147483 * time.Second, false},
	{"grpc", "grpc-client > grpc-server", 0, time.Second, 2147483 * time.Second, false},
	{"grpc", "grpc-client > grpc-server", 1, time.Second, 2147483 * time.Second, false},
	{"spring", "nginx > spring-boot", 1, time.Second, 2147483 * time.Second, false},
	{"spring", "nginx > spring-boot-netty", 1, time.Second, 2147483 * time.Second, false},
	{"undertow", "nginx > undertow", 1, time.Second, 2147483 * time.Second, false},
	{"kestrel", "nginx > kestrel", 1, time.Second, 2147483 * time.Second, false},
	{"envoy", "chrome > envoy > node", 1, time.Second, 2147483 * time.Second, false},
	{"envoy", "chrome > envoy@1.36.0 > node", 1, time.Second, 2147483 * time.Second, false},
	{"traefik", "chrome > traefik > node", 1, time.Second, 2147483 * time.Second, false},
}

// libraryUndoCases are exports over a known value.
var libraryUndoCases = []undoCase{
	{"undici", "undici > nginx", "client:keepAliveTimeout=9s", []string{"client:keepAliveTimeout=10s"}, nil},
	{"node-client", "agentkeepalive > nginx", "client:freeSocketTimeout=9s", []string{"client:freeSocketTimeout=10s"}, nil},
	{"node-client", "axios > nginx", "client:timeout=9s", []string{"client:timeout=10s"}, nil},
	{"python", "python-requests > nginx", "client:pool_maxsize=9", []string{"client:pool_maxsize=20"}, nil},
	{"python", "httpx > nginx", "client:keepalive_expiry=9s", []string{"client:keepalive_expiry=10s"}, map[model.ParamID]string{"httpx.max_keepalive_connections": "20"}},
	{"python", "aiohttp > nginx", "client:total=9s", []string{"client:total=10s", "client:tcp_keepalive=on"}, nil},
	{"java", "apache-httpclient-4 > nginx", "client:keepAliveStrategy=9s", []string{"client:keepAliveStrategy=10s", "client:maxPerRoute=9"}, nil},
	{"java", "apache-httpclient-5 > nginx", "client:connectionKeepAlive=9s", []string{"client:connectionKeepAlive=10s", "client:timeToLive=5m"}, nil},
	{"java", "httpurlconnection > nginx", "client:http.maxConnections=9", []string{"client:http.maxConnections=10", "client:http.keepAlive=off"}, nil},
	{"java", "java-http-client > nginx", "client:HttpRequest.timeout=9s", []string{"client:HttpRequest.timeout=10s"}, nil},
	{"java", "reactor-netty > nginx", "client:maxIdleTime=9s", []string{"client:maxIdleTime=10s", "client:tcp_keepalive=on"}, nil},
	{"java", "okhttp > nginx", "client:readTimeout=9s", []string{"client:readTimeout=20s", "client:tcp_keepalive=on"}, nil},
	{"dotnet", "dotnet-httpclient > nginx", "client:PooledConnectionIdleTimeout=9s", []string{"client:PooledConnectionIdleTimeout=10s", "client:tcp_keepalive=on"}, nil},
	{"dotnet", "dotnet-framework > nginx", "client:ConnectionLeaseTimeout=9s", []string{"client:ConnectionLeaseTimeout=10s"}, nil},
	{"guzzle", "guzzle > nginx", "client:CURLOPT_MAXAGE_CONN=9s", []string{"client:CURLOPT_MAXAGE_CONN=10s"}, nil},
	{"ruby", "ruby-net-http > nginx", "client:keep_alive_timeout=9s", []string{"client:keep_alive_timeout=10s"}, nil},
	{"rust", "reqwest > nginx", "client:pool_idle_timeout=9s", []string{"client:pool_idle_timeout=10s", "client:tcp_keepidle=30s"}, nil},
	{"rust", "chrome > hyper", "server:header_read_timeout=9s", []string{"server:header_read_timeout=10s"}, nil},
	{"rust", "chrome > actix-web", "server:keep_alive=9s", []string{"server:keep_alive=10s"}, nil},
	{"cowboy", "nginx > cowboy", "server:request_timeout=9s", []string{"server:request_timeout=10s"}, nil},
	{"grpc", "grpc-client > grpc-server", "client:keepaliveTime=90s", []string{"client:keepaliveTime=60s"}, nil},
	{"grpc", "grpc-client > grpc-server", "server:permitKeepaliveTime=90s", []string{"server:permitKeepaliveTime=60s"}, nil},
	{"spring", "nginx > spring-boot", "server:server.tomcat.keep-alive-timeout=9s", []string{"server:server.tomcat.keep-alive-timeout=70s"}, nil},
	{"kestrel", "nginx > kestrel", "server:KeepAliveTimeout=9s", []string{"server:KeepAliveTimeout=70s"}, nil},
	{"envoy", "chrome > envoy", "server:idle_timeout=9s", []string{"server:idle_timeout=400s", "server:tcp_keepalive=on"}, nil},
	{"traefik", "chrome > traefik", "server:idleTimeout=9s", []string{"server:idleTimeout=400s"}, nil},
	{"undertow", "nginx > undertow", "server:no-request-timeout=9s", []string{"server:no-request-timeout=70s", "server:read-timeout=80s"}, map[model.ParamID]string{"undertow.read-timeout": "1m30s"}},
}

// libraryExportCases has a document for each of these formats.
var libraryExportCases = []exportCase{
	{"undici", "undici > nginx", []string{"client:keepAliveTimeout=10s"}},
	{"node-client", "axios > nginx", []string{"client:timeout=10s"}},
	{"java", "java-http-client > nginx", []string{"client:HttpRequest.timeout=10s"}},
	{"dotnet", "dotnet-httpclient > nginx", []string{"client:Timeout=10s"}},
	{"python", "httpx > nginx", []string{"client:timeout=10s"}},
	{"guzzle", "guzzle > nginx", []string{"client:timeout=10s"}},
	{"ruby", "ruby-net-http > nginx", []string{"client:read_timeout=10s"}},
	{"rust", "reqwest > nginx", []string{"client:timeout=10s"}},
	{"cowboy", "nginx > cowboy", []string{"server:request_timeout=10s"}},
	{"grpc", "grpc-client > grpc-server", []string{"client:keepaliveTime=60s"}},
	{"spring", "nginx > spring-boot", []string{"server:server.tomcat.connection-timeout=10s"}},
	{"undertow", "nginx > undertow", []string{"server:read-timeout=10s"}},
	{"kestrel", "nginx > kestrel", []string{"server:KeepAliveTimeout=10s"}},
	{"envoy", "chrome > envoy", []string{"server:idle_timeout=400s"}},
	{"traefik", "chrome > traefik", []string{"server:idleTimeout=400s"}},
}

// Whatever a rule offers to a library, framework or proxy of a cluster can be
// set and written.
func TestEveryRemedyOfLibrariesCanBeWritten(t *testing.T) {
	c := model.Embedded()
	clients := []string{
		"undici", "agentkeepalive", "axios", "python-requests", "httpx@0.23.0", "httpx", "aiohttp@3.8", "aiohttp", "apache-httpclient-4",
		"apache-httpclient-5@5.1", "apache-httpclient-5", "httpurlconnection", "java-http-client", "okhttp", "reactor-netty", "dotnet-httpclient@3.1",
		"dotnet-httpclient", "dotnet-framework", "guzzle", "ruby-net-http", "reqwest@0.11.0", "reqwest", "grpc-client", "envoy", "envoy@1.36.0", "traefik",
	}
	servers := []string{"undertow", "spring-boot", "spring-boot-netty", "kestrel", "hyper", "actix-web", "cowboy", "grpc-server", "envoy", "envoy@1.36.0", "traefik@2.10.0"}
	tried := 0
	for i, client := range clients { // each server more than once
		tried += tryRemedies(t, c, client+" > "+servers[i%len(servers)], nil)
		tried += tryRemedies(t, c, client+" > conntrack > "+servers[(i+5)%len(servers)], []string{"client:tcp_keepalive=on"})
	}
	if tried < 40 {
		t.Errorf("only %d remedies were tried", tried)
	}
}
