package cli

import (
	"errors"
	"fmt"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
)

// A promise is when the configured server should close an idle connection.
type promise struct {
	given   bool // and the server has such a timer
	step    time.Duration
	timer   tuning.Limiter
	report  tuning.Report
	catalog *model.Catalog
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
		w.client = a.clientOf(w.server)
	}
	d, err := a.document(&w, nil, "")
	if err != nil {
		return promise{}, err
	}
	c, err := a.judge(d)
	if err != nil {
		return promise{}, err
	}
	p := promise{report: c.report, catalog: a.catalogs()}
	last := &c.report.Legs[len(c.report.Legs)-1]
	if f.builtIn() && last.Server.System.ID != contract.BuiltIn {
		return promise{}, fmt.Errorf("without a target the built-in server is tested, which is no %s; name a target, or --server %s", last.Server.Endpoint.ID, contract.BuiltIn)
	}
	p.timer, p.given = tuning.Expected(&last.Limit)
	p.step = tuning.StepOf(last)
	return p, nil
}

// clientOf is a client that can stand in front of a server: curl, or the first of the catalog
// that speaks its protocol.
func (a *app) clientOf(server string) string {
	c := a.catalogs()
	e, err := model.ParseEndpoint(server, c)
	if err != nil {
		return "curl" // what is wrong is said where the path is made
	}
	s, err := c.System(e.System)
	if err != nil || s.Protocol == model.ProtocolHTTP {
		return "curl"
	}
	all, _ := c.All()
	for _, o := range all {
		if o.Protocol == s.Protocol && o.Faces[model.FaceClient] != nil && o.Faces[model.FaceServer] == nil {
			return string(o.ID)
		}
	}
	return "curl"
}

// against holds the promise against what was measured.
func (p promise) against(r livetest.Result) []livetest.Comparison {
	v, ok := tuning.Compare(p.timer, r)
	if !p.given || !ok {
		return nil
	}
	if low, high := tuning.Closes(r); low > 0 && !v.Agrees {
		v.Candidates = p.candidates(low, high, r)
	}
	return []livetest.Comparison{v}
}

// findings are what a measurement says against the configuration (rule EFF-1), with what
// explains it.
func (p promise) findings(r livetest.Result) []tuning.Finding {
	f, ok := tuning.Mismatch(p.report, p.timer, r)
	if !p.given || !ok {
		return nil
	}
	for _, v := range p.against(r) {
		for _, c := range v.Candidates {
			f.Because = append(f.Because, "it fits "+c)
		}
	}
	return []tuning.Finding{f}
}

// maxOwners bounds the list of products that are not on the path.
const maxOwners = 5

// candidates are settings of the path that fit what was measured; where none
// does, products whose default would. What the target calls itself comes first.
func (p promise) candidates(low, high time.Duration, r livetest.Result) []string {
	said := tuning.CalledItself(p.catalog, r.HTTP.Server)
	owners, err := tuning.Owners(p.catalog, low, high, p.timer.Ref.Param.System(), said, r.Spec.Target.Speaks())
	if err != nil {
		return nil
	}
	found := tuning.Explaining(tuning.Candidates(p.report, low, high, p.timer.Ref, said), owners)
	var texts []string
	for _, c := range found[:min(len(found), maxOwners)] {
		texts = append(texts, c.Text)
	}
	return texts
}
