//go:build real && linux

package trace_test

import (
	"errors"
	"io"
	"net/netip"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/trace"
)

// What a packet can be taken for, by us and by tshark.
const (
	keepAlive     = "keep_alive"
	windowProbe   = "zero_window_probe"
	retransmitted = "retransmission"
	outOfOrder    = "out_of_order"
	zeroWindow    = "zero_window"
	resets        = "reset"
)

// taken is what each packet of a file is taken for, by its number.
type taken map[int64][]string

// ours is what the tracker counts, packet by packet.
func ours(t *testing.T, file string) taken {
	t.Helper()
	all, tr := taken{}, trace.New(nil)
	before := tr.Counts()
	for s := range segments(t, file) {
		tr.Add(s)
		n := tr.Counts()
		for name, more := range map[string]int{
			keepAlive: n.Probes - before.Probes, windowProbe: n.WindowProbes - before.WindowProbes,
			retransmitted: n.Retransmitted - before.Retransmitted, outOfOrder: n.OutOfOrder - before.OutOfOrder,
			zeroWindow: n.ZeroWindows - before.ZeroWindows, resets: n.Resets - before.Resets,
		} {
			if more > 0 {
				all[s.Number] = append(all[s.Number], name)
			}
		}
		before = n
	}
	return all
}

// theirs is what tshark's analysis says.
func theirs(t *testing.T, file string) taken {
	t.Helper()
	realserver.Need(t, "tshark")
	fields := []string{keepAlive, windowProbe, retransmitted, outOfOrder, zeroWindow}
	args := []string{"-n", "-r", file, "-Y", "tcp.analysis.flags or tcp.flags.reset == 1", "-T", "fields", "-e", "frame.number", "-e", "tcp.flags.reset"}
	for _, f := range fields {
		args = append(args, "-e", "tcp.analysis."+f)
	}
	out, err := exec.CommandContext(t.Context(), "tshark", args...).Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	all := taken{}
	for line := range strings.Lines(string(out)) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		n, err := strconv.ParseInt(columns[0], 10, 64)
		if err != nil || len(columns) != len(fields)+2 {
			t.Fatalf("tshark says %q", line)
		}
		if columns[1] == "1" {
			all[n] = append(all[n], resets)
		}
		for i, f := range fields {
			if columns[i+2] != "" {
				all[n] = append(all[n], f)
			}
		}
	}
	return all
}

// agree holds what we take each packet of a file for against tshark. What differs is explained
// by the packet itself and those before it, or an error.
func agree(t *testing.T, file string) {
	t.Helper()
	a, b := ours(t, file), theirs(t, file)
	counts, why := map[string]int{}, map[string]int{}
	var before history
	for s := range segments(t, file) {
		x, y := a[s.Number], b[s.Number]
		slices.Sort(x)
		slices.Sort(y)
		for _, name := range x {
			counts[name]++
		}
		if !slices.Equal(x, y) {
			if reason := before.explain(s, strings.Join(x, " "), strings.Join(y, " ")); reason != "" {
				why[reason]++
			} else {
				t.Errorf("packet %d (%v > %v, %v, seq %d, length %d, window %d, id %d): we take it for %q, tshark for %q",
					s.Number, s.Src, s.Dst, s.Flags, s.Seq, s.Length, s.Window, s.IPID, x, y)
			}
		}
		before.add(s)
	}
	t.Logf("as tshark: %v; otherwise: %v", counts, why)
}

// A history is what a file has shown so far of each direction.
type history map[[2]netip.AddrPort]*direction

type direction struct {
	window uint16
	id     uint16
	sent   map[uint32]int // lengths of data by their sequence numbers
}

func (h *history) of(from, to netip.AddrPort) *direction {
	if *h == nil {
		*h = history{}
	}
	flow := [2]netip.AddrPort{from, to}
	if (*h)[flow] == nil {
		(*h)[flow] = &direction{sent: map[uint32]int{}}
	}
	return (*h)[flow]
}

func (h *history) add(s *capture.Segment) {
	d := h.of(s.Src, s.Dst)
	d.window, d.id = s.Window, s.IPID
	if s.Length > 0 {
		d.sent[s.Seq] = max(d.sent[s.Seq], s.Length)
	}
}

// explain is what a packet shows of why it is what we take it for, and not what tshark does; ""
// for nothing.
func (h *history) explain(s *capture.Segment, ours, theirs string) string {
	own, peer := h.of(s.Src, s.Dst), h.of(s.Dst, s.Src)
	seen, later := own.sent[s.Seq] >= s.Length, s.IPID > own.id
	switch {
	case ours == windowProbe && theirs == keepAlive && peer.window == 0:
		return "a keep-alive's form, into a window of 0"
	case ours == retransmitted && theirs == outOfOrder && seen:
		return "its bytes were captured before"
	case ours == retransmitted && theirs == outOfOrder && later:
		return "it was sent after what came before it, by its identification"
	case ours == outOfOrder && theirs == retransmitted && !later:
		return "it was sent before what came before it, by its identification"
	}
	return ""
}

// On a link that loses and reorders packets, to a reader that stops for a while, there is
// everything that is counted.
func TestRealCountsOfTshark(t *testing.T) {
	t.Parallel()
	n := 0
	var held []byte
	l := newLink(t, 5*time.Millisecond, func(p []byte) [][]byte {
		if len(p) < 500 {
			return [][]byte{p}
		}
		n++
		switch {
		case held != nil: // overtakes it
			two := [][]byte{p, held}
			held = nil
			return two
		case n%23 == 0:
			return nil
		case n%7 == 0:
			held = p
			return nil
		}
		return [][]byte{p}
	})
	listener, marker := listenOn(t, serverAddr), listenOn(t, serverAddr)
	there := recordOn(t, device, "tcp")
	l.enter(t, l.client)
	here := recordOn(t, device, "tcp")
	client, server := pair(t, listener)
	if err := server.SetReadBuffer(8192); err != nil {
		t.Fatal(err)
	}
	const whole = 300_000
	wrote := make(chan error, 1)
	go func() {
		_, err := client.Write(make([]byte, whole))
		wrote <- errors.Join(err, client.CloseWrite())
	}()
	for _, part := range []int64{whole / 3, whole / 3, whole} {
		<-time.After(1500 * time.Millisecond) // its window is full, and looked at again and again
		if _, err := io.CopyN(io.Discard, server, part); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	}
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}
	var again uint32
	raw, err := client.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) {
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			t.Error(err)
			return
		}
		again = info.Total_retrans
	}); err != nil {
		t.Fatal(err)
	}
	_ = server.Close()
	here.until(t, marker)
	there.until(t, marker)
	for _, r := range []*recording{here, there} {
		agree(t, r.file)
		n := r.show(t, func(*capture.Segment) bool { return true }).Counts()
		if n.WindowProbes == 0 || n.ZeroWindows == 0 || n.Retransmitted == 0 || (n.OutOfOrder > 0) != (r == there) {
			t.Errorf("not all was seen: %+v", n)
		}
		if r == here && n.Retransmitted != int(again) {
			t.Errorf("%d retransmissions, by the kernel %d", n.Retransmitted, again)
		}
	}
}
