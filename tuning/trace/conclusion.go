package trace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// A Topic is what a conclusion is about.
type Topic string

// The topics.
const (
	TopicIdle     Topic = "idle-timeout"
	TopicBefore   Topic = "before-request"
	TopicAnswers  Topic = "after-answer"
	TopicLimit    Topic = "request-limit"
	TopicWaiting  Topic = "unanswered"
	TopicShutdown Topic = "shutdown"
	TopicRace     Topic = "race"
	TopicHint     Topic = "hint"
	TopicProbes   Topic = "probes"
	TopicDead     Topic = "dead-peer"
	TopicBox      Topic = "box"
	TopicForged   Topic = "foreign-reset"
	TopicHalf     Topic = "half-closed"
	TopicOpen     Topic = "open"
	TopicReuse    Topic = "reuse"
)

// A Conclusion is one thing that the packets say of a server, and how far that goes.
// Low, Median and High are times of N samples, 0 where it is about none.
type Conclusion struct {
	Topic             Topic
	Side              Role
	N                 int
	Low, Median, High time.Duration
	Count             int    // requests, for a limit and for reuse
	Text              string // one sentence
	Wrong             string // what would make it wrong
	Weak              bool   // packets are missing, so that the times may be of several
}

// Servers are those that were seen, the one with the most connections first.
func (t *Tracker) Servers() []*Server { return ordered(slices.Clone(t.list)) }

func ordered(all []*Server) []*Server {
	slices.SortFunc(all, func(a, b *Server) int {
		return cmp.Or(cmp.Compare(b.Connections, a.Connections), a.Addr.Compare(b.Addr))
	})
	return slices.DeleteFunc(all, func(s *Server) bool { return s.Connections == 0 })
}

// who is a side in words.
func who(r Role) string {
	if r == TheServer {
		return "the server"
	}
	return "clients"
}

// Conclusions are what the packets say of the server, the most telling first.
func (s *Server) Conclusions() []Conclusion {
	var all []Conclusion
	for _, r := range [...]Role{TheServer, Client} {
		all = append(all, s.idle(r)...)
	}
	for _, add := range []func() []Conclusion{s.limit, s.race, s.hint} {
		all = append(all, add()...)
	}
	for _, r := range [...]Role{TheServer, Client} {
		all = append(all, s.otherCloses(r)...)
		all = append(all, s.probing(r)...)
		all = append(all, s.dying(r)...)
		all = append(all, s.foreign(r)...)
	}
	all = append(all, s.box()...)
	all = append(all, s.halves()...)
	all = append(all, s.stillOpen()...)
	return append(all, s.reuse()...)
}

// spans is "5.000 to 5.021 s" of what was measured, to the millisecond.
func spans(low, high time.Duration) string {
	return model.HumanRange(rounded(low), rounded(high))
}

func span(d time.Duration) string { return model.HumanSpan(rounded(d)) }

// rounded is a time to the millisecond, a short one to the microsecond.
func rounded(d time.Duration) time.Duration {
	if d < 10*time.Millisecond {
		return d.Round(time.Microsecond)
	}
	return d.Round(time.Millisecond)
}

func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// clusters are the groups of silences that are worth a conclusion each: three samples, or
// all there are.
func clusters(s *Spans) []Spans {
	all := s.Clusters()
	big := slices.DeleteFunc(slices.Clone(all), func(c Spans) bool { return c.N < few })
	if len(big) == 0 {
		return all[:min(len(all), few)]
	}
	return big
}

func (s *Server) idle(r Role) []Conclusion {
	side := &s.Sides[r]
	var all []Conclusion
	for _, c := range clusters(&side.Silences) {
		wrong := "something else than a timer ended the silences"
		switch {
		case c.N < few:
			wrong = "these few had another reason"
		case side.OneMoment():
			wrong = "the process ended: all were closed at one moment"
		case r == Client:
			wrong = "clients were done, and no timer ended the silences"
		}
		weak := side.unasked > 0
		if weak {
			wrong = "nothing was asked before: what clients sent first was not captured"
		}
		all = append(all, Conclusion{
			Topic: TopicIdle, Side: r, N: c.N, Low: c.Low, Median: c.Median(), High: c.High, Wrong: wrong, Weak: weak,
			Text: fmt.Sprintf("%s closed %s after %s of silence", who(r), plural(c.N, "connection", "connections"), spans(c.Low, c.High)),
		})
	}
	if n := side.AtOnce.Connections; n > 0 {
		all = append(all, Conclusion{
			Topic: TopicShutdown, Side: r, N: n, Low: side.AtOnce.Silences.Low, Median: side.AtOnce.Silences.Median(), High: side.AtOnce.Silences.High,
			Text:  fmt.Sprintf("%s closed %d connections at one moment after silences from %s to %s: a process ended", who(r), n, span(side.AtOnce.Silences.Low), span(side.AtOnce.Silences.High)),
			Wrong: "the server looks at its timers in long steps",
		})
	}
	return all
}

