//go:build real

package native_test

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/native"
)

// realReading is one way to ask a program what is in force: a shell command for
// what the head of a fixture says behind "real: CONTEXT = ", and which of the
// printed names is which parameter.
type realReading struct {
	version model.Version // that answers
	dirs    []string      // of the machine that the fixture takes the place of, in a namespace
	setup   string
	command string // %s is what the head says
	params  map[string]string
	parse   func(*model.Param, string) (model.Value, error)
	digest  func(t *testing.T, answer, argument string) string // into lines of NAME VALUE
}

// TestRealReads asks the programs themselves what each context of the fixtures
// comes to, in a namespace where the fixture's files lie where they belong.
func TestRealReads(t *testing.T) {
	c := model.Embedded()
	for _, r := range readings(t) {
		how, known := realReadings[r.format]
		if !known || len(r.real) == 0 {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			im := r.open(t)
			dir := realserver.Dir(t)
			for name, text := range r.files {
				realserver.File(t, dir, name, text)
			}
			script := how.setup
			for _, d := range how.dirs {
				realserver.File(t, dir, filepath.Join(d, ".keep"), "")
				script += "mount --bind " + filepath.Join(dir, d) + " " + d + "; "
			}
			for _, line := range r.real {
				_, argument, _ := strings.Cut(line, " = ")
				script += "echo '" + divider + "'; " + strings.NewReplacer("%d", dir, "%m", filepath.Join(dir, r.main)).Replace(strings.Replace(how.command, "%s", argument, 1)) + "; "
			}
			answers := strings.Split(namespace(t, dir, script), divider+"\n")[1:]
			for i, line := range r.real {
				where, argument, _ := strings.Cut(line, " = ")
				if how.digest != nil {
					answers[i] = how.digest(t, answers[i], argument)
				}
				how.compare(t, c, contextNamed(t, im, where), answers[i])
			}
		})
	}
}

const divider = "-- answer --"

// contextNamed is the context of an import with this name; "" is the only one.
func contextNamed(t *testing.T, im native.Import, where string) native.Context {
	t.Helper()
	for _, ctx := range im.Contexts {
		if ctx.Where == where || where == "all" && len(im.Contexts) == 1 {
			return ctx
		}
	}
	t.Fatalf("no context %q in\n%s", where, told(im))
	return native.Context{}
}

// compare holds each parameter that the program prints against the context, or
// against the catalog's default where the context does not say it.
func (how *realReading) compare(t *testing.T, c *model.Catalog, ctx native.Context, answer string) {
	t.Helper()
	said := map[string]string{}
	for line := range strings.Lines(answer) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		said[name] = strings.TrimSpace(value)
	}
	compared := 0
	for name, param := range how.params {
		text, printed := said[name]
		s, err := c.System(model.ParamID(param).System())
		if err != nil || s.Param(model.ParamID(param)) == nil {
			t.Fatalf("%s: %v", param, err)
		}
		if !printed || ctx.System != s.ID {
			continue
		}
		p := s.Param(model.ParamID(param))
		parse := how.parse
		if parse == nil {
			parse = (*model.Param).ParseValue
		}
		want, err := parse(p, text)
		if err != nil {
			t.Errorf("%s: the program says %s %s: %v", ctx.Where, name, text, err)
			continue
		}
		got, ok := ctx.Settings[p.ID]
		if !ok {
			got.Value = s.DefaultAt(p, how.version).Value
		}
		compared++
		if got.Value != want {
			t.Errorf("%s: %s is imported as %s, and the program says %s", ctx.Where, param, got.Value, text)
		}
	}
	if compared == 0 {
		t.Errorf("%s: nothing was compared; the program said\n%s", ctx.Where, answer)
	}
}

// channelTimes reads what sshd -T prints of ChannelTimeout.
func channelTimes(p *model.Param, text string) (model.Value, error) {
	if p.Name != "ChannelTimeout" {
		return p.ParseValue(text)
	}
	for entry := range strings.FieldsSeq(text) {
		if kind, value, _ := strings.Cut(entry, "="); kind == "*" || kind == "session:*" {
			return p.ParseValue(value)
		}
	}
	return model.ValueNever, nil
}

