package trial

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A listener is a TCP socket that takes connections.
type listener struct {
	inode uint64
	addr  netip.AddrPort
}

// listening are the sockets on which processes take connections, by address. The processes
// are in the network namespace of the first.
func listening(pids ...int) []listener {
	owned := map[uint64]bool{}
	for _, pid := range pids {
		fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid)) // the pattern is right
		for _, fd := range fds {
			link, err := os.Readlink(fd)
			if number, is := strings.CutPrefix(link, "socket:["); err == nil && is {
				inode, _ := strconv.ParseUint(strings.TrimSuffix(number, "]"), 10, 64)
				owned[inode] = true
			}
		}
	}
	var out []listener
	for _, table := range []string{"tcp", "tcp6"} {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pids[0], table))
		if err != nil {
			continue // no IPv6, or it is gone
		}
		for line := range strings.Lines(string(data)) {
			f := strings.Fields(line)
			if len(f) < 10 || f[3] != "0A" { // TCP_LISTEN
				continue
			}
			inode, _ := strconv.ParseUint(f[9], 10, 64)
			if addr, ok := tableAddress(f[1]); ok && owned[inode] {
				out = append(out, listener{inode, addr})
			}
		}
	}
	slices.SortFunc(out, func(a, b listener) int { return a.addr.Compare(b.addr) })
	return out
}

// tableAddress reads an address of /proc/net/tcp, whose words are in the order of the
// machine: of little-endian ones, as all are on which this is built.
func tableAddress(text string) (netip.AddrPort, bool) {
	host, port, ok := strings.Cut(text, ":")
	raw, err := hex.DecodeString(host)
	n, perr := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil || perr != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		slices.Reverse(raw[i : i+4])
	}
	addr, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(addr.Unmap(), uint16(n)), ok
}

func inodes(all []listener) []uint64 {
	var out []uint64
	for _, l := range all {
		out = append(out, l.inode)
	}
	slices.Sort(out)
	return out
}
