package wire

import (
	"maps"
	"slices"

	"example.com/keeptune/tuning/native"
)

// ImportSchema names the shape of [Import].
const ImportSchema = "keeptune.import/1"

// An Import is what configurations say: keeptune import --format json.
type Import struct {
	Schema   string     `json:"schema"`
	Version  string     `json:"version"`
	Session  *string    `json:"session"` // the session in TOML; null where contexts make several
	Contexts []Imported `json:"contexts"`
	Unused   []Line     `json:"unused"`
	Warnings []Told     `json:"warnings"`
}

// An Imported is one context of a configuration and what is in force there.
type Imported struct {
	Where    string         `json:"where"`
	File     string         `json:"file"`
	Line     int            `json:"line"`
	System   string         `json:"system"`
	Face     string         `json:"face" enum:",server,client,host"` // empty: every face
	Settings []SettingThere `json:"settings"`
	Doubts   []Told         `json:"doubts"` // lines that decide and were not understood
}

// A SettingThere is a value and the line that decides it.
type SettingThere struct {
	Param  string `json:"param"`
	Value  string `json:"value"`
	Origin string `json:"origin" enum:"file,assumed,default,running"`
	File   string `json:"file"`
	Line   int    `json:"line"`
}

// A Told is something about a line of a configuration.
type Told struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Text string `json:"text"`
}

// FromImport is the JSON of contexts.
func FromImport(contexts []native.Context, unused []native.Line, warnings []native.Warning, session *string, version string) Import {
	im := Import{Schema: ImportSchema, Version: version, Session: session, Contexts: []Imported{}, Unused: Lines(unused), Warnings: []Told{}}
	for _, w := range warnings {
		im.Warnings = append(im.Warnings, Told(w))
	}
	for _, c := range contexts {
		im.Contexts = append(im.Contexts, fromContext(c))
	}
	return im
}

func fromContext(c native.Context) Imported {
	x := Imported{
		Where: c.Where, File: c.File, Line: c.Line, System: string(c.System), Face: string(c.Face),
		Settings: []SettingThere{}, Doubts: []Told{},
	}
	for _, id := range slices.Sorted(maps.Keys(c.Settings)) {
		s := c.Settings[id]
		x.Settings = append(x.Settings, SettingThere{string(id), s.Value.String(), s.Origin.Kind.String(), s.Origin.Where, s.Origin.Line})
	}
	for _, d := range c.Doubts {
		x.Doubts = append(x.Doubts, Told(d.Warning))
	}
	return x
}
