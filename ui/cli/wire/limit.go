package wire

import (
	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A Limit is the effective idle limit of a leg. By, Endpoint and Param are
// null where nothing limits it.
type Limit struct {
	Idle     *Seconds  `json:"idle_s"`
	High     *Seconds  `json:"high_s"`
	By       *string   `json:"by" enum:"client,server,middlebox"`
	Endpoint *string   `json:"endpoint"`
	Param    *string   `json:"param"`
	Also     []string  `json:"also"`
	Closes   *string   `json:"closes" enum:"fin,rst,rst-both,rst-on-send,rst-on-send-one-way,renewed,silent,at-reuse,unknown"`
	First    *string   `json:"closes_first" enum:"client,server,middlebox"`
	Verdict  string    `json:"verdict" enum:"ok,retried,race,stale,unbounded,unknown"`
	Margin   *Seconds  `json:"margin_s"`
	Reused   bool      `json:"reused"`
	Because  []string  `json:"because"`
	Assuming []string  `json:"assuming"`
	Requests *Requests `json:"requests"`
	Age      *Age      `json:"age"`
	Repeats  string    `json:"repeats" enum:"all,idempotent,none,unknown"` // what the client sends again where it meets a close
	Loses    *string   `json:"loses"`                                      // beside idempotent: the requests that it does not
	Costs    *string   `json:"costs"`                                      // what it costs that the far side may be first, in a sentence
	Held     []string  `json:"held_open_by"`                               // settings that keep open what something would end otherwise
	Session  bool      `json:"session"`                                    // the client has no pool
}

// Requests is the number of requests that one connection serves.
type Requests struct {
	Count         int64  `json:"count"`
	Endpoint      string `json:"endpoint"`
	Param         string `json:"param"`
	LastSaysClose bool   `json:"last_says_close"`
}

// An Age is the greatest age of a connection.
type Age struct {
	After    Seconds `json:"after_s"`
	Endpoint string  `json:"endpoint"`
	Param    string  `json:"param"`
	Ends     string  `json:"ends" enum:"at-once,before-reuse,next-request"`
}

// idle is the interval of a limit; null where there is none or it is not known.
func idle(l tuning.Limit) (low, high *Seconds) {
	if l.Verdict == tuning.VerdictUnknown || l.Idle == model.Never {
		return nil, nil
	}
	return pointer(&l.Idle), pointer(&l.High)
}

func limit(l tuning.Limit) Limit {
	j := Limit{
		By: word(string(l.By)), Closes: word(string(l.Closes)), First: word(string(l.First)),
		Also: names(l.Also), Verdict: string(l.Verdict), Reused: l.Reused,
		Because: list(l.Because), Assuming: names(l.Assuming),
		Repeats: l.Repeats.What, Loses: word(l.Repeats.Loses), Costs: word(l.Costs), Session: l.Session, Held: names(l.Held),
	}
	j.Idle, j.High = idle(l)
	if l.By != "" {
		j.Endpoint, j.Param = word(string(l.Limiter.Ref.Endpoint)), word(string(l.Limiter.Ref.Param))
	}
	if l.HasMargin {
		j.Margin = pointer(&l.Margin)
	}
	if r := l.Requests; r != nil {
		j.Requests = &Requests{r.Count, string(r.Ref.Endpoint), string(r.Ref.Param), r.LastSaysClose}
	}
	if a := l.Age; a != nil {
		j.Age = &Age{Seconds(a.After), string(a.Ref.Endpoint), string(a.Ref.Param), a.Ends}
	}
	return j
}
