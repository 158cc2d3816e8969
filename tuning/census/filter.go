package census

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// A Filter chooses rows: all of its terms must hold, and of a term one of its
// values. The zero Filter takes every row.
type Filter struct {
	terms []term
	text  string
}

// A term is one word of a filter, such as "-state:listen,close-wait".
type term struct {
	not  bool
	any  []func(*Socket) bool
	owns bool // asks for a process
	idle bool // asks for a span
}

// FilterForms are what a filter understands, each with what it chooses.
func FilterForms() [][2]string {
	return [][2]string{
		{"port:443", "local or remote port; local:443, remote:5432 for one end"},
		{"remote:10.0.0.0/8", "an address or a network, of the remote or the local end"},
		{"state:established", "also close-wait, time-wait, fin-wait-2, listen …"},
		{"timer:none", "also keepalive, retransmit, zero-window, time-wait"},
		{"idle:>1h", "how long no data went; also idle:<5s, idle:10s..1m"},
		{"process:node", "the owner's name, or pid:1234, or uid:33"},
		{"-state:listen", "a minus takes away; a comma means or"},
	}
}

// ParseFilter reads a filter, words with spaces between them: see [FilterForms]. An
// error names the word and says what would be right.
func ParseFilter(text string) (Filter, error) {
	f := Filter{text: strings.Join(strings.Fields(text), " ")}
	for word := range strings.FieldsSeq(text) {
		t, err := parseTerm(word)
		if err != nil {
			return Filter{}, err
		}
		f.terms = append(f.terms, t)
	}
	return f, nil
}

// String is the filter as it was written.
func (f Filter) String() string { return f.text }

// Owners says whether the filter asks who owns a socket, which takes a look at every
// process.
func (f Filter) Owners() bool {
	return slices.ContainsFunc(f.terms, func(t term) bool { return t.owns })
}

// Spans says whether the filter asks how long a socket has been idle.
func (f Filter) Spans() bool {
	return slices.ContainsFunc(f.terms, func(t term) bool { return t.idle })
}

// Match says whether the filter takes a row.
func (f Filter) Match(s *Socket) bool {
	for _, t := range f.terms {
		holds := slices.ContainsFunc(t.any, func(is func(*Socket) bool) bool { return is(s) })
		if holds == t.not {
			return false
		}
	}
	return true
}

func parseTerm(word string) (t term, err error) {
	key, values, ok := strings.Cut(word, ":")
	key, t.not = strings.CutPrefix(strings.ToLower(key), "-")
	if !ok || values == "" {
		return t, fmt.Errorf("the filter %q is not KEY:VALUE, such as port:443, state:established, timer:none, idle:>1h or process:node", model.Clean(word, 60))
	}
	t.owns = key == "process" || key == "pid"
	t.idle = key == "idle"
	for value := range strings.SplitSeq(values, ",") {
		is, err := parseValue(key, value)
		if err != nil {
			return t, err
		}
		t.any = append(t.any, is)
	}
	return t, nil
}

// parseValue makes one comparison.
func parseValue(key, value string) (func(*Socket) bool, error) {
	wrong := func(right string) error {
		return fmt.Errorf("the filter %s:%s: %s", key, model.Clean(value, 60), right)
	}
	switch key {
	case "port":
		port, ok := parsePort(value)
		if !ok {
			return nil, wrong("a port goes from 0 to 65535")
		}
		return func(s *Socket) bool { return s.Local.Port() == port || s.Remote.Port() == port }, nil
	case "local", "remote":
		is, ok := parseEnd(value)
		if !ok {
			return nil, wrong("write a port, an address, a network or ADDRESS:PORT, such as 443, 10.0.0.5 or 10.0.0.0/8")
		}
		if key == "local" {
			return func(s *Socket) bool { return is(s.Local) }, nil
		}
		return func(s *Socket) bool { return is(s.Remote) }, nil
	case "state":
		state, ok := ParseState(value)
		if !ok {
			return nil, wrong("the states are " + names(States()))
		}
		return func(s *Socket) bool { return s.state() == state }, nil
	case "timer":
		timer, ok := ParseTimer(value)
		if !ok {
			return nil, wrong("the timers are none, keepalive, retransmit, zero-window and time-wait")
		}
		return func(s *Socket) bool { return s.Timer == timer }, nil
	case "idle":
		low, high, ok := parseSpans(value)
		if !ok {
			return nil, wrong("write a span such as >1h, <5s or 10s..1m")
		}
		return func(s *Socket) bool { i := s.Idle(); return i >= 0 && i >= low && i < high }, nil
	case "process":
		return func(s *Socket) bool {
			return slices.ContainsFunc(s.Owners, func(o Owner) bool { return strings.EqualFold(o.Name, value) })
		}, nil
	case "pid", "uid":
		n, err := strconv.ParseUint(value, 10, 32)
		if err != nil || strconv.FormatUint(n, 10) != value {
			return nil, wrong("write its number")
		}
		if key == "uid" {
			return func(s *Socket) bool { return uint64(s.UID) == n }, nil
		}
		return func(s *Socket) bool {
			return slices.ContainsFunc(s.Owners, func(o Owner) bool { return strconv.Itoa(o.PID) == value })
		}, nil
	}
	return nil, fmt.Errorf("the filter knows no %q; it knows port, local, remote, state, timer, idle, process, pid and uid", model.Clean(key, 40))
}

// parsePort reads the number of a port.
func parsePort(text string) (uint16, bool) {
	p, err := strconv.ParseUint(text, 10, 16)
	return uint16(p), err == nil
}

// parseEnd reads a port, an address, a network or an address with a port.
func parseEnd(value string) (func(netip.AddrPort) bool, bool) {
	if port, ok := parsePort(value); ok {
		return func(e netip.AddrPort) bool { return e.Port() == port }, true
	}
	if n, err := netip.ParsePrefix(value); err == nil {
		return func(e netip.AddrPort) bool { return n.Contains(plain(e.Addr())) }, true
	}
	if a, err := netip.ParseAddr(value); err == nil {
		return func(e netip.AddrPort) bool { return plain(e.Addr()) == plain(a) }, true
	}
	if ap, err := netip.ParseAddrPort(value); err == nil {
		return func(e netip.AddrPort) bool {
			return plain(e.Addr()) == plain(ap.Addr()) && e.Port() == ap.Port()
		}, true
	}
	return nil, false
}

// plain is an address as people write it: an IPv4 address that an IPv6 socket holds
// is an IPv4 address, and the interface of a link-local one is left out.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// parseSpans reads >A, <B or A..B; a span alone is the least.
func parseSpans(value string) (low, high time.Duration, ok bool) {
	span := func(text string) (time.Duration, bool) {
		d, err := model.ParseSpan(text, time.Second)
		return d, err == nil && d >= 0
	}
	high = model.Never
	if rest, is := strings.CutPrefix(value, "<"); is {
		high, ok = span(strings.TrimPrefix(rest, "="))
		return 0, high, ok
	}
	if from, to, is := strings.Cut(value, ".."); is {
		low, ok = span(from)
		if !ok {
			return 0, 0, false
		}
		high, ok = span(to)
		return low, high, ok && low < high
	}
	low, ok = span(strings.TrimPrefix(strings.TrimPrefix(value, ">"), "="))
	return low, high, ok
}

func names(states []State) string {
	out := make([]string, len(states))
	for i, s := range states {
		out[i] = s.String()
	}
	return strings.Join(out, ", ")
}
