//go:build real

package native_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/probe/realserver"
)

var regKey = regexp.MustCompile(`(?m)^\[(.*)\]\r?$`)

// TestRealRegistryMerges merges each file and its undo into an empty hive, by
// way of UTF-8, and compares what the hive then holds.
func TestRealRegistryMerges(t *testing.T) {
	realserver.Need(t, "hivexregedit")
	tcp := `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters`
	ie := `HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Internet Settings`
	putty := `HKEY_CURRENT_USER\Software\SimonTatham\PuTTY\Sessions\Default%20Settings`
	vxd := `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\VxD\MSTCP`
	for _, tt := range []struct {
		name, to, path string
		sets           []string
		want           []string // KEY|"NAME"=VALUE
	}{
		{
			"Internet Explorer and TCP", "reg", "ie@11/windows@10 > apache@2.4.71",
			[]string{"client:ie.KeepAliveTimeout=180s", "client:ie.ServerInfoTimeout=180s", "client:windows.KeepAliveTime=5m", "client:windows.KeepAliveInterval=10s", "client:TcpMaxDataRetransmissions=8"},
			[]string{
				ie + `|"KeepAliveTimeout"=dword:0002bf20`, ie + `|"ServerInfoTimeout"=dword:0002bf20`,
				tcp + `|"KeepAliveInterval"=dword:00002710`, tcp + `|"KeepAliveTime"=dword:000493e0`, tcp + `|"TcpMaxDataRetransmissions"=dword:00000008`,
			},
		},
		{
			"IIS 1.0", "reg", "ie@11 > iis@1.0",
			[]string{"server:AllowKeepAlives=off"},
			[]string{`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\W3SVC\Parameters|"AllowKeepAlives"=dword:00000000`},
		},
		{
			"PuTTY", "reg", "putty@0.83 > sshd",
			[]string{"client:PingIntervalSecs=90s", "client:tcp_keepalive=on"},
			[]string{putty + `|"PingInterval"=dword:00000001`, putty + `|"PingIntervalSecs"=dword:0000001e`, putty + `|"TCPKeepalives"=dword:00000001`},
		},
		{
			"Windows 95", "reg4", "curl/windows@95 > apache@2.4.71",
			[]string{"client:KeepAliveTime=10m", "client:MaxDataRetries=8"},
			[]string{vxd + `|"KeepAliveTime"=dword:000927c0`, vxd + `|"MaxDataRetries"=dword:00000008`},
		},
		{
			"Windows 98", "reg4", "curl/windows@98 > apache@2.4.71",
			[]string{"client:KeepAliveTime=10m"},
			[]string{vxd + `|"KeepAliveTime"=str(1):"600000"`},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir, files := export(t, tt.to, tt.path, tt.sets...)
			hive := filepath.Join(dir, "hive")
			empty, err := os.ReadFile("testdata/empty.hive")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(hive, empty, 0o600); err != nil {
				t.Fatal(err)
			}
			content := utf8Of(t, files[0], false)
			realserver.File(t, dir, "parents.reg", parents(content))
			realserver.File(t, dir, "export.reg", content)
			realserver.File(t, dir, "undo.reg", utf8Of(t, files[0], true))
			runs(t, dir, "hivexregedit", "--merge", hive, "parents.reg")
			runs(t, dir, "hivexregedit", "--merge", hive, "export.reg")
			if got := hiveValues(runs(t, dir, "hivexregedit", "--export", "--unsafe-printable-strings", hive, `\`)); !slices.Equal(got, tt.want) {
				t.Errorf("the hive holds\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			runs(t, dir, "hivexregedit", "--merge", hive, "undo.reg")
			if got := hiveValues(runs(t, dir, "hivexregedit", "--export", "--unsafe-printable-strings", hive, `\`)); len(got) != 0 {
				t.Errorf("after the undo the hive still holds %v", got)
			}
		})
	}
}

// utf8Of is a registry file as UTF-8 with line feeds.
func utf8Of(t *testing.T, f native.File, undo bool) string {
	t.Helper()
	content := f.Content
	if undo {
		content = f.Undo
	}
	return strings.TrimPrefix(readable(content), "(UTF-16LE with BOM)\n")
}

// parents makes every key above those of a file: a real registry has them.
func parents(content string) string {
	var keys []string
	for _, m := range regKey.FindAllStringSubmatch(content, -1) {
		parts := strings.Split(m[1], `\`)
		for i := range parts {
			if key := "[" + strings.Join(parts[:i+1], `\`) + "]"; !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return "Windows Registry Editor Version 5.00\n\n" + strings.Join(keys, "\n\n") + "\n"
}

// hiveValues lists KEY|"NAME"=VALUE of an export, sorted, with hexadecimal
// numbers as hivexregedit writes them.
func hiveValues(out string) []string {
	var list []string
	key := ""
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "["):
			key = strings.Trim(line, `[]\`)
		case strings.HasPrefix(line, `"`):
			list = append(list, key+"|"+line)
		}
	}
	slices.Sort(list)
	return list
}
