package ui

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// onlyDraws fails where View changes what it draws: parts are looked into as deep as they are
// the screen's own.
func onlyDraws(t testing.TB, a app) string {
	t.Helper()
	before := state(a)
	drawn := a.View()
	if after := state(a); before != after {
		was, is := strings.Split(before, "\n"), strings.Split(after, "\n")
		for i := range min(len(was), len(is)) {
			if was[i] != is[i] {
				t.Errorf("View changed %s to %s", was[i], is[i])
			}
		}
		if len(was) != len(is) {
			t.Errorf("View changed the length of something in %T", a.panes[a.screen])
		}
	}
	return drawn
}

func state(a app) string {
	var sb strings.Builder
	seen := map[uintptr]bool{}
	for _, p := range a.panes {
		look(&sb, fmt.Sprintf("%T", p), reflect.ValueOf(p), seen)
	}
	for _, o := range a.overlays {
		look(&sb, fmt.Sprintf("%T", o), reflect.ValueOf(o), seen)
	}
	return sb.String()
}

// look writes every value that is the screen's, one a line with its path.
func look(sb *strings.Builder, path string, v reflect.Value, seen map[uintptr]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] || !ours(v.Type().Elem()) {
			fmt.Fprintf(sb, "%s nil %v\n", path, v.IsNil())
			return
		}
		seen[v.Pointer()] = true
		look(sb, path, v.Elem(), seen)
	case reflect.Interface:
		if !v.IsNil() {
			look(sb, path, v.Elem(), seen)
		}
	case reflect.Struct:
		if !ours(v.Type()) {
			return
		}
		for i := range v.NumField() {
			look(sb, path+"."+v.Type().Field(i).Name, v.Field(i), seen)
		}
	case reflect.Slice, reflect.Array:
		fmt.Fprintf(sb, "%s has %d\n", path, v.Len())
		for i := range v.Len() {
			look(sb, fmt.Sprintf("%s[%d]", path, i), v.Index(i), seen)
		}
	case reflect.Map:
		var lines []string
		for _, k := range v.MapKeys() {
			var one strings.Builder
			look(&one, fmt.Sprintf("%s[%v]", path, k), v.MapIndex(k), seen)
			lines = append(lines, one.String())
		}
		slices.Sort(lines)
		sb.WriteString(strings.Join(lines, ""))
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		fmt.Fprintf(sb, "%s nil %v\n", path, v.IsNil())
	default:
		fmt.Fprintf(sb, "%s %v\n", path, v)
	}
}

// ours reports whether a type is of the screen.
func ours(t reflect.Type) bool {
	return t.PkgPath() == "" || strings.HasPrefix(t.PkgPath(), "example.com/keeptune/ui")
}

func TestLooksDeep(t *testing.T) {
	t.Parallel()
	d := sit(t, "curl > nginx", 80, 24)
	before := state(d.app)
	d.press("down")
	if state(d.app) == before {
		t.Error("a moved selection was not noticed")
	}
}
