package cli

import (
	"errors"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A promise is when the configured server should close an idle connection.
type promise struct {
	given     bool
	says      time.Duration
	low, high time.Duration
}

// promised is what the flags say about the server under test.
func (a *app) promised(f *probeFlags) (promise, error) {
	w := f.where
	if w.path == "" && w.server == "" {
		if w.client != "" || len(w.set) > 0 {
			return promise{}, errors.New("--client and --set say what a --server is configured to; name it")
		}
		return promise{}, nil
	}
	if w.path == "" && w.client == "" {
		w.client = "curl"
	}
	d, _, err := a.document(&w, nil, "")
	if err != nil {
		return promise{}, err
	}
	c, err := a.judge(d)
	if err != nil {
		return promise{}, err
	}
	p := promise{given: true, says: model.Never, low: model.Never, high: model.Never}
	for _, x := range c.report.Legs[len(c.report.Legs)-1].Limit.All {
		if x.By == tuning.ByServer && x.Known && x.Low < p.low {
			p.says, p.low, p.high = x.Low, x.Low, x.High
		}
	}
	return p, nil
}

// against holds the promise against what was measured: within the catalog's
// spread, or where that is exact within 10 % and a second (rule EFF-1).
func (p promise) against(r model.ProbeResult) []model.ProbeVerdict {
	if !p.given || p.says == model.Never || r.Idle.Samples < model.MinGoodSamples {
		return nil
	}
	limit := r.Spec.IdleLimit
	if r.Idle.Low == nil || r.Idle.After == nil {
		if p.high+tuning.Timing >= limit {
			return nil // it may close yet
		}
		return []model.ProbeVerdict{{Compare: "configured", Says: p.says, Measured: limit}}
	}
	v := model.ProbeVerdict{Compare: "configured", Says: p.says, Measured: *r.Idle.After}
	high := limit // at least, with samples still open
	if r.Idle.High != nil {
		high = *r.Idle.High
	}
	v.Agrees = tuning.Agrees(p.low, p.high, *r.Idle.Low, high)
	return []model.ProbeVerdict{v}
}
