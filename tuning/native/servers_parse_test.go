package native_test

import (
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// No Traffic Server 10 is packaged for Debian 12: a YAML parser reads what is
// written for it, and H2O's file, which is YAML, too.
func TestServersFilesAreYAML(t *testing.T) {
	want := map[string]map[string]any{
		"keeptune-records.yaml": {"records": map[string]any{
			"http": map[string]any{"keep_alive_enabled_in": 0, "keep_alive_no_activity_timeout_in": 310, "keep_alive_no_activity_timeout_out": 4},
			"net":  map[string]any{"sock_option_flag_in": 3},
		}},
		"keeptune-h2o.conf": {"http1-request-timeout": 310, "proxy.timeout.keepalive": 1500},
	}
	seen := 0
	for file, a := range fixtureFiles(t) {
		for _, f := range a.files {
			tree, known := want[strings.TrimSuffix(f.name, ".undo")]
			if !known {
				continue
			}
			if strings.HasSuffix(f.name, ".undo") {
				tree = nil
			}
			var got map[string]any
			if err := yaml.Unmarshal([]byte(f.text), &got); err != nil {
				t.Errorf("%s %s: %v", file, f.name, err)
			}
			if seen++; !reflect.DeepEqual(got, tree) {
				t.Errorf("%s %s: %v, want %v", file, f.name, got, tree)
			}
		}
	}
	if seen != 4 {
		t.Errorf("%d files were read, want 4", seen)
	}
}
