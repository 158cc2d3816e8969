package model

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// SessionSchema is the version of the session file.
const SessionSchema = "keeptune.session/1"

type rawDocument struct {
	Schema    string        `toml:"schema"`
	Name      string        `toml:"name,omitempty"`
	Target    string        `toml:"target,omitempty"`
	Notes     string        `toml:"notes,omitempty"`
	Endpoints []rawEndpoint `toml:"endpoint"`
	Legs      []rawLeg      `toml:"leg,omitempty"`
	Goals     *rawGoals     `toml:"goals,omitempty"`

	Suppressed []rawSuppression `toml:"suppress,omitempty"`
}

type rawSuppression struct {
	Rule   string   `toml:"rule"`
	Client string   `toml:"client"`
	Server string   `toml:"server"`
	At     []string `toml:"at"` // ENDPOINT:PARAM
	Level  string   `toml:"level"`
	Reason string   `toml:"reason"`
}

type rawGoals struct {
	Change []string          `toml:"change,omitempty"`
	Wanted map[string]string `toml:"wanted,omitempty"`
}

type rawEndpoint struct {
	System   string       `toml:"system"` // SYSTEM[@VERSION][/OS[@VERSION]]
	Settings []rawSetting `toml:"setting,omitempty"`
}

type rawLeg struct {
	Leg      int          `toml:"leg"`
	Settings []rawSetting `toml:"setting"`
}

type rawSetting struct {
	Param  string    `toml:"param"`
	Value  string    `toml:"value"`
	Origin string    `toml:"origin"`
	Where  string    `toml:"where,omitempty"`
	Line   int       `toml:"line,omitempty"`
	At     time.Time `toml:"at,omitempty,omitzero"`
	Low    string    `toml:"low,omitempty"`
	High   string    `toml:"high,omitempty"`

	Said      string `toml:"said,omitempty"` // what a configuration says that is not in force
	SaidWhere string `toml:"said_where,omitempty"`
	SaidLine  int    `toml:"said_line,omitempty,omitzero"`
	Unread    string `toml:"unread,omitempty"`
}

// EncodeDocument writes a document as a session file. [DecodeDocument] reads
// an equal document back.
func EncodeDocument(d Document) ([]byte, error) {
	raw := rawDocument{Schema: SessionSchema, Name: d.Name, Target: d.Target, Notes: d.Notes}
	for _, e := range d.Path.Endpoints {
		re := rawEndpoint{System: e.String()}
		for _, id := range slices.Sorted(maps.Keys(e.Settings)) {
			re.Settings = append(re.Settings, encodeSetting(string(id), e.Settings[id]))
		}
		raw.Endpoints = append(raw.Endpoints, re)
	}
	for i, leg := range d.Path.Legs {
		rl := rawLeg{Leg: i + 1}
		for _, q := range slices.Sorted(maps.Keys(leg)) {
			rl.Settings = append(rl.Settings, encodeSetting(string(q), leg[q]))
		}
		if len(rl.Settings) > 0 {
			raw.Legs = append(raw.Legs, rl)
		}
	}
	for _, x := range d.Suppressed {
		rs := rawSuppression{Rule: x.Rule, Client: string(x.Client), Server: string(x.Server), At: []string{}, Level: x.Level, Reason: x.Reason}
		for _, r := range x.At {
			rs.At = append(rs.At, r.String())
		}
		raw.Suppressed = append(raw.Suppressed, rs)
	}
	raw.Goals = encodeGoals(d.Goals)
	var b bytes.Buffer
	enc := toml.NewEncoder(&b)
	enc.Indent = ""
	if err := enc.Encode(raw); err != nil {
		return nil, fmt.Errorf("the session cannot be written: %w", err)
	}
	return b.Bytes(), nil
}

// encodeGoals is nil where nothing is asked for.
func encodeGoals(g Goals) *rawGoals {
	if g.Empty() {
		return nil
	}
	raw := &rawGoals{Wanted: map[string]string{}}
	for _, id := range g.Change {
		raw.Change = append(raw.Change, string(id))
	}
	for goal, v := range g.Wanted {
		raw.Wanted[string(goal)] = goal.Text(v)
	}
	return raw
}

