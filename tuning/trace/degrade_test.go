package trace_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model/lawcheck"
	"example.com/keeptune/tuning/capture"
	"example.com/keeptune/tuning/trace"
)

// A town is a capture in which everything happens that is concluded from.
func town(r *rand.Rand) string {
	var b strings.Builder
	n := 0
	begin := func() (name string, at float64) {
		n++
		name, at = fmt.Sprintf("c%d", n), float64(n)*0.7+r.Float64()/2
		fmt.Fprintf(&b, "open %.4f %s\n", at, name)
		return name, at + 0.1
	}
	ask := func(name string, at float64, times int) float64 {
		for range times {
			fmt.Fprintf(&b, "ask %.4f %s\n", at, name)
			at += 0.2 + r.Float64()
		}
		return at
	}
	idle, first, every := float64(3+r.IntN(8)), float64(12+r.IntN(4)), float64(1+r.IntN(3))
	limit := 4 + r.IntN(4)
	for range 8 + r.IntN(8) {
		name, at := begin()
		switch r.IntN(11) {
		case 0, 1: // idle
			last := ask(name, at, 1+r.IntN(3))
			_ = last
			fmt.Fprintf(&b, "idle %s %.3f\n", name, idle+r.Float64()/100)
		case 2: // the limit
			at = ask(name, at, limit-1)
			fmt.Fprintf(&b, "ask %.4f %s\n%.4f %s < fin\n%.4f %s > fin\n", at, name, at+0.0021, name, at+0.003, name)
		case 3: // before a request
			fmt.Fprintf(&b, "%.4f %s < fin\n%.4f %s > fin\n", at-0.1+0.002+idle*2, name, at-0.1+0.003+idle*2, name)
		case 4: // the race
			fmt.Fprintf(&b, "ask %.4f %s\n%.4f %s > data 120\n%.4f %s < fin behind=120\n%.4f %s < rst\n",
				at, name, at+idle+0.0005, name, at+0.001+idle, name, at+0.002+idle, name)
		case 5: // probes, answered and not
			fmt.Fprintf(&b, "ask %.4f %s\n", at, name)
			at += 0.002 + first
			fmt.Fprintf(&b, "%.4f %s < probe\n%.4f %s > ack\n", at, name, at+0.001, name)
			at += 0.001 + first
			for range 4 {
				fmt.Fprintf(&b, "%.4f %s < probe\n", at, name)
				at += every
			}
			fmt.Fprintf(&b, "%.4f %s < rst\n", at, name)
		case 6: // TLS takes its leave
			fmt.Fprintf(&b, "ask %.4f %s\n%.4f %s < data \"\\x15\\x03\\x03\\x00\\x02\\x01\\x00\"\n%.4f %s < fin\n%.4f %s > fin\n",
				at, name, at+0.001+idle, name, at+0.0012+idle, name, at+0.0014+idle, name)
		case 7: // waiting
			fmt.Fprintf(&b, "%.4f %s > data 100\n%.4f %s < ack\n%.4f %s < fin\n%.4f %s > fin\n", at, name, at+0.001, name, at+20, name, at+20.001, name)
		case 8: // open
			ask(name, at, 1)
		case 9, 10: // TLS, with requests up to the limit, or none
			say := func(after float64, arrow string, of ...int) {
				fmt.Fprintf(&b, "%.4f %s %s data \"%s\"\n", at+after, name, arrow, records(of...))
			}
			say(0, ">", 22, 300)
			say(0.01, "<", 22, 90, 20, 1, 23, 900)
			say(0.02, ">", 20, 1, 23, 53)
			n := []int{0, limit}[r.IntN(2)]
			for i := range n {
				say(1+float64(i), ">", 23, 150)
				say(1.1+float64(i), "<", 23, 250)
			}
			end := at + 0.1002 + float64(n)
			if n == 0 {
				end = at + 0.02 + idle*2
			}
			fmt.Fprintf(&b, "%.4f %s < fin\n%.4f %s > fin\n", end, name, end+0.001, name)
		}
	}
	return b.String()
}

// spelled replaces "idle NAME SECONDS" by a close so long after the connection's last answer.
func spelled(text string) string {
	last := map[string]float64{}
	var out strings.Builder
	for line := range strings.Lines(text) {
		var at, after float64
		var name string
		if n, _ := fmt.Sscanf(line, "ask %f %s", &at, &name); n == 2 {
			last[name] = at + 0.001
		}
		if n, _ := fmt.Sscanf(line, "idle %s %f", &name, &after); n == 2 {
			end := last[name] + after
			line = fmt.Sprintf("%.4f %s < fin\n%.4f %s > fin\n", end, name, end+0.001, name)
		}
		out.WriteString(line)
	}
	return out.String()
}

