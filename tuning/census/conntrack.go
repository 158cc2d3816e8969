package census

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// A Tracked connection is an entry of Linux' connection tracking, in the direction in which
// it was opened.
type Tracked struct {
	State    string // as the kernel names it: SYN_SENT2, ESTABLISHED
	From, To netip.AddrPort
	// Left is after how much more silence it is forgotten; Unknown where a flow table has it.
	Left      time.Duration
	Unreplied bool // the other side has not answered so far
}

// trackedHead are the words before the addresses of an entry (conntrack -L, with -o
// extended or without, and /proc/net/nf_conntrack).
var trackedHead = regexp.MustCompile(`^(?:ipv[46]\s+\d+\s+)?([a-z][a-z0-9_-]*|unknown)\s+\d+\s+(?:(\d+)\s+)?(?:([A-Z][A-Z0-9_]*)\s+)?src=`)

// IsTracked reports whether a line is an entry of connection tracking.
func IsTracked(line string) bool { return trackedHead.MatchString(strings.TrimSpace(line)) }

// ReadTracked reads what conntrack -L printed, or /proc/net/nf_conntrack, and hands each TCP
// connection on, in its order; others counts entries of other protocols. An error names the
// line, its text and what would be right; what came before was handed on.
func ReadTracked(r io.Reader, visit func(Tracked)) (n, others int, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), lineLimit)
	for line := 1; lines.Scan(); line++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "conntrack v") { // how many were shown
			continue
		}
		m := trackedHead.FindStringSubmatch(text)
		switch {
		case m == nil:
			return n, others, fmt.Errorf("line %d, %q: this is no entry of connection tracking; take the list with conntrack -L", line, model.Clean(text, 60))
		case m[1] != "tcp":
			others++
			continue
		}
		t := Tracked{State: m[3], Left: Unknown, Unreplied: strings.Contains(text, "[UNREPLIED]")}
		if m[2] != "" {
			seconds, err := strconv.ParseUint(m[2], 10, 32)
			if err != nil {
				return n, others, fmt.Errorf("line %d: %s s are left, which is more than the kernel counts", line, m[2])
			}
			t.Left = time.Duration(seconds) * time.Second
		}
		if t.State == "" { // the kernel shows none of what its flow table has
			t.State = "OFFLOADED"
		}
		var ok bool
		if t.From, t.To, ok = trackedEnds(text); !ok {
			return n, others, fmt.Errorf("line %d, %q: it has no src=, dst=, sport= and dport= in numbers", line, model.Clean(text, 60))
		}
		n++
		visit(t)
	}
	if err := lines.Err(); err != nil {
		return n, others, fmt.Errorf("reading the list: %w", err)
	}
	return n, others, nil
}

// trackedEnds are the addresses and ports of the first direction.
func trackedEnds(text string) (from, to netip.AddrPort, ok bool) {
	values := map[string]string{}
	for w := range strings.FieldsSeq(text) {
		name, value, is := strings.Cut(w, "=")
		if _, again := values[name]; is && !again {
			values[name] = value
		}
	}
	end := func(address, port string) netip.AddrPort {
		a, err := netip.ParseAddr(values[address])
		p, also := strconv.ParseUint(values[port], 10, 16)
		if err != nil || also != nil {
			return netip.AddrPort{}
		}
		return netip.AddrPortFrom(a, uint16(p))
	}
	from, to = end("src", "sport"), end("dst", "dport")
	return from, to, from.IsValid() && to.IsValid()
}

// Tracking counts tracked connections.
type Tracking struct {
	All    int
	Others int // entries of other protocols
	States map[string]*TrackedState
	// Soon are the established connections that are forgotten first, of which there are
	// SoonLimit at most.
	Soon []Tracked
	Left [len(LeftLimits) + 1]int // established ones by what they have left
}

// A TrackedState counts the connections of a state.
type TrackedState struct {
	Count, Unreplied int
	// What they have left: Unknown where none tells.
	First, Last time.Duration
}

// LeftLimits are the bounds of [Tracking.Left], each belonging to what is below it.
var LeftLimits = [...]time.Duration{time.Minute, 5 * time.Minute, time.Hour, 24 * time.Hour}

// SoonLimit is how many connections that end soon are kept.
const SoonLimit = 8

// TrackedEstablished is the state of connections that both sides have opened.
const TrackedEstablished = "ESTABLISHED"

// Add counts one.
func (k *Tracking) Add(t Tracked) {
	k.All++
	if k.States == nil {
		k.States = map[string]*TrackedState{}
	}
	s := k.States[t.State]
	if s == nil {
		s = &TrackedState{First: Unknown, Last: Unknown}
		k.States[t.State] = s
	}
	s.Count++
	if t.Unreplied {
		s.Unreplied++
	}
	if t.Left == Unknown {
		return
	}
	if s.First == Unknown || t.Left < s.First {
		s.First = t.Left
	}
	s.Last = max(s.Last, t.Left)
	if t.State != TrackedEstablished {
		return
	}
	at := len(LeftLimits)
	if i := slices.IndexFunc(LeftLimits[:], func(l time.Duration) bool { return t.Left < l }); i >= 0 {
		at = i
	}
	k.Left[at]++
	i, _ := slices.BinarySearchFunc(k.Soon, t, func(a, b Tracked) int { return int((a.Left - b.Left) / time.Second) })
	if i < SoonLimit {
		k.Soon = slices.Insert(k.Soon, i, t)
		k.Soon = k.Soon[:min(len(k.Soon), SoonLimit)]
	}
}

// Order are the states, those with most connections first.
func (k *Tracking) Order() []string {
	return slices.SortedFunc(maps.Keys(k.States), func(a, b string) int {
		if d := k.States[b].Count - k.States[a].Count; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
}

// Timeout is what established connections begin with again at each packet, at least: the
// most that one of them has left. It is Unknown where there is none.
func (k *Tracking) Timeout() time.Duration {
	if s := k.States[TrackedEstablished]; s != nil {
		return s.Last
	}
	return Unknown
}
