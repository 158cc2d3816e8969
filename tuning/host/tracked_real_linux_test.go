//go:build real && linux

package host_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/census"
)

// What conntrack -L and /proc/net/nf_conntrack print of real connections is read: an
// established one with all of the kernel's timeout, and one that was half closed.
func TestRealTracked(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"conntrack", "nft", "ip"} {
		if _, err := exec.LookPath(p); err != nil {
			lacking(t, p+" is not installed")
		}
	}
	apart(t, func() error {
		run := func(argv ...string) ([]byte, error) {
			var said bytes.Buffer
			cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...) // on this thread, and so in its namespace
			cmd.Stderr = &said
			out, err := cmd.Output()
			if err != nil {
				err = fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, said.String())
			}
			return out, err
		}
		for _, argv := range [][]string{
			{"ip", "link", "set", "lo", "up"},
			{"nft", "add table ip t"},
			{"nft", "add chain ip t i { type filter hook input priority 0; }"},
			{"nft", "add rule ip t i ct state established counter"},
			{"sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_timeout_established=7200"},
		} {
			if _, err := run(argv...); err != nil {
				return err
			}
		}
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer listener.Close()
		var open []net.Conn
		for range 2 {
			c, err := net.Dial("tcp4", listener.Addr().String())
			if err != nil {
				return err
			}
			defer c.Close()
			s, err := listener.Accept()
			if err != nil {
				return err
			}
			defer s.Close()
			open = append(open, c)
		}
		_ = open[1].(*net.TCPConn).CloseWrite()
		lists := map[string]func() ([]byte, error){
			"conntrack -L":             func() ([]byte, error) { return run("conntrack", "-L", "-p", "tcp") },
			"conntrack -L -o extended": func() ([]byte, error) { return run("conntrack", "-L", "-p", "tcp", "-o", "extended,id") },
			"/proc":                    func() ([]byte, error) { return os.ReadFile("/proc/thread-self/net/nf_conntrack") },
		}
		for name, list := range lists {
			text, err := list()
			if err != nil {
				return err
			}
			if !census.IsTracked(string(text)) {
				return fmt.Errorf("%s is not told for what it is:\n%s", name, text)
			}
			var k census.Tracking
			by := map[string]census.Tracked{}
			if _, _, err := census.ReadTracked(bytes.NewReader(text), func(x census.Tracked) {
				k.Add(x)
				by[x.From.String()] = x
			}); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			first, second := by[open[0].LocalAddr().String()], by[open[1].LocalAddr().String()]
			if k.All != 2 || first.State != "ESTABLISHED" || first.To.String() != listener.Addr().String() || first.Left > 2*time.Hour || first.Left < time.Hour || second.State != "CLOSE_WAIT" && second.State != "FIN_WAIT" {
				return fmt.Errorf("%s: %+v and %+v, of\n%s", name, first, second, text)
			}
		}
		return nil
	})
}
