package tracepage

import (
	"fmt"
	"math"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/widget"
)

// A rung is one line of a ladder: a packet, or several with the same to say.
type rung struct {
	at     int64
	number int64
	client bool // it sends
	text   string
}

// quiet is a pause from which on it is drawn.
const quiet = 50 * time.Millisecond

// Ladder draws a connection's packets in time, in lines of w cells: time since the first, the
// packet's number as Wireshark counts, and an arrow between client and server; a pause takes
// more lines the longer it is, to a log scale.
func Ladder(c *trace.Connection, packets []capture.Segment, w int, th theme.Theme) []string {
	if len(packets) == 0 {
		return nil
	}
	rungs := rungsOf(c, packets)
	const left = 10 + 8 // time, number
	room := max(12, w-left-2)
	var lines []string
	lines = append(lines, fmt.Sprintf("%9s %7s %-*s%*s", "time", "packet", room/2+1, "client", room-room/2+1, "server"))
	bar := th.Glyphs.Vertical
	for i, r := range rungs {
		if i > 0 {
			gap := time.Duration(r.at - rungs[i-1].at)
			for j, n := 0, pause(gap); j < n; j++ {
				text := ""
				if j == n/2 {
					text = model.HumanSpan(short(gap))
				}
				lines = append(lines, strings.Repeat(" ", left)+bar+centred(text, room)+bar)
			}
		}
		lines = append(lines, fmt.Sprintf("%9s %7d ", elapsed(time.Duration(r.at-rungs[0].at)), r.number)+bar+arrow(r.text, r.client, room, th.Glyphs)+bar)
	}
	return lines
}

// pause is how many lines a silence takes: one from 50 ms on, one more for each ten times
// as long from a second on.
func pause(d time.Duration) int {
	switch {
	case d < quiet:
		return 0
	case d < time.Second:
		return 1
	}
	return min(6, 2+int(math.Log10(d.Seconds())))
}

// short is a time to three digits or so.
func short(d time.Duration) time.Duration {
	switch {
	case d < 10*time.Millisecond:
		return d.Round(time.Microsecond)
	case d < 10*time.Second:
		return d.Round(time.Millisecond)
	}
	return d.Round(10 * time.Millisecond)
}

func elapsed(d time.Duration) string { return fmt.Sprintf("%.4f", d.Seconds()) }

func centred(text string, w int) string {
	n := widget.Width(text)
	if n > w {
		return strings.Repeat(" ", w)
	}
	return strings.Repeat(" ", (w-n)/2) + text + strings.Repeat(" ", w-n-(w-n)/2)
}

// arrow is a text on a line that points to the one who gets it.
func arrow(text string, fromClient bool, w int, g theme.Glyphs) string {
	text = widget.Cut(text, w-6, g.Ellipsis)
	line := g.Horizontal
	left := (w - widget.Width(text) - 2) / 2
	body := strings.Repeat(line, max(0, left-1)) + " " + text + " " + strings.Repeat(line, max(0, w-left-widget.Width(text)-2))
	if fromClient {
		return body + g.Right
	}
	return g.Left + body
}

// rungsOf are the packets with what each is, a run of data that flows as one.
func rungsOf(c *trace.Connection, packets []capture.Segment) []rung {
	var all []rung
	var next [2]uint32
	var known [2]bool
	for i := 0; i < len(packets); i++ {
		s := &packets[i]
		x := 0
		if s.Src == c.Client {
			x = 1
		}
		if n := flow(packets[i:]); n > 0 {
			run := packets[i : i+n]
			bytes, segments := 0, 0
			for j := range run {
				if run[j].Length > 0 {
					bytes, segments = bytes+run[j].Length, segments+1
					next[x], known[x] = run[j].Seq+uint32(run[j].Length), true //nolint:gosec // a segment's length
				}
			}
			all = append(all, rung{s.At, s.Number, x == 1, fmt.Sprintf("%d segments, %d bytes", segments, bytes)})
			i += n - 1
			continue
		}
		all = append(all, rung{s.At, s.Number, x == 1, what(s, next[x], known[x])})
		if end := s.Seq + uint32(s.Length) + sequence(s.Flags); !known[x] || int32(end-next[x]) > 0 { //nolint:gosec // sequence numbers wrap
			next[x], known[x] = end, true
		}
	}
	return all
}

// sequence is what the flags take of the sequence numbers.
func sequence(f capture.Flags) uint32 {
	var n uint32
	if f.Has(capture.SYN) {
		n++
	}
	if f.Has(capture.FIN) {
		n++
	}
	return n
}

// flow is how many packets from the first on are data of one end that flows, with its
// acknowledgements; 0 for fewer than four segments of it.
func flow(packets []capture.Segment) int {
	first := &packets[0]
	if first.Length == 0 {
		return 0
	}
	n, segments, next := 0, 0, first.Seq
	for i := range packets {
		s := &packets[i]
		plain := !s.Flags.Has(capture.FIN) && !s.Flags.Has(capture.RST) && !s.Flags.Has(capture.SYN)
		switch {
		case !plain || i > 0 && s.At-packets[i-1].At > int64(10*time.Millisecond):
		case s.Src == first.Src && s.Length > 0 && s.Seq == next:
			next += uint32(s.Length) //nolint:gosec // a segment's length
			n, segments = i+1, segments+1
			continue
		case s.Length == 0 && s.Window > 0 && s.Src != first.Src:
			continue
		}
		break
	}
	if segments < 4 {
		return 0
	}
	return n
}

// what says what a packet is, in a few words.
func what(s *capture.Segment, next uint32, known bool) string {
	flags := s.Flags &^ (capture.PSH | capture.URG | capture.ECE | capture.CWR)
	var words []string
	switch behind := int32(s.Seq - next); { //nolint:gosec // sequence numbers wrap
	case flags.Has(capture.SYN), flags.Has(capture.RST):
		words = append(words, flags.String())
	case known && behind == -1 && s.Length <= 1 && !flags.Has(capture.FIN):
		words = append(words, "probe")
	case s.Length > 0:
		words = append(words, Plural(s.Length, "byte"))
		if known && behind < 0 {
			words = append(words, "again")
		}
		if flags.Has(capture.FIN) {
			words = append(words, "FIN")
		}
	default:
		words = append(words, flags.String())
	}
	if s.Window == 0 && !flags.Has(capture.RST) {
		words = append(words, "window 0")
	}
	return strings.Join(words, ", ")
}

// Filter is the display filter of Wireshark that shows a connection: both addresses and both
// ports, without blanks where it needs none. A kernel uses a port towards several servers at a
// time.
func Filter(c *trace.Connection) string {
	ip := "ip"
	if c.Client.Addr().Is6() {
		ip = "ipv6"
	}
	return fmt.Sprintf("%s.addr==%s && %[1]s.addr==%[3]s && tcp.port==%[4]d && tcp.port==%[5]d",
		ip, c.Client.Addr().WithZone(""), c.Server.Addr().WithZone(""), c.Client.Port(), c.Server.Port())
}
