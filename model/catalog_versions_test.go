package model_test

import (
	"testing"

	"example.com/keeptune/model"
)

// What changed between versions, as the makers' change logs and measurements say.
func TestDefaultsOfVersions(t *testing.T) {
	c := model.Embedded()
	for _, tt := range []struct {
		id      model.SystemID
		version model.Version
		param   model.ParamID
		want    string // "" where this version does not have it
	}{
		{"nginx", "1.19.9", "nginx.keepalive_requests", "100"},
		{"nginx", "1.19.10", "nginx.keepalive_requests", "1000"},
		{"nginx", "1.19.9", "nginx.upstream.keepalive_requests", "100"},
		{"nginx", "1.19.10", "nginx.upstream.keepalive_requests", "1000"},
		{"nginx", "1.19.9", "nginx.keepalive_time", ""},
		{"nginx", "1.19.10", "nginx.keepalive_time", "1h"},
		{"nginx", "1.27.3", "nginx.keepalive_min_timeout", ""},
		{"nginx", "1.27.4", "nginx.keepalive_min_timeout", "off"},
		{"nginx", "1.29.6", "nginx.upstream.keepalive", "off"},
		{"nginx", "1.29.7", "nginx.upstream.keepalive", "32"},
		{"nginx", "1.30", "nginx.upstream.keepalive", "32"},
		{"node", "18", "node.keepAliveTimeoutBuffer", ""},
		{"node", "20.20.2", "node.keepAliveTimeoutBuffer", ""},
		{"node", "22.18", "node.keepAliveTimeoutBuffer", ""},
		{"node", "22.19", "node.keepAliveTimeoutBuffer", "1s"},
		{"node", "23.11", "node.keepAliveTimeoutBuffer", ""},
		{"node", "24.5", "node.keepAliveTimeoutBuffer", ""},
		{"node", "24.6", "node.keepAliveTimeoutBuffer", "1s"},
		{"node", "18", "node.upstream.keepAlive", "off"},
		{"node", "19", "node.upstream.keepAlive", "on"},
		{"node", "18", "node.upstream.timeout", "never"},
		{"node", "20", "node.upstream.timeout", "5s"},
		{"windows", "nt3.51", "windows.KeepAliveProbes", "unset"},
		{"windows", "xp", "windows.KeepAliveProbes", "unset"},
		{"windows", "vista", "windows.KeepAliveProbes", "10"},
		{"windows", "10", "windows.KeepAliveProbes", "10"},
		{"windows", "10", "windows.KeepAliveTime", "2h"},
		{"linux", "6.14", "linux.tcp_rto_max_ms", ""},
		{"linux", "6.15", "linux.tcp_rto_max_ms", "2m"},
		{"iis", "1.0", "iis.connection time-out", "15m"},
		{"iis", "1.0", "iis.AllowKeepAlives", "on"},
		{"iis", "1.0", "iis.connectionTimeout", ""},
		{"iis", "5.0", "iis.connectionTimeout", "15m"},
		{"iis", "7.0", "iis.connectionTimeout", "2m"},
		{"iis", "10.0", "iis.connectionTimeout", "2m"},
		{"iis", "10", "iis.AllowKeepAlives", ""},
		{"curl", "7.64", "curl.CURLOPT_MAXAGE_CONN", ""},
		{"curl", "7.65", "curl.CURLOPT_MAXAGE_CONN", "1m58s"},
		{"curl", "8.16", "curl.CURLOPT_MAXLIFETIME_CONN", "never"},
		{"curl", "8.17", "curl.CURLOPT_MAXLIFETIME_CONN", "1d"},
		{"go-client", "1.22", "go-client.tcp_keepintvl", "30s"},
		{"go-client", "1.23", "go-client.tcp_keepintvl", "15s"},
		{"haproxy", "1.8", "haproxy.upstream.pool-purge-delay", ""},
		{"haproxy", "1.9", "haproxy.upstream.pool-purge-delay", "5s"},
		{"puma", "6.6.1", "puma.persistent_timeout", "20s"},
		{"puma", "7", "puma.persistent_timeout", "1m5s"},
		{"puma", "6.6.1", "puma.max_keep_alive", ""},
		{"kestrel", "5.0", "kestrel.Limits.KeepAliveTimeout", "2m"},
		{"kestrel", "6.0", "kestrel.KeepAliveTimeout", "2m10s"},
		{"lighttpd", "1.4.64", "lighttpd.server.max-keep-alive-requests", "100"},
		{"lighttpd", "1.4.65", "lighttpd.server.max-keep-alive-requests", "1000"},
		{"caddy", "2.2", "caddy.idle_timeout", "unset"},
		{"caddy", "2.6.2", "caddy.idle_timeout", "5m"},
		{"caddy", "2.8", "caddy.read_header_timeout", "never"},
		{"caddy", "2.9", "caddy.read_header_timeout", "1m"},
		{"docker-registry", "2.8.2", "docker-registry.tcp_keepintvl", "3m"},
		{"docker-registry", "2.8.3", "docker-registry.tcp_keepintvl", "15s"},
		{"etcd", "3.5.15", "etcd.tcp_keepintvl", "30s"},
		{"etcd", "3.5.16", "etcd.tcp_keepintvl", "15s"},
		{"traefik", "2.11.1", "traefik.readTimeout", "never"},
		{"traefik", "2.11.2", "traefik.readTimeout", "1m"},
		{"cowboy", "2.7", "cowboy.max_keepalive", "100"},
		{"cowboy", "2.8", "cowboy.max_keepalive", "1000"},
		{"hyper", "1.5", "hyper.header_read_timeout", "never"},
		{"hyper", "1.6", "hyper.header_read_timeout", "30s"},
		{"java-http-client", "19", "java-http-client.jdk.httpclient.keepalive.timeout", "20m"},
		{"java-http-client", "20", "java-http-client.jdk.httpclient.keepalive.timeout", "30s"},
		{"dotnet-httpclient", "5.0", "dotnet-httpclient.PooledConnectionIdleTimeout", "2m"},
		{"dotnet-httpclient", "6.0", "dotnet-httpclient.PooledConnectionIdleTimeout", "1m"},
		{"reqwest", "0.12.22", "reqwest.tcp_keepalive", "off"},
		{"reqwest", "0.12.23", "reqwest.tcp_keepalive", "on"},
		{"apache-httpclient-5", "5.5", "apache-httpclient-5.tcp_keepcnt", "unset"},
		{"apache-httpclient-5", "5.6", "apache-httpclient-5.tcp_keepcnt", "3"},
		{"undici", "5.29.0", "undici.keepAliveTimeoutThreshold", "1s"},
		{"undici", "6.14.0", "undici.keepAliveTimeoutThreshold", "1s"},
		{"undici", "6.15.0", "undici.keepAliveTimeoutThreshold", "2s"},
		{"agentkeepalive", "4.1.4", "agentkeepalive.freeSocketTimeout", "15s"},
		{"agentkeepalive", "4.2.0", "agentkeepalive.freeSocketTimeout", "4s"},
		{"traefik", "3.1.0", "traefik.tcp_keepintvl", "3m"},
		{"traefik", "3.2.0", "traefik.tcp_keepintvl", "15s"},
		{"haproxy", "2.2", "haproxy.tcp_keepalive", "off"},
		{"apache", "2.4.62", "apache.MaxKeepAliveRequests", "100"},
		{"tomcat", "10.1.60", "tomcat.connectionTimeout", "20s"},
		{"redis", "3.2.1", "redis.tcp_keepintvl", "1m40s"},
	} {
		s, err := c.System(tt.id)
		if err != nil {
			t.Fatal(err)
		}
		p := s.Param(tt.param)
		if p == nil {
			t.Errorf("there is no %s", tt.param)
			continue
		}
		got := ""
		if s.Has(p, tt.version) {
			got = s.DefaultAt(p, tt.version).Value.String()
		}
		if got != tt.want {
			t.Errorf("%s@%s: %s is %q, want %q", tt.id, tt.version, tt.param, got, tt.want)
		}
	}
}

