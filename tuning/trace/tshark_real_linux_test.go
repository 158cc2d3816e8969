//go:build real && linux

package trace_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

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
func ours(t *testing.T, file string) (all taken, of map[int64]capture.Segment) {
	t.Helper()
	all, of = taken{}, map[int64]capture.Segment{}
	tr := trace.New(nil)
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
		of[s.Number] = *s
	}
	return all, of
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

// agree holds what we take each packet of a file for against tshark.
func agree(t *testing.T, file string) {
	t.Helper()
	a, of := ours(t, file)
	b := theirs(t, file)
	counts := map[string]int{}
	for n, s := range of {
		x, y := a[n], b[n]
		slices.Sort(x)
		slices.Sort(y)
		for _, name := range x {
			counts[name]++
		}
		if slices.Equal(x, y) {
			continue
		}
		t.Errorf("packet %d (%v > %v, %v, seq %d, length %d, window %d): we take it for %q, tshark for %q", n, s.Src, s.Dst, s.Flags, s.Seq, s.Length, s.Window, x, y)
	}
	t.Logf("%d packets, as tshark: %s", len(of), fmt.Sprint(counts))
}
