//go:build real && linux

package cli_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/ui/cli/wire"
)

const planted = `Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters]
"KeepAliveTime"=dword:000493e0
"TcpMaxDataRetransmissions"=dword:00000008
"TcpTimedWaitDelay"=dword:0000001e

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"ProductName"="Windows Server 2022 Standard"
"CurrentBuildNumber"="20348"
"InstallationType"="Server"

[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\HTTP\Parameters]
"MaxConnections"=dword:00010000

[HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Internet Settings]
"KeepAliveTimeout"=dword:0002bf20

[HKEY_CURRENT_USER\Software\SimonTatham\PuTTY\Sessions\edge%203]
"TCPKeepalives"=dword:00000001
"PingInterval"=dword:00000001
"PingIntervalSecs"=dword:0000001e
`

// TestRealRegistryOfHost lets keeptune.exe read a registry that regedit filled, both under
// wine.
func TestRealRegistryOfHost(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "wine")
	dir := realserver.Dir(t)
	env := append(os.Environ(), "WINEPREFIX="+filepath.Join(dir, "prefix"), "WINEDEBUG=-all", "DISPLAY=", "WINEDLLOVERRIDES=mscoree,mshtml=")
	run := func(argv ...string) []byte {
		t.Helper()
		var said bytes.Buffer
		out := filepath.Join(dir, "out")
		for range 3 { // wine may not come to start while its server of before ends
			file, err := os.Create(out) // a pipe would stay open as long as the services that wine starts beside it
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
			cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, file, file
			err = cmd.Run()
			_ = file.Close()
			text, _ := os.ReadFile(out)
			if err == nil {
				return text
			}
			said.Write(text)
		}
		t.Fatalf("%s: %s", strings.Join(argv, " "), said.String())
		return nil
	}
	t.Cleanup(func() {
		server := exec.Command("/usr/lib/wine/wineserver64", "-k", "-w")
		server.Env = env
		_ = server.Run()
	})
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "keeptune.exe"), "../..")
	build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	realserver.File(t, dir, "planted.reg", planted)
	run("wine", "regedit", "/S", "planted.reg")
	system := filepath.Join(dir, "prefix/drive_c/windows/system32")
	if _, err := os.Stat(filepath.Join(system, "bcryptprimitives.dll")); err != nil {
		realserver.File(t, system, "bcryptprimitives.dll", string(forwarder()))
	}
	text := run("wine", "keeptune.exe", "host", "--format", "json")
	var h wire.Host
	if err := json.Unmarshal(text[bytes.IndexByte(text, '{'):], &h); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var values []string
	for _, v := range h.Registry {
		values = append(values, v.Param+"="+v.Value+" "+v.Key)
		if at, err := time.Parse(time.RFC3339, *v.Later); err != nil || time.Since(at) > time.Hour {
			t.Errorf("%s was written at %s, it says; that was now", v.Key, *v.Later)
		}
	}
	if want := []string{
		`ie.KeepAliveTimeout=3m HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Internet Settings`,
		`windows.KeepAliveTime=5m HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters`,
		`windows.TcpMaxDataRetransmissions=8 HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters`,
	}; !slices.Equal(values, want) {
		t.Errorf("the registry has\n%s\nwant\n%s", strings.Join(values, "\n"), strings.Join(want, "\n"))
	}
	if len(h.Limits) != 2 || h.Limits[0].Value != "30" || h.Limits[1].Value != "65536" {
		t.Errorf("the limits are %+v", h.Limits)
	}
	if len(h.Paths) != 1 || h.Paths[0].Path != "putty/windows@2022 > sshd" {
		t.Errorf("the paths are %+v", h.Paths)
	}
	session := string(run("wine", "keeptune.exe", "host", "--session", "1"))
	for _, want := range []string{"param = \"putty.PingIntervalSecs\"\nvalue = \"1m30s\"", "param = \"putty.tcp_keepalive\"\nvalue = \"on\"", "param = \"windows.KeepAliveTime\"\nvalue = \"5m\""} {
		if !strings.Contains(session, want) {
			t.Errorf("the session lacks %q:\n%s", want, session)
		}
	}
}

// forwarder is a library of Windows whose ProcessPrng is another's SystemFunction036: Go
// takes random numbers from it, and older wine has none.
func forwarder() []byte {
	const at, module, function, to = 0x1000, "bcryptprimitives.dll\x00", "ProcessPrng\x00", "advapi32.SystemFunction036\x00"
	le := binary.LittleEndian
	u32 := func(b []byte, list ...uint32) []byte {
		for _, v := range list {
			b = le.AppendUint32(b, v)
		}
		return b
	}
	u16 := func(b []byte, list ...uint16) []byte {
		for _, v := range list {
			b = le.AppendUint16(b, v)
		}
		return b
	}
	names := uint32(at + 40 + 4 + 4 + 4)
	exports := u32(nil, 0, 0, 0, names, 1, 1, 1, at+40, at+44, at+48, names+uint32(len(module)+len(function)), names+uint32(len(module)), 0)
	exports = append(exports, module+function+to...)
	head := u32(append([]byte("MZ"), make([]byte, 58)...), 64)
	head = u16(append(head, "PE\x00\x00"...), 0x8664, 1)
	head = u16(u32(head, 0, 0, 0), 240, 0x2022, 0x20b, 14)
	head = u32(head, 0, 0x200, 0, 0, at)
	head = u32(le.AppendUint64(head, 0x180000000), 0x1000, 0x200)
	head = u32(u16(head, 6, 0, 0, 0, 6, 0), 0, 0x2000, 0x200, 0)
	head = u16(head, 3, 0x100)
	for _, size := range []uint64{0x100000, 0x1000, 0x100000, 0x1000} {
		head = le.AppendUint64(head, size)
	}
	head = append(u32(head, 0, 16, at, uint32(len(exports))), make([]byte, 15*8)...)
	head = u32(append(head, ".edata\x00\x00"...), 0x200, at, 0x200, 0x200, 0, 0, 0, 0x40000040)
	return append(append(head, make([]byte, 0x200-len(head))...), append(exports, make([]byte, 0x200-len(exports))...)...)
}