func (s *Server) limit() []Conclusion {
	l := &s.Limit
	n := l.Closed
	// One answer each is no limit that was met.
	if n.N < few || n.Low != n.High || n.Low < 2 || l.Others > n.High {
		return nil
	}
	wrong := "the next connection is closed after another number"
	if l.Said < n.N {
		wrong = "clients ask before they have their answer: what is encrypted is counted by turns"
	}
	return []Conclusion{{
		Topic: TopicLimit, N: n.N, Count: n.Low, Wrong: wrong,
		Text: fmt.Sprintf("the server ended with the answer to request %d, always: %s", n.Low, plural(n.N, "connection", "connections")),
	}}
}

func (s *Server) race() []Conclusion {
	r := &s.Race
	var all []Conclusion
	if r.Crossed > 0 {
		part := 100 * float64(r.Crossed) / float64(max(s.Gaps.N+r.behind, r.Crossed))
		text := fmt.Sprintf("%s met a close of the server and got no answer, %s %% of those on a connection that was kept", plural(r.Crossed, "request", "requests"), model.Figures(part, 2))
		if r.Repeated > 0 {
			text += fmt.Sprintf("; %d of them came again on another connection", r.Repeated)
		}
		wrong := "what was sent was no request"
		if r.Unread > 0 {
			wrong += ", or the server resets what it refuses"
		}
		all = append(all, Conclusion{
			Topic: TopicRace, N: r.Crossed, Low: r.Silences.Low, Median: r.Silences.Median(), High: r.Silences.High, Text: text, Wrong: wrong,
		})
	}
	if r.After > 0 {
		all = append(all, Conclusion{
			Topic: TopicRace, Side: Client, N: r.After, Wrong: "what was sent was no request",
			Text: fmt.Sprintf("clients sent %s on connections whose close they had acknowledged", plural(r.After, "request", "requests")),
		})
	}
	return all
}

func (s *Server) hint() []Conclusion {
	h := &s.Hint
	if h.N == 0 {
		return nil
	}
	text := fmt.Sprintf("the server promised Keep-Alive: timeout=%d", h.Low/time.Second)
	if h.High > h.Low {
		text += fmt.Sprintf(" to %d", h.High/time.Second)
	}
	if h.Max > 0 {
		text += fmt.Sprintf(", max=%d at most", h.Max)
	}
	return []Conclusion{{
		Topic: TopicHint, N: h.N, Low: h.Low, Median: h.timeouts.Median(), High: h.High, Count: h.Max, Text: text + fmt.Sprintf(", in %s", plural(h.N, "answer", "answers")),
		Wrong: "a proxy on the way wrote it",
	}}
}

func (s *Server) otherCloses(r Role) []Conclusion {
	side := &s.Sides[r]
	var all []Conclusion
	say := func(topic Topic, n int, of *Spans, wrong, format string) {
		if n == 0 {
			return
		}
		c := Conclusion{Topic: topic, Side: r, N: n, Wrong: wrong}
		if of != nil {
			c.Low, c.Median, c.High = of.Low, of.Median(), of.High
			c.Text = fmt.Sprintf(format, who(r), plural(n, "connection", "connections"), spans(of.Low, of.High))
		} else {
			c.Text = fmt.Sprintf(format, who(r), plural(n, "connection", "connections"))
		}
		all = append(all, c)
	}
	say(TopicBefore, side.Closed[BeforeRequest], &side.Before, "the first request was not captured", "%s closed %s on which nothing was asked, after %s")
	say(TopicAnswers, side.Closed[AfterAnswer]-side.Announced, nil, "a timer below 100 ms ended them", "%s closed %s at once after an answer")
	say(TopicAnswers, side.Announced, nil, "only a proxy said so", "%s closed %s whose last answer said that it would")
	say(TopicWaiting, side.Closed[Waiting], &side.Waited, "an answer was not captured", "%s closed %s that waited for an answer, after %s")
	say(TopicWaiting, side.Closed[MetReset], nil, "a box on the way sent the reset, or the close came before the capture", "%s met data or a probe on %s with a reset: it knew no such connection any more")
	return all
}

// gappy is what makes a conclusion wrong that counts packets which nothing else tells of.
const gappy = "packets were not captured, as some of this server were"

// gappy says whether packets of the server are known to be missing.
func (s *Server) gappy() bool { return s.Lossy+s.OneSided > 0 || s.missed }

