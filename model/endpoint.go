package model

import "maps"

// An EndpointID names an endpoint inside one path: its system's id, with -2,
// -3 appended where the system repeats.
type EndpointID string

// An Endpoint is a system at one place of a path. Its settings are those that
// somebody gave; everything else is the default of its version.
type Endpoint struct {
	ID       EndpointID
	System   SystemID
	Version  Version // empty: not known, the catalog's newest is assumed
	OS       OSRef   // empty: the system's usual one
	Settings map[ParamID]Setting
	Was      Version // before it was changed since the session was opened; empty where it was not
}

// With is the endpoint with one setting changed, or removed where its value is
// unset. The original is not touched.
func (e Endpoint) With(id ParamID, s Setting) Endpoint {
	e.Settings = maps.Clone(e.Settings)
	if !s.Value.IsSet() {
		delete(e.Settings, id)
		return e
	}
	if e.Settings == nil {
		e.Settings = map[ParamID]Setting{}
	}
	e.Settings[id] = s
	return e
}

// Equal reports whether two endpoints say the same.
func (e Endpoint) Equal(o Endpoint) bool {
	return e.ID == o.ID && e.System == o.System && e.Version == o.Version && e.OS == o.OS && e.Was == o.Was &&
		maps.EqualFunc(e.Settings, o.Settings, Setting.Equal)
}

// Equal reports whether two settings say the same; times compare as instants.
func (s Setting) Equal(o Setting) bool {
	return s.Value == o.Value && s.Low == o.Low && s.High == o.High && s.Origin.Kind == o.Origin.Kind &&
		s.Origin.Where == o.Origin.Where && s.Origin.Line == o.Origin.Line && s.Origin.At.Equal(o.Origin.At) &&
		s.Said == o.Said
}

// String is the endpoint as a path writes it: nginx@1.30/linux.
func (e Endpoint) String() string {
	text := string(e.System)
	if e.Version != "" {
		text += "@" + string(e.Version)
	}
	if e.OS.System != "" {
		text += "/" + e.OS.String()
	}
	return text
}

// String is the reference as a path writes it: windows@xp.
func (o OSRef) String() string {
	if o.Version == "" {
		return string(o.System)
	}
	return string(o.System) + "@" + string(o.Version)
}
