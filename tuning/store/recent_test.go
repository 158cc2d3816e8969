package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRecent(t *testing.T) {
	p := Places{State: filepath.Join(t.TempDir(), "state")}
	if got := p.Recent(); got != nil {
		t.Errorf("nothing was kept, yet there is %v", got)
	}
	for _, ids := range [][]string{{"chrome", "nginx"}, {"nginx", "node"}} {
		if err := p.KeepRecent(ids); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"nginx", "node", "chrome"}, p.Recent()); diff != "" {
		t.Error(diff)
	}
	var many []string
	for i := range 50 {
		many = append(many, fmt.Sprintf("s%d", i))
	}
	if err := p.KeepRecent(many); err != nil {
		t.Fatal(err)
	}
	if got := p.Recent(); len(got) != recentLimit || got[0] != "s0" {
		t.Errorf("%d are kept, the first %s", len(got), got[0])
	}
}

// A broken file gives what can be read of it and is written over.
func TestRecentIsTolerant(t *testing.T) {
	p := Places{State: t.TempDir()}
	file := filepath.Join(p.State, "recent")
	for text, want := range map[string][]string{
		"":                                     nil,
		"\x00\xff\x1b[31m\n../../etc\nnginx\n": {"nginx"},
		"nginx\nnginx\n":                       {"nginx"},
		strings.Repeat("x\n", recentSize):      nil,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, p.Recent()); diff != "" {
			t.Errorf("%.20q: %s", text, diff)
		}
		if err := p.KeepRecent([]string{"node"}); err != nil {
			t.Fatal(err)
		}
		if got := p.Recent(); len(got) == 0 || got[0] != "node" {
			t.Errorf("after %.20q there is %v", text, got)
		}
	}
}

func TestRecentIsWrittenOnlyWhenItChanges(t *testing.T) {
	p := Places{State: t.TempDir()}
	if err := p.KeepRecent([]string{"nginx"}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(p.State, "recent")
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.KeepRecent([]string{"nginx"}); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(file); err != nil || !os.SameFile(before, after) {
		t.Errorf("the file was written again: %v", err)
	}
}
