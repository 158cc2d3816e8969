package livetest

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"example.com/keeptune/model"
)

// A Header is one request header field.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// A Target is where a live test connects and what it asks for.
type Target struct {
	Scheme     string   `json:"scheme"`                // one of Schemes
	Host       string   `json:"host"`                  // name or address to connect to, without brackets
	Port       int      `json:"port"`                  // 1 to 65535
	SNI        string   `json:"sni,omitempty"`         // name sent and verified in TLS; empty means Host
	HostHeader string   `json:"host_header,omitempty"` // Host field; empty means Host and Port
	Method     string   `json:"method"`                // "GET" unless told otherwise
	Path       string   `json:"path"`                  // path and query, "/" unless told otherwise
	Headers    []Header `json:"headers,omitempty"`     // added to every request
	Insecure   bool     `json:"insecure,omitempty"`    // accept any certificate
	User       string   `json:"user,omitempty"`        // logged in as, where the protocol has a login
	Password   string   `json:"-"`                     // its password; never recorded
	Route      Route    `json:"route,omitzero"`
}

// A Route is how the target is reached and trusted, where that is not a
// plain TCP connection and the system's certificates.
type Route struct {
	Unix          string `json:"unix,omitempty"`           // path of a unix socket, in place of Host and Port
	Proxy         string `json:"proxy,omitempty"`          // HOST:PORT of an HTTP proxy that is asked to CONNECT
	ProxyProtocol int    `json:"proxy_protocol,omitempty"` // 1 or 2: a PROXY header comes first; 0 is none
	CAFile        string `json:"ca_file,omitempty"`        // PEM file whose certificates are trusted instead of the system's
	CertFile      string `json:"cert_file,omitempty"`      // PEM file of the client's certificate
	KeyFile       string `json:"key_file,omitempty"`       // and of its key
}

// ParseTarget reads URL or HOST:PORT or HOST, as a person types a target, or a unix
// socket as unix:/PATH or unix:/PATH:/PATH-OF-THE-REQUEST. Without a scheme it is http,
// except for port 443.
func ParseTarget(text string) (Target, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Target{}, errors.New("the target is empty: give a URL or HOST:PORT, for example http://127.0.0.1:8080/")
	}
	if t, ok := parseSocket(text); ok {
		return t, t.Validate()
	}
	full := text
	if !strings.Contains(text, "://") {
		full = "http://" + bracketed(text)
	}
	u, err := url.Parse(full)
	if err != nil || u.Hostname() == "" {
		return Target{}, fmt.Errorf("%q is not a target: give a URL or HOST:PORT, for example http://127.0.0.1:8080/", model.Clean(text, 80))
	}
	t := Target{Scheme: strings.ToLower(u.Scheme), Host: u.Hostname(), Path: u.RequestURI()}
	if p := u.Port(); p != "" {
		if t.Port, err = strconv.Atoi(p); err != nil || t.Port == 0 {
			return Target{}, fmt.Errorf("the port %q is out of range: give 1 to 65535", model.Clean(p, 20))
		}
	}
	if full != text && t.Port == 443 {
		t.Scheme = "https"
	}
	if u.User != nil {
		if protocolOf(t.Scheme) == nil {
			return Target{}, errors.New("a target with a user name is not supported: send an Authorization header instead")
		}
		if _, given := u.User.Password(); given {
			return Target{}, errors.New("a password does not belong into a target, where others can read it: set KEEPTUNE_PASSWORD")
		}
		t.User = u.User.Username()
	}
	t = t.Normalize()
	return t, t.Validate()
}

// socketHost is what a server behind a unix socket is told it is asked for.
const socketHost = "localhost"

// parseSocket reads a unix socket as nginx and curl's users write it; false where the text is
// none, as unix:80 is not, which is a host and a port.
func parseSocket(text string) (Target, bool) {
	path, ok := strings.CutPrefix(strings.TrimPrefix(text, "http://"), "unix:")
	if rest, slashes := strings.CutPrefix(path, "//"); slashes {
		path = rest
	}
	if !ok || path == "" || !strings.ContainsRune("/.@", rune(path[0])) {
		return Target{}, false
	}
	t := Target{Host: socketHost}
	if i := strings.LastIndex(path, ":/"); i != -1 {
		path, t.Path = path[:i], path[i+1:]
	}
	t.Route.Unix = path
	return t.Normalize(), true
}

// bracketed puts a bare IPv6 address into brackets, so that it parses as a host.
func bracketed(text string) string {
	if a, err := netip.ParseAddr(text); err == nil && a.Is6() {
		return "[" + text + "]"
	}
	return text
}

// Normalize returns the target with every zero field replaced by its default.
func (t Target) Normalize() Target {
	if t.Scheme == "" {
		t.Scheme = "http"
	}
	p := protocolOf(t.Scheme)
	if p != nil {
		t.Scheme = p.Scheme
	}
	if t.Port == 0 {
		t.Port = 80
		switch {
		case t.TLS():
			t.Port = 443
		case p != nil:
			t.Port = p.port
		}
	}
	if t.Method == "" {
		t.Method = "GET"
	}
	if t.Path == "" {
		t.Path = "/"
	}
	return t
}

// Plain reports whether the target is a TCP service that answers no requests of HTTP.
func (t Target) Plain() bool { return t.Scheme == "tcp" || protocolOf(t.Scheme) != nil }

