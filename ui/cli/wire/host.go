package wire

import (
	"time"

	"example.com/keeptune/tuning/machine"
)

// HostSchema names the shape of [Host].
const HostSchema = "keeptune.host/1"

// A Host is what a machine has in force: keeptune host --format json.
type Host struct {
	Schema    string        `json:"schema"`
	Version   string        `json:"version"`
	Taken     string        `json:"taken"`
	Name      string        `json:"name"`
	System    string        `json:"system"`
	Kernel    string        `json:"kernel"`
	HZ        *int          `json:"hz"` // null where it is not known
	Namespace string        `json:"network_namespace"`
	Container *string       `json:"container"`
	Others    int           `json:"processes_elsewhere"` // in other network namespaces
	Sysctls   []HostSysctl  `json:"sysctls"`
	Registry  []HostValue   `json:"registry"` // of Windows
	Limits    []HostLimit   `json:"limits"`
	Programs  []HostProgram `json:"programs"`
	Paths     []HostPath    `json:"paths"`
	Lacking   []string      `json:"not_seen"`
	Log       []HostAccess  `json:"log"`
}

// A HostSysctl is a variable of the kernel, and what a file says where that differs.
type HostSysctl struct {
	Key   string    `json:"key"`
	Param string    `json:"param"`
	Value string    `json:"value"`
	Said  *HostSaid `json:"said"`
}

// A HostValue is a setting that the registry of Windows has.
type HostValue struct {
	Key   string  `json:"key"` // in full
	Param string  `json:"param"`
	Value string  `json:"value"`
	Later *string `json:"written_after_start"` // when its key was last written, where that was after Windows had started
}

// A HostSaid is what a file says that is not in force.
type HostSaid struct {
	Value string `json:"value"`
	File  string `json:"file"`
	Line  int    `json:"line"`
}

// A HostLimit is a number that the machine tells.
type HostLimit struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	File  string `json:"file"`
}

// A HostProgram is a server that runs, or that is installed only.
type HostProgram struct {
	System  string       `json:"system"`
	Title   string       `json:"title"`
	Path    *string      `json:"path"`
	Version *string      `json:"version"`
	PIDs    []int        `json:"pids"`    // empty where it does not run
	Listens []string     `json:"listens"` // HOST:PORT, *:PORT
	Loaded  *string      `json:"loaded"`  // when what runs was read; null where nothing tells
	File    *string      `json:"file"`    // its configuration
	Files   []string     `json:"files"`   // with all that it includes
	Edited  []HostEdited `json:"edited"`  // after it was loaded
	Fault   *string      `json:"fault"`   // why it would not load its files
	Unread  *string      `json:"unread"`  // why its configuration was not read
	Answers []HostLimit  `json:"answers"` // what it says of itself at its socket, of which file is the path
	Places  []HostPlace  `json:"places"`
	Told    []Told       `json:"warnings"`
}

// A HostEdited is a file that what runs has not read as it is.
type HostEdited struct {
	File    string `json:"file"`
	Changed string `json:"changed"`
}

// A HostPlace is a place of a configuration, and where it listens and sends to.
type HostPlace struct {
	Says    Imported `json:"says"`
	Listens []string `json:"listens"`
	Sends   []string `json:"sends"`
}

// A HostPath is a way of requests through the machine.
type HostPath struct {
	Path     string   `json:"path"`
	At       []string `json:"at"`
	Programs []int    `json:"programs"` // by their place in programs; -1: not on this machine
}

// A HostAccess is something that was read or run.
type HostAccess struct {
	Kind   string  `json:"kind" enum:"read,list,run,ask"`
	What   string  `json:"what"`
	Count  int     `json:"count"`
	Failed *string `json:"failed"`
}

// FromMachine is the JSON of a machine.
func FromMachine(m *machine.Machine, version string) Host {
	h := Host{
		Schema: HostSchema, Version: version, Taken: stamp(m.Taken), Name: m.Name, System: m.System, Kernel: m.Kernel, Namespace: m.Namespace, Container: word(m.Container),
		Others: m.Others, Sysctls: []HostSysctl{}, Registry: []HostValue{}, Limits: []HostLimit{}, Programs: []HostProgram{}, Paths: []HostPath{}, Lacking: list(m.Lacking), Log: []HostAccess{},
	}
	if m.HZ > 0 {
		h.HZ = &m.HZ
	}
	for _, s := range m.Sysctls {
		x := HostSysctl{Key: s.Key, Param: string(s.Param.ID), Value: s.Setting.Value.String()}
		if said := s.Setting.Said; said.Value.IsSet() {
			x.Said = &HostSaid{said.Value.String(), said.Where, said.Line}
		}
		h.Sysctls = append(h.Sysctls, x)
	}
	for _, v := range m.Registry {
		x := HostValue{Key: v.Key, Param: string(v.Param.ID), Value: v.Setting.Value.String()}
		if !v.Later.IsZero() {
			at := stamp(v.Later)
			x.Later = &at
		}
		h.Registry = append(h.Registry, x)
	}
	for _, f := range m.Limits {
		h.Limits = append(h.Limits, HostLimit{f.Name, f.Value, f.Where})
	}
	for i := range m.Programs {
		h.Programs = append(h.Programs, hostProgram(&m.Programs[i]))
	}
	for _, p := range m.Paths {
		x := HostPath{Path: p.Path.String(), At: p.At, Programs: []int{}}
		for _, hop := range p.Hops {
			x.Programs = append(x.Programs, hop.Program)
		}
		h.Paths = append(h.Paths, x)
	}
	for _, a := range m.Log {
		h.Log = append(h.Log, HostAccess{a.Kind, a.What, a.Count, word(a.Failed)})
	}
	return h
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func hostProgram(p *machine.Program) HostProgram {
	x := HostProgram{
		System: string(p.System), Title: p.Title, Path: word(p.Path), Version: word(string(p.Version)), PIDs: []int{}, Listens: list(p.Listens),
		File: word(p.Main), Files: p.Files(), Edited: []HostEdited{}, Answers: []HostLimit{}, Fault: word(p.Fault), Unread: word(p.Unread), Places: []HostPlace{}, Told: []Told{},
	}
	for _, r := range p.Running {
		x.PIDs = append(x.PIDs, r.PID)
	}
	if !p.Loaded.IsZero() {
		at := stamp(p.Loaded)
		x.Loaded = &at
	}
	for _, e := range p.Edited {
		x.Edited = append(x.Edited, HostEdited{e.File, stamp(e.Changed)})
	}
	for _, f := range p.Answers {
		x.Answers = append(x.Answers, HostLimit{f.Name, f.Value, f.Where})
	}
	for _, c := range p.Contexts() {
		x.Places = append(x.Places, HostPlace{Says: fromContext(c), Listens: list(c.Listens), Sends: list(c.Sends)})
	}
	for _, w := range p.Import.Warnings {
		x.Told = append(x.Told, Told(w))
	}
	return x
}
