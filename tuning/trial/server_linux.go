package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/tuning/store"
)

// A program is how a server is found, checked and made to load its files.
type program struct {
	names  []string // of its executable
	check  []string // are put before its arguments to check the files
	reload unix.Signal
	mains  []string // flags before its main file
	drop   []string // arguments that are not for a check
}

var programs = map[string]program{
	"nginx":   {names: []string{"nginx"}, check: []string{"-t", "-q"}, reload: unix.SIGHUP, mains: []string{"-c"}},
	"apache":  {names: []string{"apache2", "httpd"}, check: []string{"-t"}, reload: unix.SIGUSR1, mains: []string{"-f"}, drop: []string{"-k", "-DFOREGROUND", "-X"}},
	"haproxy": {names: []string{"haproxy"}, check: []string{"-c", "-q"}, reload: unix.SIGUSR2, mains: []string{"-f"}, drop: []string{"-sf", "-st", "-x", "-Ws", "-W", "-D", "-db", "-S"}},
	"sshd":    {names: []string{"sshd"}, check: []string{"-t"}, reload: unix.SIGHUP, mains: []string{"-f"}, drop: []string{"-D", "-e", "-E"}},
}

func serverOf(spec json.RawMessage) (Target, error) {
	s := new(Server)
	return s, json.Unmarshal(spec, s)
}

// A master is the process of a server that loads its files when it is told.
type master struct {
	pid  int
	exe  string
	args []string // without the name
	dir  string
}

// errNoServer is where no process reads a configuration.
var errNoServer = errors.New("no running server reads it")

// master finds the process that reads the main file; it may be another one each time.
func (s *Server) master() (master, error) {
	p := programs[s.Program]
	want, err := os.Stat(s.Main)
	if err != nil {
		return master{}, err
	}
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return master{}, err
	}
	for _, dir := range dirs {
		exe, err := os.Readlink(dir + "/exe")
		if err != nil || !slices.Contains(p.names, strings.TrimSuffix(filepath.Base(exe), " (deleted)")) {
			continue
		}
		m := master{exe: dir + "/exe"}
		m.pid, _ = strconv.Atoi(filepath.Base(dir))
		if m.args, err = arguments(dir); err != nil || s.child(m.pid) {
			continue
		}
		if m.dir, err = os.Readlink(dir + "/cwd"); err != nil {
			continue
		}
		main := mains[s.Program]
		for i, a := range m.args[:max(0, len(m.args)-1)] {
			if slices.Contains(p.mains, a) {
				main = m.args[i+1]
				break
			}
		}
		if !filepath.IsAbs(main) {
			main = filepath.Join(m.prefix(), main)
		}
		if st, err := os.Stat(dir + "/root" + main); err == nil && os.SameFile(st, want) {
			return m, nil
		}
	}
	return master{}, fmt.Errorf("%w: start %s with it, or write the change there with keeptune export", errNoServer, s.Program)
}

// prefix is what a relative main file is relative to: -p of nginx, or where it was started.
func (m *master) prefix() string {
	for i, a := range m.args[:max(0, len(m.args)-1)] {
		if a == "-p" {
			return m.args[i+1]
		}
	}
	return m.dir
}

// errServes is where a process serves connections for another one, which may have ended before
// it: a session of sshd outlives a restart, and ends when it is told to load files.
var errServes = errors.New("it is a worker or a session")

