package tuning

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// A Suppressed is a finding that somebody accepts, and for what reason.
type Suppressed struct {
	Finding Finding
	By      model.Suppression
}

// A Lapsed is a suppression that hides nothing.
type Lapsed struct {
	By     model.Suppression
	Graver Severity // of the finding, where it is graver than what was accepted
	Grew   bool     // it is
}

// Text is why it hides nothing, in a clause.
func (l *Lapsed) Text() string {
	switch {
	case ruleOf(l.By.Rule) == nil:
		return "there is no such rule"
	case l.Grew:
		return fmt.Sprintf("suppressed as %s, and now it is %s", l.By.Level, l.Graver)
	}
	return "it does not fire"
}

// Suppression is what accepts a finding, at the level that it has now.
func (r *Report) Suppression(f *Finding, reason string) model.Suppression {
	leg := &r.Legs[f.Leg]
	s := model.Suppression{
		Rule: f.Rule.ID, Client: leg.Client.Endpoint.ID, Server: leg.Server.Endpoint.ID, Level: f.Severity.String(), Reason: reason,
	}
	for _, ref := range f.At {
		s.At = append(s.At, model.SettingRef(ref))
	}
	return s
}

// suppress takes out of the findings what was accepted. Each suppression hides at most
// one of them: the same rule, leg and settings, and not graver.
func (r *Report) suppress(accepted []model.Suppression) {
	for _, s := range accepted {
		at := slices.IndexFunc(r.Findings, func(f Finding) bool { return r.Suppression(&f, "").SameFault(s) })
		if at < 0 {
			r.Lapsed = append(r.Lapsed, Lapsed{By: s})
			continue
		}
		f := r.Findings[at]
		if level := slices.Index(model.SuppressionLevels, s.Level); int(f.Severity) > level {
			r.Lapsed = append(r.Lapsed, Lapsed{By: s, Graver: f.Severity, Grew: true})
			continue
		}
		r.Suppressed = append(r.Suppressed, Suppressed{f, s})
		r.Findings = slices.Delete(r.Findings, at, at+1)
	}
}

func ruleOf(id string) *Rule {
	if i := slices.IndexFunc(rules, func(r *Rule) bool { return r.ID == id }); i >= 0 {
		return rules[i]
	}
	return nil
}

// suppressUsage is how a suppression is written.
const suppressUsage = "RULE[:LEVEL][@ENDPOINT.SETTING[+…]]=REASON, such as 'CAP-8@apache.KeepAliveTimeout=few visitors'"

// ParseSuppression reads RULE[:LEVEL][@PLACE[+PLACE…]]=REASON against an analyzed
// document. A place is one of the settings that the finding points at; the rule alone
// is enough where it fires once. Without a level the finding is accepted as grave as it
// is. A rule that does not fire there is no error: what was accepted may be mended. The
// error is one sentence.
func ParseSuppression(text string, d model.Document, r Report, c *model.Catalog) (model.Suppression, error) {
	head, reason, ok := strings.Cut(text, "=")
	if !ok || strings.TrimSpace(head) == "" {
		return model.Suppression{}, fmt.Errorf("%q is not %s", model.Clean(text, 80), suppressUsage)
	}
	head, places, placed := strings.Cut(head, "@")
	name, level, leveled := strings.Cut(strings.TrimSpace(head), ":")
	at := slices.IndexFunc(rules, func(r *Rule) bool { return strings.EqualFold(r.ID, name) })
	if at < 0 {
		return model.Suppression{}, fmt.Errorf("there is no rule %q; a finding of keeptune check begins with its rule, such as ORD-1", model.Clean(name, 40))
	}
	rule := rules[at]
	if leveled && !slices.Contains(model.SuppressionLevels, level) {
		return model.Suppression{}, fmt.Errorf("%s:%s: a level is info, warning or error", rule.ID, model.Clean(level, 40))
	}
	if strings.TrimSpace(reason) == "" {
		return model.Suppression{}, fmt.Errorf("%s needs a reason: %s", rule.ID, suppressUsage)
	}
	var found []Finding
	for _, f := range r.Findings {
		if f.Rule == rule {
			found = append(found, f)
		}
	}
	s := model.Suppression{Rule: rule.ID, Level: cmp.Or(level, Error.String()), Reason: reason}
	if len(r.Legs) > 0 { // where nothing fires, of any leg
		s.Client, s.Server = r.Legs[0].Client.Endpoint.ID, r.Legs[0].Server.Endpoint.ID
	}
	all := found
	if placed {
		for place := range strings.SplitSeq(places, "+") {
			refs, err := model.FindSettings(place, d, c)
			if err != nil {
				return model.Suppression{}, fmt.Errorf("%s: %w", rule.ID, err)
			}
			s.At = append(s.At, refs[0])
			found = slices.DeleteFunc(slices.Clone(found), func(f Finding) bool {
				return !slices.ContainsFunc(f.At, func(at ParamRef) bool { return slices.Contains(refs, model.SettingRef(at)) })
			})
		}
	}
	switch len(found) {
	case 0:
		return s, nil
	case 1:
		s = r.Suppression(&found[0], reason)
		s.Level = cmp.Or(level, s.Level)
		return s, nil
	}
	return model.Suppression{}, fmt.Errorf("%s fires %d times here; say which: %s", rule.ID, len(found), orList(tellApart(found, all)))
}

// tellApart is for each finding of a rule the shortest that --suppress takes for it.
func tellApart(found, all []Finding) []string {
	var texts []string
	for i := range found {
		f := &found[i]
		others := slices.DeleteFunc(slices.Clone(all), func(o Finding) bool { return o.Leg == f.Leg && slices.Equal(o.At, f.At) })
		own := slices.IndexFunc(f.At, func(at ParamRef) bool {
			return !slices.ContainsFunc(others, func(o Finding) bool { return slices.Contains(o.At, at) })
		})
		places := f.At
		if own >= 0 {
			places = f.At[own : own+1]
		}
		names := make([]string, len(places))
		for i, at := range places {
			names[i] = model.SettingRef(at).String()
		}
		texts = append(texts, f.Rule.ID+"@"+strings.Join(names, "+"))
	}
	return texts
}

func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
