package realserver

import (
	"fmt"
	"testing"
)

// CaddyConf holds snippets for the contexts of a Caddyfile. All may be empty: then
// everything is at the defaults of the version installed.
type CaddyConf struct {
	Global string // global options
	Site   string // inside the one site; empty answers 200 with a short text
	TLS    bool   // with a self-signed certificate, which brings HTTP/2
}

// Caddy starts Caddy.
func Caddy(t testing.TB, c CaddyConf) *Server {
	t.Helper()
	Need(t, "caddy")
	dir, port := Dir(t), FreePort(t)
	if c.Site == "" {
		c.Site = `respond "ok"`
	}
	scheme := "http"
	if c.TLS {
		cert, key := Certificate(t, dir)
		scheme, c.Site = "https", c.Site+"\ntls "+cert+" "+key
	}
	conf := File(t, dir, "Caddyfile", fmt.Sprintf(`{
admin off
auto_https off
%s
}
%s://127.0.0.1:%d {
%s
}
`, c.Global, scheme, port, c.Site))
	env := []string{"HOME=" + dir, "XDG_DATA_HOME=" + dir, "XDG_CONFIG_HOME=" + dir}
	return start(t, dir, port, env, "caddy", "run", "--adapter", "caddyfile", "--config", conf)
}