func (s *Server) probing(r Role) []Conclusion {
	side := &s.Sides[r]
	p := &side.Probes
	weak := s.gappy() || len(p.Every.Clusters()) > 1
	if p.First.N+p.Answered.N+p.Every.N == 0 {
		if side.Quiet < 2*time.Second || weak {
			return nil
		}
		return []Conclusion{{
			Topic: TopicProbes, Side: r, High: side.Quiet, Wrong: "a first probe was due later",
			Text: fmt.Sprintf("%s sent no keep-alive probe in the longest silence of %s", who(r), span(side.Quiet)),
		}}
	}
	var all []Conclusion
	say := func(of *Spans, set Setting, name, wrong, format string) {
		if of.N == 0 {
			return
		}
		if weak {
			wrong, set = gappy, Setting{}
		}
		if set.High > 0 {
			format += fmt.Sprintf(": a Linux kernel with %s = %s", name, set)
		}
		all = append(all, Conclusion{
			Topic: TopicProbes, Side: r, N: of.N, Low: of.Low, Median: of.Median(), High: of.High, Wrong: wrong, Weak: weak,
			Text: who(r) + fmt.Sprintf(format, spans(of.Low, of.High)),
		})
	}
	const late = "it is another system, or several with different settings"
	say(&p.First, p.Idle(), "TCP_KEEPIDLE", late, " sent a first keep-alive probe %s after the last segment received")
	say(&p.Answered, Setting{}, "", "it is taken for the interval: the longer of that and the first time shows", " sent the next probe %s after an answer")
	say(&p.Every, p.Interval(), "TCP_KEEPINTVL", late, " sent the next probe %s after one without an answer")
	for _, n := range slices.Sorted(keys(p.Tries)) {
		after := p.Tries[n]
		c := Conclusion{
			Topic: TopicProbes, Side: r, N: after.N, Count: n, Low: after.Low, Median: after.Median(), High: after.High,
			Text:  fmt.Sprintf("%s gave up after %s without an answer: %s, %s after the last sign of life", who(r), plural(n, "probe", "probes"), plural(after.N, "connection", "connections"), spans(after.Low, after.High)),
			Wrong: "TCP_USER_TIMEOUT is set: then the time decides, not the number",
		}
		if c.Weak = weak; weak {
			c.Text, c.Wrong = strings.Replace(c.Text, "after ", "after at least ", 1), gappy
		}
		all = append(all, c)
	}
	return all
}

func (s *Server) dying(r Role) []Conclusion {
	d := &s.Sides[r].Dead
	if d.N == 0 {
		return nil
	}
	text := fmt.Sprintf("%s sent data again and again that was not acknowledged, on %s: %s in %s",
		who(r), plural(d.N, "connection", "connections"), numbers(&d.Tries, "try", "tries"), spans(d.Tried.Low, d.Tried.High))
	switch {
	case d.Still == d.N:
		text += ", and was still trying at the end"
	case d.Reset == d.N:
		text += ", then reset it"
	case d.Still == 0 && d.Reset == 0:
		text += ", then gave up"
	}
	wrong := "packets were lost on the way to the capture only"
	if limit := d.limit(); limit != "" && !s.gappy() {
		text += limit
		wrong = "the sender is another system, its program had closed the connection (then tcp_orphan_retries decides), or packets were lost on the way to the capture only"
	}
	weak := s.gappy()
	if weak {
		wrong = gappy
	}
	return []Conclusion{{
		Topic: TopicDead, Side: r, N: d.N, Low: d.Tried.Low, Median: d.Tried.Median(), High: d.Tried.High, Text: text, Wrong: wrong, Weak: weak,
	}}
}

// limit says what a Linux kernel may have given up by, where all that did could have had the
// same.
func (d *Dead) limit() string {
	if d.limited != d.N || d.above >= d.upTo {
		return ""
	}
	timeout := fmt.Sprintf("a TCP_USER_TIMEOUT of %s", model.HumanRange(digit(d.above), digit(d.upTo)))
	first, last, ok := detect.Retries(d.above, d.upTo)
	switch {
	case !ok:
		return ": no tcp_retries2 of Linux stands for that, but " + timeout
	case first < last:
		return fmt.Sprintf(", as Linux does with tcp_retries2 = %d to %d or %s", first, last, timeout)
	}
	return fmt.Sprintf(", as Linux does with tcp_retries2 = %d or %s", first, timeout)
}

// digit is a time that is known within a part of itself: to a tenth of a second, or the second.
func digit(d time.Duration) time.Duration {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Second)
}

func numbers(s *Spans, one, more string) string {
	if s.Low == s.High {
		return plural(int(s.Low), one, more)
	}
	return fmt.Sprintf("%d to %d %s", s.Low, s.High, more)
}

