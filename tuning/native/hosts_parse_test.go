package native_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"go.yaml.in/yaml/v3"

	"example.com/keeptune/model"
)

// fixturesFor are the files of the fixtures of one format, by name.
func fixturesFor(t *testing.T, format string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for file, a := range fixtureFiles(t) {
		if !strings.Contains(a.head, "\nto: "+format+"\n") {
			continue
		}
		for _, f := range a.files {
			if f.name != "error" {
				found[filepath.Base(file)+" "+f.name] = f.text
			}
		}
	}
	if len(found) == 0 {
		t.Fatalf("%s has no fixtures", format)
	}
	return found
}

// Terraform reads what is written, and terraform fmt would change nothing.
func TestTerraformIsHCL(t *testing.T) {
	for name, content := range fixturesFor(t, "terraform") {
		file, diagnostics := hclsyntax.ParseConfig([]byte(content), name, hcl.InitialPos)
		if diagnostics.HasErrors() {
			t.Errorf("%v\n%s", diagnostics, content)
			continue
		}
		blocks := file.Body.(*hclsyntax.Body).Blocks
		for _, b := range blocks {
			if b.Type != "resource" || len(b.Labels) != 2 {
				t.Errorf("%s has a block that is no resource\n%s", name, content)
			}
		}
		if len(blocks) != 1 && !strings.HasSuffix(name, ".undo") {
			t.Errorf("%s has %d resources\n%s", name, len(blocks), content)
		}
		if got := string(hclwrite.Format([]byte(content))); got != content {
			t.Errorf("%s: terraform fmt would change it\n%s", name, firstDifference(content, got))
		}
	}
}

// What a YAML parser finds in the files of containers is what was set.
func TestContainersAreYAML(t *testing.T) {
	c := model.Embedded()
	sets := []string{"server:tcp_keepalive_time=10m", "server:tcp_retries2=8"}
	want := map[string]string{"net.ipv4.tcp_keepalive_time": "600", "net.ipv4.tcp_retries2": "8"}
	req := request(t, c, document(t, c, "chrome > nginx/linux@6.12", sets...))
	for id, sysctls := range map[string]func([]byte) map[string]string{
		"docker": func(content []byte) map[string]string {
			var f struct {
				Services map[string]struct{ Sysctls map[string]string }
			}
			decode(t, content, &f)
			return f.Services["app"].Sysctls
		},
		"kubernetes": func(content []byte) map[string]string {
			var f struct {
				Spec struct {
					Template struct {
						Spec struct {
							SecurityContext struct {
								Sysctls []struct{ Name, Value string }
							} `yaml:"securityContext"`
						}
					}
				}
			}
			decode(t, content, &f)
			got := map[string]string{}
			for _, s := range f.Spec.Template.Spec.SecurityContext.Sysctls {
				got[s.Name] = s.Value
			}
			return got
		},
	} {
		files, err := format(t, id).Render(req)
		if err != nil {
			t.Fatal(err)
		}
		got := sysctls(files[0].Content)
		for key, value := range want {
			if got[key] != value {
				t.Errorf("%s: %s is %q, want %s\n%s", id, key, got[key], value, files[0].Content)
			}
		}
		decode(t, files[0].Undo, new(any))
	}
}

// decode reads YAML strictly: an unknown field fails.
func decode(t *testing.T, content []byte, v any) {
	t.Helper()
	dec := yaml.NewDecoder(strings.NewReader(string(content)))
	dec.KnownFields(true)
	if err := dec.Decode(v); err != nil && err.Error() != "EOF" { // an undo may be comments only
		t.Errorf("%v\n%s", err, content)
	}
}

// Every task of a playbook calls one module of ansible-core.
func TestPlaybooksCallModules(t *testing.T) {
	type task = map[string]any
	for name, content := range fixturesFor(t, "ansible") {
		var plays []struct {
			Name, Hosts string
			Become      bool
			Facts       bool `yaml:"gather_facts"`
			Tasks       []task
		}
		decode(t, []byte(content), &plays)
		for _, p := range plays {
			tasks := slices.Clone(p.Tasks)
			for i := 0; i < len(tasks); i++ {
				for _, key := range []string{"block", "rescue"} {
					inner, _ := tasks[i][key].([]any)
					for _, x := range inner {
						tasks = append(tasks, x.(task))
					}
				}
				modules := 0
				for key := range tasks[i] {
					if strings.HasPrefix(key, "ansible.builtin.") || key == "block" {
						modules++
					}
				}
				if modules != 1 {
					t.Errorf("%s: the task %q calls %d modules", name, tasks[i]["name"], modules)
				}
			}
		}
	}
}

// The list of changes is JSON, and its session opens again.
func TestChangesAreJSON(t *testing.T) {
	for name, content := range fixturesFor(t, "json") {
		var f struct {
			Schema  string
			Changes []struct{ Parameter, Value, Format string }
		}
		if err := json.Unmarshal([]byte(content), &f); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if f.Schema != "keeptune.changes/1" || len(f.Changes) == 0 {
			t.Errorf("%s: %+v", name, f)
		}
		for _, ch := range f.Changes {
			if _, err := model.Embedded().System(model.ParamID(ch.Parameter).System()); err != nil || ch.Value == "" || format(t, ch.Format) == nil {
				t.Errorf("%s: %+v (%v)", name, ch, err)
			}
		}
	}
}
