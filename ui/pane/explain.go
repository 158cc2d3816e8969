package pane

import (
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/ui/contract"
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

// explanations are the settings that explain a measurement which does not
// agree with the configured one (rule EFF-1): settings of the path, else
// products whose default it is.
func explanations(c *contract.Context) []tuning.Candidate {
	v, ok := against(c)
	low, high := tuning.Closes(c.Test.Result)
	if !ok || v.Agrees || low == 0 {
		return nil
	}
	x, _ := expected(c)
	if found := tuning.Candidates(c.Report, low, high, x.Ref); len(found) > 0 {
		return found
	}
	return c.Test.Owners
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
		return []string{"What was measured is part of the session now; u takes it back."}
	}
	if r.Outcome != livetest.OutcomeMeasured {
		return nil
	}
	if c.Elsewhere() {
		return []string{"This is keeptune's own server, not " + contract.ServerName(c) + ": nothing of it is held against the session or adopted. = types the address of yours."}
	}
	return append(calledItself(c), compared(c)...)
}

// calledItself says that the target names another product than the session.
func calledItself(c *contract.Context) []string {
	said := c.Test.Result.HTTP.Server
	if found, ok := tuning.ServerNamed(c.Catalog, said); ok && found.System != c.Shown().Server.System.ID {
		return []string{"The target calls itself " + model.Clean(said, 60) + ", the session's server is " + contract.ServerName(c) + ": a offers that system."}
	}
	return nil
}

// compared is what the idle timeout that was measured means for the one configured.
func compared(c *contract.Context) []string {
	r := c.Test.Result
	take := "."
	if _, _, ok := r.Idle.Band(); ok {
		take = ": a takes the measured " + contract.Short(*r.Idle.Low) + " over."
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
	return append([]string{"Measured and configured differ" + take}, named(explanations(c))...)
}

// named names what explains a measurement: settings of the path one by one,
// products that are not on it in one sentence.
func named(all []tuning.Candidate) []string {
	var texts, products []string
	for i, x := range all {
		switch {
		case x.Ref.Endpoint == "":
			products = append(products, x.System+" "+x.Name)
		case i == 0:
			texts = append(texts, "It fits "+x.Text+": f goes there.")
		default:
			texts = append(texts, "It fits "+x.Text+".")
		}
	}
	if len(products) > 0 {
		texts = append(texts, "Nothing on the path fits. By default it would be "+strings.Join(products, ", ")+": f tells of them.")
	}
	return texts
}
