package lab

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A kernel is this host's, with the commands that set it up.
type kernel struct {
	hz      int
	ip, nft string
}

// A namespace is a network namespace, held by a file.
type namespace struct{ file *os.File }

// A cell is a client and a server with a router between them, each in a
// network namespace of its own.
type cell struct {
	kernel
	client, router, server namespace
}

// do runs f on a new thread inside the namespace. The thread ends with it.
func (n namespace) do(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("setns: %w", err)
			return
		}
		done <- f()
	}()
	return <-done
}

func newNamespace() (n namespace, err error) {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("unshare: %w", err)
			return
		}
		f, err := os.Open("/proc/thread-self/ns/net")
		n.file = f
		done <- err
	}()
	return n, <-done
}

// set writes a sysctl below net in the thread's namespace.
func set(name string, value int64) error {
	if err := os.WriteFile(filepath.Join("/proc/sys/net", filepath.FromSlash(name)), []byte(strconv.FormatInt(value, 10)), 0); err != nil {
		return fmt.Errorf("sysctl net.%s: %w", strings.ReplaceAll(name, "/", "."), err)
	}
	return nil
}

// has says whether this kernel has a sysctl.
func has(name string) bool {
	_, err := os.Stat(filepath.Join("/proc/sys/net", filepath.FromSlash(name)))
	return err == nil
}

// command runs ip or nft in the thread's namespace with a script as its input.
func command(ctx context.Context, script string, files []*os.File, name string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // ip or nft, found before the namespaces were made
	cmd.Stdin = strings.NewReader(script)
	cmd.ExtraFiles = files
	out, err := cmd.CombinedOutput()
	if err != nil {
		first, _, _ := bytes.Cut(bytes.TrimSpace(out), []byte("\n"))
		return fmt.Errorf("%s: %w: %s", filepath.Base(name), err, first)
	}
	return nil
}

// The addresses of a cell; its router has the .1 of both nets.
const (
	clientAddress = "10.9.0.2"
	serverAddress = "10.9.1.2"
)

// The ends' interface in their own namespaces.
const device = "eth0"

// cell makes the namespaces and joins them.
func (k kernel) cell(ctx context.Context) (*cell, error) {
	c := &cell{kernel: k}
	for _, n := range []*namespace{&c.client, &c.router, &c.server} {
		var err error
		if *n, err = newNamespace(); err != nil {
			c.close()
			return nil, err
		}
	}
	if err := c.join(ctx); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *cell) join(ctx context.Context) error {
	err := c.router.do(func() error {
		quiet()
		if err := set("ipv4/ip_forward", 1); err != nil {
			return err
		}
		return command(ctx, `
link add `+clientInterface+` type veth peer name `+device+` netns /proc/self/fd/3
link add `+serverInterface+` type veth peer name `+device+` netns /proc/self/fd/4
addr add 10.9.0.1/24 dev `+clientInterface+`
addr add 10.9.1.1/24 dev `+serverInterface+`
link set `+clientInterface+` up
link set `+serverInterface+` up
`, []*os.File{c.client.file, c.server.file}, c.ip, "-batch", "-")
	})
	if err != nil {
		return err
	}
	for address, n := range map[string]namespace{clientAddress: c.client, serverAddress: c.server} {
		err := n.do(func() error {
			quiet()
			return command(ctx, fmt.Sprintf("addr add %s/24 dev %s\nlink set %s up\nroute add default via %s1\n",
				address, device, device, strings.TrimSuffix(address, "2")), nil, c.ip, "-batch", "-")
		})
		if err != nil {
			return err
		}
	}
	return c.rules(ctx, "")
}

// quiet turns IPv6 off in the thread's namespace, whose announcements are not wanted.
func quiet() { _ = set("ipv6/conf/default/disable_ipv6", 1) }

// rules replaces the router's rules for what it forwards.
func (c *cell) rules(ctx context.Context, rules string) error {
	return c.router.do(func() error {
		return command(ctx, `
table inet lab {
	chain forward { type filter hook forward priority 0; policy accept; }
}
flush chain inet lab forward
table inet lab {
	chain forward {
`+rules+`
	}
}
`, nil, c.nft, "-f", "-")
	})
}

// cut drops whatever the router would forward.
func (c *cell) cut(ctx context.Context) error { return c.rules(ctx, "counter drop") }

// close gives the namespaces back.
func (c *cell) close() {
	for _, n := range []namespace{c.client, c.router, c.server} {
		if n.file != nil {
			_ = n.file.Close()
		}
	}
}