var realReadings = map[string]*realReading{
	"sshd": {
		version: "9.2", dirs: []string{"/etc/ssh"},
		setup:   "mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N '' -f key; ",
		command: "sshd -T -h %d/key -f %m -C %s",
		params: map[string]string{
			"clientaliveinterval": "sshd.ClientAliveInterval", "clientalivecountmax": "sshd.ClientAliveCountMax", "logingracetime": "sshd.LoginGraceTime",
			"tcpkeepalive": "sshd.tcp_keepalive", "unusedconnectiontimeout": "sshd.UnusedConnectionTimeout", "channeltimeout": "sshd.ChannelTimeout",
		},
		parse: channelTimes,
	},
	"sysctl": {
		dirs:    []string{"/etc/sysctl.d", "/run/sysctl.d", "/usr/lib/sysctl.d"},
		setup:   "mount -t tmpfs run /run; mkdir /run/sysctl.d; [ -e /etc/sysctl.conf ] || touch /etc/sysctl.conf; touch etc/sysctl.conf; mount --bind etc/sysctl.conf /etc/sysctl.conf; ",
		command: "%s > log 2>&1 || true; for d in net.ipv4. net.netfilter.; do sysctl -a 2> log | grep ^$d | sed 's/ = / /' || true; done",
		params: map[string]string{
			"net.ipv4.tcp_keepalive_time": "linux.tcp_keepalive_time", "net.ipv4.tcp_keepalive_intvl": "linux.tcp_keepalive_intvl",
			"net.ipv4.tcp_keepalive_probes": "linux.tcp_keepalive_probes", "net.ipv4.tcp_retries2": "linux.tcp_retries2",
			"net.netfilter.nf_conntrack_tcp_timeout_established": "conntrack.nf_conntrack_tcp_timeout_established",
		},
	},
	"caddy": {
		version: "2.6.2", command: "caddy adapt --config %m 2> log", digest: adapted,
		params: map[string]string{
			"server.idle_timeout": "caddy.idle_timeout", "server.read_timeout": "caddy.read_timeout", "server.read_header_timeout": "caddy.read_header_timeout",
			"server.write_timeout": "caddy.write_timeout", "server.keepalive_interval": "caddy.tcp_keepintvl", "server.probes": "caddy.tcp_keepalive",
			"transport.idle_timeout": "caddy.upstream.keepalive", "transport.max_idle_conns_per_host": "caddy.upstream.keepalive_idle_conns_per_host",
			"transport.probe_interval": "caddy.upstream.tcp_keepintvl", "transport.response_header_timeout": "caddy.upstream.response_header_timeout",
		},
	},
	"postgresql": {
		version: "15",
		command: `asked='%s'; more=${asked#* -- }; [ "$more" = "$asked" ] && more=""; ` +
			`for n in ${asked%% -- *}; do echo $n $(setpriv --reuid=postgres --clear-groups postgres -D $(dirname %m) $more -C $n); done`,
		params: map[string]string{
			"tcp_keepalives_idle": "postgresql.tcp_keepidle", "tcp_keepalives_interval": "postgresql.tcp_keepintvl", "tcp_keepalives_count": "postgresql.tcp_keepcnt",
			"tcp_user_timeout": "postgresql.tcp_user_timeout", "idle_session_timeout": "postgresql.idle_session_timeout",
			"idle_in_transaction_session_timeout": "postgresql.idle_in_transaction_session_timeout", "authentication_timeout": "postgresql.authentication_timeout",
		},
	},
	"ssh": {
		version: "9.2", dirs: []string{"/root"},
		command: "ssh -G %s",
		params: map[string]string{
			"serveraliveinterval": "ssh.ServerAliveInterval", "serveralivecountmax": "ssh.ServerAliveCountMax",
			"tcpkeepalive": "ssh.tcp_keepalive", "connecttimeout": "ssh.ConnectTimeout",
		},
	},
}

// adapted finds in Caddy's JSON the server of a host and the handler that sends
// to an address; - stands for any host and for no handler.
func adapted(t *testing.T, answer, argument string) string {
	t.Helper()
	host, dial, _ := strings.Cut(argument, " ")
	var config struct {
		Apps struct {
			HTTP struct{ Servers map[string]map[string]any }
		}
	}
	if err := json.Unmarshal([]byte(answer), &config); err != nil {
		t.Fatalf("%v\n%s", err, answer)
	}
	var lines []string
	say := func(prefix string, values map[string]any) {
		for name, v := range values {
			n, ok := v.(float64)
			switch {
			case !ok:
			case name == "max_idle_conns_per_host":
				lines = append(lines, prefix+name+" "+strconv.Itoa(int(n)))
			case name == "keepalive_interval" && n < 0:
				lines = append(lines, prefix+"probes off")
			case n < 0:
				lines = append(lines, prefix+name+" never")
			default:
				lines = append(lines, prefix+name+" "+time.Duration(n).String())
			}
		}
	}
	for _, server := range config.Apps.HTTP.Servers {
		text, err := json.Marshal(server)
		if err != nil {
			t.Fatal(err)
		}
		if host != "-" && !strings.Contains(string(text), strconv.Quote(host)) {
			continue
		}
		say("server.", server)
		handlers(server, func(h map[string]any) {
			text, _ := json.Marshal(h["upstreams"])
			transport, _ := h["transport"].(map[string]any)
			if strings.Contains(string(text), strconv.Quote(dial)) {
				say("transport.", transport)
				alive, _ := transport["keep_alive"].(map[string]any)
				say("transport.", alive)
			}
		})
	}
	return strings.Join(append(lines, "done"), "\n")
}

// handlers visits every reverse proxy below a value.
func handlers(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		if v["handler"] == "reverse_proxy" {
			visit(v)
		}
		for _, inner := range v {
			handlers(inner, visit)
		}
	case []any:
		for _, inner := range v {
			handlers(inner, visit)
		}
	}
}
