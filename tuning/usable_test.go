package tuning_test

import (
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// peers are the client before and the server behind a system of a protocol.
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
	"ftp":              {"lftp", "vsftpd"},
	"imap":             {"imap-client", "dovecot"},
	"dns":              {"dns-client", "unbound"},
}

// Every system can be judged at each version that the catalog knows, in each
// role that it claims, and each parameter that it has there resolves.
func TestEverySystemIsUsableAtEveryVersion(t *testing.T) {
	c := model.Embedded()
	env := tuning.NewEnv(c, 250)
	all, err := c.All()
	if err != nil {
		t.Fatal(err)
	}
	judged := 0
	for _, s := range all {
		peer, ok := peers[s.Protocol]
		if !ok {
			t.Errorf("%s speaks %q, of which the catalog has no client and server", s.ID, s.Protocol)
			continue
		}
		for _, v := range s.Known {
			for _, path := range pathsOf(s, string(s.ID)+"@"+string(v), peer.client, peer.server) {
				p, err := model.ParsePath(path, c)
				if err != nil {
					t.Errorf("%s: %v", path, err)
					continue
				}
				r, err := tuning.Analyze(model.Document{Path: p}, env)
				if err != nil {
					t.Errorf("%s: %v", path, err)
					continue
				}
				judged++
				for _, leg := range r.Legs {
					if leg.Limit.Verdict == "" || len(leg.Limit.Because) == 0 {
						t.Errorf("%s: no verdict or no reason: %+v", path, leg.Limit)
					}
				}
			}
		}
	}
	if judged < 400 {
		t.Errorf("only %d paths were judged", judged)
	}
}

// pathsOf puts a system into each role that it claims.
func pathsOf(s *model.System, it, client, server string) []string {
	var paths []string
	if s.Faces[model.FaceClient] != nil {
		paths = append(paths, it+" > "+server)
	}
	if s.Faces[model.FaceServer] != nil {
		paths = append(paths, client+" > "+it)
	}
	if len(paths) == 2 {
		paths = append(paths, client+" > "+it+" > "+server)
	}
	if s.Middlebox() {
		paths = append(paths, client+" > "+it+" > "+server)
	}
	if s.Kind == "os" {
		paths = append(paths, client+"/"+it+" > "+server+"/"+it)
	}
	return paths
}
