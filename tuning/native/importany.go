package native

import (
	"bytes"
	"strings"

	"example.com/keeptune/model"
)

// exportHead finds the format in the first line of a header.
var exportHead = lazily(`keeptune \S+ (?:export|undo) ([a-z0-9-]+),`)

// headSize is how much of a file is looked at to tell its format, in bytes.
const headSize = 16 << 10

// contents tell a format from what only it has; the first that matches counts.
var contents = []struct {
	id   string
	sign string
}{
	{"session", `(?m)^schema = "keeptune\.session/`},
	{"systemd-socket", `(?m)^\s*\[Socket\]\s*$`},
	{"reg", `(?m)^\s*Windows Registry Editor Version`},
	{"reg4", `(?m)^\s*REGEDIT4`},
	{"applicationhost", `<(configuration|system\.applicationHost)[\s>]`},
	{"powershell", `(?mi)^\s*Set-(ItemProperty|WebConfigurationProperty)\s`},
	{"appcmd", `(?i)appcmd(\.exe)?"? +set +(config|site) `},
	{"netsh", `(?mi)^\s*netsh http add timeout`},
	{"firefox", `(?m)^\s*user_pref\("`},
	{"ansible", `(?m)^\s*(- )?(ansible\.(builtin|posix)\.\w+|sysctl|lineinfile|blockinfile):|^- hosts:`},
	{"kubernetes", podSign},
	{"docker", composeSign},
	{"nginx", `(?m)^\s*"?(nginx\.ingress\.kubernetes\.io/|upstream-keepalive-\w+"?:|keep-alive(-requests)?"?:|proxy-(read|send)-timeout"?:)`}, // ingress-nginx
	{"traefik", `(?mi)^\s*-\s*["']?--(entrypoints\.[\w-]+\.transport|serverstransport)\.|^\s*respondingTimeouts:`},                            // its chart
	{"kubernetes", `(?m)^\s*securityContext:`},
	{"docker", `(?m)^\s*sysctls:|(docker|podman) (run|create) (.*\s|\\\n)*--?\w`},
	{"aws-cli", `\baws (elbv2|elb|ec2) modify-`},
	{"az-cli", `\baz (network|afd) .*\bupdate\b`},
	{"gcloud", `\bgcloud compute `},
	{"terraform", `(?m)^\s*resource "(aws|azurerm|google|fastly|cloudflare)_\w+" "`},
	{"sshd", `(?m)^\s*(ClientAlive\w+|PermitRootLogin|AuthorizedKeysFile|Subsystem|UsePAM)\s`},
	{"ssh", `(?m)^\s*(ServerAlive\w+\s|Host\s+\S+\s*$)`},
	{"postgresql", `(?m)^#?(tcp_keepalives_\w+|idle_session_timeout|max_connections|shared_buffers|keepalives(_\w+)?)\s*=|\bpostgres\s(.*\s)?(-c\s*|--)[\w-]+=`},
	{"redis", `(?m)^(tcp-keepalive|protected-mode|appendonly|maxmemory)\s`},
	{"putty", `(?m)^(PingIntervalSecs|TCPKeepalives)=`},
	{"fortigate", `(?m)^\s*config system session-ttl|^\s*set session-ttl \S`},
	{"juniper-srx", `\binactivity-timeout \d`},
	{"palo-alto", `(?m)^set (deviceconfig setting session|service \S+ protocol tcp override) `},
	{"f5-fastl4", `\bltm profile fastl4 `},
	{"nftables", `(?m)^\s*(add |create )?ct timeout .*\{|^\s*table (ip|ip6|inet) \S+ \{`},
	{"cisco-asa", `(?m)^timeout conn \d|^\s*set connection timeout idle \d`},
	{"pf", `(?m)^\s*set timeout \{?.*tcp\.|\(.*\btcp\.established \d`},
	{"tomcat", `<Connector\s|<Server\s+port=`},
	{"passenger", `include_passenger_internal_template`},
	{"caddy", `(?m)^\s*(reverse_proxy\s|file_server\b|servers(\s+\S+)?\s*\{|transport http\b)`},
	{"lighttpd", `(?m)^\s*server\.(max-|document-root|modules)`},
	{"varnish", `(?m)^\s*vcl [\d.]+;|\bvarnish(d|adm)\b`},
	{"squid", `(?m)^\s*(http_port|http_access|client_lifetime|\w+_pconn_timeout)\s`},
	{"h2o", `(?m)^(http1-request-timeout:|\s*proxy\.reverse\.url:|\s*file\.dir:)`},
	{"trafficserver", `(?m)^((CONFIG|LOCAL) proxy\.|records:)`},
	{"jetty", `(?m)^\s*(--module=|jetty\.http)`},
	{"gunicorn", `(?m)^\s*(worker_class|worker_connections|workers|keepalive)\s*=`},
	{"uvicorn", `UVICORN_[A-Z_]+=|--timeout-keep-alive`},
	{"hypercorn", `(?m)^\s*keep_alive_(timeout|max_requests)\s*=`},
	{"puma", `(?m)^\s*(persistent_timeout|first_data_timeout|preload_app!|plugin :|threads\s+\S+,)`},
	{"grpc", `"google\.golang\.org/grpc`},
	{"go-client", `(?m)^package [a-z]+\s[^\x00]*http\.(Transport|Client)\b`},
	{"go-server", `(?m)^package [a-z]+\s`},
	{"undici", `(require\(|from )['"]undici['"]`},
	{"node-client", `(require\(|from )['"](agentkeepalive|axios)['"]`},
	{"kestrel", `"Kestrel"\s*:`},
	{"node", `keepAliveTimeout|http\.Agent|module\.exports`},
	{"java", `import (org\.apache\.h|okhttp3|java\.net\.http|reactor\.netty)|setProperty\("(http\.keepAlive|jdk\.httpclient)`},
	{"dotnet", `(?m)^\s*using System\.Net`},
	{"python", `(?m)^\s*(import|from) (requests|httpx|aiohttp)\b`},
	{"guzzle", `<\?php[^\x00]*GuzzleHttp`},
	{"ruby", `Net::HTTP|require ['"]net/http`},
	{"rust", `\b(reqwest|hyper|actix_web)::`},
	{"cowboy", `\bcowboy:start_(clear|tls)`},
	{"spring", `(?m)^\s*server\.(tomcat|netty|jetty|undertow)\.|^server:\s*\n(?:[ \t]+.*\n|\s*\n)*?[ \t]+(tomcat|netty|jetty|undertow):|^spring:\s*$|^spring\.\w+[.-]|\bSERVER_(TOMCAT|NETTY|JETTY|UNDERTOW)_`},
	{"undertow", `/subsystem=undertow`},
	{"envoy", `(?m)^\s*static_resources:|type\.googleapis\.com/envoy|apiVersion:\s*"?(networking\.istio\.io|gateway\.envoyproxy\.io)/`},
	{"traefik", `(?m)^\s*(entryPoints|serversTransports?):`},
	{"nginx", `(?m)^\s*((http|server|events|upstream \S+)\s*\{|keepalive_\w+ [^;=]*;|proxy_\w+ [^;]*;|listen [^;]*;)`},
	{"sysctl", `(?m)^\s*-?net[./]\S+\s*=`},
	{"haproxy", `(?m)^\s*(defaults|frontend \S+|backend \S+|listen \S+|timeout (client|server|connect|http-\S+) \S+|(no )?option (http(close|-server-close|-keep-alive)|(cli|srv)?tcpka)|default-server .*|http-reuse \w+)\s*(#.*)?$`},
	{"apache", `(?mi)^\s*(KeepAlive\w*\s|MaxKeepAliveRequests\s|<(VirtualHost|If(Module|Define|Version)|Directory|Location|Proxy|Macro)(Match)?\s|Listen\s|ServerName\s|Proxy(Pass\w*|Set|Timeout)\s|BalancerMember\s|LoadModule\s|RequestReadTimeout\s)`},
	{"curl", `(?m)^\s*-*(no-)?keepalive(-time|-cnt)?\b`},
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
	if m := exportHead().FindStringSubmatch(text); m != nil {
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
		if compiled(c.sign).MatchString(text) {
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