// arguments of a process, without its name. nginx writes "nginx: master process NAME ARGS"
// over its own, sshd "sshd: NAME ARGS [listener] 0 of 10-100 startups"; what they write over
// those of other processes is errServes.
func arguments(dir string) ([]string, error) {
	line, err := os.ReadFile(dir + "/cmdline")
	if err != nil {
		return nil, err
	}
	if rest, ok := bytes.CutPrefix(line, []byte("nginx: master process ")); ok {
		return nginxArguments(strings.Trim(string(rest), "\x00")), nil
	}
	if rest, ok := bytes.CutPrefix(line, []byte("sshd: ")); ok {
		if !bytes.HasPrefix(rest, []byte("/")) { // its own name is an absolute one, or it would not begin (sshd(8))
			return nil, errServes
		}
		rest, _, _ = bytes.Cut(rest, []byte(" ["))
		line = bytes.ReplaceAll(rest, []byte(" "), []byte("\x00"))
	}
	if bytes.HasPrefix(line, []byte("nginx: ")) {
		return nil, errServes
	}
	words := strings.Split(strings.TrimRight(string(line), "\x00"), "\x00")
	return words[1:], nil
}

// nginxArguments takes the line apart in which nginx puts its name and arguments without
// their quotes, as of nginx -g "daemon on; master_process on;". An option has one value,
// which ends where the next option begins.
func nginxArguments(line string) []string {
	words := strings.Fields(line)
	var out []string
	for _, w := range words[min(1, len(words)):] {
		last := len(out) - 1
		if strings.HasPrefix(w, "-") || last < 0 || len(out[last]) == 2 && out[last][0] == '-' {
			out = append(out, w)
		} else {
			out[last] += " " + w
		}
	}
	return out
}

// child says whether a process is the child of one of the same program: a worker.
func (s *Server) child(pid int) bool {
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", parent(pid)))
	return err == nil && slices.Contains(programs[s.Program].names, strings.TrimSuffix(filepath.Base(exe), " (deleted)"))
}

// parent is the parent of a process, 0 where there is none.
func parent(pid int) int {
	if fields := stat(pid); len(fields) > 1 {
		n, _ := strconv.Atoi(fields[1])
		return n
	}
	return 0
}

// stat is what /proc/PID/stat has after the name, which may hold anything; empty where there is
// no such process.
func stat(pid int) []string {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	_, rest, _ := strings.Cut(string(data), ") ")
	return strings.Fields(rest)
}

// workers are the children of a process.
func workers(pid int) []int {
	var out []int
	dirs, _ := filepath.Glob("/proc/[0-9]*") // the pattern is right
	for _, dir := range dirs {
		if child, _ := strconv.Atoi(filepath.Base(dir)); parent(child) == pid {
			out = append(out, child)
		}
	}
	return out
}

// Check says why the server cannot be tried.
func (s *Server) Check(ctx context.Context) error {
	switch now, err := s.Read(ctx); {
	case err != nil:
		return err
	case now == filesElse:
		return errors.New("its files were changed since they were read; open them again")
	}
	m, err := s.master()
	if err != nil {
		return err
	}
	if err := unix.Kill(m.pid, 0); err != nil {
		return fmt.Errorf("only root, or the user that started %s, may make it load its files", s.Program)
	}
	if s.Program == "haproxy" && len(workers(m.pid)) == 0 {
		return errors.New("this haproxy has no master process (-W or -Ws), so it cannot be made to load its files")
	}
	for _, f := range s.Files {
		path := f.Path
		if f.Was == nil {
			path = filepath.Dir(path)
		}
		if err := unix.Access(path, unix.W_OK); err != nil {
			return fmt.Errorf("this user may not write %s", path)
		}
	}
	return nil
}

