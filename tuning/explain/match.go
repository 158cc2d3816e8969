package explain

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// A Fit is how well a sign gives the time that was seen.
type Fit uint8

// The fits, the best first.
const (
	Exact  Fit = iota // the time itself, or a range that begins and ends as the one seen
	Within            // inside of what a real timer does
	Near              // as near as a stopwatch, or as what was said to be rough
	None
)

// String is the fit as a word.
func (f Fit) String() string {
	return map[Fit]string{Exact: "exact", Within: "within", Near: "near", None: "none"}[f]
}

// fit holds an observation against a sign.
func fit(o Observation, s *Sign) Fit {
	half := o.Digit / 2
	near := func(a, b, by time.Duration) bool { return a-b <= by && b-a <= by }
	slack := max(time.Second, o.High/100)
	if o.About {
		slack, half = max(slack, o.High/20), max(time.Second/2, min(half, time.Second/2))
	}
	if o.High < 2*time.Second {
		slack = o.High / 10
	}
	switch {
	case o.Low == o.High && near(o.Low, s.After, half):
		return Exact
	case o.Low < o.High && near(o.Low, s.Low, half) && near(o.High, s.High, half):
		return Exact
	case o.Low >= s.Low-half && o.High <= s.High+half:
		return Within
	case o.Exactly:
		return None
	case o.Low < o.High && s.Low >= o.Low-half && s.High <= o.High+half:
		return Within
	case o.Low >= s.Low-slack && o.High <= s.High+slack:
		return Near
	}
	return None
}

// An Answer is a sign that gives what was seen.
type Answer struct {
	Sign  Sign
	Fit   Fit
	Named bool // its system stands in the question, or its setting on the path
	rank  int  // the smallest first
}

// A Question is a text with a time in it, and where it was seen.
type Question struct {
	Seen      Observation
	words     map[string]bool
	text      string
	Systems   []model.SystemID // that are named in it
	protocols []string         // of the products that are named, or stand on the path
}

// Ask is a question about one of the times of a text. Systems are named by id or
// alias.
func (t *Table) Ask(text string, seen Observation) Question {
	q := Question{Seen: seen, text: " " + strings.Join(wordsOf(text), " ") + " ", words: map[string]bool{}}
	for _, w := range wordsOf(text) {
		q.words[w] = true
	}
	for _, n := range t.systemNames() {
		if !slices.Contains(q.Systems, n.id) && strings.Contains(q.text, n.words) {
			q.Systems = append(q.Systems, n.id)
			if s, err := t.catalog.System(n.id); err == nil {
				q.speak(s)
			}
		}
	}
	return q
}

// A name is what a system is called in a text, between blanks.
type name struct {
	id    model.SystemID
	words string
}

// systemNames are the ids and aliases of all systems.
func (t *Table) systemNames() []name {
	if t.names != nil {
		return t.names
	}
	entries, _ := t.catalog.Entries() // what cannot be read cannot be meant
	for _, e := range entries {
		for _, alias := range append([]string{string(e.ID)}, e.Aliases...) {
			if !ordinary[alias] {
				t.names = append(t.names, name{e.ID, " " + strings.Join(wordsOf(alias), " ") + " "})
			}
		}
	}
	return t.names
}

// ordinary are names of systems that are words of their own, too.
var ordinary = map[string]bool{"firewall": true, "go": true, "requests": true, "custom server": true, "own server": true, "other server": true}

var wordBreak = regexp.MustCompile(`[^\pL\d@.+-]+`)

func wordsOf(text string) []string {
	if len(text) > longestQuestion {
		text = text[:longestQuestion]
	}
	var words []string
	for _, w := range wordBreak.Split(strings.ToLower(text), -1) {
		if w = strings.Trim(w, ".-+@"); w != "" {
			words = append(words, strings.SplitN(w, "@", 2)[0])
		}
	}
	return words
}

// speaksOf are the words that speak for a cause.
var speaksOf = []struct {
	words  []string
	causes []Cause
}{
	{[]string{"hang", "hangs", "hung", "hanging", "stuck", "freezes", "frozen", "blocks", "blocked", "waits", "stalls", "stalled"}, []Cause{CauseFlight, CauseConnect, CauseProbes, CauseWindow, CauseResponse}},
	{[]string{"connect", "connects", "connecting", "syn"}, []Cause{CauseConnect}},
	{[]string{"idle", "quiet", "inactive", "inactivity", "silent"}, []Cause{CauseIdle, CauseBox, CauseAge}},
	{[]string{"dies", "died", "drops", "dropped", "closes", "closed", "disconnects", "disconnected", "gone", "lost"}, []Cause{CauseIdle, CauseBox, CauseAge, CauseUnanswered, CauseFlight, CauseProbes}},
	{[]string{"answer", "response", "upload", "query", "504", "slow"}, []Cause{CauseResponse, CauseFlight}},
	{[]string{"login", "handshake", "408", "header"}, []Cause{CauseFirstByte, CauseHeader}},
	{[]string{"old", "age", "lifetime"}, []Cause{CauseAge}},
	{[]string{"ping", "pings", "heartbeat", "heartbeats"}, []Cause{CauseHeartbeat, CauseUnanswered}},
	{[]string{"outage", "dead", "unplugged", "vanished", "notices", "noticed"}, []Cause{CauseProbes, CauseFlight, CauseUnanswered}},
}

