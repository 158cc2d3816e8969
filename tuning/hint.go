package tuning

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// A hint is the Keep-Alive timeout that a client is told.
type hint struct {
	from *Side // who means it: the server, or the one behind a proxy that hands it on
	via  *Side // that proxy, or nil
	row  *Row  // the parameter that it comes from
	when model.HintMoment
	span time.Duration
	sent bool // something is advertised
	sure bool // false: it is not known whether the client asks, or the server answers
}

// HintOf is the Keep-Alive timeout that a server advertises to a client that
// asks, as it would be sent; false where none is, or nobody knows.
func HintOf(client, server *Side) (time.Duration, bool) {
	h := hintOf(client, server)
	return h.span, h.sent && h.when != model.HintUnknown
}

// hintOf is what a server advertises to a client's request.
func hintOf(client, server *Side) hint {
	sends, ok := model.At(server.System.Order, server.Face.Sends, server.Version)
	h := hint{from: server, when: sends.When, sure: true}
	if !ok || sends.When == model.HintNever || sends.When == model.HintAsked && client.Face.Asks == model.AnswerNo {
		return h
	}
	role := model.RoleIdle
	if sends.Value == "hint" {
		role = model.RoleHint
	}
	if h.row = server.First(role); !finite(h.row) {
		return h
	}
	h.span, _ = h.row.Value.Duration()
	if sends.Floor > 0 {
		h.span = h.span / sends.Floor * sends.Floor
	}
	h.sent, h.sure = true, sends.When == model.HintAlways || sends.When == model.HintAsked && client.Face.Asks == model.AnswerYes
	return h
}

// handedOn is the hint that reaches a client through a proxy that hands its own
// server's on: what that advertises to the proxy.
func handedOn(proxy, server *Side) hint {
	h := hintOf(&Side{Face: proxy.System.Faces[model.FaceClient]}, server)
	h.via = proxy
	return h
}

// Told is the Keep-Alive timeout that the client of a leg is told, by its server or by the one
// behind it; false where it is told none, or nobody knows.
func (l *Leg) Told() (time.Duration, bool) { return l.hint.span, l.hint.sent && l.hint.sure }

// advertised is the hint in words.
func (h *hint) advertised() string {
	text := fmt.Sprintf("%s advertises Keep-Alive: timeout=%d", h.from.Endpoint.ID, int64(h.span/time.Second))
	if h.via != nil {
		text += fmt.Sprintf(", which %s hands on", h.via.Endpoint.ID)
	}
	return text
}

// readBy is for how long a client keeps a connection because of the hint, and
// how it combines that with its own limit.
func (h *hint) readBy(client *Side) (until, minus time.Duration, how model.HintUse) {
	reads, ok := model.At(client.System.Order, client.Face.Reads, client.Version)
	switch {
	case !ok:
		return h.span, 0, model.HintUseUnknown
	case reads.NeedsID != "" && !finite(client.Row(reads.NeedsID)):
		return 0, 0, model.HintIgnored
	}
	minus, longest := client.spanOf(reads.MinusID, reads.Minus), client.spanOf(reads.CapID, reads.Cap)
	until = max(h.span-minus, 0)
	if longest > 0 {
		until = min(until, longest)
	}
	return until, minus, reads.How
}

// readHint changes a client's own limiters by what it makes of the server's
// hint. Where its reading is not known, the hint counts as ignored and the
// reading is named as an assumption.
func (l *Limit) readHint(client *Side, h hint, own []Limiter) ([]Limiter, []ParamRef) {
	if !h.sent {
		return own, nil
	}
	until, minus, how := h.readBy(client)
	reading := ParamRef{client.Endpoint.ID, model.ParamID(client.System.ID) + ".hint"}
	switch {
	case h.when == model.HintUnknown && how == model.HintIgnored:
		return own, nil
	case h.when == model.HintUnknown:
		l.Because = append(l.Because, fmt.Sprintf("whether %s advertises its timeout is not known, it is computed as not", h.from.Endpoint.ID))
		return own, []ParamRef{{h.from.Endpoint.ID, h.row.Param.ID}}
	case how == model.HintUseUnknown:
		l.Because = append(l.Because, fmt.Sprintf("%s; whether %s reads it is not known, it is computed as ignored", h.advertised(), client.Endpoint.ID))
		return own, []ParamRef{reading}
	case how == model.HintIgnored:
		l.Because = append(l.Because, fmt.Sprintf("%s; %s ignores it", h.advertised(), client.Endpoint.ID))
		return own, nil
	}
	text := fmt.Sprintf("%s; %s keeps the connection for %s because of it", h.advertised(), client.Endpoint.ID, model.HumanSpan(until))
	if until == 0 {
		text = fmt.Sprintf("%s; less %s that is nothing, so %s does not reuse the connection", h.advertised(), model.HumanSpan(minus), client.Endpoint.ID)
	}
	x := Limiter{
		By: ByClient, Ref: ParamRef{h.from.Endpoint.ID, h.row.Param.ID}, Name: "Keep-Alive hint of " + h.row.Param.Name,
		System: client.System.Name, Known: true, Low: until, High: until, Closes: client.Face.Close, Hint: true, Text: text,
	}
	var refs []ParamRef
	if !h.sure {
		refs = []ParamRef{reading}
	}
	if how == model.HintReplaces {
		return append(client.ages(ByClient), x), refs
	}
	return append(own, x), refs
}

// spanOf is the length that a parameter has here, or other where this version
// does not have the parameter, or its value is no length.
func (s *Side) spanOf(id model.ParamID, other time.Duration) time.Duration {
	if row := s.Row(id); row != nil {
		if d, ok := row.Value.Duration(); ok {
			return d
		}
	}
	return other
}

func finite(row *Row) bool {
	if row == nil {
		return false
	}
	d, ok := row.Value.Duration()
	return ok && d != model.Never
}

// requestLimit is the smaller number of requests that the two sides allow.
func requestLimit(client, server *Side) *RequestLimit {
	var found *RequestLimit
	for _, s := range []*Side{client, server} {
		for i := range s.Rows {
			row := &s.Rows[i]
			n, ok := row.Value.Count()
			if row.Param.Role != model.RoleRequests || !ok {
				continue
			}
			n += row.Param.Extra
			if found != nil && found.Count <= n {
				continue
			}
			found = &RequestLimit{
				Count: n, Ref: ParamRef{s.Endpoint.ID, row.Param.ID},
				LastSaysClose: s.Face.Kind == model.FaceServer && s.Face.Announces,
				Text:          row.describeOf(s.Endpoint.ID),
			}
			if row.Param.Extra != 0 {
				found.Text += fmt.Sprintf(", really serves %d", n)
			}
		}
	}
	return found
}

// ageLimit is the smallest greatest age of a connection.
func ageLimit(client, server *Side) *AgeLimit {
	var found *AgeLimit
	for _, s := range []*Side{client, server} {
		for i := range s.Rows {
			row := &s.Rows[i]
			d, ok := row.Value.Duration()
			if row.Param.Role != model.RoleAge || !ok || d == model.Never || found != nil && found.After <= d {
				continue
			}
			found = &AgeLimit{After: d, Ref: ParamRef{s.Endpoint.ID, row.Param.ID}, Ends: "next-request"}
			switch {
			case row.Param.AtOnce:
				found.Ends = "at-once"
			case row.Param.Checked:
				found.Ends = "before-reuse"
			}
		}
	}
	return found
}
