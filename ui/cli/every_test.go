package cli_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/ui/internal/prose"
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
	"ftp":              {"lftp", "vsftpd"},
	"imap":             {"imap-client", "dovecot"},
	"dns":              {"dns-client", "unbound"},
}

// Every system of the catalog is shown and judged in the role it has, within
// 80 columns and the schemas.
func TestEverySystem(t *testing.T) {
	all, err := model.Embedded().All()
	if err != nil {
		t.Fatal(err)
	}
	env := tuning.NewEnv(model.Embedded(), 0)
	for _, s := range all {
		id := string(s.ID)
		path := "curl/" + id + " > apache/" + id
		peer := peers[s.Protocol]
		switch client, server := s.Faces[model.FaceClient] != nil, s.Faces[model.FaceServer] != nil; {
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
		reads(t, path, string(out))
		_, out = run(t, "systems", id)
		reads(t, id, string(out))
		readsExports(t, env, s, path)
		if _, out = run(t, "systems", id, "--format", "json"); validate("systems", string(out)) != nil {
			t.Errorf("%s: %v", id, validate("systems", string(out)))
		}
	}
}

// TestEveryHelp reads the help of every command.
func TestEveryHelp(t *testing.T) {
	_, out := run(t, "--help")
	reads(t, "keeptune", string(out))
	_, list, _ := strings.Cut(string(out), "Available Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	commands := [][]string{{"completion", "bash"}, {"completion", "zsh"}, {"completion", "fish"}, {"completion", "powershell"}}
	for line := range strings.Lines(list) {
		commands = append(commands, []string{strings.Fields(line)[0]})
	}
	if len(commands) < 15 {
		t.Errorf("only %d commands are listed", len(commands))
	}
	for _, c := range commands {
		_, out := run(t, append(c, "--help")...)
		reads(t, strings.Join(c, " "), string(out))
	}
	_, out = run(t, "export", "--list")
	reads(t, "export --list", string(out))
}

// cutOff is the sign where something was cut.
var cutOff = regexp.MustCompile(`\S~(?:\s|$)`)

// reads fails on a line over 80 columns, save one with a source's address, and on
// what no text may have.
func reads(t *testing.T, what, text string) {
	t.Helper()
	for _, l := range prose.Wide(text, 80) {
		if !strings.Contains(l, "/") {
			t.Errorf("%s: over 80 columns: %q", what, l)
		}
	}
	for l := range strings.Lines(text) {
		if cutOff.MatchString(l) {
			t.Errorf("%s: cut: %q", what, l)
		}
		for _, fault := range prose.Faults(strings.TrimSpace(l)) {
			t.Errorf("%s: %s in %q", what, fault, l)
		}
	}
}

// readsExports reads what is said of each setting of a system when it is given values
// of many kinds: why it is refused, what no file says of it, and what a file does.
func readsExports(t *testing.T, env *tuning.Env, s *model.System, path string) {
	t.Helper()
	parsed, err := model.ParsePath(path, env.Catalog)
	if err != nil {
		t.Fatal(err)
	}
	end := parsed.Endpoints[len(parsed.Endpoints)-1].ID
	for _, e := range parsed.Endpoints {
		if e.System == s.ID || e.OS.System == s.ID {
			end = e.ID
		}
	}
	n := len(s.ID) // another third for each system
	for _, p := range s.Params {
		for _, value := range []string{"never", "off", "1500ms", "7", "soon"} {
			if n++; !lawcheck.Picks(n) {
				continue
			}
			set := fmt.Sprintf("%s:%s=%s", end, p.ID, value)
			d, err := model.Document{Path: parsed}.Assign(env.Catalog, set)
			if err != nil {
				says(t, set, err.Error())
				continue
			}
			report, err := tuning.Analyze(d, env)
			if err != nil {
				says(t, set, err.Error())
				continue
			}
			req := native.Request{Document: d, Report: report, Catalog: env.Catalog, Version: "test"}
			for _, f := range native.Suggested(req) {
				files, err := f.Render(req)
				if err != nil {
					says(t, set, err.Error())
				}
				for _, file := range files {
					says(t, set, append(file.Effect, file.Notes...)...)
				}
			}
		}
	}
}

// says is reads for whole sentences, of which what somebody typed is no part.
func says(t *testing.T, what string, sentences ...string) {
	t.Helper()
	for _, text := range sentences {
		for _, fault := range prose.Faults(quoted.ReplaceAllString(text, "NAME")) {
			t.Errorf("%s: %s in %q", what, fault, text)
		}
	}
}