// put makes a file hold a content, or takes it away.
func put(path string, data []byte) error {
	if data == nil {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	return store.Write(path, data, store.Options{Replace: true})
}

// Set writes the files of a value, has them checked and loads them.
func (s *Server) Set(ctx context.Context, value string) error {
	m, err := s.master()
	if err != nil {
		return err
	}
	var before []answer
	if value == filesNow {
		before = s.asks(ctx, &m, nil)
	}
	for _, f := range s.Files {
		data := f.Was
		if value == filesNow {
			data = f.Now
		}
		if err := put(f.Path, data); err != nil {
			return err
		}
		atStep("file-written")
	}
	err = s.check(ctx, &m)
	if err == nil && value == filesNow {
		err = s.counts(ctx, &m)
	}
	if err != nil {
		if value == filesNow { // the server was not told: it has not noticed
			err = errors.Join(err, s.putBack())
		}
		return err
	}
	atStep("files-checked")
	if err := s.load(ctx, &m); err != nil {
		return err
	}
	return s.answers(ctx, &m, before)
}

// putBack writes the files as they were, with their times, where they hold what was
// written.
func (s *Server) putBack() error {
	var errs []error
	for _, f := range s.Files {
		if now, err := content(f.Path); err != nil || !same(now, f.Now) {
			continue // Restore says so
		}
		errs = append(errs, put(f.Path, f.Was))
	}
	return errors.Join(append(errs, s.times())...)
}

// times gives the files that are as they were the times that they had.
func (s *Server) times() error {
	var errs []error
	for _, f := range s.Files {
		if now, err := content(f.Path); err == nil && same(now, f.Was) && !f.Time.IsZero() {
			errs = append(errs, os.Chtimes(f.Path, time.Time{}, f.Time))
		}
	}
	return errors.Join(errs...)
}

// untouched says whether the server's process has seen no other files than those it had.
func (s *Server) untouched(m *master) bool {
	if s.Program == "sshd" {
		return false // its children are sessions
	}
	all := workers(m.pid)
	for _, f := range s.Files {
		st, err := os.Stat(f.Path)
		if err != nil || !st.ModTime().Equal(f.Time) {
			return false
		}
		for _, w := range all {
			if !started(w).After(f.Time.Add(time.Second)) {
				return false
			}
		}
	}
	return len(all) > 0
}

// older says whether all of a server's workers began before a time, so that none has read what
// was written since.
func (s *Server) older(m *master, at time.Time) bool {
	if s.Program == "sshd" || at.IsZero() {
		return false
	}
	all := workers(m.pid)
	for _, w := range all {
		if !started(w).Before(at.Add(-50 * time.Millisecond)) { // a tick, and the time that it took to look
			return false
		}
	}
	return len(all) > 0
}

// started is when a process began, within a tick of its 100 a second; zero where there is
// none.
func started(pid int) time.Time {
	fields := stat(pid)
	if len(fields) < 20 {
		return time.Time{}
	}
	ticks, err := strconv.ParseInt(fields[19], 10, 64)
	var now unix.Timespec
	if err != nil || unix.ClockGettime(unix.CLOCK_BOOTTIME, &now) != nil {
		return time.Time{}
	}
	return time.Now().Add(time.Duration(ticks)*10*time.Millisecond - time.Duration(now.Nano()))
}

// Restore brings back each file that holds what the trial wrote, and has the server load
// them.
func (s *Server) Restore(ctx context.Context, _, _ string) (is Restored, err error) {
	wrote, since := false, time.Now() // when the trial began to write
	for _, f := range s.Files {
		now, err := content(f.Path)
		switch {
		case err != nil:
			return is, err
		case same(now, f.Was):
		case same(now, f.Now):
			at := time.Time{}
			if st, err := os.Stat(f.Path); err == nil {
				at = st.ModTime()
			}
			if at.Before(since) {
				since = at
			}
			if err := put(f.Path, f.Was); err != nil {
				return is, err
			}
			wrote = true
			atStep("file-restored")
		default:
			is.Left = append(is.Left, f.Path+" was changed by somebody else meanwhile, so it stays")
		}
	}
	m, err := s.master()
	if errors.Is(err, errNoServer) {
		is.Notes = append(is.Notes, "it does not run any more, so only its files were brought back")
		return is, s.times()
	}
	if err == nil && !wrote && s.untouched(&m) {
		return is, nil
	}
	if err == nil {
		err = s.check(ctx, &m)
	}
	if err == nil {
		served := wrote && s.older(&m, since)
		if err = s.load(ctx, &m); err != nil && served && !m.ended() {
			is.Notes = append(is.Notes, err.Error()+"; it serves with what it had loaded before the trial")
			err = nil
		}
	}
	if err == nil { // and only now: until the server has loaded them they are newer than its workers
		err = s.times()
	}
	return is, err
}

// check has the server's own program look at the files.
func (s *Server) check(ctx context.Context, m *master) error {
	out, err := s.command(ctx, m, programs[s.Program].check).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s does not accept its files: %s", s.Program, complaint(out, err))
	}
	return nil
}

