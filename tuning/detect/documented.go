package detect

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// A system is what is documented of the TCP of an operating system that is not Linux: each
// has a file of its own, and a line in systems.
type system struct {
	defaults func(*Socket)                                     // where [Linux] has others; nil: the same
	idle     func(Socket) Detection                            // probes without an answer
	flight   func(Socket) Detection                            // data without an acknowledgement
	lastTry  func(s Socket, until time.Duration) time.Duration // to send that data, before a moment
	connect  func(Socket) Detection                            // a SYN without an answer
	outlast  func(Socket) (survived, given time.Duration)      // by probes; nil: [countedProbes]
}

var systems = map[model.Stack]system{
	model.StackWindows9x: windows9x,
	model.StackWindowsNT: windowsNT,
	model.StackWindows:   windows,
	model.StackDarwin:    bsd,
	model.StackBSD:       bsd,
	model.StackIllumos:   illumos,
}

// endless is the time from which on a limit counts as none.
const endless = 1 << 31 * time.Second

// Of is a socket with the defaults of an operating system's TCP and SO_KEEPALIVE off.
func Of(stack model.Stack) Socket {
	s := Linux()
	s.Stack = stack
	if set := systems[stack].defaults; set != nil {
		set(&s)
	}
	return s
}

// undocumented is the answer for what no documentation says.
func undocumented() Detection {
	return Detection{Documented: true, Because: []string{"no rule is documented for this system"}}
}

// documentedIdle is the documented rule for an idle connection.
func documentedIdle(s Socket) Detection {
	if x, ok := systems[s.Stack]; ok {
		return x.idle(s)
	}
	return countedIdle(s, 0)
}

// countedIdle is the rule of probes that are counted; because is what it rests on.
func countedIdle(s Socket, tick time.Duration, because ...string) Detection {
	after := model.Add(s.Idle, time.Duration(s.Count)*s.Every)
	rule := fmt.Sprintf("first probe after %s, then %d without an answer, %s apart: %s + %d x %s = %s",
		model.HumanSpan(s.Idle), s.Count, model.HumanSpan(s.Every), model.HumanSpan(s.Idle), s.Count, model.HumanSpan(s.Every), model.HumanSpan(after))
	return exactly(after, tick, append([]string{rule}, because...)...)
}

// countedProbes is what probes that are counted survive, and when they give up.
func countedProbes(s Socket) (survived, given time.Duration) {
	if s.Count == 0 { // none is sent
		return model.Never, model.Never
	}
	return time.Duration(s.Count-1) * s.Every, time.Duration(s.Count) * s.Every
}

// documentedFlight is the documented rule for unacknowledged data.
func documentedFlight(s Socket) Detection {
	x, ok := systems[s.Stack]
	if !ok {
		return undocumented()
	}
	d := x.flight(s)
	d.Try = x.lastTry(s, model.Never)
	return d
}

// documentedTry is the last retransmission before until by the documented rule; false where
// there is none.
func documentedTry(s Socket, until time.Duration) (time.Duration, bool) {
	x, ok := systems[s.Stack]
	if !ok {
		return 0, false
	}
	return x.lastTry(s, until), true
}

// documentedConnect is the documented rule for a connect that is not answered.
func documentedConnect(s Socket) Detection {
	if x, ok := systems[s.Stack]; ok && x.connect != nil {
		return x.connect(s)
	}
	return undocumented()
}

// tries are retransmissions: the first after a timeout, each of the others after twice the
// one before, for at most so many doublings and never above the ceiling.
type tries struct {
	first, ceiling time.Duration
	count          int64
	doublings      int
}

// each runs through the moments of the tries, and of the timer after the last.
func (t tries) each(visit func(i int64, at time.Duration) bool) {
	rto, total := t.first, time.Duration(0)
	for i := range min(t.count, 255) + 1 {
		if total = model.Add(total, min(rto, t.ceiling)); !visit(i, total) {
			return
		}
		if int(i) < t.doublings && rto < model.Never/2 {
			rto *= 2
		}
	}
}

// last is the last try before a moment.
func (t tries) last(until time.Duration) (tried time.Duration) {
	t.each(func(i int64, at time.Duration) bool {
		if i == min(t.count, 255) || at >= until {
			return false
		}
		tried = at
		return true
	})
	return tried
}

// end is when the timer after the last try goes off.
func (t tries) end() (end time.Duration) {
	t.each(func(_ int64, at time.Duration) bool { end = at; return true })
	return end
}
