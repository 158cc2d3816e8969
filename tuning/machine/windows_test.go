package machine_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/machine"
)

// Keys of the registry.
const (
	hklm    = `HKEY_LOCAL_MACHINE\`
	windows = hklm + `SOFTWARE\Microsoft\Windows NT\CurrentVersion`
	tcp     = hklm + `SYSTEM\CurrentControlSet\Services\Tcpip\Parameters`
	putty   = `HKEY_CURRENT_USER\Software\SimonTatham\PuTTY\Sessions`
)

// A hive is a machine with Windows made of texts, started at ten.
type hive struct {
	values  map[string]string // by KEY\NAME
	changed map[string]time.Time
	files   map[string]string
	closed  string // a key that is not for this user
}

func newHive() *hive {
	return &hive{changed: map[string]time.Time{}, files: map[string]string{}, values: map[string]string{
		windows + `\ProductName`: "Windows 10 Pro", windows + `\CurrentBuildNumber`: "22631", windows + `\InstallationType`: "Client", windows + `\SystemRoot`: `D:\Windows`,
	}}
}

func (h *hive) Value(key, name string) (string, error) {
	if key == h.closed {
		return "", fs.ErrPermission
	}
	if v, ok := h.values[key+`\`+name]; ok {
		return v, nil
	}
	return "", fs.ErrNotExist
}

func (h *hive) Keys(key string) ([]string, error) {
	var names []string
	for k := range h.values {
		if rest, ok := strings.CutPrefix(k, key+`\`); ok {
			name, _, below := strings.Cut(rest, `\`)
			if below && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names, nil
}

func (h *hive) Changed(key string) (time.Time, error) { return h.changed[key], nil }

func (h *hive) Read(name string) ([]byte, error) {
	if text, ok := h.files[name]; ok {
		return []byte(text), nil
	}
	return nil, fs.ErrNotExist
}

func (h *hive) Name() string       { return "desk-7" }
func (h *hive) Now() time.Time     { return noon }
func (h *hive) Started() time.Time { return noon.Add(-2 * time.Hour) }

func (h *hive) read(t *testing.T) machine.Machine {
	t.Helper()
	m, err := machine.ReadWindows(t.Context(), h, machine.Options{Catalog: model.Embedded()})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// laid is a path of a machine with its values, as PARAM=VALUE FROM for each end.
func laid(t *testing.T, m *machine.Machine, path string, end int) []string {
	t.Helper()
	i := slices.IndexFunc(m.Paths, func(p machine.Path) bool { return p.Path.String() == path })
	if i < 0 {
		t.Fatalf("the paths are %v, without %s", m.Paths, path)
	}
	layings, err := m.Lay(m.Paths[i], model.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for id, s := range layings[0].Document.Path.Endpoints[end].Settings {
		all = append(all, fmt.Sprintf("%s=%s %s", id, s.Value, s.Origin.Where))
	}
	slices.Sort(all)
	return all
}

// The values of the registry are those of the client's path, and of the server's.
func TestRegistry(t *testing.T) {
	h := newHive()
	h.values[tcp+`\KeepAliveTime`] = "300000"
	h.values[tcp+`\TcpTimedWaitDelay`] = "30"
	h.values[putty+`\edge%203\PingInterval`] = "1"
	h.values[putty+`\edge%203\PingIntervalSecs`] = "30"
	h.values[putty+`\edge%203\HostName`] = "edge-3"
	m := h.read(t)
	if m.Name != "desk-7" || m.System != "Windows 11 Pro" || m.Version() != "11" || len(m.Limits) != 1 || m.Limits[0].Value != "30" {
		t.Errorf("the machine is %+v", m)
	}
	want := []string{`putty.PingIntervalSecs=1m30s ` + putty + `\edge%203`, "windows.KeepAliveTime=5m " + tcp}
	if got := laid(t, &m, "putty/windows@11 > sshd", 0); !slices.Equal(got, want) {
		t.Errorf("the client has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, a := range m.Log {
		if strings.Contains(a.What, "HostName") {
			t.Errorf("a session is asked more than keep-alive: %s", a)
		}
	}
	if last := m.Log[len(m.Log)-1]; last.String() != `reg query "`+putty+`\edge%203" /v PingIntervalSecs` {
		t.Errorf("the last of the log is %s", last)
	}
}

// IIS is a server of the machine, by its own file.
func TestIISByItsFile(t *testing.T) {
	h := newHive()
	h.values[windows+`\CurrentBuildNumber`], h.values[windows+`\InstallationType`] = "20348", "Server"
	h.values[hklm+`SOFTWARE\Microsoft\InetStp\MajorVersion`], h.values[hklm+`SOFTWARE\Microsoft\InetStp\MinorVersion`] = "10", "0"
	h.values[tcp+`\KeepAliveInterval`] = "10000"
	m := h.read(t)
	name := `D:\Windows\System32\inetsrv\config\applicationHost.config`
	if p := program(t, &m, "iis"); p.Unread != name+": there is none" {
		t.Errorf("without its file it is %+v", p)
	}
	h.files[name] = "<configuration>\n <system.applicationHost>\n  <sites>\n   <siteDefaults>\n    <limits connectionTimeout=\"00:03:00\" />\n   </siteDefaults>\n  </sites>\n </system.applicationHost>\n</configuration>\n"
	m = h.read(t)
	want := []string{"iis.connectionTimeout=3m " + name, "windows.KeepAliveInterval=10s " + tcp}
	if got := laid(t, &m, "chrome > iis@10/windows@2022", 1); !slices.Equal(got, want) {
		t.Errorf("the server has %v, not %v", got, want)
	}
	if s := program(t, &m, "iis").Import.Contexts[0].Settings["iis.connectionTimeout"]; s.Origin.Line != 5 {
		t.Errorf("the value is at line %d", s.Origin.Line)
	}
}

// A machine without servers and sessions is the client of a path.
func TestRegistryAlone(t *testing.T) {
	h := newHive()
	h.values[tcp+`\TcpMaxDataRetransmissions`] = "8"
	m := h.read(t)
	if got := laid(t, &m, "chrome/windows@11 > unknown-server", 0); !slices.Equal(got, []string{"windows.TcpMaxDataRetransmissions=8 " + tcp}) {
		t.Errorf("the client has %v", got)
	}
}

// A key that was written after the start may have values that are not in force.
func TestRegistryWrittenLater(t *testing.T) {
	start := newHive().Started()
	for at, later := range map[time.Time]bool{start: false, start.Add(time.Millisecond): true} {
		h := newHive()
		h.values[tcp+`\KeepAliveTime`], h.changed[tcp] = "300000", at
		m := h.read(t)
		if got := !m.Registry[0].Later.IsZero(); got != later {
			t.Errorf("written %s after the start: later %v", at.Sub(start), got)
		}
	}
}

// The builds at which a version begins, and the last before each.
func TestWindowsVersions(t *testing.T) {
	for build, want := range map[string][2]model.Version{
		"19045": {"10", "2019"}, "21999": {"10", "2022"}, "22000": {"11", "2022"}, "26099": {"11", "2022"}, "26100": {"11", "2025"},
		"10240": {"10", "2016"}, "17762": {"10", "2016"}, "17763": {"10", "2019"}, "20347": {"10", "2019"}, "20348": {"10", "2022"},
		"9600": {"8.1", "2012r2"}, "9599": {"8", "2012"}, "7601": {"7", "2008r2"}, "7599": {"vista", "2008"}, "2600": {"xp", ""}, "2599": {},
	} {
		h := newHive()
		h.values[windows+`\CurrentBuildNumber`] = build
		m := h.read(t)
		h.values[windows+`\InstallationType`] = "Server Core"
		s := h.read(t)
		if got := [2]model.Version{m.Version(), s.Version()}; got != want {
			t.Errorf("build %s is %v, not %v", build, got, want)
		}
	}
	h := newHive()
	h.values[windows+`\CurrentBuildNumber`] = "new"
	if m := h.read(t); m.Version() != "" || !slices.Contains(m.Lacking, "The version of Windows could not be read.") {
		t.Errorf("build new is %q, %v", m.Version(), m.Lacking)
	}
}

// What is not for this user, and what is no value, is said.
func TestRegistryLacks(t *testing.T) {
	h := newHive()
	h.closed = tcp
	if m := h.read(t); !slices.Contains(m.Lacking, "An administrator would see the registry key "+tcp+".") {
		t.Errorf("lacking is %v", m.Lacking)
	}
	h = newHive()
	h.values[tcp+`\KeepAliveTime`] = "soon"
	m := h.read(t)
	if len(m.Registry) > 0 || len(m.Lacking) != 1 || !strings.HasPrefix(m.Lacking[0], "The value KeepAliveTime of "+tcp+" is soon") {
		t.Errorf("the registry has %v, lacking is %v", m.Registry, m.Lacking)
	}
}
