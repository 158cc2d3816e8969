package tuning

import (
	"fmt"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// Words says what the verdict of a limit means, in a clause.
func (l *Limit) Words() string {
	switch l.Verdict {
	case VerdictRace:
		return fmt.Sprintf("the %s may close first, after %s: a request on a reused connection can meet the close", l.First, model.HumanSpan(l.farSide()))
	case VerdictRetried:
		return l.Costs
	case VerdictStale:
		then := "is lost"
		if l.Closes.OnSend() {
			then = "is answered with a reset"
		}
		return fmt.Sprintf("a middlebox forgets the connection after %s without a word: the next request %s", model.HumanSpan(l.farSide()), then)
	case VerdictUnbounded:
		return l.Endless()
	case VerdictUnknown:
		return fmt.Sprintf("%s of %s is not known, and it could be the smallest", l.Limiter.Name, l.Limiter.Ref.Endpoint)
	case VerdictOK:
	}
	if !l.Reused {
		return "keep-alive is off: each connection serves one request"
	}
	if l.Session && l.First == ByServer {
		return "the server ends a quiet session; there is no pool that would use it again"
	}
	return "the client closes first, with enough margin"
}

// farSide is the earliest close of the server and of what stands before it.
func (l *Limit) farSide() time.Duration {
	gone := model.Never
	for _, x := range l.All {
		if x.By != ByClient {
			gone = min(gone, x.Low)
		}
	}
	return gone
}

// safety is a verdict in a word or two, as far as requests that meet a close go.
var safety = map[Verdict]string{
	VerdictOK: "safe", VerdictRetried: "nothing is lost", VerdictUnbounded: "never closed",
	VerdictRace: "not safe", VerdictStale: "not safe", VerdictUnknown: "cannot be judged",
}

// LegWords is the judgement of a leg in a sentence.
func (r *Report) LegWords(leg int) string {
	word, why := r.legWords(leg)
	return told(word) + why
}

// legWords is the judgement of a leg: in a word or two, and why. A finding that is graver
// than what the verdict says is told instead; one that is suppressed is not.
func (r *Report) legWords(leg int) (word, why string) {
	l := &r.Legs[leg].Limit
	word, why = safety[l.Verdict], l.Words()
	if l.Verdict.Severity() >= VerdictUnknown.Severity() {
		return word, why
	}
	for i := range r.Findings {
		switch f := &r.Findings[i]; {
		case f.Leg != leg:
		case f.Severity == Error:
			return "not safe", f.Rule.Title
		case f.Severity == Warning:
			return word + ", but", f.Rule.Title
		}
	}
	return word, why
}

// Words is the judgement of the whole path in a sentence: the leg that is worst, and
// what the others are.
func (r *Report) Words() string {
	worst := 0
	for i := range r.Legs {
		if r.illness(i) > r.illness(worst) {
			worst = i
		}
	}
	word, why := r.legWords(worst)
	if len(r.Legs) == 1 {
		return told(word) + why
	}
	if r.illness(worst) == 0 {
		return "safe: on no leg can a request meet a close that is not made good"
	}
	text := fmt.Sprintf("%son leg %d %s", told(word), worst+1, why)
	var alike, unknown []string
	for i := range r.Legs {
		switch {
		case i == worst:
		case r.Legs[i].Limit.Verdict == VerdictUnknown:
			unknown = append(unknown, fmt.Sprint(i+1))
		case r.illness(i) > 0:
			alike = append(alike, fmt.Sprint(i+1))
		}
	}
	if len(alike) > 0 {
		text += "; something is to be mended on leg " + strings.Join(alike, ", ") + " too"
	}
	if len(unknown) > 0 {
		text += "; leg " + strings.Join(unknown, ", ") + " cannot be judged yet"
	}
	return text
}

// told is a word or two before what explains them.
func told(word string) string {
	if strings.HasSuffix(word, "but") {
		return word + " "
	}
	return word + ": "
}

// illness orders legs by what is to be told of them: 0 is nothing.
func (r *Report) illness(leg int) int {
	switch word, _ := r.legWords(leg); {
	case word == "not safe":
		return 3
	case r.Legs[leg].Limit.Verdict == VerdictUnknown:
		return 2
	case strings.HasSuffix(word, "but"):
		return 1
	}
	return 0
}
