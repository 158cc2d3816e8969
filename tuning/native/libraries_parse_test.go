package native_test

import (
	"encoding/json"
	gofmt "go/format"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"example.com/keeptune/model"
)

// found is what stands at a path of keys and places in decoded YAML or JSON.
func found(t *testing.T, value any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := value.(map[string]any)
			value = m[s]
		case int:
			l, _ := value.([]any)
			if s >= len(l) {
				return nil
			}
			value = l[s]
		}
	}
	return value
}

// What a YAML parser finds in Envoy's file is what was set, where Envoy looks for it.
func TestEnvoyIsYAML(t *testing.T) {
	for name, content := range fixturesFor(t, "envoy") {
		var root any
		if err := yaml.Unmarshal([]byte(content), &root); err != nil {
			t.Errorf("%s: %v\n%s", name, err, content)
		}
		listener := func(path ...any) any {
			return found(t, root, append([]any{"static_resources", "listeners", 0}, path...)...)
		}
		manager := func(path ...any) any {
			return listener(append([]any{"filter_chains", 0, "filters", 0, "typed_config"}, path...)...)
		}
		cluster := func(path ...any) any {
			return found(t, root, append([]any{"static_resources", "clusters", 0}, path...)...)
		}
		switch name {
		case "envoy.txtar keeptune-envoy.yaml":
			const http = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
			for what, got := range map[string]any{
				"400s": manager("common_http_protocol_options", "idle_timeout"), "2.5s": manager("request_headers_timeout"),
				"0s":                          manager("route_config", "virtual_hosts", 0, "routes", 0, "route", "timeout"),
				"4s":                          cluster("typed_extension_protocol_options", http, "common_http_protocol_options", "idle_timeout"),
				"type.googleapis.com/" + http: cluster("typed_extension_protocol_options", http, "@type"),
			} {
				if got != what {
					t.Errorf("%s: got %v, want %s\n%s", name, got, what, content)
				}
			}
			if manager("common_http_protocol_options", "max_requests_per_connection") != 1000 || listener("tcp_keepalive", "keepalive_time") != 60 ||
				cluster("upstream_connection_options", "tcp_keepalive") == nil {
				t.Errorf("%s\n%s", name, content)
			}
		case "envoy-1.36.txtar keeptune-envoy.yaml":
			for i, want := range [][3]int{{1, 9, 1}, {6, 4, 60}, {6, 5, 10}, {6, 6, 4}} {
				for j, key := range []string{"level", "name", "int_value"} {
					if got := listener("socket_options", i, key); got != want[j] {
						t.Errorf("%s: option %d has %s %v, want %d", name, i, key, got, want[j])
					}
				}
			}
		}
	}
}

func TestTraefikIsYAML(t *testing.T) {
	for name, content := range fixturesFor(t, "traefik") {
		var root any
		if err := yaml.Unmarshal([]byte(content), &root); err != nil {
			t.Errorf("%s: %v\n%s", name, err, content)
		}
		transport := found(t, root, "entryPoints", "web", "transport")
		want := "400s"
		if strings.HasSuffix(name, ".undo") {
			want = "90s"
		} else if found(t, transport, "keepAliveMaxRequests") != 1000 || found(t, root, "serversTransport", "forwardingTimeouts", "idleConnTimeout") != "4s" {
			t.Errorf("%s\n%s", name, content)
		}
		if got := found(t, transport, "respondingTimeouts", "idleTimeout"); got != want {
			t.Errorf("%s: idleTimeout %v, want %s", name, got, want)
		}
	}
}

// Without its comments, which .NET skips, Kestrel's file is JSON.
func TestKestrelIsJSON(t *testing.T) {
	for name, content := range fixturesFor(t, "kestrel") {
		var plain strings.Builder
		for line := range strings.Lines(content) {
			if !strings.HasPrefix(strings.TrimSpace(line), "//") {
				plain.WriteString(line)
			}
		}
		var root any
		if err := json.Unmarshal([]byte(plain.String()), &root); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, content)
		}
		want := "1.01:00:00"
		if strings.HasSuffix(name, ".undo") {
			want = "00:02:00"
		}
		if got := found(t, root, "Kestrel", "Limits", "KeepAliveTimeout"); got != want {
			t.Errorf("%s: KeepAliveTimeout %v, want %s", name, got, want)
		}
	}
}

// Snippets in Go stand as gofmt writes them.
func TestGRPCIsFormatted(t *testing.T) {
	for name, content := range fixturesFor(t, "grpc") {
		clean, err := gofmt.Source([]byte(content))
		if err != nil || string(clean) != content {
			t.Errorf("%s: %v\n%s", name, err, firstDifference(string(clean), content))
		}
	}
}

// Whatever version of Node: all that its agent can be told is written and read back.
func TestNodeAgentAtEveryVersion(t *testing.T) {
	c := model.Embedded()
	node, err := c.System("node")
	if err != nil {
		t.Fatal(err)
	}
	values := map[model.ParamID]string{
		"node.upstream.keepAlive": "on", "node.upstream.timeout": "4s", "node.upstream.maxFreeSockets": "16",
		"node.upstream.agentKeepAliveTimeoutBuffer": "2s", "node.upstream.tcp_keepidle": "7s",
	}
	for _, v := range node.Known {
		var sets []string
		want := map[model.ParamID]string{"node.upstream.keepAlive": "on"}
		for id, value := range values {
			if p := node.Param(id); node.Has(p, v) && node.Settable(p, v) {
				sets = append(sets, "node:"+string(id)+"="+value)
				want[id] = value
			}
		}
		files, err := format(t, "node").Render(request(t, c, document(t, c, "chrome > node@"+string(v)+" > nginx", sets...)))
		if err != nil {
			t.Errorf("%s: %v", v, err)
			continue
		}
		im, err := format(t, "node").Parse("f", files[0].Content, c)
		if err != nil || len(im.Warnings) > 0 {
			t.Errorf("%s: %v, %v", v, err, im.Warnings)
		}
		for id, value := range want {
			if got := im.Settings[id].Value.String(); got != value {
				t.Errorf("%s: %s is read as %s, want %s\n%s", v, id, got, value, files[0].Content)
			}
		}
		if len(want) < 4 {
			t.Errorf("%s: only %v can be set", v, want)
		}
	}
}
