package wire

import (
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/preset"
)

// PresetsSchema names the shape of [Presets].
const PresetsSchema = "keeptune.presets/1"

// Presets are the paths to start from: keeptune presets --format json.
type Presets struct {
	Schema    string    `json:"schema"`
	Version   string    `json:"version"`
	Knowledge string    `json:"knowledge"`
	Presets   []Preset  `json:"presets"`
	Symptoms  []Symptom `json:"symptoms"`
}

// A Preset is a path as many have it.
type Preset struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Path    string   `json:"path"`
	Assume  []string `json:"assume"` // as --set has it
	Leg     int      `json:"leg"`    // the one to look at, from 1
	Verdict string   `json:"verdict" enum:"ok,retried,race,stale,unbounded,unknown"`
	Rule    *string  `json:"rule"` // the finding that it shows; null for none
	Shows   string   `json:"shows"`
}

// A Symptom leads to a preset.
type Symptom struct {
	Symptom string   `json:"symptom"`
	Text    string   `json:"text"`
	Preset  string   `json:"preset"`
	Rules   []string `json:"rules"` // to look at, the most telling first
	Test    []string `json:"test"`  // what the live test measures besides the usual
}

// FromPreset is a preset for a machine.
func FromPreset(p preset.Preset) Preset {
	return Preset{
		ID: p.ID, Title: p.Title, Path: p.Path, Assume: list(p.Assume), Leg: p.Leg,
		Verdict: string(p.Verdict), Rule: word(p.Rule), Shows: p.Shows,
	}
}

// FromStart is what a symptom leads to for a machine.
func FromStart(s preset.Start) Symptom {
	var tests []string
	for _, m := range livetest.Choices() {
		if s.Test[m] != "" {
			tests = append(tests, string(m))
		}
	}
	return Symptom{Symptom: string(s.Symptom), Text: s.Text, Preset: s.Preset, Rules: list(s.Rules), Test: list(tests)}
}
