package native

import (
	"bytes"
	"regexp"
	"strings"

	"example.com/keeptune/model"
)

// exportHead finds the format in the first line of a header.
var exportHead = regexp.MustCompile(`keeptune \S+ (?:export|undo) ([a-z0-9-]+),`)

// headSize is how much of a file is looked at to tell its format, in bytes.
const headSize = 16 << 10

// contents tell a format from what only it has; the first that matches counts.
var contents = []struct {
	id   string
	sign *regexp.Regexp
}{
	{"session", regexp.MustCompile(`(?m)^schema = "keeptune\.session/`)},
	{"systemd-socket", regexp.MustCompile(`(?m)^\s*\[Socket\]\s*$`)},
	{"reg", regexp.MustCompile(`(?m)^\s*Windows Registry Editor Version`)},
	{"reg4", regexp.MustCompile(`(?m)^\s*REGEDIT4`)},
	{"applicationhost", regexp.MustCompile(`<(configuration|system\.applicationHost)[\s>]`)},
	{"powershell", regexp.MustCompile(`(?mi)^\s*Set-(ItemProperty|WebConfigurationProperty)\s`)},
	{"appcmd", regexp.MustCompile(`(?i)appcmd(\.exe)? set config`)},
	{"netsh", regexp.MustCompile(`(?mi)^\s*netsh http add timeout`)},
	{"firefox", regexp.MustCompile(`(?m)^\s*user_pref\("`)},
	{"ansible", regexp.MustCompile(`(?m)^\s*ansible\.builtin\.\w+:`)},
	{"nginx", regexp.MustCompile(`(?m)^\s*"?(nginx\.ingress\.kubernetes\.io/|upstream-keepalive-\w+"?:|keep-alive(-requests)?"?:)`)}, // ingress-nginx
	{"kubernetes", regexp.MustCompile(`(?m)^\s*securityContext:`)},
	{"docker", regexp.MustCompile(`(?m)^\s*sysctls:|docker run .*--sysctl`)},
	{"terraform", regexp.MustCompile(`(?m)^\s*resource "(aws|azurerm|google|fastly|cloudflare)_\w+" "`)},
	{"sshd", regexp.MustCompile(`(?m)^\s*(ClientAlive\w+|PermitRootLogin|AuthorizedKeysFile|Subsystem|UsePAM)\s`)},
	{"ssh", regexp.MustCompile(`(?m)^\s*(ServerAlive\w+\s|Host\s+\S+\s*$)`)},
	{"postgresql", regexp.MustCompile(`(?m)^#?(tcp_keepalives_\w+|idle_session_timeout|max_connections|shared_buffers|keepalives(_\w+)?)\s*=|\bpostgres\s(.*\s)?(-c\s*|--)[\w-]+=`)},
	{"redis", regexp.MustCompile(`(?m)^(tcp-keepalive|protected-mode|appendonly|maxmemory)\s`)},
	{"putty", regexp.MustCompile(`(?m)^(PingIntervalSecs|TCPKeepalives)=`)},
	{"fortigate", regexp.MustCompile(`(?m)^\s*config system session-ttl`)},
	{"cisco-asa", regexp.MustCompile(`(?m)^timeout conn \d`)},
	{"pf", regexp.MustCompile(`(?m)^\s*set timeout \{?.*tcp\.`)},
	{"tomcat", regexp.MustCompile(`<Connector\s|<Server\s+port=`)},
	{"passenger", regexp.MustCompile(`include_passenger_internal_template`)},
	{"caddy", regexp.MustCompile(`(?m)^\s*(reverse_proxy\s|file_server\b|servers(\s+\S+)?\s*\{|transport http\b)`)},
	{"lighttpd", regexp.MustCompile(`(?m)^\s*server\.(max-|document-root|modules)`)},
	{"varnish", regexp.MustCompile(`(?m)^\s*vcl [\d.]+;|\bvarnish(d|adm)\b`)},
	{"squid", regexp.MustCompile(`(?m)^\s*(http_port|http_access|client_lifetime|\w+_pconn_timeout)\s`)},
	{"h2o", regexp.MustCompile(`(?m)^(http1-request-timeout:|\s*proxy\.reverse\.url:|\s*file\.dir:)`)},
	{"trafficserver", regexp.MustCompile(`(?m)^((CONFIG|LOCAL) proxy\.|records:)`)},
	{"jetty", regexp.MustCompile(`(?m)^\s*(--module=|jetty\.http)`)},
	{"gunicorn", regexp.MustCompile(`(?m)^\s*(worker_class|worker_connections|workers|keepalive)\s*=`)},
	{"uvicorn", regexp.MustCompile(`UVICORN_[A-Z_]+=|--timeout-keep-alive`)},
	{"hypercorn", regexp.MustCompile(`(?m)^\s*keep_alive_(timeout|max_requests)\s*=`)},
	{"puma", regexp.MustCompile(`(?m)^\s*(persistent_timeout|first_data_timeout|preload_app!|plugin :|threads\s+\S+,)`)},
	{"grpc", regexp.MustCompile(`"google\.golang\.org/grpc`)},
	{"go-client", regexp.MustCompile(`(?m)^package [a-z]+\s[^\x00]*http\.(Transport|Client)\b`)},
	{"go-server", regexp.MustCompile(`(?m)^package [a-z]+\s`)},
	{"undici", regexp.MustCompile(`(require\(|from )['"]undici['"]`)},
	{"node-client", regexp.MustCompile(`(require\(|from )['"](agentkeepalive|axios)['"]`)},
	{"kestrel", regexp.MustCompile(`"Kestrel"\s*:`)},
	{"node", regexp.MustCompile(`keepAliveTimeout|http\.Agent|module\.exports`)},
	{"java", regexp.MustCompile(`import (org\.apache\.h|okhttp3|java\.net\.http|reactor\.netty)|setProperty\("(http\.keepAlive|jdk\.httpclient)`)},
	{"dotnet", regexp.MustCompile(`(?m)^\s*using System\.Net`)},
	{"python", regexp.MustCompile(`(?m)^\s*(import|from) (requests|httpx|aiohttp)\b`)},
	{"guzzle", regexp.MustCompile(`<\?php[^\x00]*GuzzleHttp`)},
	{"ruby", regexp.MustCompile(`Net::HTTP|require ['"]net/http`)},
	{"rust", regexp.MustCompile(`\b(reqwest|hyper|actix_web)::`)},
	{"cowboy", regexp.MustCompile(`\bcowboy:start_(clear|tls)`)},
	{"spring", regexp.MustCompile(`(?m)^\s*server\.(tomcat|netty|jetty|undertow)\.|^server:\s*\n(?:[ \t]+.*\n|\s*\n)*?[ \t]+(tomcat|netty|jetty|undertow):|^spring:\s*$|^spring\.\w+[.-]|\bSERVER_(TOMCAT|NETTY|JETTY|UNDERTOW)_`)},
	{"undertow", regexp.MustCompile(`/subsystem=undertow`)},
	{"envoy", regexp.MustCompile(`(?m)^\s*static_resources:|type\.googleapis\.com/envoy|apiVersion:\s*"?(networking\.istio\.io|gateway\.envoyproxy\.io)/`)},
	{"traefik", regexp.MustCompile(`(?m)^\s*(entryPoints|serversTransports?):`)},
	{"nginx", regexp.MustCompile(`(?m)^\s*((http|server|events|upstream \S+)\s*\{|keepalive_\w+ [^;=]*;|proxy_\w+ [^;]*;|listen [^;]*;)`)},
	{"sysctl", regexp.MustCompile(`(?m)^\s*-?net[./]\S+\s*=`)},
	{"haproxy", regexp.MustCompile(`(?m)^\s*(defaults|frontend \S+|backend \S+|listen \S+|timeout (client|server|connect|http-\S+) \S+|(no )?option (http(close|-server-close|-keep-alive)|(cli|srv)?tcpka)|default-server .*|http-reuse \w+)\s*(#.*)?$`)},
	{"apache", regexp.MustCompile(`(?mi)^\s*(KeepAlive\w*\s|MaxKeepAliveRequests\s|<(VirtualHost|If(Module|Define|Version)|Directory|Location|Proxy|Macro)(Match)?\s|Listen\s|ServerName\s|Proxy(Pass\w*|Set|Timeout)\s|BalancerMember\s|LoadModule\s|RequestReadTimeout\s)`)},
	{"curl", regexp.MustCompile(`(?m)^\s*-*(no-)?keepalive(-time|-cnt)?\b`)},
}

