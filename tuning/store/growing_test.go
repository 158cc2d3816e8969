package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func grow(t *testing.T, path string, limit int64, o Options, pieces ...string) *Growing {
	t.Helper()
	g, err := Grow(path, limit, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	for _, p := range pieces {
		if _, err := g.Write([]byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

// holds compares a file with what it should hold; empty means that it is not there.
func holds(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if string(got) != want || (err == nil) != (want != "") {
		t.Errorf("%s holds %q (%v), want %q", filepath.Base(path), got, err, want)
	}
}

func TestGrow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	g := grow(t, path, 100, Options{Mode: Private}, "one\n", "two\n")
	holds(t, path, "")
	holds(t, path+".part", "one\ntwo\n")
	if err := g.Finish(); err != nil {
		t.Fatal(err)
	}
	holds(t, path, "one\ntwo\n")
	holds(t, path+".part", "")
	if _, err := Grow(path, 100, Options{}); !errors.Is(err, ErrExists) {
		t.Errorf("err = %v, want it not replaced", err)
	}
	grow(t, path, 100, Options{Replace: true}, "three\n")
	holds(t, path, "one\ntwo\n")
	if err := grow(t, path, 100, Options{Replace: true}, "four\n").Finish(); err != nil {
		t.Fatal(err)
	}
	holds(t, path, "four\n")
}

func TestGrowKeepsWhatAnotherRunLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	left := grow(t, path, 100, Options{}, "left\n")
	if _, err := Grow(path, 100, Options{}); !errors.Is(err, ErrExists) {
		t.Errorf("err = %v, want what is left not replaced", err)
	}
	holds(t, path+".part", "left\n")
	if err := left.Drop(); err != nil {
		t.Error(err)
	}
	holds(t, path+".part", "")
}

func TestGrowIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	g := grow(t, path, 6, Options{}, "one\n")
	if _, err := g.Write([]byte("two\n")); err == nil {
		t.Error("it grows beyond its limit")
	}
	holds(t, path+".part", "one\n")
}

// A file that came meanwhile is not replaced, and what was written is not lost.
func TestGrowFinishRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	g := grow(t, path, 100, Options{}, "ours\n")
	if err := os.WriteFile(path, []byte("theirs\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := g.Finish(); !errors.Is(err, ErrExists) {
		t.Errorf("err = %v", err)
	}
	holds(t, path, "theirs\n")
	holds(t, path+".part", "ours\n")
	if _, err := Grow(filepath.Join(path, "x"), 1, Options{}); err == nil {
		t.Error("it grows below a file")
	}
}