func encodeSetting(name string, s Setting) rawSetting {
	raw := rawSetting{
		Param: name, Value: s.Value.String(), Origin: s.Origin.Kind.String(),
		Where: s.Origin.Where, Line: s.Origin.Line, At: s.Origin.At.UTC(),
	}
	if s.Origin.Kind == FromMeasured {
		raw.Low, raw.High = FormatSpan(s.Low), FormatSpan(s.High)
	}
	if s.Said.Value.IsSet() {
		raw.Said, raw.SaidWhere, raw.SaidLine, raw.Unread = s.Said.Value.String(), s.Said.Where, s.Said.Line, s.Said.Unread
	}
	return raw
}

// DecodeDocument reads a session file and checks it against the catalog.
// Unknown keys are errors. The error is one sentence that names the file and,
// where it can be told, the line.
func DecodeDocument(file string, data []byte, c *Catalog) (Document, error) {
	var raw rawDocument
	md, err := toml.Decode(string(data), &raw)
	if err != nil {
		if perr, ok := errors.AsType[toml.ParseError](err); ok {
			return Document{}, fmt.Errorf("%s:%d: %s", file, perr.Position.Line, Clean(perr.Message, 200))
		}
		return Document{}, tomlMismatch(file, err)
	}
	dec := sessionDecoder{decoder{file: file, lines: strings.Split(string(data), "\n")}, c}
	if extra := md.Undecoded(); len(extra) > 0 {
		last := extra[0][len(extra[0])-1]
		return Document{}, dec.at(last, fmt.Errorf("unknown key %q", Clean(extra[0].String(), 80)))
	}
	if raw.Schema != SessionSchema {
		return Document{}, dec.at("schema", fmt.Errorf("schema is %q; this program reads %q", Clean(raw.Schema, 60), SessionSchema))
	}
	d, err := dec.document(raw)
	if err != nil {
		return Document{}, err
	}
	if err := d.Check(c); err != nil {
		return Document{}, fmt.Errorf("%s: %w", file, err)
	}
	return d, nil
}

var tomlTypes = regexp.MustCompile(`line (\d+) \(last key "([^"]*)"\): incompatible types: TOML value has type (\w+); destination has type (\w+)`)

// tomlMismatch words what the decoder says of a value of the wrong type.
func tomlMismatch(file string, err error) error {
	m := tomlTypes.FindStringSubmatch(err.Error())
	if m == nil {
		return fmt.Errorf("%s: %s", file, Clean(err.Error(), 200))
	}
	want := map[string]string{"string": "text in quotes", "int": "a whole number", "slice": "a list", "struct": "a table"}[m[4]]
	return fmt.Errorf("%s:%s: %s takes %s", file, m[1], Clean(m[2], 80), cmp.Or(want, m[4]))
}

type sessionDecoder struct {
	decoder
	catalog *Catalog
}

// at wraps err with the first line that has the word.
func (d sessionDecoder) at(word string, err error) error {
	for i, line := range d.lines {
		if word != "" && strings.Contains(line, word) {
			return fmt.Errorf("%s:%d: %w", d.file, i+1, err)
		}
	}
	return fmt.Errorf("%s: %w", d.file, err)
}

func (d sessionDecoder) document(raw rawDocument) (Document, error) {
	doc := Document{Name: Clean(raw.Name, 200), Target: Clean(raw.Target, 2000), Notes: raw.Notes}
	for _, re := range raw.Endpoints {
		e, err := ParseEndpoint(re.System, d.catalog)
		if err != nil {
			return doc, d.at(re.System, err)
		}
		for _, rs := range re.Settings {
			p, err := e.FindParam(ParamID(rs.Param), d.catalog)
			if err != nil {
				return doc, d.at(rs.Param, err)
			}
			s, err := decodeSetting(p, rs)
			if err != nil {
				return doc, d.at(rs.Param, err)
			}
			e = e.With(p.ID, s)
		}
		doc.Path.Endpoints = append(doc.Path.Endpoints, e)
	}
	doc.Path = doc.Path.Renamed()
	for _, rl := range raw.Legs {
		for _, rs := range rl.Settings {
			p := Quantity(rs.Param).Param()
			if p == nil || rl.Leg < 1 || rl.Leg > MaxEndpoints {
				return doc, d.at(rs.Param, fmt.Errorf("leg %d has no quantity %q", rl.Leg, Clean(rs.Param, 40)))
			}
			s, err := decodeSetting(p, rs)
			if err != nil {
				return doc, d.at(rs.Param, err)
			}
			if doc, err = doc.withQuantity(SetQuantity{rl.Leg - 1, Quantity(rs.Param), s}); err != nil {
				return doc, d.at(rs.Param, err)
			}
		}
	}
	goals, err := d.goals(raw.Goals)
	if err != nil {
		return doc, err
	}
	doc.Goals = goals
	return d.suppressions(doc, raw.Suppressed)
}

