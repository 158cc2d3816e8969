package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/census"
)

// Owners are the processes that hold sockets, by the sockets' inodes, from /proc/PID/fd.
// Without root they are this user's own; hidden counts the others.
func Owners(ctx context.Context) (owners map[uint64][]census.Owner, hidden int, err error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, 0, fmt.Errorf("looking for the owners of sockets: %w", err)
	}
	defer dir.Close()
	entries, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, 0, fmt.Errorf("looking for the owners of sockets: %w", err)
	}
	owners = map[uint64][]census.Owner{}
	for _, name := range entries {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		switch err := descriptors(pid, owners); {
		case errors.Is(err, fs.ErrPermission):
			hidden++
		case err != nil:
			return nil, 0, err
		}
	}
	return owners, hidden, nil
}

// descriptors adds the sockets of one process, which may end meanwhile. An error that
// is fs.ErrPermission says that they are not for this user.
func descriptors(pid int, owners map[uint64][]census.Owner) error {
	path := "/proc/" + strconv.Itoa(pid)
	fds, err := os.Open(path + "/fd")
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
			return nil
		}
		return fmt.Errorf("looking for the owners of sockets: %w", err)
	}
	defer fds.Close()
	names, _ := fds.Readdirnames(-1) // of a process that ends: what there was
	var owner census.Owner
	var room [64]byte
	for _, fd := range names {
		n, err := unix.Readlinkat(int(fds.Fd()), fd, room[:])
		if err != nil {
			continue
		}
		digits, ok := strings.CutPrefix(string(room[:n]), "socket:[")
		if !ok {
			continue
		}
		inode, err := strconv.ParseUint(strings.TrimSuffix(digits, "]"), 10, 64)
		if err != nil {
			continue
		}
		if owner.PID == 0 {
			comm, err := os.ReadFile(path + "/comm")
			if err != nil {
				return nil
			}
			owner = census.Owner{PID: pid, Name: strings.TrimSuffix(string(comm), "\n")}
		}
		if held := owners[inode]; len(held) == 0 || held[len(held)-1].PID != pid {
			owner.FD, _ = strconv.Atoi(fd) // the kernel's own name of it
			owners[inode] = append(held, owner)
		}
	}
	return nil
}
