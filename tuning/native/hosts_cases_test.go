package native_test

import (
	"time"

	"example.com/keeptune/model"
)

// hostLawCases are those of hosts, databases, devices and machine formats.
var hostLawCases = []lawCase{
	{"ssh", "ssh@9.9 > sshd", 0, time.Second, 2147483647 * time.Second, false},
	{"sshd", "ssh > sshd@9.2", 1, time.Second, 2147483647 * time.Second, false},
	{"postgresql", "libpq > postgresql@15", 1, time.Second, 2147483 * time.Second, false},
	{"postgresql", "libpq@15 > postgresql", 0, time.Second, 2147483 * time.Second, false},
	{"redis", "redis-cli > redis@7.0", 1, time.Second, 2147483647 * time.Second, false},
	{"redis", "redis-cli > redis@3.0", 1, time.Second, 2147483647 * time.Second, false},
	{"firefox", "firefox@145 > nginx", 0, time.Second, 2147483 * time.Second, false},
	{"ipadm", "curl > nginx/illumos@5.11", 1, time.Millisecond, 2147483 * time.Second, true},
	{"ipadm", "curl > nginx/illumos@5.10", 1, time.Millisecond, 2147483 * time.Second, true},
	{"aix", "curl > nginx/aix@7.3", 1, time.Second / 2, 2147483647 * time.Second, true},
	{"sysctl", "curl > nginx/netbsd@10", 1, time.Second / 2, 2147483647 * time.Second, true},
	{"sysctl", "curl > nginx/openbsd@7.8", 1, time.Second, 2147483647 * time.Second, true},
	{"sysctl", "curl > nginx/freebsd@14.2", 1, time.Second, 2147483 * time.Second, true},
	{"sysctl", "curl > conntrack > nginx", 1, time.Second, 2147483647 * time.Second, true},
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
}

// hostExportCases has a document for each of these formats.
var hostExportCases = []exportCase{
	{"ssh", "ssh > sshd", []string{"client:ServerAliveInterval=30s"}},
	{"sshd", "ssh > sshd", []string{"server:ClientAliveInterval=30s"}},
	{"postgresql", "libpq > postgresql", []string{"server:tcp_keepidle=60s"}},
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
}

// hostUndoCases are exports over a known value.
var hostUndoCases = []undoCase{
	{"ssh", "ssh > sshd", "client:ServerAliveInterval=60s", []string{"client:ServerAliveInterval=30s", "client:tcp_keepalive=off"}, nil},
	{"sshd", "ssh > sshd", "server:ClientAliveInterval=60s", []string{"server:ClientAliveInterval=30s"}, nil},
	{"postgresql", "libpq > postgresql@15", "server:tcp_keepidle=2m", []string{"server:tcp_keepidle=60s", "server:idle_session_timeout=1h"}, nil},
	{"postgresql", "libpq@15 > postgresql", "client:tcp_keepidle=2m", []string{"client:tcp_keepidle=60s"}, nil},
	{"redis", "redis-cli > redis@7.0", "server:timeout=600s", []string{"server:timeout=300s"}, nil},
	{"redis", "redis-cli > redis@7.0", "server:tcp_keepalive=off", []string{"server:tcp_keepalive=on"}, nil},
	{"aix", "curl > nginx/aix@7.3", "server:aix.tcp_keepidle=1h", []string{"server:aix.tcp_keepidle=10m"}, nil},
	{"fortigate", "chrome > fortigate > nginx", "fortigate:idle_timeout=2h", []string{"fortigate:idle_timeout=1h30m"}, nil},
	{"firefox", "firefox > nginx", "client:network.http.keep-alive.timeout=90s", []string{"client:network.http.keep-alive.timeout=60s", "client:tcp_keepalive=off"}, map[model.ParamID]string{"firefox.tcp_keepalive": "on"}},
	{"terraform", "chrome > azure-lb > nginx", "azure-lb:idle_timeout=5m", []string{"azure-lb:idle_timeout=10m"}, nil},
}
