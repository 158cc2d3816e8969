package machine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// A Windows is a machine of that system, which is read. What is not there is an error that
// is [fs.ErrNotExist], and what this user may not see one that is [fs.ErrPermission].
type Windows interface {
	// Value is a number in decimal digits, or a string, of a key of the registry, whose
	// name begins with HKEY_LOCAL_MACHINE or HKEY_CURRENT_USER.
	Value(key, name string) (string, error)
	// Keys are the names of the keys below one, sorted.
	Keys(key string) ([]string, error)
	// Changed is when a value of a key was last written.
	Changed(key string) (time.Time, error)
	// Read is the content of a file, of at most a few MiB.
	Read(name string) ([]byte, error)
	Name() string
	Now() time.Time
	// Started is when Windows was.
	Started() time.Time
}

// A RegistryValue is a setting of the catalog that the registry has.
type RegistryValue struct {
	Param   *model.Param
	Key     string // in full
	Setting model.Setting
	// Later is when its key was last written, where that was after Windows had started: a
	// value that counts at the start only may not be in force. It is the zero time otherwise.
	Later time.Time
}

// Of the registry.
const (
	currentVersion = `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion`
	tcpParameters  = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters`
	httpParameters = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\HTTP\Parameters`
	iisSetup       = `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\InetStp`
	puttySessions  = `HKEY_CURRENT_USER\Software\SimonTatham\PuTTY\Sessions`
)

// ReadWindows reads a machine with Windows: its registry, and the files of IIS. What is not
// there is as Windows documents it. The error is that of a context that ended.
func ReadWindows(ctx context.Context, w Windows, o Options) (Machine, error) {
	r := winReading{w: w, options: o, m: Machine{Taken: w.Now(), Name: model.Clean(w.Name(), 100), OS: "windows"}, log: logging(nil)}
	r.version()
	r.registry()
	r.limits()
	r.iis()
	r.putty()
	r.paths()
	r.m.Log = r.log.list
	return r.m, ctx.Err()
}

type winReading struct {
	w       Windows
	options Options
	m       Machine
	log     *logged // of what is asked alone
}

// value is empty where there is none; that it is not for this user is said.
func (r *winReading) value(key, name string) string {
	text, err := r.w.Value(key, name)
	r.log.note("ask", fmt.Sprintf(`reg query "%s" /v %s`, key, name), err)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			r.lacks("An administrator would see the registry key " + key + ".")
		}
		return ""
	}
	return model.Clean(text, 200)
}

func (r *winReading) lacks(text string) {
	if !slices.Contains(r.m.Lacking, text) {
		r.m.Lacking = append(r.m.Lacking, text)
	}
}

// A build is the first of a version of Windows; servers have names of their own.
type build struct {
	from           int
	client, server model.Version
}

// builds are those of learn.microsoft.com/windows/win32/sysinfo/operating-system-version
// and of the release information of each, the newest first.
var builds = []build{
	{26100, "11", "2025"},
	{22000, "11", "2022"},
	{20348, "10", "2022"},
	{17763, "10", "2019"},
	{10240, "10", "2016"},
	{9600, "8.1", "2012r2"},
	{9200, "8", "2012"},
	{7600, "7", "2008r2"},
	{6000, "vista", "2008"},
	{3790, "xp", "2003"},
	{2600, "xp", ""},
}

// version takes Windows' own name, build and version of the catalog.
func (r *winReading) version() {
	m := &r.m
	m.System = r.value(currentVersion, "ProductName")
	text := cmp.Or(r.value(currentVersion, "CurrentBuildNumber"), r.value(currentVersion, "CurrentBuild"))
	m.Kernel = text
	number, err := strconv.Atoi(text)
	if err != nil {
		r.lacks("The version of Windows could not be read.")
		return
	}
	server := strings.Contains(strings.ToLower(r.value(currentVersion, "InstallationType")), "server")
	i := slices.IndexFunc(builds, func(b build) bool { return number >= b.from })
	switch {
	case i < 0:
	case server:
		m.version = builds[i].server
	default:
		m.version = builds[i].client
		if number >= 22000 {
			m.System = strings.Replace(m.System, "Windows 10", "Windows 11", 1) // which it still calls itself there
		}
	}
}

// registry reads the values that are settings of a system.
func (r *winReading) registry() {
	for _, id := range r.options.Catalog.IDs() {
		sys, err := r.options.Catalog.System(id)
		if err != nil || id == "windows-9x" {
			continue
		}
		for _, p := range sys.Params {
			key := native.RegistryKey(p)
			if key == "" {
				continue
			}
			text := r.value(key, p.ID.Name())
			if text == "" {
				continue
			}
			v, err := p.ParseValue(text)
			if err != nil {
				r.lacks(fmt.Sprintf(`The value %s of %s is %s, which it cannot be: %s.`, p.ID.Name(), key, text, model.Clean(err.Error(), 120)))
				continue
			}
			r.m.Registry = append(r.m.Registry, RegistryValue{
				Param: p, Key: key, Setting: model.Setting{Value: v, Origin: model.Origin{Kind: model.FromFile, Where: key, At: r.m.Taken}}, Later: r.later(key),
			})
		}
	}
}

