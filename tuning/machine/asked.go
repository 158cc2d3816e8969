package machine

import (
	"context"
	"encoding/json"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// trusted reports whether only root and this user can have written a file: it, every
// folder on the way to it, and the same of each link that leads there.
func (r *reading) trusted(name string) bool {
	if strings.HasPrefix(name, "/proc/") {
		return r.ours(name)
	}
	for range linksLimit {
		dir, err := r.host.Real(path.Dir(name))
		if err != nil || !r.oursUpTo(path.Dir(name)) || !r.oursUpTo(dir) {
			return false
		}
		at := path.Join(dir, path.Base(name))
		to, err := r.host.Host.Link(at)
		if err != nil { // the file itself
			return r.ours(at)
		}
		if !path.IsAbs(to) {
			to = path.Join(dir, to)
		}
		name = path.Clean(to)
	}
	return false
}

// linksLimit is how many links may lead to a file.
const linksLimit = 16

// ours reports whether nobody but root and this user may write a file, or put something
// else into a folder in the place of what is there.
func (r *reading) ours(name string) bool {
	st, err := r.host.Host.Stat(name)
	return err == nil && r.us(st.User) && (!st.Shared || st.Dir && st.Sticky)
}

func (r *reading) oursUpTo(folder string) bool {
	for ; path.IsAbs(folder) && folder != "/"; folder = path.Dir(folder) {
		if !r.ours(folder) {
			return false
		}
	}
	return folder == "/" && r.ours(folder)
}

func (r *reading) us(user int) bool { return user == 0 || user == r.host.User() }

// runBy is the user of a process; false where that is not told.
func (r *reading) runBy(pid int) (int, bool) {
	data, err := r.host.Read("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(data)) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "Uid:" {
			user, err := strconv.Atoi(words[1])
			return user, err == nil
		}
	}
	return 0, false
}

// checked lets a running program check its files itself, without loading them. Files name
// modules, which a check loads: it is made only where root or this user runs the program,
// and nobody else can have written what it reads.
func (r *reading) checked(ctx context.Context, k *kind, p *Program, root string, words []string, parts []native.NextFile) {
	if len(k.check) == 0 || !p.Runs() || root != "" || r.options.Unchecked || strings.HasSuffix(p.Main, ".json") || p.Path == "" || p.Running[0].Replaced {
		return
	}
	last := len(k.check) - 1
	argv, reads := append([]string{p.Path}, k.check[:last]...), []string{p.Path}
	if k.system == "apache" { // IfDefine counts as where it runs
		for _, v := range optionValues(words, []string{"-D"}) {
			argv = append(argv, "-D", v)
		}
	}
	for _, part := range parts {
		argv, reads = append(argv, k.check[last], part.Path), append(reads, part.Path)
	}
	reads = append(reads, slices.Sorted(maps.Values(p.Import.Files))...)
	if k.system == "nginx" || k.system == "apache" {
		for _, name := range []string{"-p", "-d"} {
			for _, v := range optionValues(words, []string{name}) {
				if !path.IsAbs(v) {
					v = path.Join(r.home(p), v)
				}
				argv, reads = append(argv, name, v), append(reads, v+"/.")
			}
		}
	}
	if why := r.unsafe(p, reads); why != "" {
		r.lacks(p.Title + " was not asked to check its files: " + why + ".")
		return
	}
	var env []string
	if k.env {
		data, err := r.host.Read("/proc/" + strconv.Itoa(p.Running[0].PID) + "/environ")
		if err != nil {
			r.lacks("Root would let " + p.Title + " check its files.")
			return
		}
		env = Environment(string(data))
	}
	out, err := r.host.Run(ctx, env, argv...)
	switch text := string(out); {
	case err == nil && k.system == "apache":
		r.runConfiguration(p, text)
	case err == nil && k.system == "sshd":
		r.effective(p, text)
	case err == nil && k.system == "caddy":
		first, _, _ := strings.Cut(text, "\n")
		if json.Unmarshal([]byte(first), &p.adapted) != nil {
			p.adapted = nil
		}
	case err == nil:
	case r.host.User() != 0 && strings.Contains(text, "ermission denied"):
		r.lacks("Root would let " + p.Title + " check its files.")
	default:
		p.Fault = faultIn(text)
	}
}

// unsafe is why a program is not asked to check its files; empty where it is.
func (r *reading) unsafe(p *Program, reads []string) string {
	if user, ok := r.runBy(p.Running[0].PID); !ok || !r.us(user) {
		return "another user runs it"
	}
	for _, name := range reads {
		if !r.trusted(name) {
			return "others may write " + model.Clean(strings.TrimSuffix(name, "/."), 200)
		}
	}
	return ""
}

// Environment are the variables of a running program, of which text is what /proc/PID/environ
// has: its files may name them. Those are left out with which a check of HAProxy takes itself
// for the master. It is not nil.
func Environment(text string) []string {
	env := []string{}
	for v := range strings.SplitSeq(text, "\x00") {
		if v != "" && !strings.HasPrefix(v, "HAPROXY_MWORKER") && !strings.HasPrefix(v, "HAPROXY_PROCESSES") {
			env = append(env, v)
		}
	}
	return env
}

var faultAt = regexp.MustCompile(`:\d+|line \d+`)

// faultIn is the line of a checker's output that says what is wrong: the first that names
// a place and is no warning, with what follows where it ends in a colon.
func faultIn(out string) string {
	var lines []string
	for line := range strings.Lines(out) {
		lower := strings.ToLower(line)
		if strings.TrimSpace(line) != "" && !strings.Contains(lower, "warn]") && !strings.Contains(lower, "[warning]") && !strings.Contains(lower, "[notice]") && !strings.HasPrefix(lower, `{"level":`) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	if len(lines) == 0 {
		return "it does not say why"
	}
	at := max(0, slices.IndexFunc(lines, faultAt.MatchString))
	text := lines[at]
	if strings.HasSuffix(text, ":") && at+1 < len(lines) {
		text += " " + lines[at+1]
	}
	return model.Clean(text, 300)
}
