package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPlacesFollowTheEnvironment(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "c"))
	t.Setenv("XDG_STATE_HOME", filepath.Join(home, "s"))
	t.Setenv("XDG_DATA_HOME", filepath.Join(home, "d"))
	want := Places{Config: filepath.Join(home, "c", "keeptune"), State: filepath.Join(home, "s", "keeptune"), Data: filepath.Join(home, "d", "keeptune")}
	if got := UserPlaces(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestCatalogs(t *testing.T) {
	home, work := t.TempDir(), t.TempDir()
	p := Places{Config: home}
	if got := p.Catalogs(work); got != nil {
		t.Errorf("found %v in empty directories", got)
	}
	for _, dir := range []string{filepath.Join(home, "systems"), filepath.Join(work, "keeptune.d")} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "mine.toml"), []byte(dir), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := p.Catalogs(work)
	if len(got) != 2 || got[0].Path != filepath.Join(home, "systems") {
		t.Fatalf("found %v", got)
	}
	for _, c := range got {
		if data, err := fs.ReadFile(c.FS, "mine.toml"); err != nil || string(data) != c.Path {
			t.Errorf("%s: %q, %v", c.Path, data, err)
		}
	}
}

func TestWriteAndRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "session.toml")
	err := Write(path, []byte("a"), Options{})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "does not exist; make it first") {
		t.Errorf("without the directory: %v", err)
	}
	if err := Write(path, []byte("a"), Options{Mode: Private, Parents: true}); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte("b"), Options{}); !errors.Is(err, ErrExists) {
		t.Errorf("replaced without being asked: %v", err)
	}
	if err := Write(path, []byte("longer"), Options{Replace: true}); err != nil {
		t.Fatal(err)
	}
	if data, err := ReadLimited(path, 6); err != nil || string(data) != "longer" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := ReadLimited(path, 5); err == nil || !strings.Contains(err.Error(), "more than the 5 bytes") {
		t.Errorf("too long: %v", err)
	}
	if _, err := ReadLimited(filepath.Dir(path), 5); err == nil || !strings.Contains(err.Error(), "is a directory; name a file") {
		t.Errorf("directory: %v", err)
	}
	if _, err := ReadLimited(path+"x", 5); !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "\n") {
		t.Errorf("missing: %v", err)
	}
	alone(t, filepath.Dir(path), "session.toml")
}

// alone reports anything else in dir: nothing half-written stays behind.
func alone(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(names) {
		t.Errorf("%s holds %v, want %v", dir, entries, names)
	}
}

func TestBackup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nginx.conf")
	if _, err := Backup(path, false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing to back up: %v", err)
	}
	if err := os.WriteFile(path, []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{".bak", ".bak1", ".bak2"} {
		got, err := Backup(path, false)
		if err != nil || got != path+want {
			t.Errorf("%s, %v; want %s", got, err, path+want)
		}
		if data, err := os.ReadFile(got); err != nil || string(data) != "one" {
			t.Errorf("%q, %v", data, err)
		}
	}
}

func TestAutosaveDropsOlderStates(t *testing.T) {
	p := Places{State: t.TempDir()}
	a := p.NewAutosave("web/3 \x1b[31m", time.Unix(1700000000, 0))
	for _, c := range []struct {
		seq  uint64
		data string
		done bool
	}{{0, "first", true}, {5, "newest", true}, {3, "late", false}, {5, "again", false}} {
		if done, err := a.Save(c.seq, []byte(c.data)); err != nil || done != c.done {
			t.Errorf("Save(%d) = %v, %v", c.seq, done, err)
		}
	}
	if data, err := ReadLimited(a.Path(), SessionLimit); err != nil || string(data) != "newest" {
		t.Errorf("%q, %v", data, err)
	}
	all, err := p.Autosaved()
	if err != nil || len(all) != 1 || all[0].Name != "web_3___31m" || all[0].Size != 6 {
		t.Errorf("%+v, %v", all, err)
	}
	if err := a.Discard(); err != nil {
		t.Error(err)
	}
	if done, err := a.Save(9, []byte("after")); done || err != nil {
		t.Errorf("saved after the end: %v, %v", done, err)
	}
	if all, err := p.Autosaved(); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}

func TestAutosavesInParallel(t *testing.T) {
	a := Places{State: t.TempDir()}.NewAutosave("", time.Now())
	done := make(chan error)
	for seq := range uint64(16) {
		go func() {
			_, err := a.Save(seq, []byte{'a' + byte(seq)})
			done <- err
		}()
	}
	for range 16 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if data, _ := os.ReadFile(a.Path()); string(data) != "p" {
		t.Errorf("the last state is %q", data)
	}
}

func TestListAndPrune(t *testing.T) {
	p := Places{State: t.TempDir()}
	if all, err := p.Autosaved(); err != nil || all != nil {
		t.Errorf("%v, %v", all, err)
	}
	for i, name := range []string{"old", "mid", "new"} {
		a := p.NewAutosave(name, time.Unix(int64(i), 0))
		if _, err := a.Save(1, []byte(name)); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(a.Path(), time.Time{}, time.Unix(int64(100+i), 0)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(p.State, "autosave", "stranger.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.Prune(2); err != nil {
		t.Fatal(err)
	}
	all, err := p.Autosaved()
	if err != nil || len(all) != 2 || all[0].Name != "new" || all[1].Name != "mid" {
		t.Errorf("%+v, %v", all, err)
	}
}