// later is when a key was written, where that was after the start.
func (r *winReading) later(key string) time.Time {
	at, err := r.w.Changed(key)
	if err != nil || !at.After(r.w.Started()) {
		return time.Time{}
	}
	return at
}

// limits are numbers that are no setting of the catalog, of those that are there.
func (r *winReading) limits() {
	for _, f := range []Fact{
		{Name: "TcpTimedWaitDelay", Where: tcpParameters, Says: "seconds that a socket stays in TIME-WAIT"},
		{Name: "MaxUserPort", Where: tcpParameters, Says: "last port of outgoing connections; from Vista on netsh sets a range"},
		{Name: "TcpNumConnections", Where: tcpParameters, Says: "open connections, at most"},
		{Name: "MaxConnections", Where: httpParameters, Says: "connections of all servers on HTTP.sys, at most"},
	} {
		if f.Value = r.value(f.Where, f.Name); f.Value != "" {
			r.m.Limits = append(r.m.Limits, f)
		}
	}
}

// iis reads IIS' own file, where IIS is installed.
func (r *winReading) iis() {
	major := r.value(iisSetup, "MajorVersion")
	if major == "" {
		return
	}
	p := Program{Title: "IIS", System: "iis", Version: model.Version(major + "." + cmp.Or(r.value(iisSetup, "MinorVersion"), "0"))}
	if major == "10" {
		p.Version = "10"
	}
	format, err := native.Find("applicationhost")
	if err != nil {
		return
	}
	name := strings.TrimRight(cmp.Or(r.value(currentVersion, "SystemRoot"), `C:\Windows`), `\`) + `\System32\inetsrv\config\applicationHost.config`
	data, err := r.w.Read(name)
	r.log.note("read", name, err)
	if err != nil {
		p.Unread = name + ": " + short(err)
		if errors.Is(err, fs.ErrPermission) {
			r.lacks("An administrator would read " + name + ".")
		}
	} else {
		p.Main = name
		if p.Import, err = format.Open(native.Source{Name: name, Data: data}, r.options.Catalog); err != nil {
			p.Unread = model.Clean(err.Error(), 300)
		}
	}
	r.m.Programs = append(r.m.Programs, p)
}

// putty reads the sessions that PuTTY keeps for this user.
func (r *winReading) putty() {
	names, err := r.w.Keys(puttySessions)
	r.log.note("ask", fmt.Sprintf(`reg query "%s"`, puttySessions), err)
	if err != nil || len(names) == 0 {
		return
	}
	var text strings.Builder
	var keys []string // of each line
	line := func(s, key string) {
		text.WriteString(s + "\n")
		keys = append(keys, key)
	}
	line("Windows Registry Editor Version 5.00", "")
	for _, name := range names {
		key := puttySessions + `\` + name
		line("["+key+"]", key)
		for _, value := range []string{"TCPKeepalives", "PingInterval", "PingIntervalSecs"} {
			if n, err := strconv.ParseUint(r.value(key, value), 10, 32); err == nil {
				line(fmt.Sprintf(`"%s"=dword:%08x`, value, n), key)
			}
		}
	}
	p := Program{Title: "PuTTY", System: "putty"}
	format, err := native.Find("reg")
	if err != nil {
		return
	}
	if p.Import, err = format.Open(native.Source{Name: puttySessions, Data: []byte(text.String())}, r.options.Catalog); err != nil {
		return // no session says anything of it
	}
	p.Import.Files = nil // of which there are none
	for i := range p.Import.Contexts {
		c := &p.Import.Contexts[i]
		for id, s := range c.Settings {
			if s.Origin.Line > 0 && s.Origin.Line <= len(keys) {
				s.Origin.Where, s.Origin.Line, s.Origin.At = keys[s.Origin.Line-1], 0, r.m.Taken
				c.Settings[id] = s
			}
		}
	}
	r.m.Programs = append(r.m.Programs, p)
}

// paths are those of IIS and of PuTTY, and else one of whatever connects from here.
func (r *winReading) paths() {
	m := &r.m
	for i := range m.Programs {
		p := &m.Programs[i]
		sys, err := r.options.Catalog.System(p.System)
		if err != nil {
			continue
		}
		here := model.Endpoint{System: p.System, Version: p.Version, OS: m.host()}
		hop := Hop{Program: i}
		for j := range p.Import.Contexts {
			hop.Contexts = append(hop.Contexts, j)
		}
		if p.System == "iis" {
			r.add([]model.Endpoint{{System: UsualPeer(r.options.Catalog, sys, model.FaceClient)}, here}, nil, hop)
			continue
		}
		r.add([]model.Endpoint{here, {System: "sshd"}}, &hop, Hop{Program: -1})
	}
	if len(m.Paths) == 0 {
		r.add([]model.Endpoint{{System: "chrome", OS: m.host()}, {System: "unknown-server"}}, &Hop{Program: -1}, Hop{Program: -1})
	}
}

func (r *winReading) add(on []model.Endpoint, client *Hop, server Hop) {
	p := Path{Path: model.Path{Endpoints: on}.Renamed(), At: []string{}, Client: client, Hops: []Hop{server}}
	if _, err := model.ParsePath(p.Path.String(), r.options.Catalog); err == nil {
		r.m.Paths = append(r.m.Paths, p)
	}
}
