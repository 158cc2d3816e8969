package model

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// DecodeSystem reads one system from a TOML file. The error is one sentence
// with the file's name and, where it can be told, the line.
func DecodeSystem(file string, data []byte) (*System, error) {
	var raw rawSystem
	if err := ReadTOML(file, data, &raw); err != nil {
		return nil, err
	}
	d := decoder{file, data}
	return d.system(raw)
}

type rawSystem struct {
	ID, Name, Kind, Text string
	Aliases              []string
	Order                []string
	Assume, Protocol     string
	Managed              bool
	Known                []string
	OS                   string
	OSAt                 []rawOS `toml:"os_at"`
	Stack                []rawStack
	Formats              []string
	Moved                map[string]string
	Surprise             []string
	Server, Client, Host *rawFace
	Box                  *rawTracking
	Proved               []rawProof
}

type (
	rawOS    struct{ Since, OS string }
	rawStack struct{ Since, Rule, Source string }
)

type rawFace struct {
	Close           CloseKind
	Asks            Answer
	Retries, Source string
	Announces       bool
	PassesHint      bool `toml:"passes_hint"`
	Pool            bool
	Sends           []rawSends
	Watches         []rawWatch
	Reads           []rawReads
	Repeats         []rawRepeats
	RepeatsIf       []rawRepeats `toml:"repeats_if"`
	Socket          *rawSocket
	Param           []rawParam
}

type rawSends struct {
	Since, Value, Floor, Source string
	When                        HintMoment
	Max                         bool
}

type rawWatch struct {
	Since, Low, High, Source string
	Times                    float64
}

type rawReads struct {
	Since, Minus, Cap, Needs, Source string
	How                              HintUse
	MinusBy                          string `toml:"minus_by"`
	CapBy                            string `toml:"cap_by"`
	NeedsKA                          bool   `toml:"needs_ka"`
	First                            bool
}

type rawRepeats struct {
	Since, What, Loses, Source string
	When                       map[string]string // of repeats_if
	Gentle                     bool              `toml:"not_after_reset"`
}

type rawParam struct {
	Name, Role, Unit, Zero, Never, Fallback, Absent string
	Unless, Needs                                   string
	Toward                                          FaceKind
	Aliases                                         []string
	Min, Max, Extra                                 int64
	Fixed                                           bool
	AtOnce                                          bool `toml:"at_once"`
	Checked                                         bool `toml:"before_reuse"`
	Resets                                          bool `toml:"resets_idle"`
	Sending                                         bool `toml:"put_off_by_sending"`
	Over                                            string
	Since, Before, Where, Effect, Text, Surprise    string
	SetSince                                        Version `toml:"set_since"`
	Not                                             []rawGap
	Follows                                         []rawFollow
	Default                                         []rawDefault
	Real                                            []rawReal
	Caps                                            []rawCaps
}

type (
	rawDefault struct {
		Since, Value, Source, Seen, Distribution string
		OS                                       string
		OSBefore                                 Version `toml:"os_before"`
	}
	rawGap    struct{ Since, Before Version }
	rawFollow struct {
		Since, Of, Fixed string
		Divide           int64
	}
	rawReal struct {
		Since, Low, High, Step, Source string
		Ratio                          float64
		Up                             bool
	}
	rawCaps struct {
		Since, Source string
		Idle          bool
	}
)

// decoder turns raw tables into a system and names the line of what is wrong.
type decoder struct {
	file string
	data []byte
}

func (d decoder) lines() []string { return strings.Split(string(d.data), "\n") }

// fail wraps err with the line of a key inside the n-th [[table]] or [table].
func (d decoder) fail(table string, n int, key string, err error) error {
	inside := table == ""
	for i, line := range d.lines() {
		text := strings.TrimSpace(line)
		head := strings.Trim(text, "[] ")
		switch {
		case strings.HasPrefix(text, "[") && head == table:
			inside = n == 0
			n--
			if inside && key == "" {
				return fmt.Errorf("%s:%d: %w", d.file, i+1, err)
			}
		case inside && (strings.HasPrefix(text, key+" ") || strings.HasPrefix(text, key+"=") || strings.Contains(text, " "+key+" =")):
			return fmt.Errorf("%s:%d: %w", d.file, i+1, err)
		}
	}
	return fmt.Errorf("%s: %w", d.file, err)
}

// failAt wraps err with the first line that gives key this text.
func (d decoder) failAt(key, text string, err error) error {
	for i, line := range d.lines() {
		if strings.HasPrefix(strings.TrimSpace(line), key) && strings.Contains(line, text) {
			return fmt.Errorf("%s:%d: %w", d.file, i+1, err)
		}
	}
	return fmt.Errorf("%s: %w", d.file, err)
}

var systemKinds = []string{"server", "proxy", "app-server", "client", "browser", "library", "os", "middlebox"}

var systemIDPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

