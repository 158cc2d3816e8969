package hostpage_test

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/ui/hostpage"
	"example.com/keeptune/ui/widget"
)

const registryPage = `HOST  desk-7, Windows 11 Pro, build 22631

PATHS
  1  putty/windows@11 > sshd

PuTTY

REGISTRY
  HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters
    KeepAliveTime = 300 s, where Windows takes 2 h without it
    KeepAliveInterval = 1 s, as without it
    TcpMaxDataRetransmissions is not set: Windows takes 5
  ! this key was written at 11:00:00, after Windows had started: a value that
    was set then counts from its next start on
  HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings
    ie.KeepAliveTimeout = 180 s
`

func TestRegistryPage(t *testing.T) {
	c := model.Embedded()
	value := func(id model.ParamID, d, before time.Duration, key string) machine.RegistryValue {
		sys, err := c.System(id.System())
		if err != nil {
			t.Fatal(err)
		}
		return machine.RegistryValue{Param: sys.Param(id), Key: key, Setting: model.Setting{Value: model.For(d)}, Later: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC).Add(-before)}
	}
	p, err := model.ParsePath("putty/windows@11 > sshd", c)
	if err != nil {
		t.Fatal(err)
	}
	const tcp = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters`
	m := machine.Machine{
		Taken: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC), Name: "desk-7", OS: "windows", System: "Windows 11 Pro", Kernel: "22631",
		Registry: []machine.RegistryValue{
			value("windows.KeepAliveTime", 5*time.Minute, time.Hour, tcp), value("windows.KeepAliveInterval", time.Second, time.Hour, tcp),
			value("ie.KeepAliveTimeout", 3*time.Minute, time.Hour, `HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Internet Settings`), // it counts at once
		},
		Programs: []machine.Program{{Title: "PuTTY", System: "putty"}},
		Paths:    []machine.Path{{Path: p, Client: &machine.Hop{}, Hops: []machine.Hop{{Program: -1}}}},
	}
	if got := strings.Join(hostpage.Lines(&m, hostpage.Options{Width: 80, Catalog: c}), "\n") + "\n"; got != registryPage {
		t.Errorf("the page is\n%s", got)
	}
	for _, l := range hostpage.Lines(&m, hostpage.Options{Width: 40, Catalog: c}) {
		if widget.Width(l) > 40 {
			t.Errorf("at 40 columns: %q", l)
		}
	}
}
