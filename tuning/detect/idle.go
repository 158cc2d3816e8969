package detect

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// Idle is how long after the last segment received a silent peer is given up,
// while nothing is in flight: rules R1 and R2 for Linux (tcp_keepalive_timer(),
// net/ipv4/tcp_timer.c), the documented rule elsewhere. Without SO_KEEPALIVE it
// is never.
func Idle(s Socket) Detection {
	if !s.KeepAlive {
		return never("SO_KEEPALIVE is off: nothing is sent on an idle connection, so nothing notices")
	}
	if s.Stack != model.StackLinux {
		return documentedIdle(s)
	}
	return s.multipath(idle(s, s.firstProbe(newClock(s.HZ))))
}

// Spared is how long an idle connection whose peer is well lasts: for ever,
// unless tcp_keepalive_probes is 0, where Linux aborts it in place of the first
// probe (ETIMEDOUT, and a RST to the peer). A socket of its own cannot be set so:
// TCP_KEEPCNT takes 1 to 127.
func Spared(s Socket) Detection {
	if !s.cutsOff() {
		return never("probes that are answered keep an idle connection open")
	}
	return Idle(s)
}

// cutsOff reports whether the first probe's time is the connection's end.
func (s Socket) cutsOff() bool {
	return s.Stack == model.StackLinux && s.KeepAlive && s.Count == 0 && s.UserTimeout == 0
}

// IdleSetAt is [Idle] where TCP_KEEPIDLE is set, to the socket's Idle, only after
// so much silence and before any probe: the timer is armed anew for what is left
// of it, and runs out at once where nothing is (tcp_sock_set_keepidle_locked()).
// TCP_KEEPINTVL arms nothing: it counts from the next probe on.
func IdleSetAt(s Socket, silence time.Duration) Detection {
	if !s.KeepAlive || s.Stack != model.StackLinux {
		return Idle(s)
	}
	c := newClock(s.HZ)
	t, at := c.ceil(s.Idle), int64(silence/c.jiffy)
	var starts []interval
	for _, at := range []int64{at, at + 1} { // the silence began somewhere in a jiffy
		from, g := max(t, at), granule(max(t-at, 0))
		starts = append(starts, interval{from + 1, from + g, g})
	}
	s.Idle = max(s.Idle, silence)
	return s.multipath(idle(s, starts))
}

// idle is R1 or R2 after a first probe.
func idle(s Socket, starts []interval) Detection {
	if s.UserTimeout > 0 {
		return idleUserTimeout(s, starts)
	}
	return idleCount(s, starts)
}

// firstProbe is when the first probe of a silent peer goes out, counted from
// the jiffy of the last segment. The timer was usually armed before that
// segment and re-armed for the remainder, which may be anything up to T; its
// granule is any level up to that of T.
func (s Socket) firstProbe(c clock) []interval {
	t, every := c.ceil(s.Idle), c.ceil(s.Every)
	var starts []interval
	answered := s.Death != AfterData && !s.cutsOff()
	if s.Death != AfterProbe || !answered {
		for g := int64(1); g <= granule(t); g *= 8 {
			starts = append(starts, interval{t + 1, t + g, g})
		}
	}
	if answered {
		starts = append(starts, afterAnswer(t, every)...)
	}
	return starts
}

// afterAnswer is the next probe after one that was answered at once: the timer
// runs for I, and then for what is left of T. The answered probe may have come
// at any jiffy, because the first one after data ends a remainder of T.
func afterAnswer(t, every int64) []interval {
	answered := interval{0, 0, 1}
	next := answered.then(every)
	var starts []interval
	if next.max >= t {
		starts = append(starts, interval{max(next.min, t), next.max, next.align})
	}
	if next.min < t {
		for g := granule(max(t-next.max, 1)); g <= granule(t-next.min); g *= 8 {
			starts = append(starts, answered.onLevel(t, g))
		}
	}
	return starts
}

