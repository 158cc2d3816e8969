package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/solve"
	"example.com/keeptune/tuning/store"
	"example.com/keeptune/ui/cli/wire"
)

// A solved is everything that keeptune solve prints.
type solved struct {
	document model.Document
	answer   solve.Answer
	saved    string // the file that has the proposal; empty without one
}

var solveFormats = map[string]func(io.Writer, solved) error{"text": solveText, "json": solveJSON, "markdown": solveMarkdown}

// solveFlags are the flags of solve.
type solveFlags struct {
	where         connection
	goals, change []string
	format, save  string
	force         bool
}

func (a *app) solve() *cobra.Command {
	var f solveFlags
	cmd := &cobra.Command{
		Use:   "solve [PATH|SESSION.toml|CONFIG…]",
		Short: "Find settings with which a path does what is asked of it",
		Long: `solve takes goals and proposes settings for all ends and boxes of the path that
may be changed, each in its product's own unit, or proves that there are none:

  detect=TIME         each side notices a dead peer on a quiet connection within
  detect-client=TIME  the same of the client of each leg alone
  detect-server=TIME  the same of the server of each leg alone
  outage=TIME         connections survive an outage of the network that long
  hold=TIME           quiet connections outlive a box that forgets after it
  idle=NUMBER         at most so many idle connections on a leg
  lost=SHARE          at most that share of requests meets a close: 0, 0.1%
  probes=RATE         at most so many packets of probes a second on a leg

The fewest settings are changed, by as little as will do, to values that people
write, and no warning comes up that was not there before. Where goals contradict
each other it says which, and what giving one up buys. idle and probes are
judged on legs of which --set legN:arrivals= or legN:connections= says how many
connections they have.

--save writes a session with the proposal, for keeptune export. A session keeps
its goals; --goal NAME=unset drops one.

` + exitBySolve,
		Example: `  keeptune solve 'chrome > nginx > node' --goal lost=0
  keeptune solve --path 'putty > conntrack > sshd' --goal hold=300s \
      --goal outage=3m --change sshd
  keeptune solve edge-3.toml --goal lost=0 --save edge-4.toml`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.runSolve(cmd, &f, args) },
	}
	f.where.flags(cmd)
	cmd.Flags().StringArrayVar(&f.goals, "goal", nil, "what the path is to do: `NAME=NUMBER`; may be repeated")
	cmd.Flags().StringSliceVar(&f.change, "change", nil, "whose settings may be changed: `ENDPOINTS`, separated by commas; without it all")
	cmd.Flags().StringVar(&f.format, "format", "text", "`FORMAT`: text, json or markdown")
	cmd.Flags().StringVar(&f.save, "save", "", "write a session with the proposal to this `FILE.toml`")
	cmd.Flags().BoolVar(&f.force, "force", false, "replace that file")
	complete(cmd, "format", "text", "json", "markdown")
	var names []string
	for _, goal := range model.AllGoals() {
		names = append(names, string(goal)+"=\t"+goal.Title())
	}
	// The only error is a flag that does not exist, which a test would find.
	_ = cmd.RegisterFlagCompletionFunc("goal", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace))
	return cmd
}

func (a *app) runSolve(cmd *cobra.Command, f *solveFlags, args []string) error {
	if _, ok := solveFormats[f.format]; !ok {
		return choose(f.format, solveFormats, func(func(io.Writer, solved) error) error { return nil })
	}
	if cmd.Flags().Changed("save") && f.save == "" {
		return errors.New("--save is empty; name a file such as edge-4.toml")
	}
	d, err := a.document(&f.where, args, "")
	if err != nil {
		return err
	}
	if d.Goals, err = goalsOf(d.Goals, f.goals); err != nil {
		return err
	}
	if cmd.Flags().Changed("change") {
		d.Goals.Change = nil
		for _, id := range f.change {
			d.Goals.Change = append(d.Goals.Change, model.EndpointID(strings.ToLower(strings.TrimSpace(id))))
		}
	}
	if err := a.warned("keeptune solve", &f.where.read); err != nil {
		return err
	}
	if len(d.Goals.Wanted) == 0 {
		return errors.New("what is the path to do? give a --goal such as --goal lost=0 or --goal detect=60s; keeptune solve --help lists them")
	}
	s := solved{document: d}
	if s.answer, err = solve.Solve(cmd.Context(), d, a.catalogs(), a.hz); err != nil {
		return err
	}
	if s.answer.Proposal != nil && f.save != "" {
		if err := s.save(a.catalogs(), f.save, f.force); err != nil {
			return err
		}
	}
	if err := choose(f.format, solveFormats, func(p func(io.Writer, solved) error) error { return p(a.out, s) }); err != nil {
		return err
	}
	if s.answer.Proposal == nil {
		return &exit{code: exitFindings}
	}
	return nil
}

