package tuning

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// HintOf is the Keep-Alive timeout that a server advertises to a client that
// asks, as it would be sent; false where none is, or nobody knows.
func HintOf(client, server *Side) (time.Duration, bool) {
	d, _, sends, ok, _ := hintOf(client, server)
	return d, ok && sends.When != "unknown"
}

// hintOf is what a server advertises to a client's request, and the parameter
// that it comes from. It is false where nothing is advertised. sure is false
// where it is not known whether the client asks, or the server answers.
func hintOf(client, server *Side) (hint time.Duration, row *Row, sends model.HintSending, ok, sure bool) {
	sends, ok = model.At(server.System.Order, server.Face.Sends, server.Version)
	if !ok || sends.When == "never" || sends.When == "asked" && client.Face.Asks == "no" {
		return 0, nil, sends, false, true
	}
	role := model.RoleIdle
	if sends.Value == "hint" {
		role = model.RoleHint
	}
	row = server.First(role)
	if row == nil {
		return 0, nil, sends, false, true
	}
	d, finite := row.Value.Duration()
	if !finite || d == model.Never {
		return 0, row, sends, false, true
	}
	if sends.Floor > 0 {
		d = d / sends.Floor * sends.Floor
	}
	sure = sends.When == "always" || sends.When == "asked" && client.Face.Asks == "yes"
	return d, row, sends, true, sure
}

// readHint changes a client's own limiters by what it makes of the server's
// hint. Where its reading is not known, the hint counts as ignored and the
// reading is named as an assumption.
func (l *Limit) readHint(client, server *Side, own []Limiter) ([]Limiter, []ParamRef) {
	hint, row, sends, sent, sure := hintOf(client, server)
	if !sent {
		return own, nil
	}
	reads, ok := model.At(client.System.Order, client.Face.Reads, client.Version)
	reading := ParamRef{client.Endpoint.ID, model.ParamID(client.System.ID) + ".hint"}
	advertised := fmt.Sprintf("%s advertises Keep-Alive: timeout=%d", server.Endpoint.ID, int64(hint/time.Second))
	deaf := ok && (reads.How == "ignored" || reads.NeedsID != "" && !finite(client.Row(reads.NeedsID)))
	switch {
	case sends.When == "unknown" && deaf:
		return own, nil
	case sends.When == "unknown":
		l.Because = append(l.Because, fmt.Sprintf("whether %s advertises its timeout is not known, it is computed as not", server.Endpoint.ID))
		return own, []ParamRef{{server.Endpoint.ID, row.Param.ID}}
	case !ok || reads.How == "unknown":
		l.Because = append(l.Because, fmt.Sprintf("%s; whether %s reads it is not known, it is computed as ignored", advertised, client.Endpoint.ID))
		return own, []ParamRef{reading}
	case deaf:
		l.Because = append(l.Because, fmt.Sprintf("%s; %s ignores it", advertised, client.Endpoint.ID))
		return own, nil
	}
	minus, longest := client.spanOf(reads.MinusID, reads.Minus), client.spanOf(reads.CapID, reads.Cap)
	until := max(hint-minus, 0)
	if longest > 0 {
		until = min(until, longest)
	}
	text := fmt.Sprintf("%s; %s keeps the connection for %s because of it", advertised, client.Endpoint.ID, model.HumanSpan(until))
	if until == 0 {
		text = fmt.Sprintf("%s; less %s that is nothing, so %s does not reuse the connection", advertised, model.HumanSpan(minus), client.Endpoint.ID)
	}
	x := Limiter{
		By: ByClient, Ref: ParamRef{server.Endpoint.ID, row.Param.ID}, Name: "Keep-Alive hint of " + row.Param.Name,
		System: client.System.Name, Known: true, Low: until, High: until, Closes: client.Face.Close, Text: text,
	}
	var refs []ParamRef
	if !sure {
		refs = []ParamRef{reading}
	}
	if reads.How == "replace" {
		return []Limiter{x}, refs
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
				LastSaysClose: s.Face.Side == model.SideServer && s.Face.Announces,
				Text:          fmt.Sprintf("%s: %s", s.Endpoint.ID, row.describe()),
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
			if row.Param.AtOnce {
				found.Ends = "at-once"
			}
		}
	}
	return found
}
