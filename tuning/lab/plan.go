package lab

import "fmt"

// A Plan is what to run.
type Plan struct {
	Scenario Scenario
	Random   int    // so many settings are drawn; 0 runs the scenario's own
	Seed     uint64 // what they are drawn from
	Cases    []Case // run these instead
	Parallel int    // at most so many at a time; 0 is 64
}

// Limits of a plan.
const (
	maxRandom   = 10000
	maxParallel = 256
)

// List is the settings a plan runs, the same for the same plan.
func (p Plan) List() ([]Case, error) {
	switch {
	case p.Random < 0 || p.Random > maxRandom:
		return nil, fmt.Errorf("%d random settings are out of range; it goes from 0 to %d", p.Random, maxRandom)
	case p.Parallel < 0 || p.Parallel > maxParallel:
		return nil, fmt.Errorf("%d at a time is out of range; it goes from 0 to %d", p.Parallel, maxParallel)
	}
	for _, s := range p.Cases {
		if err := s.Check(); err != nil {
			return nil, err
		}
	}
	if len(p.Cases) > 0 {
		return p.Cases, nil
	}
	scenarios, err := p.Scenario.each()
	if err != nil {
		return nil, err
	}
	if p.Random > 0 {
		return draw(scenarios, p.Random, p.Seed), nil
	}
	var all []Case
	for _, s := range scenarios {
		all = append(all, chosen(s)...)
	}
	return all, nil
}

func (p Plan) parallel() int {
	if p.Parallel == 0 {
		return 64
	}
	return p.Parallel
}