// goalsOf are goals with what --goal says.
func goalsOf(g model.Goals, texts []string) (model.Goals, error) {
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		goal := model.Goal(strings.ToLower(strings.TrimSpace(name)))
		if !ok {
			return g, fmt.Errorf("--goal: %q is not NAME=NUMBER, such as detect=60s", model.Clean(text, 80))
		}
		if goal.Known() && strings.TrimSpace(value) == "unset" {
			g = g.With(goal, model.ValueUnset)
			continue
		}
		v, err := goal.Parse(value)
		if err != nil {
			return g, fmt.Errorf("--goal: %w", err)
		}
		g = g.With(goal, v)
	}
	return g, nil
}

// save writes a session with the proposal.
func (s *solved) save(c *model.Catalog, file string, force bool) error {
	d := s.document
	var err error
	for _, e := range s.answer.Proposal.Edits() {
		if d, err = d.With(e, c); err != nil {
			return err
		}
	}
	if err := store.Write(typedPath(file), model.EncodeDocument(d), store.Options{Mode: store.Private, Replace: force}); err != nil {
		return err
	}
	s.saved = model.Clean(file, 200)
	return nil
}

// metText is a word for whether a goal is met.
func metText(met bool) string {
	if met {
		return "met    "
	}
	return "not met"
}

func goalsText(p *page, head string, goals []solve.Standing) {
	p.line("")
	p.line("%s", head)
	for _, s := range goals {
		p.wrapped("  "+metText(s.Met)+"  ", "           ", fmt.Sprintf("%s %s: %s", s.Goal, s.Goal.Human(s.Asked), s.Text))
	}
}

func solveText(w io.Writer, s solved) error {
	var p page
	a := &s.answer
	p.wrapped("PATH  ", "      ", strings.ReplaceAll(s.document.Path.String(), " > ", " --> "))
	goalsText(&p, "GOALS, as it is now", a.Goals)
	for _, leg := range a.Unjudged {
		p.wrapped("  ?        ", "           ", fmt.Sprintf("leg %d is not judged by numbers: give leg%d:arrivals or leg%d:connections", leg+1, leg+1, leg+1))
	}
	p.line("")
	if a.Proposal == nil {
		p.wrapped("", "  ", "IMPOSSIBLE: "+a.Contradiction()+".")
		if len(a.WaysOut) > 0 {
			p.line("")
			p.line("WAYS OUT")
		}
		for _, out := range a.WaysOut {
			p.wrapped("  - ", "    ", out.Text)
		}
		return p.flush(w)
	}
	x := a.Proposal
	if len(x.Choices) == 0 {
		p.line("All goals are met as it is: nothing has to be changed.")
		return p.flush(w)
	}
	p.line("PROPOSAL")
	for _, c := range x.Choices {
		p.wrapped("  ", "      ", fmt.Sprintf("%s  %s, now %s", c.Setting(), c.Is.Human(), c.Was.Human()))
		p.wrapped("      ", "      ", c.Why)
	}
	goalsText(&p, "GOALS, with it", x.Goals)
	p.wrapped("  verdict  ", "           ", tuning.Leads(a.Before, x.After))
	p.line("")
	if s.saved != "" {
		p.line("It is in %s; keeptune export %s writes the configurations.", s.saved, s.saved)
	} else {
		p.line("--save FILE.toml keeps it as a session, which keeptune export takes.")
	}
	return p.flush(w)
}

func solveJSON(w io.Writer, s solved) error {
	return wire.Print(w, wire.FromAnswer(&s.answer, s.document.Path.String(), versionText(), model.KnowledgeDate))
}

// solveMarkdown is a proposal for a ticket.
func solveMarkdown(w io.Writer, s solved) error {
	var p page
	a := &s.answer
	p.line("## Goals of `%s`", s.document.Path)
	p.line("")
	after := a.Goals
	if a.Proposal != nil {
		after = a.Proposal.Goals
		p.line("| goal | now | proposed |")
		p.line("|---|---|---|")
	} else {
		p.line("| goal | now |")
		p.line("|---|---|")
	}
	for i, g := range a.Goals {
		cells := fmt.Sprintf("| %s %s | %s: %s |", g.Goal, markdown(g.Goal.Human(g.Asked)), strings.TrimSpace(metText(g.Met)), markdown(g.Text))
		if a.Proposal != nil {
			cells += fmt.Sprintf(" %s: %s |", strings.TrimSpace(metText(after[i].Met)), markdown(after[i].Text))
		}
		p.line("%s", cells)
	}
	p.line("")
	if a.Proposal == nil {
		p.line("Impossible: %s.", markdown(a.Contradiction()))
		p.line("")
		for _, out := range a.WaysOut {
			p.line("- %s", markdown(out.Text))
		}
	} else if len(a.Proposal.Choices) > 0 {
		p.line("| setting | now | proposed | why |")
		p.line("|---|---|---|---|")
		for _, c := range a.Proposal.Choices {
			p.line("| %s | %s | %s | %s |", c.Setting(), c.Was.Human(), c.Is.Human(), markdown(c.Why))
		}
		p.line("")
		p.line("**Verdict**: %s", markdown(tuning.Leads(a.Before, a.Proposal.After)))
	}
	p.line("")
	p.line("keeptune %s, knowledge of %s", versionText(), model.KnowledgeDate)
	return p.flush(w)
}
