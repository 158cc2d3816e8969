package ui

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/seen"
	"example.com/keeptune/tuning/trace"
	"example.com/keeptune/ui/censuspage"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/overlay"
)

// allSeen is the name of all that can be taken over, in contract.AdoptSeen.
const allSeen = "all"

// A taking collects what can be taken over of what was seen of a server.
type taking struct {
	a    app
	leg  *tuning.Leg
	said *tuning.Leg // the same with what is configured in the place of what was measured
	s    *trace.Server
	from *contract.WireView
	all  []adoption
}

// seenAdoptions are all that can be taken over of a server of the capture, for every leg of
// which it is the server.
func (a app) seenAdoptions(x contract.AdoptSeen) []adoption {
	v, report := &a.wire.view, a.s.Report()
	at := slices.IndexFunc(v.Picture.Servers, func(s *trace.Server) bool { return s.Addr == x.Addr })
	if at < 0 {
		return nil
	}
	t := taking{a: a, s: v.Picture.Servers[at], from: v}
	for _, p := range v.Places {
		if p.Addr != x.Addr || p.Leg >= min(len(report.Legs), len(v.Configured.Legs)) {
			continue
		}
		t.leg, t.said = &report.Legs[p.Leg], &v.Configured.Legs[p.Leg]
		t.idle(trace.TheServer)
		t.idle(trace.Client)
		t.hint()
		t.limit()
		t.probes(&t.leg.Server, trace.TheServer)
		t.probes(&t.leg.Client, trace.Client)
		t.load()
	}
	return t.all
}

// origin is where a figure comes from that so many samples gave.
func (t *taking) origin(samples string) model.Origin {
	return model.Origin{Kind: model.FromMeasured, Where: seen.Origin(t.from.Of, samples), At: t.from.Picture.To}
}

// set offers a setting of a side, unless it has that value.
func (t *taking) set(side *tuning.Side, row *tuning.Row, s model.Setting, why string) {
	if row == nil || row.Param.Fixed || row.Param.Check(s.Value) != nil || row.Value == s.Value && (s.High == 0 || row.Setting.Low == s.Low && row.Setting.High == s.High) {
		return
	}
	x := sets(fmt.Sprintf("%s %s", side.Endpoint.ID, row.Param.ID), side.Endpoint.ID, row, s)
	x.why = why
	t.all = append(t.all, x)
}

// idle offers the timer of a side whose closes were seen: three or more that lie together.
func (t *taking) idle(role trace.Role) {
	side, said := &t.leg.Server, &t.said.Server
	if role == trace.Client {
		side, said = &t.leg.Client, &t.said.Client
	}
	c, row, was := seen.Closed(t.s, role), side.First(model.RoleIdle), said.First(model.RoleIdle)
	if c == nil || row == nil || was == nil || c.N < livetest.MinGoodSamples || t.s.Sides[role].OneMoment() {
		return
	}
	why := ""
	offset := offsetIn(&t.said.Limit, was)
	s := model.Setting{Value: model.For(measured(c.Median, row, offset)), Low: c.Low, High: c.High, Origin: t.origin(contract.Count(c.N, "close", "closes"))}
	if role == trace.Client {
		x, ok := seen.Timer(&t.said.Limit, role)
		if ok && c.High < x.Low { // clients that were done close like that, too
			return
		}
	} else {
		why = follows(c.Median, offset, s.Value, side, false)
	}
	if c.Weak {
		why = "wrong if " + c.Wrong
	}
	t.set(side, row, s, why)
}

func (t *taking) hint() {
	h := &t.s.Hint
	if h.N > 0 && h.Low == h.High {
		t.set(&t.leg.Server, t.leg.Server.First(model.RoleHint), model.Setting{
			Value: model.For(h.Low), Origin: t.origin(contract.Count(h.N, "answer", "answers")),
		}, "")
	}
}

func (t *taking) limit() {
	for _, c := range t.s.Conclusions() {
		if c.Topic == trace.TopicLimit {
			t.set(&t.leg.Server, t.leg.Server.First(model.RoleRequests), model.Setting{Value: model.Times(int64(c.Count)), Origin: t.origin(contract.Count(c.N, "close", "closes"))}, "")
		}
	}
}

