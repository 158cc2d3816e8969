package host

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// In a container's files a link to /etc leads to its own /etc, and ways out end at its root.
func TestFilesBelowAnotherRoot(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) {
		at := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	file("etc/nginx/sites-available/a.conf", "its own")
	file("etc/hostname", "its name")
	link := func(to, name string) {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	link("/etc/nginx/sites-available", "etc/nginx/sites-enabled")
	link("/etc/nginx/sites-available/a.conf", "etc/nginx/one.conf")
	link("../../../../../../../etc/hostname", "etc/nginx/out.conf")
	if err := unix.Mkfifo(filepath.Join(dir, "etc/nginx/pipe.conf"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := rooted(dir)
	for name, want := range map[string]string{"etc/nginx/sites-enabled/a.conf": "its own", "etc/nginx/one.conf": "its own", "etc/nginx/out.conf": "its name", "etc/nginx/pipe.conf": "", "etc": ""} {
		data, err := r.read(name)
		if string(data) != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
	if _, err := r.read("etc/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
	found, err := r.glob("etc/nginx/sites-enabled/*.conf")
	if err != nil || !slices.Equal(found, []string{dir + "/etc/nginx/sites-enabled/a.conf"}) {
		t.Errorf("found %q, %v", found, err)
	}
	if st, err := r.Stat("etc/nginx/sites-enabled"); err != nil || !st.IsDir() {
		t.Errorf("a link to a folder is %v, %v", st, err)
	}
}

func TestOtherRoot(t *testing.T) {
	for name, want := range map[string][2]string{"/proc/12/root/etc/x": {"/proc/12/root", "etc/x"}, "/proc/12/root/": {}, "/proc/12/exe": {}, "/etc/proc/1/root/x": {}, "/proc/12/root/../../etc": {}} {
		dir, rest, ok := otherRoot(name)
		if dir != want[0] || rest != want[1] || ok != (want[0] != "") {
			t.Errorf("%s is %q, %q", name, dir, rest)
		}
	}
}

// A program that is asked ends within its time with all that it started, and has no
// terminal on which it could ask.
func TestProgramsThatAreAsked(t *testing.T) {
	out, err := this{}.Run(t.Context(), []string{"A=b"}, "/bin/sh", "-c", `echo "$A $0"; read -r a b c d e session rest < /proc/$$/stat; [ "$session" = $$ ] && echo alone; (: < /dev/tty) 2>/dev/null || echo mute`)
	if err != nil || string(out) != "b /bin/sh\nalone\nmute\n" {
		t.Errorf("it printed %q, %v", out, err)
	}
}

// One that takes too long is ended with all that it started.
func TestProgramsThatDoNotEnd(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	told := filepath.Join(t.TempDir(), "told")
	go func() { // its time is over once it has told
		for ; ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
			if _, err := os.Stat(told); err == nil {
				stop()
			}
		}
	}()
	out, err := this{}.Run(ctx, nil, "/bin/sh", "-c", `sleep 300 & echo $!; : > "$0"; wait`, told)
	if err == nil || len(out) == 0 {
		t.Fatalf("it printed %q, %v", out, err)
	}
	stat := "/proc/" + strings.TrimSpace(string(out)) + "/stat"
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		data, err := os.ReadFile(stat)
		if err != nil || strings.Contains(string(data), ") Z ") {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("what it started goes on: %s", data)
		}
	}
}
