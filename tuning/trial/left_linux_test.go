package trial_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/trial"
)

// anotherStart makes the trials of an engine those of an earlier start of the host.
func anotherStart(t *testing.T, e *trial.Engine) {
	t.Helper()
	now, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(e.Dir, "*.jsonl"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%v, %v", names, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil || !bytes.Contains(data, bytes.TrimSpace(now)) {
			t.Fatalf("the start is not in the journal: %v", err)
		}
		write(t, name, strings.ReplaceAll(string(data), strings.TrimSpace(string(now)), "another"))
	}
}

// The host went down in a trial: that is told, nothing can be kept, and what it does not
// begin with anew is undone when it is asked for.
func TestTheHostStartsAnew(t *testing.T) {
	for _, begins := range []string{"boot", "new"} { // the variable's value at the start, of the host's own files
		e, list := engine(t), cells(t, "variable", "file")
		list[0].Begins = true
		run(t, e, list, "stay")
		killAndWait(t, guardOf(t, e), syscall.SIGKILL)
		guardEnds(t, e)
		anotherStart(t, e)
		write(t, list[0].Path, begins)
		s, err := e.Open()
		if err != nil || s == nil || !s.Restart || s.Guarded {
			t.Fatalf("open: %+v, %v", s, err)
		}
		says := "a trial was left open when the host went down, " + s.ID + " of edge-3; keeptune revert undoes what is still in force"
		if _, err := e.Confirm(t.Context()); !errors.Is(err, trial.ErrLeft) || err.Error() != says {
			t.Errorf("confirmed: %v", err)
		}
		if _, err := e.Start(t.Context(), plan(cells(t, "c")...), trial.Options{Window: time.Hour}); !errors.Is(err, trial.ErrLeft) || err.Error() != says {
			t.Errorf("the next trial: %v", err)
		}
		holds(t, "new", list[1])
		if s, err := e.Revert(t.Context(), "asked"); err != nil || len(s.Left()) > 0 {
			t.Errorf("%v, %v", s.Left(), err)
		}
		holds(t, begins, list[0])
		holds(t, "old", list[1])
		reverted(t, e, "asked")
	}
}

// The host went down between the writing of the files and the end of the trial: it began
// with what they say, which is undone with them.
func TestTheHostStartsWithTheFiles(t *testing.T) {
	e, list := engine(t), cells(t, "by the file", "by another one")
	list[0].Begins, list[1].Begins = true, true
	file := filepath.Join(t.TempDir(), "60-keeptune.conf")
	cmd := command(t, order{
		Dir: e.Dir, Plan: wishes(t, "new", list...), Window: time.Hour, Then: "keep", File: file,
		At: "file", Nth: 1, Signal: syscall.SIGKILL,
	})
	cmd.Env = append(cmd.Env, guardDies+"=revert")
	_ = cmd.Run()
	guardEnds(t, e)
	if got, err := os.ReadFile(file); string(got) != "kept" {
		t.Fatalf("the file holds %q, %v", got, err)
	}
	anotherStart(t, e)
	write(t, list[1].Path, "boot")
	if s, err := e.Revert(t.Context(), "asked"); err != nil || len(s.Left()) > 0 {
		t.Errorf("%+v, %v", s, err)
	}
	holds(t, "old", list[0])
	holds(t, "boot", list[1])
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is there: %v", err)
	}
}

// Without its guard a trial goes no further.
func TestGuardKilledBetweenChanges(t *testing.T) {
	for at := range 2 {
		e, list := engine(t), cells(t, "a", "b")
		_, err := e.Start(t.Context(), plan(list...), trial.Options{Window: time.Hour, Stay: true, Step: func(s trial.Step) {
			if s.Index == at {
				killAndWait(t, guardOf(t, e), syscall.SIGKILL)
			}
		}})
		if err == nil || err.Error() != "the process that undoes the trial was ended; nothing is changed" {
			t.Errorf("after change %d: %v", at+1, err)
		}
		holds(t, "old", list...)
		if s, err := e.Open(); s != nil || err != nil {
			t.Errorf("open: %+v, %v", s, err)
		}
	}
}

// Configurations may have secrets in them: what a trial remembers is for its user alone.
func TestJournalIsPrivate(t *testing.T) {
	e, list := engine(t), cells(t, "a")
	tr, err := e.Start(t.Context(), plan(list...), trial.Options{Window: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = filepath.WalkDir(e.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := d.Info()
		if seen++; err != nil || st.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %s, %v", path, st.Mode(), err)
		}
		return nil
	})
	if err != nil || seen != 4 { // the directory, journal, lock and fifo
		t.Errorf("%d seen, %v", seen, err)
	}
	if _, err := tr.Revert(t.Context(), "asked"); err != nil {
		t.Error(err)
	}
}