func (d decoder) system(raw rawSystem) (*System, error) {
	s := &System{
		ID: SystemID(raw.ID), Name: raw.Name, Kind: raw.Kind, Text: raw.Text, Aliases: raw.Aliases,
		Order: raw.Order, Assume: Version(raw.Assume), Protocol: cmp.Or(raw.Protocol, ProtocolHTTP), Managed: raw.Managed, OS: parseOSRef(raw.OS), Formats: raw.Formats,
		Faces: map[FaceKind]*Face{}, Moved: map[Version]SystemID{}, Surprise: raw.Surprise,
	}
	switch {
	case s.ID == "" || s.Name == "" || s.Assume == "":
		return nil, d.fail("", 0, "id", errors.New("a system needs id, name and assume (the version taken when none is given)"))
	case !systemIDPattern.MatchString(raw.ID):
		return nil, d.fail("", 0, "id", fmt.Errorf("id is %q; it must be lower-case letters, digits, dots, dashes or underscores", Clean(raw.ID, 60)))
	case !slices.Contains(systemKinds, s.Kind):
		return nil, d.fail("", 0, "kind", fmt.Errorf("kind is %q; it must be one of %s", raw.Kind, strings.Join(systemKinds, ", ")))
	}
	for i, v := range append([]string{raw.Assume}, raw.Known...) {
		if !s.Order.Valid(Version(v)) {
			key := "known"
			if i == 0 {
				key = "assume"
			}
			return nil, d.fail("", 0, key, fmt.Errorf("version %q does not sort; list it in order", v))
		}
	}
	for _, v := range raw.Known {
		s.Known = append(s.Known, Version(v))
	}
	for v, id := range raw.Moved {
		s.Moved[Version(v)] = SystemID(id)
	}
	for _, o := range raw.OSAt {
		s.OSAt = append(s.OSAt, Since[OSRef]{Version(o.Since), parseOSRef(o.OS)})
	}
	for _, st := range raw.Stack {
		s.Stack = append(s.Stack, Since[Stack]{Version(st.Since), Stack(st.Rule)})
	}
	for _, f := range []struct {
		side FaceKind
		face *rawFace
	}{{FaceServer, raw.Server}, {FaceClient, raw.Client}, {FaceHost, raw.Host}} {
		if f.face == nil {
			continue
		}
		if err := d.face(s, f.side, *f.face, raw.Server != nil); err != nil {
			return nil, err
		}
	}
	box, err := d.tracking(raw.Box, s)
	if err != nil {
		return nil, err
	}
	s.Tracking = box
	if err := d.proofs(s, raw.Proved); err != nil {
		return nil, err
	}
	return s, d.links(s)
}

func parseOSRef(text string) OSRef {
	id, version, _ := strings.Cut(text, "@")
	return OSRef{SystemID(id), Version(version)}
}

func (d decoder) face(s *System, side FaceKind, raw rawFace, both bool) error {
	prefix := string(s.ID) + "."
	if side == FaceClient && both {
		prefix += "upstream."
	}
	for i, rp := range raw.Param {
		p, err := d.param(rp, ParamID(prefix+rp.Name), side)
		if err != nil {
			return d.fail(string(side)+".param", i, err.key, err.err)
		}
		if p.Follows, err = follows(p, rp.Follows, s.ID, prefix); err != nil {
			return d.fail(string(side)+".param", i, err.key, err.err)
		}
		if p.Fallback != "" && !strings.Contains(rp.Fallback, ".") {
			p.Fallback = ParamID(prefix + rp.Fallback)
		}
		if rp.Unless != "" {
			p.Unless = ParamID(prefix + rp.Unless)
		}
		if rp.Needs != "" {
			p.Needs = ParamID(prefix + rp.Needs)
		}
		s.Params = append(s.Params, p)
	}
	if side == FaceHost {
		return nil
	}
	f, err := d.hints(raw, side, prefix)
	if err != nil {
		return err
	}
	s.Faces[side] = f
	return d.socket(s, side, raw.Socket, prefix)
}

