package detect

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
)

var update = flag.Bool("update", false, "write testdata/bounds.txt again")

// listed are those whose bounds are listed, each as it differs from the one before it in its
// group. What the kernel does with many of them stands in measured_test.go.
var listed = []struct {
	name string
	s    Socket
}{
	{"Linux with its own times", probing(func(*Socket) {})},
	{"at 100 Hz", probing(func(s *Socket) { s.HZ = 100 })},
	{"at 1000 Hz", probing(func(s *Socket) { s.HZ = 1000 })},
	{"dead right after data", probing(func(s *Socket) { s.Death = AfterData })},
	{"dead right after a probe", probing(func(s *Socket) { s.Death = AfterProbe })},
	{"60 s, 10 s, 6 probes", probing(func(s *Socket) { s.Idle, s.Every, s.Count = time.Minute, 10*time.Second, 6 })},
	{"10 s, 75 s, 1 probe: the interval paces", probing(func(s *Socket) { s.Idle, s.Every, s.Count = 10*time.Second, 75*time.Second, 1 })},
	{"the same, dead right after data", probing(func(s *Socket) { s.Idle, s.Count, s.Death = 10*time.Second, 1, AfterData })},
	{"interval and time alike", probing(func(s *Socket) { s.Idle, s.Every, s.Count = 10*time.Second, 10*time.Second, 3 })},
	{"no probe is waited for", probing(func(s *Socket) { s.Count = 0 })},
	{"a time of 0", probing(func(s *Socket) { s.Idle, s.Every, s.Count = 0, time.Second, 3 })},
	{"TCP_USER_TIMEOUT of 30 s", probing(func(s *Socket) { s.Idle, s.Every, s.UserTimeout = 20*time.Second, 5*time.Second, 30*time.Second })},
	{"of 31 s", probing(func(s *Socket) { s.Idle, s.Every, s.UserTimeout = 20*time.Second, 5*time.Second, 31*time.Second })},
	{"of 20 s, as long as the wait", probing(func(s *Socket) { s.Idle, s.Every, s.UserTimeout = 20*time.Second, 5*time.Second, 20*time.Second })},
	{"of 5 s, shorter than the wait", probing(func(s *Socket) { s.Idle, s.Every, s.UserTimeout = 20*time.Second, 5*time.Second, 5*time.Second })},
	{"of 30 s, looked at by timers only", probing(func(s *Socket) { s.UserTimeout, s.Unclamped = 30*time.Second, true })},
	{"of 30 s, with an interval that paces", probing(func(s *Socket) { s.Idle, s.Every, s.UserTimeout = 2*time.Second, 7*time.Second, 30*time.Second })},
	{"without a tail loss probe", plain(func(s *Socket) { s.TailLossProbe = false })},
	{"several segments in flight", plain(func(s *Socket) { s.Several = true })},
	{"a thin stream", plain(func(s *Socket) { s.Thin, s.Retries = true, 8 })},
	{"300 ms away", plain(func(s *Socket) { s.RTT = 300 * time.Millisecond })},
	{"8 retries, 3 as an orphan", plain(func(s *Socket) { s.Retries, s.Orphans = 8, 3 })},
	{"no retries, 1 as an orphan", plain(func(s *Socket) { s.Retries, s.Orphans = 0, 1 })},
	{"9 retries and an orphan's 9: the last before the ceiling", plain(func(s *Socket) { s.Retries, s.Orphans = 9, 9 })},
	{"10 retries", plain(func(s *Socket) { s.Retries, s.Orphans = 10, 10 })},
	{"a ceiling of 1 s", plain(func(s *Socket) { s.RTOMax, s.Retries = time.Second, 6 })},
	{"a timeout of 3 s, longer than 1 s at most", plain(func(s *Socket) { s.RTOMax, s.RTO, s.Retries = time.Second, 3*time.Second, 6 })},
	{"a first timeout of 5 ms", plain(func(s *Socket) { s.RTOMin, s.Retries = 5*time.Millisecond, 8 })},
	{"2 SYNs again, none at even times", plain(func(s *Socket) { s.SynRetries, s.SynLinear = 2, 0 })},
	{"SYNs up to 10 s", plain(func(s *Socket) { s.UserTimeout = 10 * time.Second })},
	{"Multipath TCP", probing(func(s *Socket) { s.Multipath = true })},
	{"Multipath TCP that waits 1 h", probing(func(s *Socket) { s.Multipath, s.CloseTimeout = true, time.Hour })},
	{"Windows", on(model.StackWindows)},
	{"Windows XP", on(model.StackWindowsNT)},
	{"macOS", on(model.StackDarwin)},
	{"FreeBSD", on(model.StackBSD)},
	{"illumos", on(model.StackIllumos)},
}

