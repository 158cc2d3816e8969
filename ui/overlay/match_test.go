package overlay

import (
	"testing"

	"example.com/keeptune/model"
)

// meant are queries as people type them: names, aliases, kinds of names, words
// in another order, parts, slips of the finger.
var meant = map[string]model.SystemID{
	"ie": "ie", "IE": "ie", "internet explorer": "ie", "wininet": "ie", "explorer internet": "ie", "interner explorer": "ie",
	"httpd": "apache", "apach": "apache", "apcahe": "apache", "apache2": "apache", "apache httpd": "apache",
	"alb": "aws-alb", "aws load balancer": "aws-alb", "application load balancer": "aws-alb", "nlb": "aws-nlb",
	"network load balancer": "aws-nlb", "nat gateway": "aws-nat-gateway", "azure nat": "azure-nat-gateway", "gateway azure nat": "azure-nat-gateway",
	"k8s service": "ipvs", "kubernetes service": "ipvs", "kube-proxy": "ipvs", "service k8s": "ipvs", "kubernets service": "ipvs",
	"undici fetch": "undici", "fetch": "undici", "fetch undici": "undici", "undcii": "undici", "node fetch": "undici",
	"node": "node", "nodejs": "node", "node.js": "node", "express": "node",
	"ngnx": "nginx", "nignx": "nginx", "nginx": "nginx", "openresty": "nginx", "ngin": "nginx",
	"haproxy": "haproxy", "ha proxy": "haproxy", "haporxy": "haproxy",
	"chorme": "chrome", "edge": "chrome", "gosrv": "go-server", "golang": "go-server", "go client": "go-client", "client go": "go-client",
	"postgres": "postgresql", "psql": "libpq", "postgres client": "libpq", "istio": "envoy", "requests": "python-requests",
	"java httpclient": "java-http-client", "apache httpclient": "apache-httpclient-4", "httpclient 5": "apache-httpclient-5",
	"traffic server": "trafficserver", "spring boot": "spring-boot", "webflux": "spring-boot-netty", "iptables": "conntrack",
	"big ip": "f5-fastl4", "windows 98": "windows-9x", "windows": "windows", "open ssh server": "sshd", "ssh": "ssh",
	"google load balancer": "gcp-alb", "cloud front": "aws-cloudfront", "palo alto": "palo-alto", "cloudflair": "cloudflare",
	"varnsih": "varnish", "grpc server": "grpc-server", "dotnet": "kestrel", "asp.net": "kestrel", "mobile": "home-router",
}

func TestTheMeantSystemComesFirst(t *testing.T) {
	all := entries(t)
	for typed, want := range meant {
		found := matches(all, nil, typed)
		if len(found) == 0 || found[0].ID != want {
			got := "nothing"
			if len(found) > 0 {
				got = string(found[0].ID)
			}
			t.Errorf("%q finds %s first, want %s", typed, got, want)
		}
	}
	if found := matches(all, nil, "zzzzqqq"); len(found) != 0 {
		t.Errorf("nonsense finds %s", found[0].ID)
	}
}

// A kind lists all systems of that kind before any other.
func TestAKindListsItsSystems(t *testing.T) {
	all := entries(t)
	for typed, kind := range map[string]string{
		"proxy": "proxy", "proxies": "proxy", "browser": "browser", "middlebox": "middlebox", "Middleboxes": "middlebox",
		"library": "library", "app-server": "app-server", "app server": "app-server", "os": "os", "middleb": "middlebox",
	} {
		n := 0
		for _, e := range all {
			if e.Kind == kind {
				n++
			}
		}
		found := matches(all, nil, typed)
		if len(found) < n {
			t.Errorf("%q finds %d of %d", typed, len(found), n)
			continue
		}
		for _, e := range found[:n] {
			if e.Kind != kind {
				t.Errorf("%q finds %s, of kind %s, among the first %d", typed, e.ID, e.Kind, n)
			}
		}
	}
}

func TestRecentSystemsComeFirst(t *testing.T) {
	all := entries(t)
	found := matches(all, []model.SystemID{"node", "gone", "curl"}, " ")
	if found[0].ID != "node" || found[1].ID != "curl" || len(found) != len(all) {
		t.Errorf("recent systems are not first: %s, %s of %d", found[0].ID, found[1].ID, len(found))
	}
	if found := matches(all, []model.SystemID{"node"}, "curl"); found[0].ID != "curl" {
		t.Errorf("a recent system hides the one typed: %s", found[0].ID)
	}
}

func entries(t *testing.T) []*model.Entry {
	t.Helper()
	all, err := model.Embedded().Entries()
	if err != nil {
		t.Fatal(err)
	}
	return all
}