// suppressions reads what was accepted. A hop that the path does not have is an error,
// a setting that it does not have any more is not: the finding fires no longer.
func (d sessionDecoder) suppressions(doc Document, all []rawSuppression) (Document, error) {
	for _, rs := range all {
		s := Suppression{Rule: rs.Rule, Client: EndpointID(rs.Client), Server: EndpointID(rs.Server), Level: rs.Level, Reason: rs.Reason}
		for _, end := range []string{rs.Client, rs.Server} {
			if !doc.Path.has(EndpointID(end)) {
				return doc, d.at(fmt.Sprintf("%q", end), fmt.Errorf("the path has no endpoint %q; it is %s", Clean(end, 60), doc.Path))
			}
		}
		for _, at := range rs.At {
			endpoint, param, ok := strings.Cut(at, ":")
			_, leg := legNumber(endpoint)
			if !ok || param == "" || !leg && !doc.Path.has(EndpointID(endpoint)) {
				return doc, d.at(at, fmt.Errorf("%q is no place on the path %s; one is written as ENDPOINT:PARAM", Clean(at, 80), doc.Path))
			}
			s.At = append(s.At, SettingRef{EndpointID(endpoint), ParamID(Clean(param, 120))})
		}
		next, err := doc.withSuppression(s)
		if err != nil {
			return doc, d.at(rs.Rule, err)
		}
		doc = next
	}
	return doc, nil
}

func (d sessionDecoder) goals(raw *rawGoals) (Goals, error) {
	var g Goals
	if raw == nil {
		return g, nil
	}
	for _, id := range raw.Change {
		g.Change = append(g.Change, EndpointID(Clean(id, 60)))
	}
	for _, name := range slices.Sorted(maps.Keys(raw.Wanted)) {
		v, err := Goal(name).Parse(raw.Wanted[name])
		if err != nil {
			return g, d.at(name, err)
		}
		g = g.With(Goal(name), v)
	}
	return g, nil
}

func decodeSetting(p *Param, raw rawSetting) (Setting, error) {
	v, err := p.ParseValue(raw.Value)
	if err != nil && raw.Value != "unknown" {
		return Setting{}, err
	}
	if raw.Value == "unknown" {
		v = ValueUnknown
	}
	kind, ok := ParseOrigin(raw.Origin)
	if !ok {
		return Setting{}, fmt.Errorf("%s has the unknown origin %q", p.ID, Clean(raw.Origin, 40))
	}
	s := Setting{Value: v, Origin: Origin{Kind: kind, Where: Clean(raw.Where, 500), Line: raw.Line, At: raw.At}}
	if kind == FromMeasured && raw.Low != "" {
		low, err := ParseSpan(raw.Low, time.Second)
		if err != nil {
			return Setting{}, err
		}
		high, err := ParseSpan(raw.High, time.Second)
		if err != nil {
			return Setting{}, err
		}
		if high < low {
			return Setting{}, fmt.Errorf("%s was measured from %s to %s, which is the wrong way round", p.ID, raw.Low, raw.High)
		}
		s.Low, s.High = low, high
	}
	if raw.Said != "" {
		said, err := p.ParseValue(raw.Said)
		if err != nil {
			return Setting{}, err
		}
		s.Said = Said{Value: said, Where: Clean(raw.SaidWhere, 500), Line: raw.SaidLine, Unread: Clean(raw.Unread, 200)}
	}
	return s, nil
}
