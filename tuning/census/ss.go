package census

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// lineLimit bounds a line of a list. A socket with hundreds of owners is a few
// kilobytes.
const lineLimit = 1 << 20

// ReadSS reads what ss (iproute2) printed, best with ss -tanoie, and hands each TCP
// socket on, in its order. Visit keeps nothing of it. An error names the line, its
// text and what would be right; what came before was handed on.
func ReadSS(r io.Reader, visit func(*Socket)) (n int, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), lineLimit)
	var row Socket
	open := false // row waits for the lines that belong to it
	hand := func() {
		if open {
			visit(&row)
		}
		open = false
	}
	line := 0
	for lines.Scan() {
		line++
		text := lines.Text()
		if strings.TrimSpace(text) == "" {
			continue
		}
		text, owners := cutOwners(text)
		words := strings.Fields(text)
		if text[0] == ' ' || text[0] == '\t' {
			if open {
				row.extras(words)
			}
			continue
		}
		hand()
		switch kind := strings.ToLower(words[0]); {
		case (kind == "state" || kind == "netid") && slices.Contains(words, "Recv-Q"):
			continue
		case kind == "tcp" || kind == "mptcp":
			words = words[1:]
		case len(words) > 1 && isOther(kind):
			continue
		}
		if len(words) > 0 && words[0] == "Recv-Q" {
			return n, fmt.Errorf("line %d: this list has no column State, which ss leaves out where it is asked for one state; take it with ss -tanoie", line)
		}
		if err := row.read(words); err != nil {
			return n, fmt.Errorf("line %d, %q: %w", line, model.Clean(text, 60), err)
		}
		row.Owners = owners
		open = true
		n++
	}
	hand()
	if err := lines.Err(); err != nil {
		return n, fmt.Errorf("line %d: %w", line+1, err)
	}
	return n, nil
}

// isOther says whether the first column of ss names a socket that is not TCP.
func isOther(kind string) bool {
	switch kind {
	case "udp", "raw", "sctp", "dccp", "icmp6", "???", "nl", "v_str", "v_dgr", "ti_sq", "ti_st", "ti_rd", "ti_dg", "xdp":
		return true
	}
	return strings.HasPrefix(kind, "u_") || strings.HasPrefix(kind, "p_")
}

// read takes the columns of one socket.
func (s *Socket) read(words []string) error {
	*s = Socket{Sent: Unknown, Received: Unknown, Heard: Unknown}
	if len(words) < 5 {
		return errorRow
	}
	var ok bool
	if s.State, ok = ParseState(words[0]); !ok {
		return errorRow
	}
	for i, to := range []*uint32{&s.RecvQueue, &s.SendQueue} {
		q, err := strconv.ParseUint(words[1+i], 10, 32)
		if err != nil {
			return errorRow
		}
		*to = uint32(q)
	}
	for i, to := range []*netip.AddrPort{&s.Local, &s.Remote} {
		if *to, ok = parseAddress(words[3+i]); !ok {
			return fmt.Errorf("%q is no address and port in numbers; take the list with ss -tanoie", model.Clean(words[3+i], 60))
		}
	}
	s.extras(words[5:])
	return nil
}

// errorRow is what is wrong with a line of something else.
var errorRow = errorText("this is no line of ss; take the list with ss -tanoie")

type errorText string

func (e errorText) Error() string { return string(e) }

// parseAddress reads an address and port of ss: 10.0.0.1:443, [::1]:443, *:443,
// 127.0.0.1%lo:53, 0.0.0.0:*.
func parseAddress(text string) (netip.AddrPort, bool) {
	at := strings.LastIndexByte(text, ':')
	if at < 0 {
		return netip.AddrPort{}, false
	}
	host, port := strings.Trim(text[:at], "[]"), text[at+1:]
	var p uint16
	if port != "*" {
		var ok bool
		if p, ok = parsePort(port); !ok {
			return netip.AddrPort{}, false
		}
	}
	if host == "*" {
		return netip.AddrPortFrom(netip.IPv6Unspecified(), p), true
	}
	host, zone, _ := strings.Cut(host, "%")
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return netip.AddrPort{}, false
	}
	if zone = strings.Trim(zone, "[]"); zone != "" && a.Is6() {
		a = a.WithZone(zone)
	}
	return netip.AddrPortFrom(a, p), true
}