func plain(change func(*Socket)) Socket {
	s := Linux()
	change(&s)
	return s
}

func probing(change func(*Socket)) Socket {
	s := Linux()
	s.KeepAlive = true
	change(&s)
	return s
}

func on(stack model.Stack) Socket {
	s := Of(stack)
	s.KeepAlive = true
	return s
}

// TestBounds holds what is said of each of these sockets: the time by the rule, the earliest
// and the latest that a kernel makes of it, and why, where that is said first.
func TestBounds(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("# When a peer that fell silent is given up. go test ./tuning/detect -update writes it.\n")
	said := map[string]bool{}
	for _, x := range listed {
		fmt.Fprintf(&b, "\n%s\n", x.name)
		tell := func(what string, d Detection) {
			fmt.Fprintf(&b, "  %-28s %s, from %s to %s", what, span(d.After), span(d.Low), span(d.High))
			if d.Try > 0 {
				fmt.Fprintf(&b, ", last try %s", span(d.Try))
			}
			if !d.Known {
				b.WriteString(", not known")
			}
			if d.Documented {
				b.WriteString(", documented")
			}
			b.WriteString("\n")
			for _, why := range d.Because {
				if !said[why] && !strings.HasPrefix(why, "kernel timers of ") { // the times of the line above
					fmt.Fprintf(&b, "    %s\n", why)
				}
				said[why] = true
			}
		}
		s := x.s
		tell("quiet", Idle(s))
		tell("quiet, and answered", Spared(s))
		tell("quiet, time set after 7 s", IdleSetAt(s, 7*time.Second))
		tell("data in flight", InFlight(s))
		tell("written to after 20 s", WriteAt(s, 20*time.Second))
		tell("written to every 15 s", Writing(s, 15*time.Second))
		tell("closed, its FIN in flight", Orphan(s))
		if low, high, ok := OrphanUnreachable(s); ok {
			fmt.Fprintf(&b, "  %-28s from %s to %s\n", "the same, ICMP answers", span(low), span(high))
		}
		tell("connecting", Connect(s))
		tell("its window closed", ZeroWindow(s))
		tell("half closed", HalfClosed(s))
		tell("closed, waiting for a FIN", FinWait(s))
		for _, until := range []time.Duration{200 * time.Millisecond, 10 * time.Second, time.Hour} {
			if d, ok := Outlasts(s, until); ok {
				fmt.Fprintf(&b, "  %-28s %s\n", "last try within "+span(until), span(d))
			}
		}
		survived, given := ProbesOutlast(s)
		fmt.Fprintf(&b, "  %-28s %s, not %s\n", "an outage survived, quiet", span(survived), span(given))
		fmt.Fprintf(&b, "  %-28s %s\n", "probed every", span(ProbesEvery(s)))
	}
	lawcheck.Text(t, "testdata/bounds.txt", b.String(), *update)
}

// span is a time to the millisecond, which is as fine as a jiffy gets here.
func span(d time.Duration) string {
	if d == model.Never {
		return "never"
	}
	return d.Round(time.Millisecond).String()
}
