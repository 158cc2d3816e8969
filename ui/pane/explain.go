package pane

import (
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
)

// Verdicts are what was measured, held against what is advertised and against
// what is configured, with what explains it where that does not agree.
func Verdicts(c *contract.Context) []livetest.Comparison {
	all := append([]livetest.Comparison{}, c.Test.Result.Verdicts...)
	v, ok := against(c)
	if !ok {
		return all
	}
	for _, x := range explanations(c) {
		v.Candidates = append(v.Candidates, x.Text)
	}
	return append(all, v)
}

func against(c *contract.Context) (livetest.Comparison, bool) {
	x, ok := expected(c)
	if !ok || !c.Test.Ran {
		return livetest.Comparison{}, false
	}
	return tuning.Compare(x, c.Test.Result)
}

// called is what the target of the test calls itself.
func called(c *contract.Context) tuning.Called {
	return tuning.CalledItself(c.Catalog, c.Test.Result.HTTP.Server)
}

// explanations are the settings that explain a measurement which does not
// agree with the configured one (rule EFF-1): settings of the path, else
// products whose default it is, last what the target's own words speak against.
func explanations(c *contract.Context) []tuning.Candidate {
	v, ok := against(c)
	low, high := tuning.Closes(c.Test.Result)
	if !ok || v.Agrees || low == 0 {
		return nil
	}
	x, _ := expected(c)
	return tuning.Explaining(tuning.Candidates(c.Report, low, high, x.Ref, called(c)), c.Test.Owners)
}

// unexplained says why there is no setting to go to.
func unexplained(c *contract.Context) string {
	v, ok := against(c)
	low, _ := tuning.Closes(c.Test.Result)
	switch {
	case c.Test.Running:
		return "the test still runs; which setting explains it is known at its end"
	case !c.Test.Ran:
		return "nothing was measured yet; " + c.Keys.Key(keymap.ScopeTest, keymap.Start) + " runs the test"
	case c.Elsewhere():
		return "this is keeptune's own server: no setting of the path explains it"
	case low == 0:
		return "no idle timeout was measured, so there is no setting to go to"
	case ok && v.Agrees:
		return "the measurement agrees with what is configured"
	}
	return "no setting that is known explains what was measured"
}

// explain goes to the setting that explains the measurement; pressed again, to
// the next one.
func (p *Test) explain(c *contract.Context) contract.Action {
	all := explanations(c)
	if len(all) == 0 {
		return nil
	}
	x := all[p.next%len(all)]
	p.next++
	if x.Ref.Endpoint == "" {
		system, _, _ := strings.Cut(string(x.Ref.Param), ".")
		return contract.ShowSystem{System: model.SystemID(system)}
	}
	return contract.GoSetting{Ref: x.Ref}
}

// advice says what the measurement means for the configuration.
func advice(c *contract.Context) []string {
	r := c.Test.Result
	if c.Test.Adopted {
		return []string{"What was adopted is part of the session now; " + c.Keys.Key(keymap.ScopeGlobal, keymap.Undo) + " takes it back."}
	}
	if r.Outcome != livetest.OutcomeMeasured {
		return nil
	}
	if c.Elsewhere() {
		return []string{"This is keeptune's own server, not " + contract.ServerName(c) + ": nothing of it is held against the session or adopted. " + c.Keys.Key(keymap.ScopeTest, keymap.EditTarget) + " types the address of yours."}
	}
	return append(calledItself(c), compared(c)...)
}

// calledItself says that the target names another product than the session, or one
// that the catalog does not have.
func calledItself(c *contract.Context) []string {
	said, now := called(c), c.Shown().Server.System.ID
	switch {
	case said.Words == "" || said.Is.System == now:
		return nil
	case !said.Known():
		return []string{"The target calls itself " + said.Words + ", which the catalog does not have: what is measured counts. " + c.Keys.Key(keymap.ScopeTest, keymap.Adopt) + " offers a server that is not known in the place of " + contract.ServerName(c) + "."}
	}
	return []string{"The target calls itself " + said.Words + ", the session's server is " + contract.ServerName(c) + ": " + c.Keys.Key(keymap.ScopeTest, keymap.Adopt) + " offers that system."}
}

// compared is what the idle timeout that was measured means for the one configured.
func compared(c *contract.Context) []string {
	r := c.Test.Result
	take := "."
	if _, _, ok := r.Idle.Band(); ok {
		take = ": " + c.Keys.Key(keymap.ScopeTest, keymap.Adopt) + " takes the measured " + contract.Short(*r.Idle.Low) + " over."
	}
	v, ok := against(c)
	switch {
	case !ok && take == ".":
		return nil
	case !ok:
		return []string{"There is nothing configured to hold it against" + take}
	case v.Agrees:
		return []string{"The measurement agrees with what is configured."}
	}
	return append([]string{"Measured and configured differ" + take}, named(c, explanations(c))...)
}

// named names what explains a measurement: settings of the path one by one,
// products that are not on it in one sentence. Those that the target's own words speak
// against are named where there is nothing else.
func named(c *contract.Context, all []tuning.Candidate) []string {
	var texts, products, others []string
	key := c.Keys.Key(keymap.ScopeTest, keymap.Fix)
	for i := range all {
		x := &all[i]
		to := ""
		if i == 0 {
			to = ": " + key + " goes there"
		}
		switch {
		case x.Ref.Endpoint != "":
			texts = append(texts, "It fits "+x.Text+to+".")
		case x.Set():
			texts = append(texts, x.Text+": "+key+" tells of it.")
		case x.Against():
			others = append(others, x.System+" "+x.Name)
		default:
			products = append(products, x.System+" "+x.Name)
		}
	}
	if len(products) > 0 {
		texts = append(texts, "Nothing on the path fits. By default it would be "+strings.Join(products, ", ")+": "+key+" tells of them.")
	}
	if len(texts) == 0 && len(others) > 0 {
		texts = append(texts, "Nothing fits what the target calls itself. By default it would be "+strings.Join(others, ", ")+": "+key+" tells of them.")
	}
	return texts
}