// TLS reports whether the test speaks TLS.
func (t Target) TLS() bool { return t.Scheme == "https" }

// Address is host:port with IPv6 in brackets.
func (t Target) Address() string {
	if strings.Contains(t.Host, ":") {
		return "[" + t.Host + "]:" + strconv.Itoa(t.Port)
	}
	return t.Host + ":" + strconv.Itoa(t.Port)
}

// Authority is the value of the Host field: HostHeader, or the address without a port that
// is the scheme's own.
func (t Target) Authority() string {
	if t.HostHeader != "" {
		return t.HostHeader
	}
	t.Host = unzoned(t.Host)
	switch {
	case t.Port == 80 && !t.TLS(), t.Port == 443 && t.TLS():
		return strings.TrimSuffix(t.Address(), ":"+strconv.Itoa(t.Port))
	}
	return t.Address()
}

// ServerName is the name sent and verified in TLS.
func (t Target) ServerName() string {
	if t.SNI != "" {
		return t.SNI
	}
	return unzoned(t.Host)
}

// unzoned is an address without its zone, which means nothing to another machine.
func unzoned(host string) string {
	host, _, _ = strings.Cut(host, "%")
	return host
}

// String is the target as a URL, or as a unix socket where that says the same.
func (t Target) String() string {
	if s := t.Route.Unix; s != "" && t.Host == socketHost && t.Port == 80 && t.Scheme == "http" {
		if t.Path != "/" {
			s += ":" + t.Path
		}
		return "unix:" + s
	}
	user := ""
	if t.User != "" {
		user = url.User(t.User).String() + "@"
	}
	return t.Scheme + "://" + user + t.Address() + t.Path
}

// Validate reports the first thing that is wrong, in one sentence.
func (t Target) Validate() error {
	switch {
	case !slices.Contains(Schemes(), t.Scheme):
		return fmt.Errorf("the scheme %q is not supported: use one of %s", model.Clean(t.Scheme, 20), strings.Join(Schemes(), ", "))
	case t.Host == "" || !visible(t.Host):
		return errors.New("the target has no usable host: give an address or a name in ASCII (xn--… for other letters)")
	case t.Port < 1 || t.Port > 65535:
		return fmt.Errorf("the port %d is out of range: give 1 to 65535", t.Port)
	case !token(t.Method):
		return fmt.Errorf("%q is not a request method: use for example GET or HEAD", model.Clean(t.Method, 20))
	case strings.EqualFold(t.Method, "CONNECT"):
		return errors.New("the method CONNECT is not supported: use for example GET or HEAD")
	case !strings.HasPrefix(t.Path, "/") && t.Path != "*" || !visible(t.Path):
		return fmt.Errorf("%q is not a request path: start it with / and escape spaces", model.Clean(t.Path, 80))
	case t.HostHeader != "" && !visible(t.HostHeader):
		return errors.New("the Host header holds a blank or a control character: give a plain host name")
	case t.SNI != "" && !visible(t.SNI):
		return errors.New("the TLS server name holds a blank or a control character: give a plain host name")
	}
	if err := t.Route.validate(t.TLS()); err != nil {
		return err
	}
	return validateHeaders(t.Headers)
}

func (r Route) validate(tls bool) error {
	switch {
	case r.ProxyProtocol < 0 || r.ProxyProtocol > 2:
		return fmt.Errorf("version %d of the PROXY protocol does not exist: give 1 or 2", r.ProxyProtocol)
	case r.Unix != "" && r.Proxy != "":
		return errors.New("a unix socket is not reached through a proxy: leave one of the two out")
	case (r.CertFile == "") != (r.KeyFile == ""):
		return errors.New("a client certificate needs its key, and a key its certificate: give both files")
	case !tls && r.CAFile+r.CertFile != "":
		return errors.New("certificates mean nothing without TLS: use an https target")
	}
	return nil
}

func validateHeaders(headers []Header) error {
	for _, h := range headers {
		switch {
		case !token(h.Name):
			return fmt.Errorf("%q is not a header name: give NAME: VALUE", model.Clean(h.Name, 40))
		case strings.ContainsAny(h.Value, "\r\n\x00"):
			return fmt.Errorf("the value of header %s holds a line break: give it on one line", h.Name)
		case strings.EqualFold(h.Name, "Connection"), strings.EqualFold(h.Name, "Keep-Alive"):
			return fmt.Errorf("the header %s is set by the test itself: leave it out", h.Name)
		case strings.EqualFold(h.Name, "Content-Length"), strings.EqualFold(h.Name, "Transfer-Encoding"):
			return fmt.Errorf("the header %s announces a body and the test sends none: leave it out", h.Name)
		}
	}
	return nil
}

// visible reports whether s is non-empty printable ASCII without blanks.
func visible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != ""
}

// token is RFC 9110 section 5.6.2.
func token(s string) bool {
	for _, r := range s {
		if r > 0x7e || r <= ' ' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) {
			return false
		}
	}
	return s != ""
}

// Redacted returns the target without the values of headers that hold credentials.
func (t Target) Redacted() Target {
	var kept []Header
	for _, h := range t.Headers {
		switch strings.ToLower(h.Name) {
		case "authorization", "proxy-authorization", "cookie", "x-api-key":
			h.Value = "(not recorded)"
		}
		kept = append(kept, h)
	}
	t.Headers, t.Password = kept, ""
	return t
}
