package model

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// SessionSchema is the version of the session file.
const SessionSchema = "keeptune.session/1"

type rawDocument struct {
	Schema    string
	Name      string
	Target    string
	Notes     string
	Endpoints []rawEndpoint `toml:"endpoint"`
	Legs      []rawLeg      `toml:"leg"`
	Goals     *rawGoals

	Suppressed []rawSuppression `toml:"suppress"`
	Places     []rawPlace       `toml:"place"`
}

type rawPlace struct{ Endpoint, Address string }

type rawSuppression struct {
	Rule, Client, Server string
	At                   []string // ENDPOINT:PARAM
	Level, Reason        string
}

type rawGoals struct {
	Change []string
	Wanted map[string]string
}

type rawEndpoint struct {
	System   string       // SYSTEM[@VERSION][/OS[@VERSION]]
	Settings []rawSetting `toml:"setting"`
}

type rawLeg struct {
	Leg      int
	Settings []rawSetting `toml:"setting"`
}

type rawSetting struct {
	Param  string
	Value  string
	Origin string
	Where  string
	Line   int
	At     time.Time
	Low    string
	High   string

	Said      string // what a configuration says that is not in force
	SaidWhere string `toml:"said_where"`
	SaidLine  int    `toml:"said_line"`
	Unread    string
}

// EncodeDocument writes a document as a session file. [DecodeDocument] reads
// an equal document back.
func EncodeDocument(d Document) []byte {
	var t tomlText
	t.text("schema", SessionSchema)
	t.given("name", d.Name)
	t.given("target", d.Target)
	t.given("notes", d.Notes)
	for _, e := range d.Path.Endpoints {
		t.table("endpoint")
		t.text("system", e.String())
		for _, id := range slices.Sorted(maps.Keys(e.Settings)) {
			t.table("endpoint.setting")
			t.setting(string(id), e.Settings[id])
		}
	}
	for i, leg := range d.Path.Legs {
		if len(leg) == 0 {
			continue
		}
		t.table("leg")
		t.number("leg", i+1)
		for _, q := range slices.Sorted(maps.Keys(leg)) {
			t.table("leg.setting")
			t.setting(string(q), leg[q])
		}
	}
	t.goals(d.Goals)
	for _, x := range d.Suppressed {
		t.table("suppress")
		t.text("rule", x.Rule)
		t.text("client", string(x.Client))
		t.text("server", string(x.Server))
		var at []string
		for _, r := range x.At {
			at = append(at, r.String())
		}
		t.list("at", at)
		t.text("level", x.Level)
		t.text("reason", x.Reason)
	}
	for _, p := range d.Places {
		t.table("place")
		t.given("endpoint", string(p.Endpoint))
		t.text("address", p.Addr.String())
	}
	return t.Bytes()
}

func (t *tomlText) goals(g Goals) {
	if g.Empty() {
		return
	}
	t.head("[goals]")
	if len(g.Change) > 0 {
		var change []string
		for _, id := range g.Change {
			change = append(change, string(id))
		}
		t.list("change", change)
	}
	if len(g.Wanted) > 0 {
		t.head("[goals.wanted]")
		for _, goal := range slices.Sorted(maps.Keys(g.Wanted)) {
			t.text(string(goal), goal.Text(g.Wanted[goal]))
		}
	}
}

func (t *tomlText) setting(name string, s Setting) {
	t.text("param", name)
	t.text("value", s.Value.String())
	t.text("origin", s.Origin.Kind.String())
	t.given("where", s.Origin.Where)
	t.number("line", s.Origin.Line)
	if !s.Origin.At.IsZero() {
		t.bare("at", s.Origin.At.UTC().Format(time.RFC3339Nano))
	}
	if s.Origin.Kind == FromMeasured {
		t.given("low", FormatSpan(s.Low))
		t.given("high", FormatSpan(s.High))
	}
	if s.Said.Value.IsSet() {
		t.given("said", s.Said.Value.String())
		t.given("said_where", s.Said.Where)
		if s.Said.Line != 0 {
			t.number("said_line", s.Said.Line)
		}
		t.given("unread", s.Said.Unread)
	}
}

// DecodeDocument reads a session file and checks it against the catalog.
// Unknown keys are errors. The error is one sentence that names the file and,
// where it can be told, the line.
func DecodeDocument(file string, data []byte, c *Catalog) (Document, error) {
	var raw rawDocument
	if err := ReadTOML(file, data, &raw); err != nil {
		return Document{}, err
	}
	dec := sessionDecoder{decoder{file, data}, c}
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

type sessionDecoder struct {
	decoder
	catalog *Catalog
}

// at wraps err with the first line that has the word.
func (d sessionDecoder) at(word string, err error) error {
	for i, line := range d.lines() {
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
	if doc, err = d.suppressions(doc, raw.Suppressed); err != nil {
		return doc, err
	}
	return d.places(doc, raw.Places)
}

// places reads where servers of the path are in captures.
func (d sessionDecoder) places(doc Document, all []rawPlace) (Document, error) {
	for _, rp := range all {
		addr, err := netip.ParseAddrPort(rp.Address)
		if err != nil || addr.Addr().Zone() != "" {
			return doc, d.at(rp.Address, fmt.Errorf("%q is no address with a port, such as 10.0.0.5:443", Clean(rp.Address, 80)))
		}
		if doc, err = doc.withPlace(Place{EndpointID(rp.Endpoint), addr}); err != nil {
			return doc, d.at(fmt.Sprintf("%q", rp.Endpoint), err)
		}
	}
	return doc, nil
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
