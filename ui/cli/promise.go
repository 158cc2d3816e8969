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
	report    tuning.Report
	ref       tuning.ParamRef
	catalog   *model.Catalog
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
	p := promise{given: true, says: model.Never, low: model.Never, high: model.Never, report: c.report, catalog: a.catalogs()}
	for _, x := range c.report.Legs[len(c.report.Legs)-1].Limit.All {
		if x.By == tuning.ByServer && x.Known && x.Low < p.low {
			p.says, p.low, p.high, p.ref = x.Low, x.Low, x.High, x.Ref
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
	if v.Agrees = tuning.Agrees(p.low, p.high, *r.Idle.Low, high); !v.Agrees {
		v.Candidates = p.candidates(*r.Idle.Low, high)
	}
	return []model.ProbeVerdict{v}
}

// maxOwners bounds the list of products that are not on the path.
const maxOwners = 5

// candidates are settings of the path that fit what was measured; where none
// does, products whose default would.
func (p promise) candidates(low, high time.Duration) []string {
	found := tuning.Candidates(p.report, low, high, p.ref)
	if len(found) == 0 {
		var err error
		if found, err = tuning.Owners(p.catalog, low, high); err != nil {
			return nil
		}
	}
	var texts []string
	for _, c := range found[:min(len(found), maxOwners)] {
		texts = append(texts, c.Text)
	}
	return texts
}