// Detect is the id of the format that a file is in, and empty where its
// content does not tell.
func Detect(data []byte) string {
	text, err := decodeReg(data)
	if err != nil {
		return ""
	}
	whole := text
	if len(text) > headSize {
		text = text[:headSize]
	}
	if m := exportHead.FindStringSubmatch(text); m != nil {
		if _, err := Find(m[1]); err == nil {
			return m[1]
		}
	}
	if id := signed(text); id != "" {
		return id
	}
	if strings.Contains(text, restoreMark) {
		return "markdown" // which reads nothing but the restore string
	}
	if len(whole) > headSize { // a manual in comments may come before the first line that says something
		return signed(said(whole, headSize))
	}
	return ""
}

func signed(text string) string {
	for _, c := range contents {
		if c.sign.MatchString(text) {
			return c.id
		}
	}
	return ""
}

// said are the lines of a text that are no comments, up to a size in bytes.
func said(text string, size int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if at := strings.TrimSpace(line); at == "" || at[0] == '#' || at[0] == ';' {
			continue
		}
		if b.Len()+len(line) > size {
			break
		}
		b.WriteString(line)
	}
	return b.String()
}

// Blank reports whether a file has nothing but empty lines and comments, in
// whatever format it is.
func Blank(data []byte) bool {
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' && line[0] != ';' && !bytes.HasPrefix(line, []byte("//")) {
			return false
		}
	}
	return true
}

// ImportAny reads a file whose format is told from its content. The error is a
// [*DetectError] where it cannot be told; a caller that was given the format
// calls [Find] and Parse instead.
func ImportAny(name string, data []byte, c *model.Catalog) (Import, error) {
	return OpenAny(Source{Name: name, Data: data}, c)
}

// OpenAny is ImportAny for a configuration that may include others.
func OpenAny(source Source, c *model.Catalog) (Import, error) {
	id := Detect(source.Data)
	if id == "" {
		return Import{}, &DetectError{File: source.Name}
	}
	f, err := Find(id)
	if err != nil {
		return Import{}, err
	}
	return f.Open(source, c)
}
