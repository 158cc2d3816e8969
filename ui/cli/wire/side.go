package wire

import (
	"strconv"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A Side is one end of a leg with every setting that is in force.
type Side struct {
	Endpoint string    `json:"endpoint"`
	System   string    `json:"system"`
	Version  string    `json:"version"` // the assumed one where none was given
	OS       string    `json:"os"`
	File     *string   `json:"file"`    // the user's own file that describes the system; null for the program's
	OSFile   *string   `json:"os_file"` // and the operating system
	Proved   *Proof    `json:"proved"`  // null where it is no test of this project runs it
	Settings []Setting `json:"settings"`
}

// A Setting is a parameter with its value: one of Seconds and Count is there
// where the value is a number or has no end (null).
type Setting struct {
	Param   string   `json:"param"`
	Role    string   `json:"role"`
	Value   string   `json:"value"`
	Seconds *Seconds `json:"seconds,omitempty"`
	Count   *Count   `json:"count,omitempty"`
	Origin  string   `json:"origin" enum:"default,assumed,file,running,measured,typed"`
	Where   string   `json:"where"`
	Via     *string  `json:"via"`   // the parameter that gave the value where this one is not set
	Low     *Seconds `json:"low_s"` // when the timer really ends; null for what is no timer
	High    *Seconds `json:"high_s"`
}

// A Count is a number of things; without limit it is null.
type Count struct {
	N       int64
	NoLimit bool
}

// MarshalJSON writes 100 or null.
func (c Count) MarshalJSON() ([]byte, error) {
	if c.NoLimit {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, c.N, 10), nil
}

// A Box is a middlebox inside a leg.
type Box struct {
	Endpoint  string   `json:"endpoint"`
	System    string   `json:"system"`
	Idle      *Seconds `json:"idle_s"`
	OnExpiry  string   `json:"on_expiry" enum:"fin,rst,rst-both,rst-on-send,rst-on-send-one-way,renewed,silent,unknown"`
	Refreshed bool     `json:"refreshed"` // TCP probes or pings of an end keep it from expiring
	File      *string  `json:"file"`
	Proved    *Proof   `json:"proved"`
}

func side(s *tuning.Side) Side {
	host := model.OSRef{System: s.Host.ID, Version: s.HostAt}
	j := Side{
		Endpoint: string(s.Endpoint.ID), System: string(s.System.ID), Version: string(s.Version),
		OS: host.String(), File: word(s.System.Origin), OSFile: word(s.Host.Origin),
		Proved: proof(s.System.ProofOf(s.Face.Kind)), Settings: []Setting{},
	}
	for i := range s.Rows {
		j.Settings = append(j.Settings, setting(&s.Rows[i]))
	}
	return j
}

func setting(r *tuning.Row) Setting {
	j := Setting{
		Param: string(r.Param.ID), Role: string(r.Param.Role), Value: r.Value.String(),
		Origin: r.Setting.Origin.Kind.String(), Where: where(r),
	}
	if r.Via != nil {
		j.Via = word(string(r.Via.ID))
	}
	if d, ok := r.Value.Duration(); ok && r.Param.Shape() == model.ShapeSpan {
		s, low, high := Seconds(d), Seconds(r.Low), Seconds(r.High)
		j.Seconds, j.Low, j.High = &s, &low, &high
	}
	if n, ok := r.Value.Count(); ok {
		j.Count = &Count{N: n}
	} else if r.Value == model.ValueNever && r.Param.Shape() == model.ShapeCount {
		j.Count = &Count{NoLimit: true}
	}
	return j
}

// where is the file and line of a value, or who says so.
func where(r *tuning.Row) string {
	switch o := r.Setting.Origin; o.Kind {
	case model.FromDefault, model.FromAssumed:
		return r.Default.Source
	case model.FromFile:
		return o.String()
	case model.FromRunning, model.FromMeasured, model.FromTyped:
		return o.Where
	}
	return ""
}

func box(b *tuning.Box) Box {
	j := Box{
		Endpoint: string(b.Endpoint.ID), System: string(b.System.ID), OnExpiry: string(b.OnExpiry), Refreshed: b.Refreshed,
		File: word(b.System.Origin), Proved: proof(b.System.ProofOf(model.FaceHost)),
	}
	if d, ok := b.Row.Value.Duration(); ok {
		j.Idle = pointer(&d)
	}
	return j
}

// ref is ENDPOINT:PARAM, as --set takes it.
func ref(r tuning.ParamRef) string {
	if r.Endpoint == "" {
		return string(r.Param)
	}
	return string(r.Endpoint) + ":" + string(r.Param)
}

// name is the parameter's id, which is enough within a leg; what belongs to a
// host or to the leg itself has its endpoint in front.
func name(r tuning.ParamRef) string {
	product, _, _ := strings.Cut(string(r.Param), ".")
	if e := string(r.Endpoint); e == product || strings.HasPrefix(e, product+"-") {
		return string(r.Param)
	}
	return ref(r)
}

func names(all []tuning.ParamRef) []string {
	texts := []string{}
	for _, r := range all {
		texts = append(texts, name(r))
	}
	return texts
}
