package wire

import (
	"example.com/keeptune/model"
)

// SystemsSchema names the shape of [Systems].
const SystemsSchema = "keeptune.systems/1"

// Systems is the catalog, one system of it, or what changed between two
// versions: keeptune systems --format json.
type Systems struct {
	Schema    string        `json:"schema"`
	Version   string        `json:"version"`
	Knowledge string        `json:"knowledge"`
	Systems   []System      `json:"systems"`
	Changes   []ParamChange `json:"changes,omitempty"`
}

// A System is a product or an operating system. Params are there where one
// system was asked for.
type System struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`
	Text     string   `json:"text"`
	Aliases  []string `json:"aliases"`
	Faces    []string `json:"faces"` // server, client; none for a middlebox or an operating system
	Versions []string `json:"versions"`
	At       string   `json:"at"` // the version that Params are of
	OS       string   `json:"os"`
	Formats  []string `json:"formats"`
	File     *string  `json:"file"` // a user's own file; null for the program's
	Surprise []string `json:"surprise"`
	Box      *BoxKind `json:"middlebox"`
	Params   []Param  `json:"params,omitempty"`
}

// A BoxKind is what a middlebox does.
type BoxKind struct {
	OnExpiry  string `json:"on_expiry"`
	Refreshed string `json:"refreshed_by_probes"`
	Source    string `json:"source"`
}

// A Param is a parameter with its default at one version.
type Param struct {
	Param    string  `json:"param"`
	Name     string  `json:"name"`
	Face     string  `json:"face"` // server, client or host
	Role     string  `json:"role"`
	Unit     string  `json:"unit"`
	Zero     string  `json:"zero"`
	Default  string  `json:"default"`
	Source   string  `json:"source"`
	Seen     string  `json:"seen"`
	Fallback *string `json:"fallback"`
	Fixed    bool    `json:"fixed"`
	Late     *Late   `json:"really_ends"`
	Where    string  `json:"where"`
	Effect   string  `json:"effect"`
	Text     string  `json:"text"`
	Surprise string  `json:"surprise"`
}

// A Late is how much later than set a timer really ends.
type Late struct {
	Low    Seconds `json:"low_s"`
	High   Seconds `json:"high_s"`
	Ratio  float64 `json:"high_ratio"` // of the value, on top of high_s
	Source string  `json:"source"`
}

// A ParamChange is what differs between two versions; null where the version
// does not have the parameter.
type ParamChange struct {
	Param  string  `json:"param"`
	What   string  `json:"what" enum:"exists,default,really_ends"` // exists, default, really_ends
	From   *string `json:"from"`
	To     *string `json:"to"`
	Source string  `json:"source"`
}

// FromSystem is the JSON of a system, with its parameters at a version where
// one is given.
func FromSystem(s *model.System, at model.Version, params bool) System {
	j := System{
		ID: string(s.ID), Name: s.Name, Kind: s.Kind, Text: s.Text, Aliases: list(s.Aliases), Faces: []string{},
		Versions: []string{}, At: string(at), Formats: list(s.Formats), File: word(s.Origin), Surprise: list(s.Surprise),
	}
	if os := s.HostAt(at); os.System != "" {
		j.OS = os.String()
	}
	for _, side := range []model.Side{model.SideServer, model.SideClient} {
		if s.Faces[side] != nil {
			j.Faces = append(j.Faces, string(side))
		}
	}
	for _, v := range s.Known {
		j.Versions = append(j.Versions, string(v))
	}
	if s.Box != nil {
		j.Box = &BoxKind{s.Box.OnExpiry, s.Box.Refreshed, s.Box.Source}
	}
	if !params {
		return j
	}
	j.Params = []Param{}
	for _, p := range s.Params {
		if s.Has(p, at) {
			j.Params = append(j.Params, param(s, p, at))
		}
	}
	return j
}

func param(s *model.System, p *model.Param, at model.Version) Param {
	d := s.DefaultAt(p, at)
	j := Param{
		Param: string(p.ID), Name: p.Name, Face: string(p.Side), Role: string(p.Role), Unit: string(p.Unit), Zero: string(p.Zero),
		Default: d.Value.String(), Source: d.Source, Seen: d.Seen, Fallback: word(string(p.Fallback)),
		Fixed: !s.Settable(p, at), Where: p.Where, Effect: p.Effect, Text: p.Text, Surprise: p.Surprise,
	}
	if late, ok := model.At(s.Order, p.Real, at); ok {
		j.Late = &Late{Seconds(late.Low), Seconds(late.High), late.Ratio, late.Source}
	}
	return j
}

// ChangedBetween lists what differs between two versions of a system.
func ChangedBetween(s *model.System, from, to model.Version) []ParamChange {
	changes := []ParamChange{}
	for _, p := range s.Params {
		was, is := s.DefaultAt(p, from), s.DefaultAt(p, to)
		had, has := s.Has(p, from), s.Has(p, to)
		switch {
		case !had && !has:
			continue
		case had != has:
			c := ParamChange{Param: string(p.ID), What: "exists", Source: is.Source}
			if had {
				c.From, c.Source = word(was.Value.String()), was.Source
			} else {
				c.To = word(is.Value.String())
			}
			changes = append(changes, c)
			continue
		case was.Value != is.Value:
			changes = append(changes, ParamChange{string(p.ID), "default", word(was.Value.String()), word(is.Value.String()), is.Source})
		}
		before, _ := model.At(s.Order, p.Real, from)
		after, _ := model.At(s.Order, p.Real, to)
		if before.Low != after.Low || before.High != after.High {
			changes = append(changes, ParamChange{string(p.ID), "really_ends", word(late(before)), word(late(after)), after.Source})
		}
	}
	return changes
}

func late(s model.Spread) string {
	return "+" + model.HumanSpan(s.Low) + " to +" + model.HumanSpan(s.High)
}
