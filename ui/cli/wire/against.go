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
	was, is := values(before), values(after)
	for _, at := range was.order {
		if v, ok := is.value[at]; !ok || v != was.value[at] {
			a.Values = append(a.Values, Change{At: at, From: was.find(at), To: is.find(at)})
		}
	}
	for _, at := range is.order {
		if _, ok := was.value[at]; !ok {
			a.Values = append(a.Values, Change{At: at, To: is.find(at)})
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

// table is every value of a report by where it stands.
type table struct {
	order []string
	value map[string]string
}

func (t table) find(at string) *string {
	if v, ok := t.value[at]; ok {
		return &v
	}
	return nil
}

func values(r tuning.Report) table {
	t := table{value: map[string]string{}}
	add := func(endpoint model.EndpointID, row *tuning.Row) {
		at := ref(tuning.ParamRef{Endpoint: endpoint, Param: row.Param.ID})
		if _, ok := t.value[at]; !ok {
			t.order, t.value[at] = append(t.order, at), row.Value.String()
		}
	}
	for i := range r.Legs {
		l := &r.Legs[i]
		for j := range l.Client.Rows {
			add(l.Client.Endpoint.ID, &l.Client.Rows[j])
		}
		for j := range l.Boxes {
			add(l.Boxes[j].Endpoint.ID, l.Boxes[j].Row)
		}
		for j := range l.Server.Rows {
			add(l.Server.Endpoint.ID, &l.Server.Rows[j])
		}
	}
	return t
}