// When a Node server really closes, as measured: the setting, what the version
// adds by itself and what it lets one set.
func TestNodeReallyClosesAfter(t *testing.T) {
	node, err := model.Embedded().System("node")
	if err != nil {
		t.Fatal(err)
	}
	idle := node.Param("node.keepAliveTimeout")
	for version, want := range map[model.Version]string{
		"18.20.8": "5s", "20.11.1": "5s", "20.17": "5s", "20.18": "6s", "20.18.3": "6s", "20.20.2": "6s",
		"21.7": "5s", "22.0": "5s", "22.8": "5s", "22.9": "6s", "22.12": "6s", "22.19": "6s", "22.23": "6s",
		"23.0": "6s", "23.11": "6s", "24.0": "6s", "24.5": "6s", "24.6": "6s", "24.21": "6s", "26.10": "6s",
	} {
		total, _ := node.DefaultAt(idle, version).Value.Duration()
		late, ok := model.At(node.Order, idle.Real, version)
		if !ok {
			t.Errorf("%s: nothing is known of when it really closes", version)
		}
		total += late.Low
		for _, p := range node.ByRole(model.FaceServer, model.RoleIdleExtra, version) {
			extra, _ := node.DefaultAt(p, version).Value.Duration()
			total += extra
		}
		if got := model.FormatSpan(total); got != want {
			t.Errorf("%s: closes after %s, want %s", version, got, want)
		}
	}
}

// A line of versions means its newest known one.
func TestVersionLines(t *testing.T) {
	c := model.Embedded()
	for in, want := range map[string]model.Version{
		"node@22": "22.23", "node@18": "18.20.8", "nginx@1.30": "1.30", "nginx@1.29": "1.29.7", "haproxy@2.6": "2.6.12",
		"iis@10": "10", "iis@1.0": "1.0", "node@22.8": "22.8", "node": "24.21", "node@30": "30",
	} {
		e, err := model.ParseEndpoint(in, c)
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.System(e.System)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.VersionOf(s); got != want {
			t.Errorf("%s is taken as %s, want %s", in, got, want)
		}
	}
}

