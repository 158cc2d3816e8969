package machine

import (
	"context"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// Options are what a reading is asked.
type Options struct {
	Catalog   *model.Catalog
	Namespace string // as it was named; empty for the one that keeptune runs in
	// Unchecked leaves out that the programs check their own configuration files.
	Unchecked bool
}

// A Machine is what was read.
type Machine struct {
	Taken     time.Time
	Name      string
	OS        model.SystemID
	System    string // Debian GNU/Linux 13 (trixie)
	Kernel    string // 6.12.43+deb13-amd64; of Windows the build
	HZ        int    // of the kernel's timers; 0 where it is not known
	Namespace string // the network namespace, as it was named or as the kernel numbers it
	Container string // what contains it: docker, podman, lxc; empty where nothing is seen
	Sysctls   []Sysctl
	Registry  []RegistryValue // on Windows
	Limits    []Fact
	Programs  []Program
	Others    int      // processes in other network namespaces
	Lacking   []string // what could not be seen, and who could
	Log       []Access
	Paths     []Path

	version model.Version // of Windows
}

// A Fact is a number that the machine tells and that is no setting of the catalog.
type Fact struct {
	Name  string // as it says itself: fs.file-max
	Value string
	Where string
	Says  string // what it is, in a few words
}

// A Sysctl is a variable of the kernel that is a setting of the catalog. What a file
// of /etc has otherwise is its Setting's Said.
type Sysctl struct {
	Param   *model.Param
	Key     string // net.ipv4.tcp_keepalive_time
	Text    string // as the kernel says it
	Setting model.Setting
}

// Read reads a host. What cannot be read is left out and named in Lacking or in the log;
// the error is that of a context that ended.
func Read(ctx context.Context, h Host, o Options) (Machine, error) {
	l := logging(h)
	r := reading{host: l, options: o, m: Machine{Taken: h.Now(), Namespace: o.Namespace, OS: "linux"}}
	r.kernel()
	processes := r.processes()
	listeners, hidden, err := l.Listeners(ctx)
	if err != nil && ctx.Err() == nil {
		r.lacks("The listening sockets could not be read: " + short(err) + ".")
	}
	r.listeners = listeners
	if hidden > 0 {
		r.lacks("Which processes of other users listen, and so when their servers read their files: root sees that.")
	}
	r.programs(ctx, processes)
	r.paths()
	r.m.Log = l.list
	return r.m, ctx.Err()
}

// A reading is a machine in the making.
type reading struct {
	host      *logged
	options   Options
	m         Machine
	listeners []Listener
}

func (r *reading) lacks(text string) {
	if !slices.Contains(r.m.Lacking, text) {
		r.m.Lacking = append(r.m.Lacking, text)
	}
}

// line is the content of a file that has one, and empty where there is none.
func (r *reading) line(name string) string {
	data, err := r.host.Read(name)
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(data), "\n")
	return model.Clean(strings.Join(strings.Fields(first), " "), 200)
}

// files are those that a configuration may include.
type files struct{ host Host }

func (f files) Read(name string) ([]byte, error)      { return f.host.Read(name) }
func (f files) Glob(pattern string) ([]string, error) { return f.host.Glob(pattern) }

var _ native.Files = files{}
