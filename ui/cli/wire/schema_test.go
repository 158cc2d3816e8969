package wire_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/detect"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/cli/wire"
)

var update = flag.Bool("update", false, "write the schemas again")

// outputs are the types that have a schema.
var outputs = map[string]any{
	"check":      wire.Check{},
	"calc":       wire.Calc{},
	"probe":      wire.Probe{},
	"systems":    wire.Systems{},
	"lab":        wire.Lab{},
	"import":     wire.Import{},
	"explain":    wire.Explain{},
	"solve":      wire.Solve{},
	"presets":    wire.Presets{},
	"census":     wire.Census{},
	"trial":      wire.TrialPlan{},
	"tracked":    wire.Tracked{},
	"namespaces": wire.Namespaces{},
	"pcap":       wire.Pcap{},
	"status":     wire.Status{},
	"host":       wire.Host{},
	"verify":     wire.Verify{},
}

// The published schemas are those of the types.
func TestSchemas(t *testing.T) {
	docs := comments(t)
	for name := range wire.Schemas() {
		if outputs[name] == nil {
			t.Errorf("%s.schema.json is of no output", name)
		}
	}
	for name, v := range outputs {
		s := schemer{defs: map[string]any{}, docs: docs}
		top := s.object(reflect.TypeOf(v))
		props := top["properties"].(map[string]any)
		props["schema"] = map[string]any{"const": "keeptune." + name + "/1"}
		top["$schema"] = "https://json-schema.org/draft/2020-12/schema"
		top["title"] = "keeptune." + name + "/1"
		top["$defs"] = s.defs
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(top); err != nil {
			t.Fatal(err)
		}
		file := name + ".schema.json"
		if *update {
			if err := os.WriteFile(file, want.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(want.String(), string(wire.Schemas()[name])); diff != "" {
			t.Errorf("%s is stale; go generate writes it again:\n%s", file, diff)
		}
	}
}

// A schemer turns types into schemas, once each.
type schemer struct {
	defs map[string]any
	docs map[string]string
}

func (s schemer) of(t reflect.Type) map[string]any {
	switch t {
	case reflect.TypeFor[wire.Seconds]():
		return kind("number", "null")
	case reflect.TypeFor[wire.Count]():
		return kind("integer", "null")
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case reflect.TypeFor[struct{}]():
		return kind("null")
	case reflect.TypeFor[livetest.Hint]():
		return map[string]any{
			"type": "object", "additionalProperties": false, "required": []string{"timeout_s", "max"},
			"properties": map[string]any{"timeout_s": kind("number", "null"), "max": kind("integer", "null")},
		}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(s.of(t.Elem()))
	case reflect.Struct:
		name := defName(t)
		if _, ok := s.defs[name]; !ok {
			s.defs[name] = nil
			s.defs[name] = s.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + name}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.String:
		return kind("string")
	case reflect.Bool:
		return kind("boolean")
	case reflect.Int, reflect.Int64, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return kind("integer")
	case reflect.Float64:
		return kind("number")
	default:
		panic(t.String())
	}
}

func kind(names ...string) map[string]any {
	if len(names) == 1 {
		return map[string]any{"type": names[0]}
	}
	return map[string]any{"type": names}
}

func nullable(schema map[string]any) map[string]any {
	switch t := schema["type"].(type) {
	case string:
		if t != "null" {
			schema["type"] = []string{t, "null"}
		}
		return schema
	case []string:
		return schema
	}
	return map[string]any{"anyOf": []any{schema, kind("null")}}
}

// defName is Sides_Detected for a generic type.
func defName(t reflect.Type) string {
	name, arg, ok := strings.Cut(strings.TrimSuffix(t.Name(), "]"), "[")
	if ok {
		name += "_" + arg[strings.LastIndex(arg, ".")+1:]
	}
	return name
}

func (s schemer) object(t reflect.Type) map[string]any {
	props, required := map[string]any{}, []string{}
	for f := range t.Fields() {
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		p := s.of(f.Type)
		if words := f.Tag.Get("enum"); words != "" {
			p["enum"] = enum(words, f.Type.Kind() == reflect.Pointer)
		}
		if doc := s.docs[bare(t)+"."+f.Name]; doc != "" {
			p["description"] = doc
		}
		props[name] = p
		if option != "omitempty" {
			required = append(required, name)
		}
	}
	o := map[string]any{"type": "object", "properties": props, "required": required, "additionalProperties": false}
	if doc := s.docs[bare(t)]; doc != "" {
		o["description"] = doc
	}
	return o
}

func enum(words string, null bool) []any {
	var all []any
	for w := range strings.SplitSeq(words, ",") {
		all = append(all, w)
	}
	if null {
		all = append(all, nil)
	}
	return all
}

func bare(t reflect.Type) string {
	name, _, _ := strings.Cut(t.Name(), "[")
	return name
}

// comments are the doc comments of the types and the line comments of their
// fields, by Type and Type.Field.
func comments(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") }) {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok || gen.Tok != token.TYPE {
				continue
			}
			spec := gen.Specs[0].(*ast.TypeSpec)
			docs[spec.Name.Name] = oneLine(gen.Doc.Text())
			if st, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range st.Fields.List {
					docs[spec.Name.Name+"."+f.Names[0].Name] = oneLine(f.Comment.Text())
				}
			}
		}
	}
	return docs
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// What the arithmetic computes is what is printed.
func TestNothingIsForgotten(t *testing.T) {
	for _, pair := range [][2]reflect.Type{
		{reflect.TypeFor[tuning.Load](), reflect.TypeFor[wire.Load]()},
		{reflect.TypeFor[detect.Detection](), reflect.TypeFor[wire.Detection]()},
		{reflect.TypeFor[tuning.States](), reflect.TypeFor[wire.Detected]()},
		{reflect.TypeFor[tuning.EndStates](), reflect.TypeFor[wire.Ended]()},
	} {
		if pair[0].NumField() != pair[1].NumField() {
			t.Errorf("%v has %d fields, %v has %d", pair[0], pair[0].NumField(), pair[1], pair[1].NumField())
		}
	}
}
