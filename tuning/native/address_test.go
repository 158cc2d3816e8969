package native_test

import (
	"slices"
	"strings"
	"testing"
)

// Each place says where it listens and sends to, in one form for all programs.
func TestAddressesOfContexts(t *testing.T) {
	for name, tt := range map[string]struct {
		format, text string
		want         map[string]string // by where: LISTENS > SENDS
	}{
		"nginx": {"nginx", `
http {
  keepalive_timeout 75s;
  upstream app { server 127.0.0.1:3000; server [::1]:3001 backup; server unix:/run/app.sock; server app.example; }
  server { listen 443 ssl; listen [::]:8443; server_name a.example; location / { proxy_pass https://app/x; } location /b { proxy_pass http://10.0.0.9; } }
  server { server_name b.example; location / { proxy_pass http://unix:/run/b.sock:/; } location /$ { proxy_pass http://$host; } }
  server { listen 127.0.0.1:81 so_keepalive=on; listen 82; server_name c.example; }
}`, map[string]string{
			"server a.example location /":          "*:443 *:8443 > 127.0.0.1:3000 [::1]:3001 unix:/run/app.sock app.example:80",
			"server a.example location /b":         "*:443 *:8443 > 10.0.0.9:80",
			"server b.example location /":          "*:80 > unix:/run/b.sock",
			"server b.example location /$":         "*:80 >",
			"server c.example listen 127.0.0.1:81": "127.0.0.1:81 >",
			"server c.example listen 82":           "*:82 >",
		}},
		"apache": {"apache", `
Listen 8080
Listen 10.0.0.1:8081
KeepAliveTimeout 7
<VirtualHost *:8080>
ServerName a
ProxyPass /api http://127.0.0.1:9000/api ttl=5
ProxyPass /sock unix:/run/x.sock|http://x/
<Proxy balancer://b>
BalancerMember http://10.0.0.2
</Proxy>
ProxyPass /b balancer://b
</VirtualHost>
<VirtualHost _default_:*>
ServerName any
</VirtualHost>`, map[string]string{
			"VirtualHost *:8080 a ProxyPass /api":                              "*:8080 > 127.0.0.1:9000",
			"VirtualHost *:8080 a ProxyPass /sock":                             "*:8080 > unix:/run/x.sock",
			"VirtualHost *:8080 a ProxyPass /b BalancerMember http://10.0.0.2": "*:8080 > 10.0.0.2:80",
			"VirtualHost *:8080 a":                                             "*:8080 >",
			"VirtualHost _default_:* any":                                      "*:8080 *:8081 >",
		}},
		"haproxy": {"haproxy", `
defaults
 mode http
 timeout client 30s
frontend web
 bind :80,127.0.0.1:81
 bind /run/h.sock
 default_backend app
backend app
 server a 127.0.0.1:3000
 server b ipv4@10.0.0.3:3000
listen all
 bind :::9000
 server one 10.0.0.4:9001 pool-purge-delay 3s
 server two 10.0.0.5:9001
listen plain
 mode tcp
 bind *:6000
 server r 127.0.0.1:6379`, map[string]string{
			"frontend web backend app": "*:80 127.0.0.1:81 unix:/run/h.sock > 127.0.0.1:3000 10.0.0.3:3000",
			"listen all server one":    "*:9000 > 10.0.0.4:9001",
			"listen all server two":    "*:9000 > 10.0.0.5:9001",
			"listen plain":             "*:6000 > 127.0.0.1:6379",
		}},
		"caddy": {"caddy", `
a.example, http://b.example:8000 {
	reverse_proxy /api 127.0.0.1:3000 localhost:3001 {
		transport http {
			keepalive 3s
		}
	}
}`, map[string]string{
			"site a.example, http://b.example:8000 on :443, reverse_proxy /api 127.0.0.1:3000 localhost:3001":  "*:443 > 127.0.0.1:3000 localhost:3001",
			"site a.example, http://b.example:8000 on :8000, reverse_proxy /api 127.0.0.1:3000 localhost:3001": "*:8000 > 127.0.0.1:3000 localhost:3001",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			im := opened(t, format(t, tt.format), "/etc/x.conf", memory{"/etc/x.conf": tt.text})
			var seen []string
			for _, c := range im.Contexts {
				got := strings.TrimSpace(strings.Join(c.Listens, " ") + " > " + strings.Join(c.Sends, " "))
				if want, ok := tt.want[c.Where]; !ok || got != want {
					t.Errorf("%q is %q, not %q", c.Where, got, want)
				}
				seen = append(seen, c.Where)
			}
			for where := range tt.want {
				if !slices.Contains(seen, where) {
					t.Errorf("there is no %q, only %q", where, seen)
				}
			}
		})
	}
}
