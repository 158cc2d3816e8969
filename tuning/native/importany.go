package native

import (
	"bytes"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// exportHead finds the format in the first line of a header.
var exportHead = lazily(`keeptune \S+ (?:export|undo) ([a-z0-9-]+),`)

// headSize is how much of a file is looked at to tell its format, in bytes.
const headSize = 16 << 10

// precedence is the order in which formats are recognised, each by its next sign: what one
// cannot but have goes before what others have, too.
var precedence = []string{
	"session", "systemd-socket", "reg", "reg4", "applicationhost", "powershell", "appcmd", "netsh",
	"firefox", "ansible", "kubernetes", "docker", "nginx", "traefik", "kubernetes", "docker",
	"aws-cli", "az-cli", "gcloud", "terraform", "sshd", "ssh", "postgresql", "mariadb", "pgbouncer", "redis", "memcached", "rabbitmq", "mosquitto", "nats", "stunnel", "slapd", "putty",
	"fortigate", "juniper-srx", "palo-alto", "f5-fastl4", "nftables", "cisco-asa", "pf", "tomcat",
	"spring", "passenger", "caddy", "lighttpd", "varnish", "squid", "h2o", "trafficserver", "jetty", "gunicorn",
	"uvicorn", "hypercorn", "puma", "grpc", "go-client", "go-server", "undici", "node-client",
	"kestrel", "node", "java", "dotnet", "python", "guzzle", "ruby", "rust", "cowboy",
	"undertow", "envoy", "traefik", "nginx", "sysctl", "haproxy", "apache", "curl",
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

// signed is the format whose sign a text has.
func signed(text string) string {
	signs := map[string][]string{}
	for _, s := range slices.Concat(syntaxes(), readOnly()) {
		signs[s.id] = s.signs
	}
	for _, id := range precedence {
		sign := signs[id][0]
		if signs[id] = signs[id][1:]; compiled(sign).MatchString(text) {
			return id
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
