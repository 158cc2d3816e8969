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
	Protocol string   `json:"protocol"` // what its faces speak: http, ssh, postgresql
	Text     string   `json:"text"`
	Aliases  []string `json:"aliases"`
	Faces    []string `json:"faces"` // server, client; none for a middlebox or an operating system
	Sides    []Face   `json:"sides"` // what each face does, and what was run of it; host for a middlebox or an operating system
	Versions []string `json:"versions"`
	At       string   `json:"at"` // the version that Params and Sides are of
	OS       string   `json:"os"`
	Rules    *string  `json:"tcp_rules"` // by which an operating system's TCP gives a peer up
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
	Param    string    `json:"param"`
	Name     string    `json:"name"`
	Aliases  []string  `json:"aliases"`
	Face     string    `json:"face"` // server, client or host
	Role     string    `json:"role"`
	Unit     string    `json:"unit"`
	Zero     string    `json:"zero"`
	Min      int64     `json:"min"` // in steps of the unit
	Max      *int64    `json:"max"` // null without a known limit
	Never    *string   `json:"never"`
	Default  string    `json:"default"`
	Source   string    `json:"source"`
	Seen     string    `json:"seen"`
	Others   []Default `json:"other_defaults"` // of distributions and operating systems
	Fallback *string   `json:"fallback"`
	Follows  *Follow   `json:"follows"`
	AtOnce   bool      `json:"at_once"`            // an age that ends an idle connection by itself, not at its next request
	Checked  bool      `json:"before_reuse"`       // an age that a pool looks at before it uses a connection again
	Resets   bool      `json:"resets_idle"`        // a sign of life that the other side's idle timer counts as traffic
	Sending  bool      `json:"put_off_by_sending"` // a sign of life that is not asked for while this side sends
	Absent   *string   `json:"absent"`             // what applies while it and its fallback are unset
	Fixed    bool      `json:"fixed"`
	SetSince *string   `json:"set_since"`
	Since    *string   `json:"since"`
	Before   *string   `json:"before"` // the first version without it
	Gaps     []Gap     `json:"not"`
	Late     *Late     `json:"really_ends"`
	Caps     bool      `json:"idle_limit"` // ends idle connections beside the idle timeout
	Extra    int64     `json:"extra"`      // how many more than the setting are served
	Where    string    `json:"where"`
	Effect   string    `json:"effect"`
	Text     string    `json:"text"`
	Surprise string    `json:"surprise"`
}

// A Follow says that a setting of another parameter sets this one too.
type Follow struct {
	Of     string  `json:"of"`
	Fixed  *string `json:"fixed"`  // what it is set to, whatever the other is; null for the other's value
	Divide int64   `json:"divide"` // the share that it takes, a third where 3; 0 and 1 for all of it
}

// A Default is one that does not hold everywhere.
type Default struct {
	On     string `json:"on"`
	Value  string `json:"value"`
	Source string `json:"source"`
	Seen   string `json:"seen"`
}

// A Gap is a range of versions without the parameter, up to but not with before.
type Gap struct {
	Since  string `json:"since"`
	Before string `json:"before"`
}

// A Late is how much later than set a timer really ends.
type Late struct {
	Low   Seconds `json:"low_s"`
	High  Seconds `json:"high_s"`
	Ratio float64 `json:"high_ratio"` // of the value, on top of high_s
	// Step is the time between two looks at the clock, at which all that is due ends; null
	// for an exact timer, or one of which that is not known.
	Step   *Seconds `json:"step_s"`
	Up     bool     `json:"rounded_up"` // the value is rounded up to whole step_s first
	Source string   `json:"source"`
}

// A ParamChange is what differs between two versions; null where the version
// does not have it.
type ParamChange struct {
	Param  string  `json:"param"`
	What   string  `json:"what" enum:"exists,default,settable,really_ends,idle_limit,follows,hint_sent,hint_read,runs_on,tcp_rules"`
	On     *string `json:"on"` // the distribution or operating system whose default it is
	From   *string `json:"from"`
	To     *string `json:"to"`
	Source string  `json:"source"`
}