// extras takes what ss says behind the columns and on the lines below.
func (s *Socket) extras(words []string) {
	for _, w := range words {
		key, value, ok := strings.Cut(w, ":")
		if !ok {
			continue
		}
		switch key {
		case "timer":
			s.timer(value)
		case "uid":
			if n, err := strconv.ParseUint(value, 10, 32); err == nil {
				s.UID = uint32(n)
			}
		case "ino":
			s.Inode, _ = strconv.ParseUint(value, 10, 64)
		case "sk":
			s.Cookie, _ = strconv.ParseUint(value, 16, 64)
		case "rto", "cwnd": // of tcp_info, of which ss leaves out what is 0
			if s.State.connected() {
				s.Sent, s.Received, s.Heard = max(0, s.Sent), max(0, s.Received), max(0, s.Heard)
			}
		case "lastsnd", "lastrcv", "lastack":
			ms, err := strconv.ParseUint(value, 10, 32)
			if err != nil || !s.State.connected() {
				continue
			}
			d := time.Duration(ms) * time.Millisecond
			switch key {
			case "lastsnd":
				s.Sent = d
			case "lastrcv":
				s.Received = d
			default:
				s.Heard = d
			}
		}
	}
}

// timer takes (keepalive,1min3sec,0).
func (s *Socket) timer(value string) {
	parts := strings.Split(strings.Trim(value, "()"), ",")
	if len(parts) != 3 {
		return
	}
	t, ok := ParseTimer(parts[0])
	if !ok {
		return
	}
	s.Timer, s.Fires = t, parseFires(parts[1])
	s.Tries, _ = strconv.Atoi(parts[2])
}

// parseFires reads a span as ss prints it. It leaves "sec" out where milliseconds
// follow: 4.120ms are four seconds and 120 ms (print_ms_timer in misc/ss.c).
func parseFires(text string) time.Duration {
	var d time.Duration
	if m, rest, ok := strings.Cut(text, "min"); ok {
		n, _ := strconv.Atoi(m)
		d, text = time.Duration(n)*time.Minute, rest
	}
	if whole, ok := strings.CutSuffix(text, "sec"); ok {
		n, _ := strconv.Atoi(whole)
		return d + time.Duration(n)*time.Second
	}
	if ms, ok := strings.CutSuffix(text, "ms"); ok {
		whole, rest, both := strings.Cut(ms, ".")
		if !both {
			whole, rest = "0", ms
		}
		n, _ := strconv.Atoi(whole)
		k, _ := strconv.Atoi(rest)
		return d + time.Duration(n)*time.Second + time.Duration(k)*time.Millisecond
	}
	return d
}

// cutOwners takes users:(("nginx",pid=12,fd=3),("nginx",pid=13,fd=3)) out of a line.
// The name of a process may hold spaces, commas and brackets.
func cutOwners(line string) (rest string, owners []Owner) {
	before, list, ok := strings.Cut(line, "users:((")
	if !ok {
		return line, nil
	}
	for {
		name, after, ok := strings.Cut(list, `",pid=`)
		if !ok {
			return before + " " + list, owners
		}
		digits, tail, _ := strings.Cut(after, ",fd=")
		var fd string
		fd, list, _ = strings.Cut(tail, ")")
		if pid, err := strconv.Atoi(digits); err == nil {
			n, _ := strconv.Atoi(fd)
			owners = append(owners, Owner{PID: pid, Name: strings.TrimPrefix(name, `"`), FD: n})
		}
		if next, more := strings.CutPrefix(list, ",("); more {
			list = next
			continue
		}
		return before + " " + strings.TrimPrefix(list, ")"), owners
	}
}
