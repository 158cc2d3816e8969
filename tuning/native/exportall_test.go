package native_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/native"
)

// One value that no file can say goes to the ticket; the rest is written.
func TestExportWritesTheRest(t *testing.T) {
	c := model.Embedded()
	for _, tt := range []struct {
		path   string
		sets   []string
		want   []string // formats
		ticket string   // what it says of the value
	}{
		{
			"curl@8.14.1 > nginx@1.22.1",
			[]string{"client:CURLOPT_MAXAGE_CONN=60s", "client:max-time=10s", "server:keepalive_timeout=80s"},
			[]string{"markdown", "curl", "nginx"},
			"- curl: `curl.CURLOPT_MAXAGE_CONN` 60 s. curl 8.14.1: the tool has no flag for it; a program sets it with CURLOPT_MAXAGE_CONN.",
		},
		{
			"curl@8.14.1 > nginx@1.22.1",
			[]string{"client:CURLOPT_MAXAGE_CONN=60s", "server:keepalive_timeout=80s"},
			[]string{"markdown", "nginx"},
			"`curl.CURLOPT_MAXAGE_CONN` 60 s",
		},
		{
			"chrome > haproxy@2.6.12",
			[]string{"server:timeout client=never", "server:timeout http-keep-alive=1500us", "server:timeout http-request=10s"},
			[]string{"markdown", "haproxy"},
			"- haproxy: `haproxy.timeout http-keep-alive` 1.5 ms. HAProxy 2.6.12: it counts in whole steps of 1 ms",
		},
		{
			"chrome > gcp-alb > nginx@1.22.1",
			[]string{"gcp-alb:backend_keepalive=60s", "nginx:keepalive_timeout=620s"},
			[]string{"markdown", "nginx"},
			"Cannot be set: fixed by Google",
		},
	} {
		files, err := native.Export(request(t, c, document(t, c, tt.path, tt.sets...)))
		if err != nil {
			t.Errorf("%s %q: %v", tt.path, tt.sets, err)
			continue
		}
		var got []string
		ticket := ""
		for _, f := range files {
			got = append(got, f.Format)
			if f.Format == "markdown" {
				ticket = string(f.Content)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q gives %v, want %v", tt.sets, got, tt.want)
		}
		if !strings.Contains(ticket, tt.ticket) {
			t.Errorf("%q: the ticket does not say %q\n%s", tt.sets, tt.ticket, ticket)
		}
	}
}

// noFile are settable parameters that only the ticket can say, and why.
var noFile = map[model.ParamID]string{
	"caddy.upstream.tcp_keepidle":   "from 2.11 on keepalive_interval is the time between probes",
	"fastly.upstream.tcp_keepalive": "the Terraform provider has no attribute for it; Fastly's API has",
	"fastly.upstream.tcp_keepidle":  "as above",
	"fastly.upstream.tcp_keepintvl": "as above",
	"fastly.upstream.tcp_keepcnt":   "as above",
	"curl.CURLOPT_MAXAGE_CONN":      "the tool has no flag; a program sets it",
	"curl.CURLOPT_MAXLIFETIME_CONN": "as above",
	"curl.CURLOPT_MAXCONNECTS":      "as above",
}

// noFormat are systems whose settings no format writes, and why. The ticket
// (markdown) has them.
var noFormat = map[model.SystemID]string{
	"grpc-js":                  "fields of the options in the program",
	"grpc-js-server":           "fields of the options in the program",
	"bun-node":                 "fields of the server in the program",
	"deno-node":                "fields of the server in the program",
	"eventlet":                 "arguments of eventlet.wsgi.server in the program",
	"go-redis":                 "fields of redis.Options in the program",
	"mariadb-connector-nodejs": "fields of the options in the program",
	"mojolicious":              "variables of the environment or arguments in the program",
	"nghttpx":                  "lines of nghttpx.conf, which holds the backends, too",
	"node-redis":               "fields of the options in the program",
	"pgx":                      "fields of pgxpool.Config in the program",
	"starman":                  "flags of its command line",
	"tornado":                  "one argument of HTTPServer in the program",
	"twisted-web":              "one argument of server.Site in the program",
	"webrick":                  "one argument of the server in the program",
	"yaws":                     "lines of yaws.conf that belong to the installation",
	"firewall":                 "any firewall: its product is not known",
	"unknown-server":           "any server: its product is not known",
	"home-router":              "any router: its product is not known",
	"bind":                     "two lines of named.conf that belong to the installation",
	"fasthttp-client":          "one field of fasthttp.Client in the program",
	"hertz-client":             "one option of the client in the program",
	"inets-httpd":              "one property that the program hands to inets",
	"jdk-httpserver":           "a system property of the program's command line",
	"knot-dns":                 "one line of knot.conf that belongs to the installation",
	"nsd":                      "one line of nsd.conf that belongs to the installation",
	"pdns-recursor":            "one line of recursor.conf that belongs to the installation",
	"unbound":                  "one line of unbound.conf that belongs to the installation",
	"aiohttp-server":           "one argument of web.run_app in the program",
	"amqplib":                  "a part of the address that the program connects to",
	"bun":                      "one field of Bun.serve in the program",
	"cheroot":                  "one attribute of the server in the program",
	"dovecot":                  "a line of the protocol section in a file of the installation's own",
	"dropbear":                 "flags of its command line",
	"etcd":                     "flags of its command line",
	"emqx":                     "no setting of it is in the arithmetic; the clients have theirs",
	"fastify":                  "fields of the options that the program hands to Fastify",
	"fasthttp":                 "fields of fasthttp.Server in the program",
	"fiber":                    "fields of fiber.Config in the program",
	"gorouter":                 "properties of a BOSH manifest, which belongs to the whole deployment",
	"hertz":                    "one option of the server in the program",
	"hikaricp":                 "properties of a pool, which frameworks name in ways of their own",
	"ingress-nginx":            "data of a ConfigMap that holds the controller's other settings too",
	"ioredis":                  "one field of the options in the program",
	"imap-client":              "any mail program: its product is not known",
	"lftp":                     "a line of lftprc or of its prompt",
	"libldap":                  "options of a library, which each program sets in its own way",
	"mqtt-js":                  "one field of the options in the program",
	"nats-client":              "options of libraries in many languages",
	"npgsql":                   "keywords of a connection string that holds credentials",
	"mysql2":                   "fields of the options in the program",
	"node-postgres":            "fields of the options in the program",
	"nginx-stream":             "one line of the stream block, which the format nginx does not write",
	"envoy-tcp":                "read from its files, not written yet",
	"odp-net":                  "properties of a class in the program",
	"oracle":                   "SQL and sqlnet.ora of the installation's own",
	"paho-mqtt":                "one argument of connect in the program",
	"pound":                    "lines of pound.cfg, which holds the services, too",
	"proftpd":                  "a line of proftpd.conf that belongs to the installation",
	"prometheus":               "a flag of its command line",
	"socat":                    "a flag of its command line",
	"socket-io":                "fields of the options in the program",
	"thin":                     "a flag of its command line",
	"uwsgi":                    "lines of the application's own ini file",
	"vsftpd":                   "lines of vsftpd.conf that belong to the installation",
	"waitress":                 "an argument or flag of the program that serves",
}

// TestEverySettableParameterHasAFormat changes each one alone, at the version
// that is assumed: a file must say it, unless noFile or noFormat has a reason.
func TestEverySettableParameterHasAFormat(t *testing.T) {
	c := model.Embedded()
	all, err := c.All()
	if err != nil {
		t.Fatal(err)
	}
	used, n := map[model.ParamID]bool{}, 0
	without := map[model.SystemID]bool{}
	for _, s := range all {
		for _, p := range s.Params {
			if !s.Settable(p, s.Assume) {
				continue
			}
			if len(s.Formats) == 0 {
				without[s.ID] = true
				if noFormat[s.ID] == "" {
					t.Errorf("%s can be set (%s) and lists no format, and noFormat has no reason", s.ID, p.ID)
				}
				continue
			}
			if n++; !lawcheck.Picks(n) {
				used[p.ID] = true
				continue
			}
			d, place := pathWith(t, c, s, p)
			formats, said := writers(t, c, d, place, p)
			switch why := noFile[p.ID]; {
			case why == "" && len(formats) == 0:
				t.Errorf("%s (%s) is settable and no format writes it\n%s", p.ID, p.Where, said)
			case why != "" && len(formats) > 0:
				t.Errorf("%s is written as %v, though %s", p.ID, formats, why)
			case why != "":
				used[p.ID] = true
			}
			for _, f := range formats {
				if usual := append(slices.Clone(s.Formats), hostFormats(t, c, d, place)...); !slices.Contains(usual, f) {
					t.Errorf("%s is written as %s, which its catalog file does not list: %v", p.ID, f, usual)
				}
			}
		}
	}
	for id := range maps.Keys(noFormat) {
		if !without[id] {
			t.Errorf("%s is listed in noFormat and has nothing to set, or a format", id)
		}
	}
	for id := range maps.Keys(noFile) {
		if !used[id] {
			t.Errorf("%s is listed in noFile and is not settable", id)
		}
	}
}

func hostFormats(t *testing.T, c *model.Catalog, d model.Document, place int) []string {
	t.Helper()
	host, _, err := d.Path.Endpoints[place].HostOf(c)
	if err != nil || host == nil {
		return nil
	}
	return host.Formats
}

// peers are a client and a server for each protocol but HTTP.
var peers = map[string]struct{ client, server string }{
	"ssh":        {"ssh", "sshd"},
	"postgresql": {"libpq", "postgresql"},
	"redis":      {"redis-cli", "redis"},
	"mysql":      {"mysql-client", "mariadb"},
	"oracle":     {"odp-net", "oracle"},
	"amqp":       {"amqplib", "rabbitmq"},
	"mqtt":       {"mqtt-js", "mosquitto"},
	"nats":       {"nats-client", "nats-server"},
	"memcached":  {"memcached-client", "memcached"},
	"ldap":       {"libldap", "slapd"},
	"ftp":        {"lftp", "vsftpd"},
	"imap":       {"imap-client", "dovecot"},
	"dns":        {"dns-client", "unbound"},
}

// pathWith is a path in which a system reads a parameter, and its place.
func pathWith(t *testing.T, c *model.Catalog, s *model.System, p *model.Param) (model.Document, int) {
	t.Helper()
	var err error
	type try struct {
		path  string
		place int
	}
	for _, try := range []try{
		{fmt.Sprintf("chrome > %s > nginx", s.ID), 1},
		{fmt.Sprintf("chrome > %s", s.ID), 1},
		{fmt.Sprintf("%s > nginx", s.ID), 0},
		{fmt.Sprintf("curl/%s > nginx", s.ID), 0},
		{fmt.Sprintf("%s > grpc-server", s.ID), 0},
		{fmt.Sprintf("grpc-client > %s", s.ID), 1},
		{fmt.Sprintf("%s > %s", s.ID, peers[s.Protocol].server), 0},
		{fmt.Sprintf("%s > %s", peers[s.Protocol].client, s.ID), 1},
	} {
		var path model.Path
		if path, err = model.ParsePath(try.path, c); err != nil {
			continue
		}
		d := model.Document{Path: path}
		r, aerr := analyze(d, c)
		if aerr != nil {
			continue
		}
		if s.Middlebox() || slices.ContainsFunc(rowsOf(r, try.place), func(row *tuning.Row) bool { return row.Param.ID == p.ID }) {
			return d, try.place
		}
	}
	t.Fatalf("%s: no path reads %s (%v)", s.ID, p.ID, err)
	return model.Document{}, 0
}

// writers are the formats beside the ticket that write a parameter: of the
// first value that any does, with what its product needs beside, since times of
// probes need probes. Without one, said is the last ticket.
func writers(t *testing.T, c *model.Catalog, d model.Document, place int, p *model.Param) (formats []string, said string) {
	t.Helper()
	to := string(d.Path.Endpoints[place].ID) + ":"
	bases := []model.Document{d}
	if strings.HasPrefix(p.ID.Name(), "tcp_keep") && p.Face != model.FaceHost {
		for _, beside := range []string{"tcp_keepalive=on", "tcp_keepidle=61s", "tcp_keepintvl=11s"} {
			if with, err := d.Assign(c, to+strings.TrimSuffix(string(p.ID), p.ID.Name())+beside); err == nil {
				d = with
				bases = append(bases, d)
			}
		}
	}
	if ping := "connection_keepalive."; strings.HasPrefix(p.Name, ping) {
		with, err := d.Assign(c, to+strings.TrimSuffix(string(p.ID), p.ID.Name())+ping+"timeout=5s")
		if err != nil {
			t.Fatal(err)
		}
		bases = append(bases, with)
	}
	for _, base := range bases {
		if formats, said = writersBeside(t, c, base, to, place, p); len(formats) > 0 {
			return formats, ""
		}
	}
	return nil, said
}

// writersBeside is writers with the values that a document has already.
func writersBeside(t *testing.T, c *model.Catalog, d model.Document, to string, place int, p *model.Param) (formats []string, said string) {
	t.Helper()
	for _, text := range []string{"10m", "5m", "2m", "90s", "7", "off", "on", "1"} {
		changed, err := d.Assign(c, to+string(p.ID)+"="+text)
		if err != nil || !changed.Path.Endpoints[place].Settings[p.ID].Value.IsSet() {
			continue
		}
		said = ""
		files, err := native.Export(request(t, c, changed))
		if err != nil {
			t.Fatalf("%s=%s: %v", p.ID, text, err)
		}
		for _, f := range files {
			if f.Format == "markdown" {
				said = string(f.Content)
			} else {
				formats = append(formats, f.Format)
			}
		}
		if len(formats) > 0 && !strings.Contains(said, "`"+string(p.ID)+"`") {
			return formats, ""
		}
		formats = nil
	}
	return nil, said
}

// The ticket of a system that somebody else owns says where the setting is,
// when it counts and, of a middlebox, what happens at the end of its time.
func TestTicketsForWhoOwnsTheOtherEnd(t *testing.T) {
	c := model.Embedded()
	all, err := c.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if !s.Middlebox() {
			continue
		}
		for _, p := range s.Params {
			if p.Role != model.RoleMiddleboxTTL {
				continue
			}
			d := document(t, c, fmt.Sprintf("chrome > %s > nginx", s.ID))
			if with, err := d.Assign(c, fmt.Sprintf("%s:%s=21m", s.ID, p.ID)); err == nil {
				d = with
			} else if d, err = d.Assign(c, fmt.Sprintf("%s:%s=200s", s.ID, p.ID)); err != nil {
				t.Errorf("%s: %v", p.ID, err)
				continue
			}
			files, err := format(t, "markdown").Render(request(t, c, d))
			if err != nil {
				t.Errorf("%s: %v", p.ID, err)
				continue
			}
			ticket := string(files[0].Content)
			for _, want := range []string{"`" + p.Name + "`", strings.ReplaceAll(p.Where, "<", "&lt;"), "- To take effect: " + p.Name, "- When its time is up: it "} {
				if s.Tracking != nil && s.Tracking.OnExpiry == "unknown" && strings.HasPrefix(want, "- When") {
					want = "- When its time is up: what it does is not known."
				}
				if p.Where == "" || !strings.Contains(ticket, want) {
					t.Errorf("%s: the ticket does not say %q\n%s", p.ID, want, ticket)
				}
			}
		}
	}
}