// FromSystem is the JSON of a system, with its parameters at a version where
// one is given.
func FromSystem(s *model.System, at model.Version, params bool) System {
	j := System{
		ID: string(s.ID), Name: s.Name, Kind: s.Kind, Protocol: s.Protocol, Text: s.Text, Aliases: list(s.Aliases), Faces: []string{},
		Versions: []string{}, At: string(at), Formats: list(s.Formats), File: word(s.Origin), Surprise: list(s.Surprise),
		Sides: sidesOf(s, at),
	}
	if os := s.HostAt(at); os.System != "" {
		j.OS = os.String()
	}
	if stack, ok := model.At(s.Order, s.Stack, at); ok {
		j.Rules = word(string(stack))
	}
	for _, side := range []model.FaceKind{model.FaceServer, model.FaceClient} {
		if s.Faces[side] != nil {
			j.Faces = append(j.Faces, string(side))
		}
	}
	for _, v := range s.Known {
		j.Versions = append(j.Versions, string(v))
	}
	if s.Tracking != nil {
		j.Box = &BoxKind{string(s.Tracking.OnExpiry), string(s.Tracking.Refreshed), s.Tracking.Source}
	}
	if !params {
		return j
	}
	j.Params = []Param{}
	for _, side := range model.FaceKinds {
		for _, p := range s.Params {
			if p.Face == side && s.Has(p, at) {
				j.Params = append(j.Params, param(s, p, at))
			}
		}
	}
	return j
}

func param(s *model.System, p *model.Param, at model.Version) Param {
	d := s.DefaultAt(p, at)
	j := Param{
		Param: string(p.ID), Name: p.Name, Aliases: list(p.Aliases), Face: string(p.Face), Role: string(p.Role),
		Unit: string(p.Unit), Zero: string(p.Zero), Min: p.Min, Never: word(p.Never),
		Default: d.Value.String(), Source: d.Source, Seen: d.Seen, Others: []Default{}, Fallback: word(string(p.Fallback)),
		Fixed: !s.Settable(p, at), SetSince: word(string(p.SetSince)), Since: word(string(p.Since)), Before: word(string(p.Before)),
		Gaps: []Gap{}, Extra: p.Extra, AtOnce: p.AtOnce, Checked: p.Checked, Resets: p.Resets, Sending: p.Sending, Where: p.Where, Effect: p.Effect, Text: p.Text, Surprise: p.Surprise,
	}
	if f, ok := model.At(s.Order, p.Follows, at); ok && f.Of != "" {
		j.Follows = &Follow{Of: string(f.Of), Divide: f.Divide}
		if f.Fixed.IsSet() {
			j.Follows.Fixed = word(f.Fixed.String())
		}
	}
	if p.Max > 0 {
		j.Max = &p.Max
	}
	if p.Absent.IsSet() {
		j.Absent = word(p.Absent.String())
	}
	for _, g := range p.Gaps {
		j.Gaps = append(j.Gaps, Gap{string(g.Since), string(g.Before)})
	}
	j.Caps, _ = model.At(s.Order, p.Caps, at)
	all, _ := model.At(s.Order, p.Defaults, at)
	for _, d := range all {
		if on := d.On(); on != "" {
			j.Others = append(j.Others, Default{on, d.Value.String(), d.Source, d.Seen})
		}
	}
	if late, ok := model.At(s.Order, p.Real, at); ok {
		j.Late = &Late{Seconds(late.Low), Seconds(late.High), late.Ratio, some(late.Step), late.Up, late.Source}
	}
	return j
}

// FromChanges is the JSON of what differs between two versions of a system.
func FromChanges(all []model.Change) []ParamChange {
	changes := []ParamChange{}
	for _, c := range all {
		j := ParamChange{Param: string(c.Param), What: string(c.What), On: word(c.On), From: word(c.From), To: word(c.To), Source: c.Source}
		switch c.What {
		case model.ChangeDefault:
			j.From, j.To = word(c.Was.String()), word(c.Is.String())
		case model.ChangeExists:
			if j.From != nil {
				j.From = word(c.Was.String())
			} else {
				j.To = word(c.Is.String())
			}
		default:
		}
		changes = append(changes, j)
	}
	return changes
}
