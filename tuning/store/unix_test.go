//go:build !windows

package store

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	st, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return st.Mode()
}

func TestModes(t *testing.T) {
	dir := t.TempDir()
	for name, m := range map[string]fs.FileMode{"session": Private, "export": Shared} {
		path := filepath.Join(dir, name)
		if err := Write(path, nil, Options{Mode: m}); err != nil {
			t.Fatal(err)
		}
		if got := mode(t, path); got != m {
			t.Errorf("%s: mode %v, want %v", name, got, m)
		}
		if err := os.Chmod(path, 0o640); err != nil {
			t.Fatal(err)
		}
		if err := Write(path, []byte("x"), Options{Mode: m, Replace: true}); err != nil {
			t.Fatal(err)
		}
		if got := mode(t, path); got != 0o640 {
			t.Errorf("%s: replacing changed the mode to %v", name, got)
		}
	}
	a := Places{State: filepath.Join(dir, "state")}.NewAutosave("x", time.Now())
	if _, err := a.Save(1, nil); err != nil {
		t.Fatal(err)
	}
	if m := mode(t, a.Path()); m != Private {
		t.Errorf("autosave: mode %v", m)
	}
	if m := mode(t, filepath.Dir(a.Path())).Perm(); m != 0o700 {
		t.Errorf("autosave directory: mode %v", m)
	}
}

func TestLinksStayAndAreFollowed(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", link); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, []byte("new"), Options{Replace: true}); err != nil {
		t.Fatal(err)
	}
	if mode(t, link)&fs.ModeSymlink == 0 {
		t.Error("the link is gone")
	}
	if data, _ := os.ReadFile(file); string(data) != "new" || mode(t, file) != 0o640 {
		t.Errorf("the file holds %q, mode %v", data, mode(t, file))
	}
}

func TestWhatIsNotAFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	fifo, toFifo := filepath.Join(dir, "fifo"), filepath.Join(dir, "to-fifo")
	lost, toDir := filepath.Join(dir, "lost"), filepath.Join(dir, "to-dir")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{toFifo: fifo, lost: "nowhere", toDir: "."} {
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{fifo, toFifo, lost, toDir, dir, os.DevNull} {
		err := Write(path, []byte("x"), Options{Replace: true})
		if err == nil || !strings.HasPrefix(err.Error(), "cannot write "+path+": it is ") {
			t.Errorf("Write(%s) = %v", path, err)
		}
	}
	if _, err := ReadLimited(fifo, 10); err == nil {
		t.Error("a pipe is read")
	}
	alone(t, dir, "fifo", "to-fifo", "lost", "to-dir")
}

// Root may write everywhere, so the test runs itself again as another user.
func TestAsAnotherUser(t *testing.T) {
	const nobody = 65534
	dir := os.Getenv("KEEPTUNE_STORE_DIR")
	if dir == "" && os.Geteuid() == 0 {
		asUser(t, nobody)
		return
	}
	if dir == "" {
		dir = t.TempDir()
		prepare(t, dir, os.Geteuid())
	}
	locked := filepath.Join(dir, "locked")
	for _, p := range []string{filepath.Join(locked, "old"), filepath.Join(locked, "new")} {
		err := Write(p, []byte("x"), Options{Replace: true})
		if !errors.Is(err, fs.ErrPermission) || !strings.HasSuffix(err.Error(), "is not allowed for this user; choose a directory you may write to") {
			t.Errorf("%v", err)
		}
	}
	if _, err := ReadLimited(filepath.Join(locked, "secret"), 9); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v", err)
	}
	alone(t, locked, "old", "secret")
	if data, err := os.ReadFile(filepath.Join(locked, "old")); err != nil || string(data) != "old" {
		t.Errorf("%q, %v", data, err)
	}
	if foreign := filepath.Join(dir, "foreign"); exists(foreign) {
		err := Write(foreign, []byte("x"), Options{Replace: true})
		if err == nil || !strings.Contains(err.Error(), "belongs to another user") {
			t.Errorf("%v", err)
		}
		if data, _ := os.ReadFile(foreign); string(data) != "root" {
			t.Errorf("%q", data)
		}
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// prepare makes a directory that uid owns and may not write to.
func prepare(t *testing.T, dir string, uid int) {
	t.Helper()
	locked := filepath.Join(dir, "locked")
	for _, err := range []error{
		os.Mkdir(locked, 0o700),
		os.WriteFile(filepath.Join(locked, "old"), []byte("old"), 0o600),
		os.WriteFile(filepath.Join(locked, "secret"), []byte("secret"), 0o000),
		os.Chown(filepath.Join(locked, "old"), uid, -1),
		os.Chown(locked, uid, -1),
		os.Chmod(locked, 0o500),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod(locked, 0o700) })
}

func asUser(t *testing.T, uid int) {
	t.Helper()
	dir, err := os.MkdirTemp("", "keeptune-store-") //nolint:usetesting // t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "self")
	for _, err := range []error{
		os.WriteFile(bin, self, 0o755),
		os.WriteFile(filepath.Join(dir, "foreign"), []byte("root"), 0o644),
		os.Chmod(dir, 0o755),
		os.Chown(dir, uid, -1),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	prepare(t, dir, uid)
	cmd := exec.CommandContext(t.Context(), bin, "-test.run=^"+t.Name()+"$", "-test.count=1")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "KEEPTUNE_STORE_DIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
	if out, err := cmd.CombinedOutput(); err != nil {
		if errors.Is(err, syscall.EPERM) && os.Getenv("KEEPTUNE_REQUIRE_REAL") != "1" {
			t.Skipf("cannot become another user here: %v", err)
		}
		t.Fatalf("as user %d: %v\n%s", uid, err, out)
	}
}