// Who gave up waiting for a lock does not take and give it back later, under whoever has it.
func TestLockThatWasGivenUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	open := func() *os.File {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	first, late, other := open(), open(), open()
	if err := trial.Lock(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := trial.Lock(ctx, late); err == nil {
		t.Fatal("two have it")
	}
	if err := syscall.Flock(int(first.Fd()), syscall.LOCK_UN); err != nil {
		t.Fatal(err)
	}
	if err := trial.Lock(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := trial.Lock(ctx, other); err == nil {
		t.Error("it was given back")
	}
}

// nginx writes its arguments without the quotes.
func TestNginxArguments(t *testing.T) {
	for line, want := range map[string][]string{
		"/usr/sbin/nginx -g daemon on; master_process on;": {"-g", "daemon on; master_process on;"},
		"nginx -e stderr -p /srv/my site -c a.conf":        {"-e", "stderr", "-p", "/srv/my site", "-c", "a.conf"},
		"nginx -gdaemon off; -c a.conf":                    {"-gdaemon off;", "-c", "a.conf"},
		"nginx":                                            nil,
	} {
		if got := trial.NginxArguments(line); !slices.Equal(got, want) {
			t.Errorf("%s: %q", line, got)
		}
	}
}

// What a server writes over the arguments of its processes tells which of them loads files: a
// session that outlived the sshd which began it would end if it were told to.
func TestArguments(t *testing.T) {
	for line, want := range map[string][]string{
		"sshd: /usr/sbin/sshd -D -f /x/sshd_config [listener] 0 of 10-100 startups\x00\x00": {"-D", "-f", "/x/sshd_config"},
		"sshd: /usr/sbin/sshd -D [lis":                            {"-D"},
		"/usr/sbin/sshd\x00-D\x00":                                {"-D"},
		"nginx: master process /usr/sbin/nginx -c a.conf\x00\x00": {"-c", "a.conf"},
		"haproxy\x00-W\x00-f\x00h.cfg\x00":                        {"-W", "-f", "h.cfg"},
		"sshd: root@pts/0\x00\x00\x00":                            nil,
		"sshd: root [priv]\x00":                                   nil,
		"sshd: [accepted]\x00":                                    nil,
		"nginx: worker process\x00":                               nil,
		"nginx: worker process is shutting down\x00":              nil,
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "cmdline"), line)
		got, err := trial.Arguments(dir)
		if !slices.Equal(got, want) || errors.Is(err, trial.ErrServes) != (want == nil) {
			t.Errorf("%q: %q, %v", line, got, err)
		}
	}
}

// A server that has ended has its files brought back; one whose files are others by now is
// not tried.
func TestServerThatEnded(t *testing.T) {
	main := filepath.Join(t.TempDir(), "nginx.conf")
	write(t, main, "was")
	s := trial.NewServer("nginx", main, []native.RewrittenFile{{Path: main, Was: []byte("was"), Now: []byte("now")}})
	long := time.Now().Add(-time.Hour).Truncate(time.Second)
	s.Files[0].Time = long
	write(t, main, "now")
	is, err := s.Restore(t.Context(), "", "")
	want := trial.Restored{Notes: []string{"it does not run any more, so only its files were brought back"}}
	if d := cmp.Diff(want, is); err != nil || d != "" {
		t.Errorf("%v, %s", err, d)
	}
	got, err := os.ReadFile(main)
	if st, serr := os.Stat(main); err != nil || serr != nil || string(got) != "was" || !st.ModTime().Equal(long) {
		t.Errorf("%q, %v, %v", got, err, serr)
	}
	stays := trial.NewServer("nginx", main, []native.RewrittenFile{{Path: main, Was: []byte("was"), Now: []byte("was")}})
	if p := trial.Compare(t.Context(), []trial.Wish{{Target: stays, To: stays.Changed()}}); len(p.Same) != 1 {
		t.Errorf("with nothing to change: %+v", p)
	}
	write(t, main, "theirs")
	p := trial.Compare(t.Context(), []trial.Wish{{Target: s, To: s.Changed()}})
	if len(p.Changes) != 0 || len(p.Refused) != 1 || !strings.HasPrefix(p.Refused[0].Why, "its files were changed since they were read") {
		t.Errorf("%+v", p)
	}
}

// A file that was not there is made, and taken away again; to somebody else's it is not.
func TestServerWithANewFile(t *testing.T) {
	main := filepath.Join(t.TempDir(), "sshd_config")
	write(t, main, "was")
	path := filepath.Join(filepath.Dir(main), "10-keeptune.conf")
	now := "# Why it is so.\n\nClientAliveInterval 120\n"
	s := trial.NewServer("sshd", main, []native.RewrittenFile{{Path: path, Now: []byte(now)}})
	if d := cmp.Diff([]string{path + " (new)", "+ ClientAliveInterval 120"}, s.Difference()); d != "" {
		t.Error(d)
	}
	older := trial.NewServer("sshd", main, []native.RewrittenFile{{Path: path, Was: []byte("# Why it was so.\n\nClientAliveInterval 60\n"), Now: []byte(now)}})
	if d := cmp.Diff([]string{path + ":3", "- ClientAliveInterval 60", "+ ClientAliveInterval 120"}, older.Difference()); d != "" {
		t.Error(d)
	}
	spec, err := json.Marshal(s.Spec())
	if err != nil {
		t.Fatal(err)
	}
	again, err := trial.OwnKinds()[s.Kind()](spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ holds, value string }{{"", "as it was"}, {now, "as changed"}, {"theirs", "something else"}} {
		if c.holds != "" {
			write(t, path, c.holds)
		}
		if got, err := again.Read(t.Context()); err != nil || got != c.value {
			t.Errorf("with %q it is %q, %v", c.holds, got, err)
		}
	}
	restore := func() trial.Restored {
		t.Helper()
		is, err := again.(trial.Restorer).Restore(t.Context(), "", "")
		if err != nil {
			t.Error(err)
		}
		return is
	}
	if is := restore(); len(is.Left) != 1 || !strings.Contains(is.Left[0], "was changed by somebody else meanwhile, so it stays") {
		t.Errorf("%+v", is)
	}
	write(t, path, now)
	is := restore()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) || len(is.Left) > 0 {
		t.Errorf("the file is there: %v, %+v", err, is)
	}
	write(t, path, "")
	if got, err := again.Read(t.Context()); err != nil || got != "something else" {
		t.Errorf("an empty file is %q, %v", got, err)
	}
}
