package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Run runs a plan on this host's kernel, calls emit for each sample as it ends
// and returns how many there were. The calling program must begin with
// [Inside]. An [UnavailableError] says that this host cannot do it. When ctx
// ends, so does everything that was started.
func Run(ctx context.Context, p Plan, emit func(Sample)) (Summary, error) {
	list, err := p.List()
	if err != nil {
		return Summary{}, err
	}
	o := order{Cases: list, Parallel: p.parallel()}
	for name, at := range map[string]*string{"ip": &o.IP, "nft": &o.NFT} {
		if *at = find(name); *at == "" {
			return Summary{}, &UnavailableError{fmt.Sprintf("the lab needs the command %s, which is not installed (Debian packages: iproute2, nftables)", name)}
		}
	}
	// Pdeathsig is sent when the thread that started the copy ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd, out, stderr, err := start(ctx, o)
	if err != nil {
		return Summary{}, err
	}
	summary, err := follow(out, emit)
	_ = cmd.Process.Kill() // it has nothing left to do
	failed := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return summary, ctx.Err()
	case errors.Is(err, io.EOF):
		return summary, fmt.Errorf("the lab ended before its plan did: %w %s", failed, strings.TrimSpace(stderr.String()))
	}
	return summary, err
}

// find is the file of a command, also where only root's PATH has it.
func find(name string) string {
	if at, err := exec.LookPath(name); err == nil {
		return at
	}
	for _, dir := range []string{"/usr/sbin", "/sbin"} {
		if at, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return at
		}
	}
	return ""
}

// start starts the copy in a new user and network namespace; for root, where
// user namespaces are turned off, in a network namespace only.
func start(ctx context.Context, o order) (*exec.Cmd, io.Reader, *bytes.Buffer, error) {
	input, err := json.Marshal(o)
	if err != nil {
		return nil, nil, nil, err
	}
	cmd, out, stderr, err := try(ctx, input, true)
	if err != nil && os.Geteuid() == 0 {
		cmd, out, stderr, err = try(ctx, input, false)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) && ctx.Err() == nil {
		why := err
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			why = pe.Err
		}
		err = &UnavailableError{fmt.Sprintf("this kernel does not let this user make a user and network namespace: %v", why)}
	}
	return cmd, out, stderr, err
}

func try(ctx context.Context, input []byte, user bool) (*exec.Cmd, io.Reader, *bytes.Buffer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, nil, err
	}
	cmd := exec.CommandContext(ctx, self) //nolint:gosec // this program itself
	cmd.Env = append(os.Environ(), variable+"=1")
	cmd.Stdin = bytes.NewReader(input)
	cmd.WaitDelay = 2 * time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if user {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, nil, err
	}
	return cmd, out, &stderr, cmd.Start()
}

// follow reads what the copy says until its last line; io.EOF if that is missing.
func follow(r io.Reader, emit func(Sample)) (Summary, error) {
	var summary Summary
	for dec := json.NewDecoder(r); ; {
		var l line
		if err := dec.Decode(&l); err != nil {
			return summary, errors.Join(io.EOF, err)
		}
		switch {
		case l.Unavailable != "":
			return summary, &UnavailableError{l.Unavailable}
		case l.Failed != "":
			return summary, errors.New(l.Failed)
		case l.Sample != nil:
			summary.add(*l.Sample)
			emit(*l.Sample)
		default:
			summary.HZ = l.HZ
			return summary, nil
		}
	}
}
