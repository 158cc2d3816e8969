package overlay

import (
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
)

// What each overlay asks, in words.
var (
	_ contract.Asker = (*Census)(nil)
	_ contract.Asker = (*Choice)(nil)
	_ contract.Asker = (*Confirm)(nil)
	_ contract.Asker = (*Goals)(nil)
	_ contract.Asker = (*Menu)(nil)
	_ contract.Asker = (*Namespaces)(nil)
	_ contract.Asker = (*Plain)(nil)
	_ contract.Asker = (*Prompt)(nil)
	_ contract.Asker = (*Options)(nil)
	_ contract.Asker = (*Picker)(nil)
)

// Ask is the choice in words.
func (o *Choice) Ask(*contract.Context) contract.Asked {
	q := contract.Asked{Title: o.Title, Text: []string{o.Text}}
	for _, x := range o.Options {
		leads := x.More
		if x.Leads != "" {
			leads = append([]string{x.Leads}, leads...)
		}
		q.Answers = append(q.Answers, contract.Answered{Label: x.Label, Leads: leads, Then: x.Then})
	}
	return q
}

// Ask is the question in words.
func (o *Confirm) Ask(*contract.Context) contract.Asked {
	q := contract.Asked{Title: o.Title, Text: o.Text, Lines: o.Body, Answers: []contract.Answered{{Word: "yes", Label: o.Yes, Then: o.OnYes}}}
	if o.Save != "" {
		q.Answers = append(q.Answers, contract.Answered{Word: "save", Label: o.Save, Then: o.OnSave})
	}
	q.Answers = append(q.Answers, contract.Answered{Word: "no", Label: o.No})
	if o.OnWhere != nil {
		q.Answers = append(q.Answers, contract.Answered{Word: "where", Label: "choose another network namespace", Then: o.OnWhere})
	}
	return q
}

// Ask is the question in words.
func (o *Menu) Ask(c *contract.Context) contract.Asked {
	q := contract.Asked{Title: o.title}
	for _, a := range o.rows {
		var leads []string
		for _, text := range a.leads {
			leads = append(leads, c.Keys.Spell(text, true))
		}
		q.Answers = append(q.Answers, contract.Answered{Label: a.text, Leads: leads, Then: a.then})
	}
	return q
}

// Ask is the text.
func (o *Plain) Ask(*contract.Context) contract.Asked { return contract.Asked{Lines: o.lines} }

// Ask is what is to be typed, in words.
func (p *Prompt) Ask(*contract.Context) contract.Asked {
	q := contract.Asked{Title: p.Label, Typed: p.Done}
	if p.field != nil {
		q.Given = p.field.Value()
	}
	return q
}

// Ask is the options in lines.
func (o *Options) Ask(c *contract.Context) contract.Asked {
	q := contract.Asked{Title: "options of keeptune", Text: []string{c.Options.Reads()}}
	for _, f := range c.Options.Faults {
		q.Text = append(q.Text, "wrong: "+f.Error())
	}
	for _, r := range optionRows(c) {
		q.Text = append(q.Text, r.name+" is "+r.value+", from "+r.from)
	}
	return q
}

// Ask is the count in lines.
func (o *Census) Ask(c *contract.Context) contract.Asked {
	return contract.Asked{Lines: o.lines(c, 80), Ends: contract.EndCensus{}}
}

// Ask is the goals in lines: which are met, and the changes to choose from.
func (o *Goals) Ask(c *contract.Context) contract.Asked {
	d, a := c.Session.Document(), &c.Goals.Answer
	q := contract.Asked{Title: "goals of " + d.Path.String()}
	var names []string
	for _, goal := range model.AllGoals() {
		names = append(names, string(goal)+": "+goal.Title())
		v, ok := d.Goals.Wanted[goal]
		if !ok {
			continue
		}
		text := goal.Title() + " " + goal.Human(v)
		if s := standing(a.Goals, goal); s != nil && c.Goals.Ran {
			met := "not met"
			if s.Met {
				met = "met"
			}
			text += ": " + met + ", " + s.Text
		}
		q.Text = append(q.Text, text)
	}
	if len(q.Text) == 0 {
		q.Text = append([]string{"solve NAME=NUMBER gives a goal, such as solve lost=0; solve NAME=unset drops it. The names:"}, names...)
		return q
	}
	q.Text = append(q.Text, strings.TrimPrefix(o.verdict(c), "! "))
	if p, why := proposed(c, 0); p != nil {
		for _, x := range p.Choices {
			q.Text = append(q.Text, x.Setting()+" "+x.Is.Human()+", now "+x.Was.Human()+": "+x.Why)
		}
		q.Answers = append(q.Answers, contract.Answered{Word: "take", Label: "take the proposal", Then: applied(p, why)})
	}
	for i, w := range a.WaysOut {
		p, why := proposed(c, i+1)
		if p == nil {
			q.Text = append(q.Text, w.Text)
			continue
		}
		q.Answers = append(q.Answers, contract.Answered{Label: w.Text, Then: applied(p, why)})
	}
	return q
}

// Ask is what is to be named, in words.
func (p *Picker) Ask(*contract.Context) contract.Asked {
	return contract.Asked{
		Title: "which " + p.want.What + ", such as nginx@1.28/linux",
		Given: string(p.want.Now),
		Typed: func(text string) contract.Action {
			e, err := model.ParseEndpoint(text, p.catalog)
			if err != nil {
				return contract.Say{Text: err.Error(), Bad: true}
			}
			for _, x := range p.all {
				if x.ID == e.System {
					return p.want.Chosen(e)
				}
			}
			return contract.Say{Text: e.String() + " cannot stand here as the " + p.want.What, Bad: true}
		},
	}
}
