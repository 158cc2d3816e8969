package wire

import "example.com/keeptune/model"

// A Face is what one side of a system does at a version. What only the other
// kind of face does is null.
type Face struct {
	Face      string    `json:"face" enum:"server,client,host"`
	Close     *string   `json:"close"`     // fin, rst, at-reuse, unknown: how an idle connection ends
	Announces *bool     `json:"announces"` // a server's last answer says Connection: close
	Sends     *HintSent `json:"hint_sent"`
	Reads     *HintRead `json:"hint_read"`
	Asks      *string   `json:"asks"`    // yes, no, unknown: a client sends Connection: keep-alive
	Retries   *string   `json:"retries"` // what a client repeats on a stale connection
	Repeats   *Repeats  `json:"repeats"` // the same as data
	Source    *string   `json:"source"`
	Proved    *Proof    `json:"proved"` // null where it is no test of this project runs it
}

// A HintSent is when a server advertises Keep-Alive: timeout=.
type HintSent struct {
	When   string  `json:"when" enum:"never,asked,always,unknown"`
	Value  *string `json:"value"` // idle: the idle timeout; hint: the parameter of that role
	Floor  Seconds `json:"floor_s"`
	Max    bool    `json:"max"`
	Source string  `json:"source"`
}

// A HintRead is what a client does with it.
type HintRead struct {
	How     string  `json:"how" enum:"ignored,shorten,replace,unknown"`
	Minus   Seconds `json:"minus_s"`
	MinusBy *string `json:"minus_by"` // the parameter that says how much instead
	Cap     Seconds `json:"cap_s"`    // 0 without
	CapBy   *string `json:"cap_by"`
	NeedsKA bool    `json:"needs_keep_alive"`
	First   bool    `json:"first_only"`
	Needs   *string `json:"needs"` // only while this parameter has an end
	Source  string  `json:"source"`
}

// Repeats is which requests a client sends again by itself where a connection
// that it used again gave no byte of an answer.
type Repeats struct {
	What   string  `json:"what" enum:"all,idempotent,none,unknown"`
	Loses  *string `json:"loses"`           // the requests that are not repeated, beside idempotent
	Gentle bool    `json:"not_after_reset"` // a reset makes it repeat none
	Source *string `json:"source"`
}

// A Proof is what was run of a face by this project.
type Proof struct {
	Version string   `json:"version"`
	Package string   `json:"package"`
	Seen    string   `json:"seen"`
	What    []string `json:"what"`
	Also    []string `json:"also"` // further versions that were run, older first
}

// sidesOf are the faces of a product, or the host of what has none.
func sidesOf(s *model.System, at model.Version) []Face {
	sides := []Face{}
	for _, side := range []model.FaceKind{model.FaceServer, model.FaceClient} {
		if f := s.Faces[side]; f != nil {
			sides = append(sides, faceOf(s, f, at))
		}
	}
	if len(sides) == 0 {
		sides = append(sides, Face{Face: string(model.FaceHost), Proved: proof(s.ProofOf(model.FaceHost))})
	}
	return sides
}

func faceOf(s *model.System, f *model.Face, at model.Version) Face {
	j := Face{Face: string(f.Kind), Close: word(string(f.Close)), Source: word(f.Source), Proved: proof(s.ProofOf(f.Kind))}
	if f.Kind == model.FaceServer {
		j.Announces = &f.Announces
		if h, ok := model.At(s.Order, f.Sends, at); ok {
			j.Sends = &HintSent{string(h.When), word(h.Value), Seconds(h.Floor), h.Max, h.Source}
		}
		return j
	}
	j.Asks, j.Retries = word(string(f.Asks)), word(f.Retries)
	r := s.RepeatsAt(f, at)
	j.Repeats = &Repeats{r.What, word(r.Loses), r.Gentle, word(r.Source)}
	if h, ok := model.At(s.Order, f.Reads, at); ok {
		j.Reads = &HintRead{
			How: string(h.How), Minus: Seconds(h.Minus), MinusBy: word(string(h.MinusID)), Cap: Seconds(h.Cap), CapBy: word(string(h.CapID)),
			NeedsKA: h.NeedsKA, First: h.First, Needs: word(string(h.NeedsID)), Source: h.Source,
		}
	}
	return j
}

func proof(p *model.Proof) *Proof {
	if p == nil {
		return nil
	}
	j := &Proof{Version: string(p.Version), Package: p.Package, Seen: p.Seen, What: []string{}, Also: []string{}}
	for _, v := range p.Also {
		j.Also = append(j.Also, string(v))
	}
	for _, a := range p.What {
		j.What = append(j.What, string(a))
	}
	return j
}
