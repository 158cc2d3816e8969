//go:build real

package native_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/native"
)

var regKey = regexp.MustCompile(`(?m)^\[(.*)\]\r?$`)

// registryCase is an export to the registry and what it must hold then.
type registryCase struct {
	name, to, path string
	sets           []string
	want           []string // KEY|"NAME"=VALUE, sorted
}

func registryCases() []registryCase {
	tcp := `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters`
	ie := `HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Internet Settings`
	putty := `HKEY_CURRENT_USER\Software\SimonTatham\PuTTY\Sessions\Default%20Settings`
	vxd := `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\VxD\MSTCP`
	return []registryCase{
		{
			"Internet Explorer and TCP", "reg", "ie@11/windows@10 > apache@2.4.71",
			[]string{"client:ie.KeepAliveTimeout=180s", "client:ie.ServerInfoTimeout=180s", "client:windows.KeepAliveTime=5m", "client:windows.KeepAliveInterval=10s", "client:TcpMaxDataRetransmissions=8"},
			[]string{
				ie + `|"KeepAliveTimeout"=dword:0002bf20`, ie + `|"ServerInfoTimeout"=dword:0002bf20`,
				tcp + `|"KeepAliveInterval"=dword:00002710`, tcp + `|"KeepAliveTime"=dword:000493e0`, tcp + `|"TcpMaxDataRetransmissions"=dword:00000008`,
			},
		},
		{
			"IIS 1.0 on NT 3.51", "reg4", "ie@11 > iis@1.0",
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
		{
			"Internet Explorer 4 on NT 4", "reg4", "ie@4/windows@nt4 > apache",
			[]string{"client:ie.KeepAliveTimeout=180s", "client:windows.KeepAliveTime=10m", "client:windows.KeepAliveInterval=10s"},
			[]string{ie + `|"KeepAliveTimeout"=dword:0002bf20`, tcp + `|"KeepAliveInterval"=dword:00002710`, tcp + `|"KeepAliveTime"=dword:000927c0`},
		},
		{
			"PuTTY on NT 4", "reg4", "putty/windows@nt4 > sshd",
			[]string{"client:PingIntervalSecs=90s"},
			[]string{putty + `|"PingInterval"=dword:00000001`, putty + `|"PingIntervalSecs"=dword:0000001e`},
		},
	}
}

// TestRealRegistryMerges merges each file and its undo into an empty hive, by
// way of UTF-8, and compares what the hive then holds.
func TestRealRegistryMerges(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "hivexregedit")
	for _, tt := range registryCases() {
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

// TestRealRegedit hands each file and its undo, byte for byte, to the regedit of
// wine, all in one registry made for the test.
func TestRealRegedit(t *testing.T) {
	t.Parallel()
	realserver.Need(t, "wine")
	dir := realserver.Dir(t)
	t.Cleanup(func() {
		server := exec.Command("/usr/lib/wine/wineserver64", "-k", "-w")
		server.Env = append(os.Environ(), wineEnv(dir)...)
		_ = server.Run()
	})
	for i, tt := range registryCases() {
		_, files := export(t, tt.to, tt.path, tt.sets...)
		name := fmt.Sprintf("export-%d.reg", i)
		holds := func() []string {
			var all []string
			for _, m := range regKey.FindAllStringSubmatch(utf8Of(t, files[0], false), -1) {
				all = append(all, wineValues(t, dir, m[1])...)
			}
			slices.Sort(all)
			return slices.Compact(all)
		}
		before := holds()
		realserver.File(t, dir, name, string(files[0].Content))
		realserver.File(t, dir, "undo-"+name, string(files[0].Undo))
		regedit(t, dir, "/S", name)
		got := slices.DeleteFunc(holds(), func(v string) bool { return slices.Contains(before, v) })
		if want := plainStrings(tt.want); !slices.Equal(got, want) {
			t.Errorf("%s: the registry holds\n%s\nwant\n%s", tt.name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		regedit(t, dir, "/S", "undo-"+name)
		if after := holds(); !slices.Equal(after, before) {
			t.Errorf("%s: after the undo the registry holds\n%s\nbefore\n%s", tt.name, strings.Join(after, "\n"), strings.Join(before, "\n"))
		}
	}
}

// wineEnv gives wine a registry of its own.
func wineEnv(dir string) []string {
	return []string{
		"WINEPREFIX=" + filepath.Join(dir, "prefix"), "WINEDEBUG=-all", "DISPLAY=",
		"WINEDLLOVERRIDES=mscoree,mshtml=", // no question for more packages
	}
}

// regedit runs wine's, and again where wine did not come to start it: its server
// ends some seconds after the last program. What it prints goes to a file: a pipe
// would stay open as long as the services that wine starts beside it.
func regedit(t *testing.T, dir string, args ...string) {
	t.Helper()
	for n := 1; ; n++ {
		said, err := os.Create(filepath.Join(dir, "said"))
		if err != nil {
			t.Fatal(err)
		}
		cmd := command(t, dir, "wine", append([]string{"regedit"}, args...)...)
		cmd.Env = append(cmd.Environ(), wineEnv(dir)...)
		cmd.Stdout, cmd.Stderr = said, said
		err = cmd.Run()
		_ = said.Close()
		if err == nil {
			return
		}
		text, _ := os.ReadFile(said.Name())
		if n == tries || !strings.Contains(string(text), "Application could not be started") {
			t.Fatalf("regedit %s: %v\n%s", strings.Join(args, " "), err, text)
		}
		t.Logf("once more: %s", text)
	}
}

// wineValues lists KEY|"NAME"=VALUE of a key and those below it in wine's registry.
func wineValues(t *testing.T, dir, key string) []string {
	t.Helper()
	_ = os.Remove(filepath.Join(dir, "out.reg"))
	regedit(t, dir, "/E", "out.reg", key)
	out, err := os.ReadFile(filepath.Join(dir, "out.reg"))
	if errors.Is(err, os.ErrNotExist) {
		return nil // the key is not there
	}
	if err != nil {
		t.Fatal(err)
	}
	return hiveValues(strings.TrimPrefix(readable(out), "(UTF-16LE with BOM)\n"))
}

// plainStrings writes strings as regedit does, where hivexregedit has str(1):.
func plainStrings(values []string) []string {
	list := slices.Clone(values)
	for i, v := range list {
		list[i] = strings.Replace(v, "=str(1):", "=", 1)
	}
	return list
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
