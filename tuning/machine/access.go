package machine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// A Host is a machine that is read. Names have slashes. What is not there is an error
// that is [fs.ErrNotExist], and what this user may not see one that is
// [fs.ErrPermission].
type Host interface {
	// Read is the content of a file, of at most a few MiB.
	Read(name string) ([]byte, error)
	// Glob lists the files that a pattern names, sorted.
	Glob(pattern string) ([]string, error)
	// Stat is what there is of a file, behind links.
	Stat(name string) (Stat, error)
	// Link is what a symbolic link says.
	Link(name string) (string, error)
	// Real is the name of a file or folder with no symbolic link on the way to it.
	Real(name string) (string, error)
	// Run runs a program without a shell, without input and for a few seconds at most,
	// with nothing but env beside PATH, and gives what it printed, then its messages.
	Run(ctx context.Context, env []string, argv ...string) ([]byte, error)
	// Ask connects to a socket of a path, or to HOST:PORT of this machine, sends a line and
	// gives what comes until the other side closes, for a few seconds at most.
	Ask(ctx context.Context, socket, line string) ([]byte, error)
	// Listeners are the listening TCP sockets; hidden counts the processes that could not
	// be looked into.
	Listeners(ctx context.Context) (list []Listener, hidden int, err error)
	// HZ is the timer frequency of the kernel, where it is known.
	HZ() (int, bool)
	Now() time.Time
	// User is the number of the user who reads.
	User() int
}

// A Stat is what [Host.Stat] says.
type Stat struct {
	Changed time.Time
	Dir     bool
	User    int    // whose it is
	Shared  bool   // others than its owner may write it
	Sticky  bool   // of a folder: others may not replace what is not theirs
	ID      string // the same for the same file only
}

// A Listener is a listening socket.
type Listener struct {
	Address string // as HOST:PORT, *:PORT for every interface
	PIDs    []int  // who holds it; empty where that is not for this user
}

// An Access is what was read or run, once for files of many processes.
type Access struct {
	Kind   string // read, list, run, ask (the kernel) or write
	What   string // a path with [pid] for the number of a process; a command; what was asked
	Count  int    // how often
	Failed string // why the last one gave nothing; empty where it did
}

// String is the access in a line: what could be typed to see the same.
func (a Access) String() string {
	text := map[string]string{"read": "cat ", "list": "ls ", "write": "write "}[a.Kind] + a.What
	if a.Failed != "" {
		text += "   (" + a.Failed + ")"
	}
	return text
}

// A logged host notes what is asked of it.
type logged struct {
	Host
	list []Access
	at   map[[2]string]int
}

func logging(h Host) *logged { return &logged{Host: h, at: map[[2]string]int{}} }

var ofProcess = regexp.MustCompile(`^/proc/\d+/`)

func (l *logged) note(kind, what string, err error) {
	what = model.Clean(ofProcess.ReplaceAllString(what, "/proc/[pid]/"), 300)
	key := [2]string{kind, what}
	i, again := l.at[key]
	if !again {
		i = len(l.list)
		l.at[key] = i
		l.list = append(l.list, Access{Kind: kind, What: what})
	}
	a := &l.list[i]
	a.Count++
	a.Failed = ""
	if err != nil && !strings.HasPrefix(what, "/proc/[pid]/") {
		a.Failed = short(err)
	}
}

// short is why something could not be read, in a few words.
func short(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is none"
	case errors.Is(err, fs.ErrPermission):
		return "not for this user"
	}
	return model.Clean(err.Error(), 120)
}

func (l *logged) Read(name string) ([]byte, error) {
	data, err := l.Host.Read(name)
	l.note("read", name, err)
	return data, err
}

func (l *logged) Glob(pattern string) ([]string, error) {
	found, err := l.Host.Glob(pattern)
	l.note("list", pattern, err)
	return found, err
}

func (l *logged) Stat(name string) (Stat, error) {
	st, err := l.Host.Stat(name)
	if err == nil || !errors.Is(err, fs.ErrNotExist) { // of places that are looked at, those that are there
		l.note("list", name, err)
	}
	return st, err
}

func (l *logged) Link(name string) (string, error) {
	to, err := l.Host.Link(name)
	l.note("list", name, err)
	return to, err
}

func (l *logged) Run(ctx context.Context, env []string, argv ...string) ([]byte, error) {
	out, err := l.Host.Run(ctx, env, argv...)
	l.note("run", strings.Join(argv, " "), err)
	return out, err
}

func (l *logged) Ask(ctx context.Context, socket, line string) ([]byte, error) {
	out, err := l.Host.Ask(ctx, socket, line)
	what := fmt.Sprintf("echo %q | socat - UNIX-CONNECT:%s", line, socket)
	if f := strings.Fields(line); len(f) > 1 && f[0] == "GET" {
		what = "curl -s http://" + socket + f[1]
		if strings.HasPrefix(socket, "/") {
			what = "curl -s --unix-socket " + socket + " http://localhost" + f[1]
		}
	}
	l.note("ask", what, err)
	return out, err
}

func (l *logged) Listeners(ctx context.Context) (list []Listener, hidden int, err error) {
	list, hidden, err = l.Host.Listeners(ctx)
	l.note("ask", "the kernel for listening TCP sockets (ss -tlnp)", err)
	return list, hidden, err
}