// degraded are the ways in which captures are worse than what happened.
var degraded = map[string]func(*rand.Rand, []capture.Segment) []capture.Segment{
	"one direction, the server's": func(_ *rand.Rand, all []capture.Segment) []capture.Segment {
		return slices.DeleteFunc(all, func(s capture.Segment) bool { return s.Src.Port() != 443 })
	},
	"one direction, the clients'": func(_ *rand.Rand, all []capture.Segment) []capture.Segment {
		return slices.DeleteFunc(all, func(s capture.Segment) bool { return s.Src.Port() == 443 })
	},
	"packets lost": func(r *rand.Rand, all []capture.Segment) []capture.Segment {
		return slices.DeleteFunc(all, func(capture.Segment) bool { return r.IntN(12) == 0 })
	},
	"cut after the headers": func(_ *rand.Rand, all []capture.Segment) []capture.Segment {
		for i := range all {
			all[i].Payload = nil
		}
		return all
	},
	"broken off": func(r *rand.Rand, all []capture.Segment) []capture.Segment { return all[:r.IntN(len(all))] },
	"twice": func(_ *rand.Rand, all []capture.Segment) []capture.Segment {
		var out []capture.Segment
		for _, s := range all {
			out = append(out, s)
			s.At += int64(time.Microsecond)
			s.TTL--
			out = append(out, s)
		}
		return out
	},
	"out of order": func(r *rand.Rand, all []capture.Segment) []capture.Segment {
		for i := 1; i < len(all); i++ {
			if r.IntN(3) == 0 && all[i].At-all[i-1].At < int64(5*time.Millisecond) {
				all[i-1], all[i] = all[i], all[i-1]
			}
		}
		return all
	},
	"begun in the middle": func(r *rand.Rand, all []capture.Segment) []capture.Segment { return all[r.IntN(len(all)):] },
}

// A capture that is worse proves less, and never something else.
func TestDegraded(t *testing.T) {
	t.Parallel()
	for seed := range uint64(lawcheck.Cases(2000)) {
		r := rand.New(rand.NewPCG(seed, 1))
		text := spelled(town(r))
		whole, _ := track(script(t, text))
		for name, worse := range degraded {
			weak, _ := track(worse(rand.New(rand.NewPCG(seed, 2)), script(t, text)))
			if name == "packets lost" {
				weak.Missed() // as the file's own counters say
			}
			if why := contradicts(whole, weak); why != "" {
				t.Fatalf("seed %d, %s: %s\n%s", seed, name, why, text)
			}
		}
	}
}

// contradicts says which conclusion of a worse capture the whole one does not bear out.
func contradicts(whole, weak *trace.Tracker) string {
	const eps = 5 * time.Millisecond
	truth := map[string]*trace.Server{}
	for _, s := range whole.Servers() {
		truth[s.Addr.String()] = s
	}
	for _, s := range weak.Servers() {
		of := truth[s.Addr.String()]
		if of == nil {
			return fmt.Sprintf("%s is no server", s.Addr)
		}
		all := of.Conclusions()
		for _, c := range s.Conclusions() {
			if c.Topic == trace.TopicOpen || c.Topic == trace.TopicHalf || c.Topic == trace.TopicReuse || c.Topic == trace.TopicProbes && c.N == 0 && c.High < max(firstProbe(all, c.Side), of.Sides[c.Side].Quiet+eps) {
				continue
			}
			borne := slices.ContainsFunc(all, func(o trace.Conclusion) bool {
				// Without a byte of what was sent it is not known whether anything was asked.
				same := o.Topic == c.Topic || c.Weak && c.Topic == trace.TopicIdle && o.Topic == trace.TopicBefore
				return same && o.Side == c.Side && (o.N >= c.N && o.Count == c.Count || c.Weak) &&
					(c.High == 0 || o.Low-eps <= c.Low && (c.Weak || c.High <= o.High+eps))
			})
			if !borne {
				return fmt.Sprintf("%s, %d samples: %s", c.Topic, c.N, c.Text)
			}
		}
	}
	return ""
}

// firstProbe is after how much silence a side sent a probe, at the earliest.
func firstProbe(all []trace.Conclusion, side trace.Role) time.Duration {
	first := time.Hour
	for _, c := range all {
		if c.Topic == trace.TopicProbes && c.Side == side && c.N > 0 && c.Count == 0 && strings.Contains(c.Text, "first") {
			first = c.Low
		}
	}
	return first
}
