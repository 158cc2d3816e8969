package machine

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// userHZ are the ticks of a second in which /proc tells times (USER_HZ, proc(5)): 100
// on every architecture that keeptune is built for.
const userHZ = 100

// A Process is one that runs.
type Process struct {
	PID, Parent int
	Program     string   // the file that it runs; empty where that is not for this user
	Replaced    bool     // another file has taken the place of that one since
	Words       []string // its command line, as it shows it
	Started     time.Time

	children bool // it has some of the same program
}

// name is what a process calls itself: the first word of its command line, without the
// title that some programs write there, such as nginx: worker process.
func (p *Process) name() string {
	if p.Program != "" {
		return path.Base(p.Program)
	}
	if len(p.Words) == 0 {
		return ""
	}
	first, _, _ := strings.Cut(p.Words[0], " ")
	return path.Base(strings.TrimSuffix(first, ":"))
}

// words are the command line one by one, also where the program joined them to a title.
func (p *Process) words() []string {
	if len(p.Words) == 1 && strings.Contains(p.Words[0], " ") {
		return strings.Fields(p.Words[0])
	}
	return p.Words
}

// session says whether a process is one connection of an sshd, by its title: that of the one
// which listens begins with its program, an absolute path (sshd(8)).
func (p *Process) session() bool {
	if len(p.Words) == 0 {
		return false
	}
	title, is := strings.CutPrefix(p.Words[0], "sshd: ")
	return is && !strings.HasPrefix(title, "/")
}

// processes are those of the network namespace.
func (r *reading) processes() []Process {
	up, err := strconv.ParseFloat(first(r.line("/proc/uptime")), 64)
	if err != nil {
		r.lacks("The processes could not be read: /proc is not there.")
		return nil
	}
	boot := r.host.Now().Add(-time.Duration(up * float64(time.Second)))
	here, known := r.host.Link("/proc/thread-self/ns/net")
	names, err := r.host.Glob("/proc/[0-9]*")
	if err != nil {
		return nil
	}
	var all []Process
	unseen := false
	for _, dir := range names {
		pid, err := strconv.Atoi(path.Base(dir))
		if err != nil {
			continue
		}
		stat, err := r.host.Read(dir + "/stat")
		line, readable := r.host.Read(dir + "/cmdline")
		if err != nil || readable != nil || len(line) == 0 {
			continue // it ended, or is the kernel's own
		}
		p := Process{PID: pid, Words: strings.Split(strings.TrimRight(string(line), "\x00 "), "\x00")}
		if !p.times(string(stat), boot) {
			continue
		}
		if net, err := r.host.Link(dir + "/ns/net"); err == nil && known == nil && net != here {
			r.m.Others++
			continue
		}
		program, err := r.host.Link(dir + "/exe")
		unseen = unseen || err != nil
		p.Program, p.Replaced = strings.CutSuffix(program, " (deleted)")
		all = append(all, p)
	}
	if unseen && r.host.User() != 0 {
		r.lacks("Which programs other users run, and in which network namespace: they are taken by the name that they show; root sees the file.")
	}
	return all
}

func first(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}

// times takes the parent and the start out of /proc/PID/stat (proc(5)).
func (p *Process) times(stat string, boot time.Time) bool {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return false
	}
	parent, err := strconv.Atoi(fields[1])
	ticks, also := strconv.ParseInt(fields[19], 10, 64)
	if err != nil || also != nil {
		return false
	}
	p.Parent, p.Started = parent, boot.Add(time.Duration(ticks)*(time.Second/userHZ))
	return true
}

// A group are the processes of one running server, the one that started the others first.
type group struct {
	kind *kind
	all  []Process
}

// groups are the running servers of kinds that are known.
func groups(all []Process) []group {
	by := map[int]*Process{}
	kinds := map[int]*kind{}
	for i := range all {
		p := &all[i]
		by[p.PID] = p
		if k := kindOf(p); k != nil {
			kinds[p.PID] = k
		}
	}
	members := map[int][]Process{}
	var roots []int
	for i := range all {
		p := &all[i]
		k := kinds[p.PID]
		if k == nil {
			continue
		}
		top := p
		for range len(all) { // a loop of parents cannot be, and would not end
			parent := by[top.Parent]
			if parent == nil || kinds[parent.PID] != k {
				break
			}
			parent.children = true
			top = parent
		}
		if top.session() { // it outlived the server that began it
			continue
		}
		if members[top.PID] == nil {
			roots = append(roots, top.PID)
		}
		members[top.PID] = append(members[top.PID], *p)
	}
	list := make([]group, 0, len(roots))
	for _, pid := range roots {
		g := group{kind: kinds[pid], all: members[pid]}
		for i := range g.all {
			g.all[i].children = by[g.all[i].PID].children
		}
		slices.SortStableFunc(g.all, func(a, b Process) int {
			switch {
			case a.PID == pid:
				return -1
			case b.PID == pid:
				return 1
			}
			return a.PID - b.PID
		})
		list = append(list, g)
	}
	slices.SortStableFunc(list, func(a, b group) int { return strings.Compare(a.kind.title, b.kind.title) })
	return list
}

// loaded is when the program that answers read its configuration, as far as its processes
// tell: those that listen and have no process below them were started with it. A process
// that is being shut down has closed its listening sockets, or says so. It is the zero
// time where nothing tells.
func (g *group) loaded(r *reading) time.Time {
	var at time.Time
	held := r.held()
	seen := slices.ContainsFunc(g.all, func(p Process) bool { return held[p.PID] })
	for i := range g.all {
		p := &g.all[i]
		switch {
		case seen && !held[p.PID], strings.Contains(strings.Join(p.Words, " "), "is shutting down"):
			continue
		case p.children && slices.ContainsFunc(g.all, func(o Process) bool { return o.Parent == p.PID && (!seen || held[o.PID]) }):
			continue
		}
		if at.IsZero() || p.Started.Before(at) {
			at = p.Started
		}
	}
	if g.kind.pidFile == "" || at.IsZero() {
		return at
	}
	if st, err := r.host.Stat(g.kind.pidFile); err == nil && r.line(g.kind.pidFile) == strconv.Itoa(g.all[0].PID) && st.Changed.After(at) {
		return st.Changed // it writes that file again when it reads its configuration again
	}
	return at
}

// held says which processes hold a listening socket.
func (r *reading) held() map[int]bool {
	held := map[int]bool{}
	for _, l := range r.listeners {
		for _, pid := range l.PIDs {
			held[pid] = true
		}
	}
	return held
}

// listens are the addresses at which a group takes connections.
func (r *reading) listens(g *group) []string {
	var list []string
	for _, l := range r.listeners {
		if slices.ContainsFunc(l.PIDs, func(pid int) bool {
			return slices.ContainsFunc(g.all, func(p Process) bool { return p.PID == pid })
		}) && !slices.Contains(list, l.Address) {
			list = append(list, l.Address)
		}
	}
	return list
}