// likely orders causes where nothing else does, the most likely first.
var likely = []Cause{
	CauseIdle, CauseBox, CauseProbes, CauseFlight, CauseConnect, CauseResponse, CauseUnanswered, CauseFirstByte, CauseHeader,
	CauseAge, CauseSend, CauseFirstProbe, CauseWindow, CauseHeartbeat, CauseFinWait, CauseOrphan,
}

// spoken reports whether the words of the question speak for a cause, and 1 where
// they speak only for others.
func (q *Question) spoken(c Cause) int {
	other := 0
	for _, s := range speaksOf {
		if !slices.ContainsFunc(s.words, func(w string) bool { return q.words[w] }) {
			continue
		}
		if slices.Contains(s.causes, c) {
			return 0
		}
		other = 1
	}
	return other
}

// Explain finds the signs that give what was seen, the most likely first: of the
// path and the systems that are named before all others where they fit as well or
// a step worse, then by the fit, by what the words of the question speak for, by
// the cause, and those of present versions before those of old ones. The error
// names files of the catalog that cannot be read.
func (t *Table) Explain(q Question, path []Sign) ([]Answer, error) {
	all, err := t.Signs()
	for i := range path {
		q.speak(path[i].System)
	}
	var found []Answer
	take := func(s *Sign) {
		f := fit(q.Seen, s)
		if f == None {
			return
		}
		a := Answer{Sign: *s, Fit: f, Named: s.Endpoint != "" || slices.Contains(q.Systems, s.System.ID)}
		a.rank = q.rank(&a)
		found = append(found, a)
	}
	for i := range path {
		take(&path[i])
	}
	for i := range all {
		s := &all[i]
		if !slices.ContainsFunc(path, func(p Sign) bool {
			return p.Param == s.Param && p.Cause == s.Cause && p.Face == s.Face && p.Low == s.Low && p.High == s.High
		}) {
			take(s)
		}
	}
	slices.SortStableFunc(found, func(a, b Answer) int { return q.compare(&a, &b) })
	return found, err
}

// speak adds the protocol of a product that the question is about.
func (q *Question) speak(s *model.System) {
	if s.Kind != "os" && !s.Middlebox() && !slices.Contains(q.protocols, s.Protocol) {
		q.protocols = append(q.protocols, s.Protocol)
	}
}

func (q *Question) compare(a, b *Answer) int {
	return cmp.Or(
		cmp.Compare(a.rank, b.rank),
		cmp.Compare(yes(!a.Sign.Set), yes(!b.Sign.Set)),
		cmp.Compare(q.spoken(a.Sign.Cause), q.spoken(b.Sign.Cause)),
		cmp.Compare(a.loose(q.Seen), b.loose(q.Seen)),
		cmp.Compare(yes(!a.Sign.Current), yes(!b.Sign.Current)),
		cmp.Compare(slices.Index(likely, a.Sign.Cause), slices.Index(likely, b.Sign.Cause)),
		cmp.Compare(yes(a.Sign.Face == model.FaceClient), yes(b.Sign.Face == model.FaceClient)),
		cmp.Compare(yes(len(a.Sign.System.Proved) == 0), yes(len(b.Sign.System.Proved) == 0)),
		cmp.Compare(a.Sign.System.ID, b.Sign.System.ID),
		cmp.Compare(a.Sign.Param, b.Sign.Param),
	)
}

// rank is the fit in half steps: four better where the system is named, two worse
// where the words speak of something else, as many where the systems that are named
// speak another protocol, and one where so wide a sign would give almost any time.
// What was said to be rough cannot tell near from within.
func (q *Question) rank(a *Answer) int {
	r := 2 * int(a.Fit)
	if q.Seen.About && a.Fit == Near {
		r = 2 * int(Within)
	}
	if a.Named {
		r -= 4
	}
	if a.Fit != Exact && a.Sign.High > a.Sign.Low*3/2 {
		r++
	}
	if s := a.Sign.System; s.Protocol != "" && s.Kind != "os" && !s.Middlebox() && len(q.protocols) > 0 && !slices.Contains(q.protocols, s.Protocol) {
		r += 4
	}
	return r + 2*q.spoken(a.Sign.Cause)
}

// loose is how far the sign is from what was seen: of a range its two ends, of one
// time that it does not give exactly how wide it is.
func (a *Answer) loose(o Observation) time.Duration {
	switch far := func(x, y time.Duration) time.Duration { return max(x-y, y-x) }; {
	case o.Low < o.High:
		return far(a.Sign.Low, o.Low) + far(a.Sign.High, o.High)
	case a.Fit == Exact:
		return far(a.Sign.After, o.Low)
	default:
		return a.Sign.High - a.Sign.Low + far(a.Sign.After, o.Low)/4
	}
}

func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}
