package tuning

import (
	"fmt"
	"slices"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// unpermitted is the shortest time between pings without a call that a gRPC
// server suffers unless it permits them (grpc/proposal A8, server enforcement).
const unpermitted = 2 * time.Hour

// A Heartbeat is what an application sends by itself on a quiet connection: a
// question for a sign of life, or bytes that only keep it busy.
type Heartbeat struct {
	By        By
	Ref       ParamRef
	Name      string        // the setting as its product writes it
	Low, High time.Duration // of silence before it is sent
	Count     int64         // so many without an answer end the connection; 0: none does
	Wait      time.Duration // an answer may take so long, 0 where the count decides
	Quiet     bool          // it is sent while nothing is open on the connection, too
	Resets    bool          // the server's idle timer takes it for traffic
	Sending   bool          // this side does not ask while it sends
	Over      string        // the one protocol that has it, where others may be spoken; else empty
	Text      string        // one line: value, origin, what ends the connection
}

// heartbeat is what this side sends by itself, or nil.
func (s *Side) heartbeat() *Heartbeat {
	row := s.First(model.RolePingEvery)
	if row == nil {
		return nil
	}
	d, ok := row.Value.Duration()
	if !ok || d == 0 || d == model.Never {
		return nil
	}
	h := &Heartbeat{
		By: ByServer, Ref: ParamRef{s.Endpoint.ID, row.Param.ID}, Name: row.Param.Name, Low: row.Low, High: row.High,
		Count: s.count(model.RolePingCount, 1), Quiet: true, Resets: row.Param.Resets, Sending: row.Param.Sending, Over: row.Param.Over,
		Text: row.describeOf(s.Endpoint.ID),
	}
	if s.Face.Kind == model.FaceClient {
		h.By = ByClient
	}
	if quiet := s.First(model.RolePingIdle); quiet != nil {
		h.Quiet = quiet.Value == model.ValueOn
	}
	if count := s.First(model.RolePingCount); count != nil && count.Value == model.ValueNever {
		h.Count = 0
	}
	switch wait := s.First(model.RolePingWait); {
	case finite(wait):
		h.Count, h.Wait = 1, wait.High
		h.Text += ", then " + wait.describe()
	case wait != nil: // of what it waits for nothing is known: TCP ends it
		h.Count = 0
	case h.Count > 0:
		h.Text += fmt.Sprintf(", %d without an answer", h.Count)
	}
	if h.Over != "" {
		h.Text += ", only where " + h.Over + " is spoken"
	}
	return h
}

// holds reports whether it passes often enough that nothing which forgets after
// limit ever does.
func (h *Heartbeat) holds(limit time.Duration) bool {
	return h != nil && h.Quiet && h.High < limit
}

// held is the words for a timer that something holds back.
func (h *Heartbeat) held() string {
	text := fmt.Sprintf("held open by %s %s, at least every %s", h.Ref.Endpoint, h.Name, model.HumanSpan(h.High))
	if h.Over != "" {
		text += ", as long as " + h.Over + " is spoken"
	}
	return text
}

// beats are the heartbeats of both sides, the client's first, without one that the
// other side ends the connection for.
func beats(client, server *Side) []*Heartbeat {
	var found []*Heartbeat
	for _, s := range []*Side{client, server} {
		if h := s.heartbeat(); h != nil && (s != client || tooOften(h, server) <= 0) {
			found = append(found, h)
		}
	}
	return found
}

// tooOften is the time that a server wants between a client's pings where the
// heartbeat comes sooner, and 0 where it suffers it.
func tooOften(h *Heartbeat, server *Side) time.Duration {
	least := server.First(model.RolePingLeast)
	if least == nil {
		return 0
	}
	d, ok := least.Value.Duration()
	if !ok || d == model.Never {
		d = 0
	}
	if permit := server.First(model.RolePingPermit); h.Quiet && permit != nil && permit.Value != model.ValueOn {
		d = max(d, unpermitted)
	}
	if h.Low < d {
		return d
	}
	return 0
}

// unanswered is when the connection of a dead peer ends by the heartbeat: after
// so many of them, or once TCP gives up the first, which is data in flight.
func (h *Heartbeat) unanswered(d detect.Detection) End {
	tcp := End{
		By: "retransmission", Ref: h.Ref, Known: d.Known, After: model.Add(h.Low, d.After),
		Low: model.Add(h.Low, d.Low), High: model.Add(h.High, d.High),
		Because: slices.Concat([]string{h.Text, "the first that is not answered is data in flight"}, d.Because),
	}
	if !d.Known || d.High == model.Never {
		tcp = never()
	}
	return sooner(h.counted(), tcp)
}

// counted is when so many questions went without an answer.
func (h *Heartbeat) counted() End {
	if h.Count == 0 {
		return never()
	}
	e := End{By: "application pings", Ref: h.Ref, Known: true, Because: []string{h.Text}}
	if h.Wait > 0 {
		e.Low, e.High = model.Add(h.Low, h.Wait), model.Add(h.High, h.Wait)
	} else {
		e.Low, e.High = times(h.Low, h.Count), times(h.High, h.Count+1)
	}
	e.After = e.Low
	return e
}

// watch is when a server ends the connection of a client that leaves out its signs
// of life, whatever else is open on it.
func (s *Side) watch(client *Side) End {
	w, ok := model.At(s.System.Order, s.Face.Watches, s.Version)
	row := client.First(model.RolePingEvery)
	if !ok || row == nil {
		return never()
	}
	every, ok := row.Value.Duration()
	if !ok || every <= 0 || every > model.Never/8 {
		return never()
	}
	patience := time.Duration(w.Times * float64(every))
	return End{
		By: "application pings", Ref: ParamRef{client.Endpoint.ID, row.Param.ID}, Known: true,
		After: patience, Low: patience + w.Low, High: patience + w.High,
		Because: []string{fmt.Sprintf("%s ends a client that is silent for %g times its %s of %s", s.Endpoint.ID, w.Times, row.Param.Name, model.HumanSpan(every))},
	}
}

// times is n times d, [model.Never] where that is too long to be counted.
func times(d time.Duration, n int64) time.Duration {
	if n > int64(model.Never/max(d, 1)) {
		return model.Never
	}
	return time.Duration(n) * d
}

func never() End {
	return End{Known: true, After: model.Never, Low: model.Never, High: model.Never}
}

// sooner is the first of two ends that run side by side.
func sooner(a, b End) End {
	e := earlier(a, b)
	e.Low = min(a.Low, b.Low)
	return e
}