// command calls the server's own program with its arguments behind others, so that it does
// not serve.
func (s *Server) command(ctx context.Context, m *master, options []string) *exec.Cmd {
	drop := programs[s.Program].drop
	args := slices.Clone(options)
	for i := 0; i < len(m.args); i++ {
		if !slices.Contains(drop, m.args[i]) {
			args = append(args, m.args[i])
			continue
		}
		for i+1 < len(m.args) && !strings.HasPrefix(m.args[i+1], "-") { // its values
			i++
		}
	}
	cmd := exec.CommandContext(ctx, m.exe, args...) //nolint:gosec // the program of the running server
	cmd.Dir = m.dir
	if env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", m.pid)); err == nil { // Apache's files take variables from it
		cmd.Env = machine.Environment(string(env))
	}
	return cmd
}

// complaint is the line of a program's output that says what is wrong.
func complaint(out []byte, err error) string {
	for l := range strings.Lines(string(out)) {
		for _, word := range []string{"[emerg]", "[ALERT]", "Syntax error", "AH00"} {
			if strings.Contains(l, word) {
				return model.Clean(strings.TrimSpace(l), 300)
			}
		}
	}
	if first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n"); first != "" {
		return model.Clean(first, 300)
	}
	return err.Error()
}

// load makes the server read its files, and waits until workers serve that have read them.
func (s *Server) load(ctx context.Context, m *master) error {
	if s.Program == "sshd" {
		return s.loadAgain(ctx, m)
	}
	before, since := workers(m.pid), time.Time{}
	return s.reload(ctx, m, "%s has started no new workers in %s: it did not load its files, and its error log says why", func() bool {
		fresh, old := false, false
		for _, w := range workers(m.pid) {
			if s.worker(w) {
				fresh = fresh || !slices.Contains(before, w)
				old = old || slices.Contains(before, w)
			}
		}
		switch {
		case !fresh:
			since = time.Time{}
		case since.IsZero():
			since = time.Now()
		}
		lasts := s.Program == "nginx" || time.Since(since) >= lasting
		return fresh && lasts && (!old || s.Program != "nginx") // the others do not say which of them still take connections
	})
}

// reload tells the server to read its files, and waits until it has; late is the format of what is
// said with its name and a time in which it has not.
func (s *Server) reload(ctx context.Context, m *master, late string, has func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	if err := unix.Kill(m.pid, programs[s.Program].reload); err != nil {
		return fmt.Errorf("%s cannot be told to load its files: %w", s.Program, err)
	}
	atStep("told")
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if m.ended() { // as Apache and sshd do where they cannot listen as the files say
			return fmt.Errorf("%s has ended instead of loading its files: start it, and its log says why", s.Program)
		}
		if has() {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf(late, s.Program, model.HumanSpan(loadLimit))
		case <-tick.C:
		}
	}
}

// ended says whether the server's process is no more; one that nobody waits for has no
// program either.
func (m *master) ended() bool {
	_, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", m.pid))
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH)
}

// worker says whether a child serves: nginx names its workers, and those of the others run
// the same program.
func (s *Server) worker(pid int) bool {
	if s.Program != "nginx" {
		return true
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && bytes.HasPrefix(line, []byte("nginx: worker process")) && !bytes.Contains(line, []byte("shutting down"))
}

// lasting is how long a new worker has to be there: HAProxy 3.1 and later have it read the
// files, and it ends where it cannot do what they say.
const lasting = 500 * time.Millisecond

// loadLimit is how long a server may take to load its files.
const loadLimit = 10 * time.Second
