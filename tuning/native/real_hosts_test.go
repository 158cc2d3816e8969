//go:build real

package native_test

import (
	"path/filepath"
	"strings"
	"testing"

	"example.com/keeptune/tuning/probe/realserver"
)

func TestRealSSHAccepts(t *testing.T) {
	t.Parallel()
	dir, files := export(t, "ssh", "ssh@9.2 > sshd", "client:ServerAliveInterval=30s", "client:ServerAliveCountMax=4", "client:tcp_keepalive=off", "client:ConnectTimeout=1m")
	for name, want := range map[string][]string{
		files[0].Name:     {"serveraliveinterval 30", "serveralivecountmax 4", "tcpkeepalive no", "connecttimeout 60"},
		files[0].UndoName: {"serveraliveinterval 0", "serveralivecountmax 3", "tcpkeepalive yes", "connecttimeout none"},
	} {
		says(t, runs(t, dir, "ssh", "-G", "-F", name, "example.com"), want)
	}
}

func TestRealSSHDAccepts(t *testing.T) {
	t.Parallel()
	dir, files := export(t, "sshd", "ssh > sshd@9.2", "server:ClientAliveInterval=30s", "server:ClientAliveCountMax=never",
		"server:tcp_keepalive=off", "server:ChannelTimeout=1h", "server:UnusedConnectionTimeout=5m", "server:LoginGraceTime=30s")
	key := filepath.Join(dir, "key")
	runs(t, dir, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
	for name, want := range map[string][]string{
		files[0].Name: {
			"clientaliveinterval 30", "clientalivecountmax 0", "tcpkeepalive no", "channeltimeout *=3600", "unusedconnectiontimeout 300", "logingracetime 30",
		},
		files[0].UndoName: {"clientaliveinterval 0", "clientalivecountmax 3", "tcpkeepalive yes", "unusedconnectiontimeout none", "logingracetime 120"},
	} {
		conf := realserver.File(t, dir, "sshd_config", "HostKey "+key+"\nInclude "+filepath.Join(dir, name)+"\n")
		runs(t, dir, "sshd", "-t", "-f", conf)
		says(t, runs(t, dir, "sshd", "-T", "-f", conf), want)
	}
}

// says fails unless each line is in what a program printed.
func says(t testing.TB, out string, lines []string) {
	t.Helper()
	for _, l := range lines {
		if !strings.Contains("\n"+out, "\n"+l+"\n") {
			t.Errorf("%q is missing in\n%s", l, out)
		}
	}
}