func (s *Server) foreign(r Role) []Conclusion {
	f := &s.Sides[r].Forged
	if f.N == 0 {
		return nil
	}
	text := fmt.Sprintf("%s in the name of %s took another number of hops than its other packets (TTL %d, not %d): a box sent them",
		plural(f.N, "reset", "resets"), who(r), f.TTL, f.Usual)
	if f.N == 1 {
		text = fmt.Sprintf("1 reset in the name of %s took another number of hops than its other packets (TTL %d, not %d): a box sent it", who(r), f.TTL, f.Usual)
	}
	if f.Resumed > 0 {
		text += fmt.Sprintf("; after %d of them the sender went on", f.Resumed)
	}
	if text += fmt.Sprintf(" (packet %d)", f.Number); f.Number == 0 { // all looked like their sender
		text = fmt.Sprintf("%s in the name of %s came before more of its data: a box may have sent that", plural(f.N, "reset", "resets"), who(r))
	}
	return []Conclusion{{
		Topic: TopicForged, Side: r, N: f.N, Text: text,
		Wrong: "the program sets its socket's TTL: a reset may have the system's",
	}}
}

func (s *Server) box() []Conclusion {
	b := &s.Box
	if b.Stopped.N == 0 {
		return nil
	}
	low, high := b.Passed.High, b.Stopped.Low
	back := "nothing came back"
	switch {
	case b.Foreign > 0:
		back = "a reset came that does not look like its sender"
	case b.Resets > 0 && b.Nothing == 0:
		back = "a reset came back"
	case b.Resets > 0:
		back = "nothing or a reset came back"
	}
	text := fmt.Sprintf("after a silence of %s data did not get through any more, and %s", span(high), back)
	wrong := "the peer itself was gone"
	switch {
	case low == 0:
		text += "; no shorter one was seen"
	case low < high:
		text += fmt.Sprintf("; after %s it did", span(low))
	default:
		text += fmt.Sprintf("; after %s it did: so no timer explains it", span(low))
	}
	weak := s.gappy()
	if weak {
		wrong = gappy
	}
	return []Conclusion{{Topic: TopicBox, Weak: weak, N: b.Stopped.N, Low: min(low, high), Median: high, High: high, Text: text, Wrong: wrong}}
}

// halves are connections that the second end closed a second or more after the first, or never.
func (s *Server) halves() []Conclusion {
	var all []Conclusion
	for r := range s.Sides {
		h := &s.Sides[r].HalfClosed
		if h.High < time.Second {
			continue
		}
		other := Client - Role(r)
		all = append(all, Conclusion{
			Topic: TopicHalf, Side: other, N: h.N, Low: h.Low, Median: h.Median(), High: h.High, Wrong: "it still had something to send",
			Text: fmt.Sprintf("%s closed, too, %s after the other end had: %s", who(other), spans(h.Low, h.High), plural(h.N, "connection", "connections")),
		})
	}
	if s.HalfOpen > 0 {
		all = append(all, Conclusion{
			Topic: TopicHalf, N: s.HalfOpen, Wrong: "their end was not captured",
			Text: plural(s.HalfOpen, "connection was closed by one end, and not by the other until the end", "connections were closed by one end, and not by the other until the end"),
		})
	}
	return all
}

func (s *Server) stillOpen() []Conclusion {
	if s.Open == 0 {
		return nil
	}
	return []Conclusion{{
		Topic: TopicOpen, N: s.Open, Low: s.OpenFor.Low, Median: s.OpenFor.Median(), High: s.OpenFor.High,
		Text:  fmt.Sprintf("%s open at the end, silent for %s", plural(s.Open, "connection was", "connections were"), spans(s.OpenFor.Low, s.OpenFor.High)),
		Wrong: "their end was not captured",
	}}
}

func (s *Server) reuse() []Conclusion {
	n := &s.Reuse
	if n.N == 0 {
		return nil
	}
	mean := float64(n.Sum) / float64(n.N)
	text := fmt.Sprintf("%s carried %d to %d requests, %s in the mean", plural(n.N, "closed connection", "closed connections"), n.Low, n.High, model.Figures(mean, 3))
	if n.Low == n.High {
		text = fmt.Sprintf("%s carried %s each", plural(n.N, "closed connection", "closed connections"), plural(n.Low, "request", "requests"))
	}
	if s.Gaps.N > 0 {
		text += fmt.Sprintf("; the next one came %s after an answer (median %s)", spans(s.Gaps.Low, s.Gaps.High), span(s.Gaps.Median()))
	}
	return []Conclusion{{Topic: TopicReuse, N: n.N, Count: n.High, Low: s.Gaps.Low, Median: s.Gaps.Median(), High: s.Gaps.High, Text: text, Wrong: "clients ask before they have their answer: that is taken for one request"}}
}

// Arrivals is how many connections came in a second, over the time between the first and
// the last of those whose handshake was captured; 0 with fewer than five, or where all
// came within a second: that is no rate.
func (s *Server) Arrivals() float64 {
	took := time.Duration(s.last - s.first)
	if s.arrivals < 5 || took < time.Second {
		return 0
	}
	return float64(s.arrivals-1) / took.Seconds()
}