// probes offers what a side's kernel is set to, where the packets leave one value.
func (t *taking) probes(side *tuning.Side, role trace.Role) {
	p := &t.s.Sides[role].Probes
	say := func(as model.Role, found trace.Setting, n int) {
		if found.High > 0 && found.Low == found.High {
			t.set(side, side.First(as), model.Setting{Value: model.For(found.Low), Origin: t.origin(contract.Count(n, "probe", "probes"))}, "")
		}
	}
	say(model.RoleProbeIdle, p.Idle(), p.First.N)
	say(model.RoleProbeEvery, p.Interval(), p.Every.N+p.Last.N)
}

// load offers the quantities of the leg that were counted.
func (t *taking) load() {
	var edits []model.Edit
	var texts []string
	has := t.a.s.Document().Path.Quantities(t.leg.Index)
	set := func(text string, q model.Quantity, v model.Value, samples string) {
		if had, ok := has.Quantity(q); ok && had.Value == v && had.Origin.Kind == model.FromMeasured {
			return
		}
		texts = append(texts, text)
		edits = append(edits, model.SetQuantity{Leg: t.leg.Index, Quantity: q, Setting: model.Setting{Value: v, Origin: t.origin(samples)}})
	}
	if n := t.s.Race.Crossed; n > 0 {
		set(contract.Count(n, "request that met a close", "requests that met a close"), model.QuantityRaced, model.Times(int64(n)), contract.Count(t.s.Requests, "request", "requests"))
	}
	if per := t.s.Arrivals(); per > 0 && !math.IsInf(per, 0) {
		set(model.Figures(per, 3)+" new connections a second", model.QuantityArrivals, model.PerSecond(censuspage.Rounded(per)), contract.Count(t.s.Connections, "connection", "connections"))
	}
	if len(edits) > 0 {
		t.all = append(t.all, adoption{what: fmt.Sprintf("leg %d", t.leg.Index), text: fmt.Sprintf("leg %d: %s", t.leg.Index+1, strings.Join(texts, ", ")), edits: edits})
	}
}

// adoptSeen takes something that was seen over, as one step of undo.
func (a app) adoptSeen(x contract.AdoptSeen) (app, tea.Cmd) {
	all := a.seenAdoptions(x)
	if len(all) == 0 {
		return a.complain(errNothingSeen.Error()), nil
	}
	var edits []model.Edit
	for _, y := range all {
		edits = append(edits, y.edits...)
	}
	whole := adoption{what: allSeen, text: fmt.Sprintf("all %d of these", len(all)), edits: edits}
	if x.What == "" {
		return a.offerSeen(x, all, whole)
	}
	if i := slices.IndexFunc(all, func(y adoption) bool { return y.what == x.What }); i >= 0 {
		whole = all[i]
	} else if x.What != allSeen {
		return a, nil // what was offered is not there any more
	}
	a, cmd := a.edit(contract.Edit{Why: "seen on the wire: " + whole.label(), Edits: whole.edits, Seal: true})
	if a.bad {
		return a, cmd
	}
	return a.say(fmt.Sprintf("%s taken over; %s takes it back", whole.text, a.keys.Key(keymap.ScopeWire, keymap.Undo))), cmd
}

var errNothingSeen = errors.New("nothing here differs from the settings, or three closes that lie together were not seen")

// offerSeen asks what to take over.
func (a app) offerSeen(x contract.AdoptSeen, all []adoption, whole adoption) (app, tea.Cmd) {
	o := &overlay.Choice{Title: "what was seen", Text: "Which of it should the session take over?", Does: "adopt it"}
	if len(all) > 1 {
		all = append([]adoption{whole}, all...)
	}
	for _, y := range all {
		o.Options = append(o.Options, a.option(y, contract.AdoptSeen{Addr: x.Addr, What: y.what}))
	}
	return a.perform(contract.Push{Overlay: o})
}

// offsetIn is how much later than its setting says a timer of a limit closes.
func offsetIn(l *tuning.Limit, row *tuning.Row) time.Duration {
	d, ok := row.Value.Duration()
	if !ok || d == model.Never || row.Setting.Origin.Kind == model.FromMeasured {
		return 0
	}
	for _, x := range l.All {
		if x.Ref.Param == row.Param.ID && x.Known && x.Low != model.Never {
			return x.Low - d
		}
	}
	return 0
}