func (d decoder) hints(raw rawFace, side FaceKind, prefix string) (*Face, error) {
	f := &Face{
		Kind: side, Close: raw.Close, Announces: raw.Announces, Asks: raw.Asks,
		Retries: raw.Retries, Source: raw.Source, Passes: raw.PassesHint, Pool: raw.Pool,
	}
	for _, h := range raw.Sends {
		floor, err := spanOrZero(h.Floor)
		if err != nil || !slices.Contains([]HintMoment{HintNever, HintAsked, HintAlways, HintUnknown}, h.When) {
			return nil, d.fail(string(side), 0, "sends", fmt.Errorf("sends.when is %q; it must be never, asked, always or unknown", h.When))
		}
		f.Sends = append(f.Sends, Since[HintSending]{Version(h.Since), HintSending{h.When, h.Value, floor, h.Max, h.Source}})
	}
	for _, w := range raw.Watches {
		low, err := spanOrZero(w.Low)
		high, err2 := spanOrZero(w.High)
		if errors.Join(err, err2) != nil || side != FaceServer || w.Times < 1 || high < low || w.Source == "" {
			return nil, d.fail(string(side), 0, "watches", errors.New("watches is of a server: times from 1 on, low and high from short to long, and a source"))
		}
		f.Watches = append(f.Watches, Since[Watch]{Version(w.Since), Watch{w.Times, low, high, w.Source}})
	}
	for _, h := range raw.Reads {
		minus, err := spanOrZero(h.Minus)
		longest, err2 := spanOrZero(h.Cap)
		if errors.Join(err, err2) != nil || !slices.Contains([]HintUse{HintIgnored, HintShortens, HintReplaces, HintUseUnknown}, h.How) {
			return nil, d.fail(string(side), 0, "reads", fmt.Errorf("reads.how is %q; it must be ignored, shorten, replace or unknown", h.How))
		}
		r := HintReading{How: h.How, Minus: minus, Cap: longest, NeedsKA: h.NeedsKA, First: h.First, Source: h.Source}
		if h.Needs != "" {
			r.NeedsID = ParamID(prefix + h.Needs)
		}
		if h.MinusBy != "" {
			r.MinusID = ParamID(prefix + h.MinusBy)
		}
		if h.CapBy != "" {
			r.CapID = ParamID(prefix + h.CapBy)
		}
		f.Reads = append(f.Reads, Since[HintReading]{Version(h.Since), r})
	}
	for i, r := range slices.Concat(raw.Repeats, raw.RepeatsIf) {
		switch {
		case (i < len(raw.Repeats)) != (len(r.When) == 0):
			return nil, d.fail(string(side), 0, "repeats", errors.New("repeats_if says when it holds, and repeats does not"))
		case !slices.Contains([]string{RepeatsAll, RepeatsIdempotent, RepeatsNone, RepeatsUnknown}, r.What):
			return nil, d.fail(string(side), 0, "repeats", fmt.Errorf("repeats.what is %q; it must be all, idempotent, none or unknown", Clean(r.What, 40)))
		case (r.What == RepeatsIdempotent) != (r.Loses != ""):
			return nil, d.fail(string(side), 0, "repeats", fmt.Errorf("repeats.loses names the requests that are lost, beside what = %q and only there", RepeatsIdempotent))
		case side != FaceClient:
			return nil, d.fail(string(side), 0, "repeats", errors.New("only a client repeats requests"))
		}
		said := Repeats{r.What, r.Loses, r.Gentle, r.Source}
		if len(r.When) == 0 {
			f.Repeats = append(f.Repeats, Since[Repeats]{Version(r.Since), said})
			continue
		}
		holds := RepeatsIf{Version(r.Since), map[ParamID]Value{}, said}
		for name, text := range r.When {
			v, ok := map[string]Value{"on": ValueOn, "off": ValueOff}[text]
			if !ok {
				return nil, d.fail(string(side), 0, "repeats_if", fmt.Errorf("repeats_if holds while %s is on or off, not %q", Clean(name, 40), Clean(text, 40)))
			}
			holds.When[ParamID(prefix+name)] = v
		}
		f.RepeatsIf = append(f.RepeatsIf, holds)
	}
	return f, nil
}

func spanOrZero(text string) (time.Duration, error) {
	switch text {
	case "":
		return 0, nil
	case "never":
		return Never, nil
	}
	return ParseSpan(text, time.Second)
}

// links checks what one parameter says of another.
func (d decoder) links(s *System) error {
	for _, face := range s.Faces {
		for _, r := range face.RepeatsIf {
			for id := range r.When {
				if p := s.Param(id); p == nil || p.Role != RoleRetry {
					return d.failAt("repeats_if", id.Name(), fmt.Errorf("repeats_if names %s, which is no parameter of role retry", id))
				}
			}
		}
	}
	for _, p := range s.Params {
		for _, f := range p.Follows {
			if of := f.Fact.Of; of != "" && s.Param(of) == nil {
				return d.failAt("follows", of.Name(), fmt.Errorf("%s follows %s, which is not a parameter of this system", p.ID, of))
			}
		}
		if on := s.Param(p.Needs); p.Needs != "" && (on == nil || on.Shape() != ShapeSwitch) {
			return d.failAt("needs", p.Needs.Name(), fmt.Errorf("%s needs %s, which is not a switch of this system", p.ID, p.Needs))
		}
		if p.Unless != "" && s.Param(p.Unless) == nil {
			return d.failAt("unless", p.Unless.Name(), fmt.Errorf("%s counts unless %s is set, which is not a parameter of this system", p.ID, p.Unless))
		}
		seen := map[ParamID]bool{}
		for q := p; q != nil && q.Fallback != ""; q = s.Param(q.Fallback) {
			if seen[q.ID] {
				return d.failAt("fallback", q.Fallback.Name(), fmt.Errorf("the fallbacks of %s run in a circle", p.ID))
			}
			seen[q.ID] = true
			if s.Param(q.Fallback) == nil {
				return d.failAt("fallback", q.Fallback.Name(), fmt.Errorf("%s falls back to %s, which is not a parameter of this system", q.ID, q.Fallback))
			}
		}
	}
	return nil
}
