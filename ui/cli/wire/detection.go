package wire

import (
	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/detect"
)

// A Detection is how long a kernel takes to give a silent peer up. Where Known
// is false no rule is documented, otherwise null means never.
type Detection struct {
	After      Seconds  `json:"after_s"`
	Low        Seconds  `json:"low_s"`
	High       Seconds  `json:"high_s"`
	Known      bool     `json:"known"`
	Documented bool     `json:"documented"` // from documentation, not measured
	Because    []string `json:"because"`
	Try        *Seconds `json:"last_try_s,omitempty"` // of data in flight: an outage that lasts longer is not survived
}

// Detected holds the detection of each state.
type Detected struct {
	Idle       Detection `json:"idle"`
	InFlight   Detection `json:"in_flight"`
	Waiting    Detection `json:"waiting"`
	ZeroWindow Detection `json:"zero_window"`
}

// An End is what ends a dead connection first; By is null where nothing does.
type End struct {
	By            *string  `json:"by"`
	Param         *string  `json:"param"`
	After         Seconds  `json:"after_s"`
	Low           Seconds  `json:"low_s"`
	High          Seconds  `json:"high_s"`
	Known         bool     `json:"known"`
	TimerNotKnown bool     `json:"timer_not_known"` // a timer of unknown length may come first
	Because       []string `json:"because"`
}

// Ended holds the end of each state.
type Ended struct {
	Idle       End `json:"idle"`
	InFlight   End `json:"in_flight"`
	Waiting    End `json:"waiting"`
	ZeroWindow End `json:"zero_window"`
}

func detection(d detect.Detection) Detection {
	if !d.Known {
		d.After, d.Low, d.High = model.Never, model.Never, model.Never
	}
	j := Detection{Seconds(d.After), Seconds(d.Low), Seconds(d.High), d.Known, d.Documented, list(d.Because), nil}
	if d.Try > 0 {
		try := Seconds(d.Try)
		j.Try = &try
	}
	return j
}

func detected(s tuning.States) Detected {
	return Detected{detection(s.Idle), detection(s.InFlight), detection(s.Waiting), detection(s.ZeroWindow)}
}

func end(e tuning.End) End {
	j := End{
		By: word(e.By), After: Seconds(e.After), Low: Seconds(e.Low), High: Seconds(e.High),
		Known: e.Known, TimerNotKnown: e.TimerNotKnown, Because: list(e.Because),
	}
	if e.By != "" && e.Ref.Param != "" {
		j.Param = word(name(e.Ref))
	}
	return j
}

func ended(e tuning.EndStates) Ended {
	return Ended{end(e.Idle), end(e.InFlight), end(e.Waiting), end(e.ZeroWindow)}
}