func TestNodeReadsHints(t *testing.T) {
	node, err := model.Embedded().System("node")
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[model.Version]string{
		"18.20.8": "ignored 0s", "19.0": "shorten 0s", "20.9": "shorten 0s", "20.19": "shorten 1s", "21.7": "shorten 0s",
		"22.0": "shorten 0s", "22.19": "shorten 1s", "22.20": "shorten 1s by option", "23.1": "shorten 1s", "24.0": "shorten 1s", "24.7": "shorten 1s by option",
	} {
		r, _ := model.At(node.Order, node.Faces[model.FaceClient].Reads, version)
		got := string(r.How) + " " + model.FormatSpan(r.Minus)
		if r.MinusID != "" && node.Has(node.Param(r.MinusID), version) {
			got += " by option"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", version, got, want)
		}
	}
}

// From 2.2 to 2.8 timeout client is an idle limit of its own.
func TestHAProxyCaps(t *testing.T) {
	s, err := model.Embedded().System("haproxy")
	if err != nil {
		t.Fatal(err)
	}
	client := s.Param("haproxy.timeout client")
	for version, want := range map[model.Version]bool{"2.1": false, "2.2": true, "2.6.12": true, "2.8": true, "2.9": false, "3.2": false} {
		if got, _ := model.At(s.Order, client.Caps, version); got != want {
			t.Errorf("%s: timeout client is an idle limit: %v, want %v", version, got, want)
		}
	}
	var chain []string
	for p := s.Param("haproxy.http-keep-alive"); p != nil; p = s.Param(p.Fallback) {
		chain = append(chain, p.Name)
	}
	if len(chain) != 3 || chain[2] != "timeout client" {
		t.Errorf("the chain is %q", chain)
	}
	if client.Absent != model.ValueNever {
		t.Errorf("without any of them the limit is %s", client.Absent)
	}
}

// curl sets the probe times itself, but not where only old builds run.
func TestDefaultsOfHosts(t *testing.T) {
	c := model.Embedded()
	s, err := c.System("curl")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		host    model.SystemID
		version model.Version
		param   model.ParamID
		want    string
	}{
		{"linux", "6.12", "curl.tcp_keepidle", "1m"},
		{"linux", "6.12", "curl.tcp_keepcnt", "9"},
		{"windows", "10", "curl.tcp_keepidle", "1m"},
		{"windows", "10", "curl.tcp_keepcnt", "unset"},
		{"windows", "vista", "curl.tcp_keepidle", "1m"},
		{"windows", "xp", "curl.tcp_keepidle", "unset"},
		{"windows", "xp", "curl.tcp_keepintvl", "unset"},
		{"windows-9x", "98", "curl.tcp_keepidle", "unset"},
	} {
		host, err := c.System(tt.host)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.DefaultOn(s.Param(tt.param), s.Assume, host, tt.version).Value.String(); got != tt.want {
			t.Errorf("%s on %s@%s: %s, want %s", tt.param, tt.host, tt.version, got, tt.want)
		}
	}
	if got := s.DefaultOn(s.Param("curl.tcp_keepidle"), s.Assume, nil, "").Value.String(); got != "1m" {
		t.Errorf("without a host: %s", got)
	}
}

func TestSettable(t *testing.T) {
	c := model.Embedded()
	for _, tt := range []struct {
		id      model.SystemID
		version model.Version
		param   model.ParamID
		want    bool
	}{
		{"nginx", "1.15.5", "nginx.upstream.tcp_keepalive", false},
		{"nginx", "1.15.6", "nginx.upstream.tcp_keepalive", true},
		{"nginx", "1.30", "nginx.upstream.tcp_keepidle", false},
		{"haproxy", "2.2", "haproxy.tcp_keepalive", true},
		{"haproxy", "2.2", "haproxy.tcp_keepidle", false},
		{"haproxy", "2.3", "haproxy.clitcpka-idle", true},
		{"iis", "6.0", "iis.connectionTimeout", false},
		{"iis", "7.0", "iis.connectionTimeout", true},
		{"iis", "1.0", "iis.connection time-out", false},
		{"chrome", "140", "chrome.used_idle_socket_timeout", false},
		{"node", "24.5", "node.keepAliveTimeoutBuffer", false},
	} {
		s, err := c.System(tt.id)
		if err != nil {
			t.Fatal(err)
		}
		p := s.Param(tt.param)
		if p == nil {
			t.Errorf("there is no %s", tt.param)
			continue
		}
		if got := s.Settable(p, tt.version); got != tt.want {
			t.Errorf("%s@%s: settable %v, want %v", tt.param, tt.version, got, tt.want)
		}
	}
}
