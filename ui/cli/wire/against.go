package wire

import (
	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// Against is the difference from another document to the checked one.
type Against struct {
	Path   *Change  `json:"path"` // null: the same hops
	Values []Change `json:"values"`
	Legs   []Turn   `json:"legs"`
}

// A Change is a value before and after; null where it is not there.
type Change struct {
	At   string  `json:"at"`
	From *string `json:"from"`
	To   *string `json:"to"`
}

// A Turn is a leg's judgement before and after; null where there is no such leg.
type Turn struct {
	Leg  int    `json:"leg"`
	From *Judge `json:"from"`
	To   *Judge `json:"to"`
	Same bool   `json:"same"`
}

// A Judge is the verdict of a leg and what it rests on.
type Judge struct {
	Idle    *Seconds `json:"idle_s"`
	By      *string  `json:"by" enum:"client,server,middlebox"`
	Param   *string  `json:"param"`
	Verdict string   `json:"verdict" enum:"ok,retried,race,stale,unbounded,unknown"`
	Margin  *Seconds `json:"margin_s"`
}

// Compare is the difference from one document's report to another's.
func Compare(from, to model.Document, before, after tuning.Report) *Against {
	a := &Against{Values: []Change{}, Legs: []Turn{}}
	if f, t := from.Path.String(), to.Path.String(); f != t {
		a.Path = &Change{At: "path", From: &f, To: &t}
	}
	for _, d := range tuning.Differences(before, after) {
		if !d.Same() {
			a.Values = append(a.Values, Change{At: ref(d.At), From: valued(d.Before), To: valued(d.Now)})
		}
	}
	for i := range max(len(before.Legs), len(after.Legs)) {
		t := Turn{Leg: i + 1}
		if i < len(before.Legs) {
			t.From = judged(before.Legs[i].Limit)
		}
		if i < len(after.Legs) {
			t.To = judged(after.Legs[i].Limit)
		}
		if t.From != nil && t.To != nil {
			b, n := before.Legs[i].Limit, after.Legs[i].Limit
			t.Same = b.Verdict == n.Verdict && b.Idle == n.Idle && b.Margin == n.Margin && b.Limiter.Ref == n.Limiter.Ref
		}
		a.Legs = append(a.Legs, t)
	}
	return a
}

// judged is a limit without its reasons.
func judged(l tuning.Limit) *Judge {
	full := limit(l)
	return &Judge{Idle: full.Idle, By: full.By, Param: full.Param, Verdict: full.Verdict, Margin: full.Margin}
}

// valued is a value, and null where there is none.
func valued(v model.Value) *string {
	if !v.IsSet() {
		return nil
	}
	text := v.String()
	return &text
}
