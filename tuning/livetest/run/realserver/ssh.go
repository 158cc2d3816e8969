package realserver

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"
)

// An SSH is a server of OpenSSH with a key that lets the user of the test in.
type SSH struct {
	*Server
	Key   string // file with the private key of the client
	Known string // file with the host's public key, as known_hosts
	User  string
}

// SSHD starts sshd with these lines at the top of its configuration, where they win.
func SSHD(t testing.TB, lines string) *SSH {
	t.Helper()
	Need(t, "sshd", "ssh-keygen")
	dir, port := Dir(t), FreePort(t)
	who, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if root() { // the folder that Debian's service makes
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil { //nolint:gosec // as the service makes it
			t.Fatal(err)
		}
	}
	s := &SSH{Key: filepath.Join(dir, "client"), User: who.Username}
	host := filepath.Join(dir, "host")
	for _, key := range []string{host, s.Key} {
		Output(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
	}
	public, err := os.ReadFile(host + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	s.Known = File(t, dir, "known", fmt.Sprintf("* %s", public))
	conf := File(t, dir, "sshd_config", fmt.Sprintf(`%s
ListenAddress 127.0.0.1:%d
HostKey %s
AuthorizedKeysFile %s.pub
PidFile none
StrictModes no
PermitRootLogin yes
UsePAM no
`, lines, port, host, s.Key))
	s.Server = start(t, dir, port, nil, find("sshd"), "-D", "-e", "-f", conf)
	return s
}

// Client is the command of an ssh session that runs no program, to a port of 127.0.0.1,
// with the options of a file as ssh_config; "none" is for none.
func (s *SSH) Client(config string, port int) []string {
	args := []string{"-F", config, "-N", "-i", s.Key, "-p", strconv.Itoa(port), "-l", s.User}
	for _, o := range []string{"UserKnownHostsFile=" + s.Known, "IdentitiesOnly=yes", "BatchMode=yes"} {
		args = append(args, "-o", o)
	}
	return append(args, "127.0.0.1")
}
