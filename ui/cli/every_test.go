package cli_test

import (
	"strings"
	"testing"

	"example.com/keeptune/model"
)

// peers are the ends that a system of a protocol is put before or behind.
var peers = map[string]struct{ client, server string }{
	model.ProtocolHTTP: {"chrome", "apache"},
	"ssh":              {"putty", "sshd"},
	"postgresql":       {"libpq", "postgresql"},
	"redis":            {"redis-cli", "redis"},
	"mysql":            {"mysql-client", "mariadb"},
	"oracle":           {"odp-net", "oracle"},
	"amqp":             {"amqplib", "rabbitmq"},
	"mqtt":             {"mqtt-js", "mosquitto"},
	"nats":             {"nats-client", "nats-server"},
	"memcached":        {"memcached-client", "memcached"},
	"ldap":             {"libldap", "slapd"},
}

// Every system of the catalog is shown and judged in the role it has, within
// 80 columns and the schemas.
func TestEverySystem(t *testing.T) {
	all, err := model.Embedded().All()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		id := string(s.ID)
		path := "curl/" + id + " > apache/" + id
		peer := peers[s.Protocol]
		switch client, server := s.Faces[model.SideClient] != nil, s.Faces[model.SideServer] != nil; {
		case client && server:
			path = "chrome > " + id + " > apache"
			if s.Protocol != model.ProtocolHTTP {
				path = peer.client + " > " + id + " > " + peer.server
			}
		case server:
			path = peer.client + " > " + id
		case client:
			path = id + " > " + peer.server
		case s.Middlebox():
			path = "curl > " + id + " > apache"
		}
		code, out := run(t, "check", "--path", path, "--format", "json")
		if code > 1 {
			t.Errorf("%s: exit code %d", path, code)
			continue
		}
		if err := validate("check", string(out)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		_, out = run(t, "check", "--path", path)
		for l := range strings.Lines(string(out)) {
			if n := len([]rune(strings.TrimRight(l, "\n"))); n > 80 && !strings.Contains(l, "/") {
				t.Errorf("%s: %d columns: %q", path, n, l)
			}
		}
		if _, out = run(t, "systems", id, "--format", "json"); validate("systems", string(out)) != nil {
			t.Errorf("%s: %v", id, validate("systems", string(out)))
		}
	}
}