// idleCount is R1: dead after N probes without an answer.
func idleCount(s Socket, starts []interval) Detection {
	c := newClock(s.HZ)
	every := c.ceil(s.Every)
	low, high := model.Never, time.Duration(0)
	for _, r := range starts {
		if s.Count > 0 {
			r = r.then(every)
			rest := (every/granule(every) + 1) * granule(every) * (s.Count - 1)
			r.min, r.max = r.min+rest, r.max+rest
		}
		low, high = min(low, c.span(r.min-1)), max(high, c.span(r.max+1))
	}
	if s.cutsOff() {
		return bounded(s, s.Idle, low, high, []string{fmt.Sprintf(
			"tcp_keepalive_probes is 0: after %s of silence the connection is aborted (ETIMEDOUT, RST) without a probe, whether the peer lives or not",
			model.HumanSpan(s.Idle))})
	}
	wait := s.Idle
	if s.Every > s.Idle && s.Death != AfterData {
		wait = s.Every
	}
	after := model.Add(wait, time.Duration(s.Count)*s.Every)
	because := []string{fmt.Sprintf("first probe after %s of silence, then %d without an answer, %s apart: %s + %d x %s = %s",
		model.HumanSpan(wait), s.Count, model.HumanSpan(s.Every), model.HumanSpan(wait), s.Count, model.HumanSpan(s.Every), model.HumanSpan(after))}
	if wait != s.Idle {
		because = append(because, "the interval is longer than the idle time, so it paces the probes once one was answered")
	}
	if s.Idle == 0 && s.Stack == model.StackLinux {
		because = append(because, "0 does not switch probes off: tcp_keepalive_time takes it and the first probe is sent at once; a socket's own time (TCP_KEEPIDLE) is 1 s to 32767 s")
	}
	return bounded(s, after, low, high, because)
}

// idleUserTimeout is R2: dead at the first firing after a probe at which U has
// passed; N is not looked at.
func idleUserTimeout(s Socket, starts []interval) Detection {
	c := newClock(s.HZ)
	every := c.ceil(s.Every)
	user, step := c.ceil(s.UserTimeout), (every/granule(every)+1)*granule(every)
	low, high := model.Never, time.Duration(0)
	for _, r := range starts {
		lo, hi := crossing(r.then(every), user, step)
		low, high = min(low, c.span(lo-1)), max(high, c.span(hi+1))
	}
	wait := s.Idle
	if s.Every > s.Idle && s.Death != AfterData {
		wait = s.Every
	}
	ticks := time.Duration(1)
	if s.UserTimeout > wait && s.Every > 0 {
		ticks = max(1, (s.UserTimeout-wait+s.Every-1)/s.Every)
	}
	after := model.Add(wait, ticks*s.Every)
	return bounded(s, after, low, high, []string{
		fmt.Sprintf("TCP_USER_TIMEOUT is set, so the probe count of %d is not looked at", s.Count),
		fmt.Sprintf("given up at the first of %s + k x %s (k from 1) that is not before %s: %s",
			model.HumanSpan(wait), model.HumanSpan(s.Every), model.HumanSpan(s.UserTimeout), model.HumanSpan(after)),
	})
}

// crossing is the earliest and latest of the ticks r, r+step, r+2*step, …
// that are the first not before the limit.
func crossing(r interval, limit, step int64) (low, high int64) {
	if r.max < limit {
		k := (limit - r.max + step - 1) / step
		r.min, r.max = r.min+k*step, r.max+k*step
	}
	low = max(r.min, limit)
	if r.min >= limit {
		return low, r.max
	}
	k := (limit - r.min + step - 1) / step
	return low, min(r.max+k*step, max(limit-1+step, r.max))
}

// bounded puts a Linux result together.
func bounded(s Socket, after, low, high time.Duration, because []string) Detection {
	because = append(because, fmt.Sprintf("kernel timers of HZ %d are late by up to an eighth of their length: %s to %s",
		s.HZ, model.HumanSpan(low), model.HumanSpan(high)))
	return Detection{Known: true, After: after, Low: max(low, 0), High: high, Because: because}
}

// ProbesEvery is the longest time between two probes that are answered, with
// the lateness of the kernel's timers: max(T, I) and its granule. Without
// SO_KEEPALIVE, and where the connection is aborted instead of probed, it is
// [model.Never].
func ProbesEvery(s Socket) time.Duration {
	if !s.KeepAlive || s.cutsOff() {
		return model.Never
	}
	pace := max(s.Idle, s.Every)
	if s.Stack != model.StackLinux {
		return model.Add(pace, darwinTick)
	}
	c := newClock(s.HZ)
	return model.Add(pace, c.span(granule(c.ceil(pace))))
}
