package wire

import (
	"time"

	"example.com/keeptune/tuning/lab"
)

// LabSchema is the value of schema in what keeptune lab prints.
const LabSchema = "keeptune.lab/1"

// Lab is predictions beside what a kernel did.
type Lab struct {
	Schema   string      `json:"schema"`
	Version  string      `json:"version"`
	HZ       int         `json:"hz"`
	Scenario string      `json:"scenario"`
	Random   int         `json:"random"` // 0: the scenario's own settings
	Seed     uint64      `json:"seed"`
	Samples  []LabSample `json:"samples"`
	Summary  LabSummary  `json:"summary"`
}

// A LabSample is one run. Its reference is the last segment received for idle,
// user-timeout, zero-window, write and half-closed, the send for in-flight and
// orphan, the first SYN for connect.
type LabSample struct {
	Scenario  string       `json:"scenario"`
	Setting   string       `json:"setting"`
	Predicted LabPredicted `json:"predicted"`
	RTO       *Seconds     `json:"rto_s"`      // as the kernel reported it before the cut
	Measured  *Seconds     `json:"measured_s"` // of a ladder the shortest gap not outlived, null where all were; else null: it could not be run, error says why
	Outlived  *Seconds     `json:"outlived_s"` // of a ladder the longest gap outlived; null for other samples
	Outcome   *string      `json:"outcome"`
	Inside    bool         `json:"inside"`
	Repeated  bool         `json:"repeated"`
	Error     *string      `json:"error"`
}

// LabPredicted is what the arithmetic said.
type LabPredicted struct {
	Low     Seconds `json:"low_s"`
	High    Seconds `json:"high_s"`
	Outcome string  `json:"outcome"` // ETIMEDOUT, ECONNRESET, EPIPE, EOF, gone or alive
}

// LabSummary counts the samples.
type LabSummary struct {
	Samples  int `json:"samples"`
	Inside   int `json:"inside"`
	Repeated int `json:"repeated"`
}

// FromLab is the JSON of a plan that was run.
func FromLab(p lab.Plan, samples []lab.Sample, sum lab.Summary, version string) Lab {
	l := Lab{
		Schema: LabSchema, Version: version, HZ: sum.HZ, Scenario: string(p.Scenario), Random: p.Random, Seed: p.Seed,
		Samples: []LabSample{}, Summary: LabSummary{sum.Samples, sum.Inside, sum.Repeated},
	}
	for _, s := range samples {
		one := LabSample{
			Scenario: string(s.Case.Scenario), Setting: s.Case.String(),
			Predicted: LabPredicted{Seconds(s.Prediction.Low), Seconds(s.Prediction.High), string(s.Prediction.Outcome)},
			Inside:    s.Inside(), Repeated: s.Repeated, Error: word(s.Error),
		}
		if s.RTO > 0 {
			one.RTO = pointer(&s.RTO)
		}
		if s.Error == "" {
			one.Outcome = word(string(s.Outcome))
			measured := s.Measured.Round(time.Microsecond)
			if measured > 0 || s.Case.Ladder == (lab.LadderScenario{}) {
				one.Measured = pointer(&measured)
			}
			if s.Outlived > 0 {
				one.Outlived = pointer(&s.Outlived)
			}
		}
		l.Samples = append(l.Samples, one)
	}
	return l
}
