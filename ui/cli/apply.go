package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/sockopt"
	"example.com/keeptune/tuning/trial"
	"example.com/keeptune/ui/cli/wire"
	keepterm "example.com/keeptune/ui/term"
)

// exitByTrial is what the exit codes of apply, confirm and revert mean.
const exitByTrial = `Exit codes: 0 done, 1 undone or not done, 2 usage or unreadable input, 70 the
program crashed, 128+n ended by signal n.`

// defaultWindow is how long a trial waits to be kept.
const defaultWindow = 5 * time.Minute

// applyFlags are what keeptune apply is asked.
type applyFlags struct {
	where connection
	at    []string
	netns string
	try   tryFlags
}

// tryFlags say how a trial is made.
type tryFlags struct {
	window      time.Duration
	yes, dryRun bool
	format      string
}

func (f *tryFlags) flags(cmd *cobra.Command) {
	s := cmd.Flags()
	s.DurationVar(&f.window, "for", defaultWindow, "undo it after this `TIME` unless it is kept: 1s to 24h")
	s.BoolVar(&f.yes, "yes", false, "ask nothing; end once it is in force")
	s.BoolVar(&f.dryRun, "dry-run", false, "show the plan and change nothing")
	s.StringVar(&f.format, "format", "text", "`FORMAT` of the plan: text, or json, which asks nothing")
	complete(cmd, "format", "text", "json")
}

func (f *tryFlags) check() error {
	if f.window < trial.ShortestWindow || f.window > trial.LongestWindow {
		return fmt.Errorf("--for is %s; a trial lasts from 1s to 24h", f.window)
	}
	if f.format != "text" && f.format != "json" {
		return fmt.Errorf("--format takes text or json, not %q", model.Clean(f.format, 40))
	}
	return nil
}

// trialKinds are all kinds of changes that can be tried, and undone by another process.
func trialKinds() trial.Kinds {
	kinds := trial.OwnKinds()
	maps.Copy(kinds, sockopt.Kinds())
	return kinds
}

// trials makes and ends the trials of this host.
func (a *app) trials() *trial.Engine {
	a.catalogs() // finds the places
	return &trial.Engine{Dir: filepath.Join(a.places.State, "trials"), Kinds: trialKinds(), Version: versionText()}
}

func (a *app) apply() *cobra.Command {
	var f applyFlags
	cmd := &cobra.Command{
		Use:   "apply [PATH|SESSION.toml|CONFIG…]",
		Short: "Try the changes on this host: undone unless they are kept",
		Long: `apply puts what is changed in a session in force on this host, for a time in
which it is kept or undone. It shows a plan and asks; then a process of its own
stands by to undo everything, and the changes are made one by one, each read
back. On a terminal it waits: keep keeps them, anything else undoes them, and so
do the end of the time, Ctrl+C, a lost connection and a kill of keeptune. With
--yes it asks nothing and ends once the changes are in force; keeptune confirm
keeps them then. What somebody else changed meanwhile is left alone, and said.

It changes something only with --write. It tries the variables of sysctl, in
this network namespace or in another one (--netns), which are written to
/etc/sysctl.d/60-keeptune.conf when they are kept; and the lines of nginx,
Apache, HAProxy and sshd. Where their configuration is opened, its own lines are
changed; where a session alone is, a file is put into the folder that the
running server includes, such as conf.d (not HAProxy). The server's own program
checks the files, a reload loads them, and its listeners have to answer as they
did before. Sessions of ssh that are open stay open.

` + exitByTrial,
		Example: `  keeptune apply edge-3.toml --dry-run
  sudo keeptune apply edge-3.toml --write --for 2m
  sudo keeptune apply /etc/nginx/nginx.conf --set keepalive_timeout=70s --write
  sudo keeptune apply edge-3.toml --write --yes && ./probe.sh && sudo keeptune confirm`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.runApply(cmd, &f, args) },
	}
	f.where.flags(cmd)
	s := cmd.Flags()
	s.StringSliceVar(&f.at, "at", nil, "the `ENDPOINTS` of the path that are this host, separated by commas")
	s.StringVar(&f.netns, "netns", "", "in the network `NAMESPACE`: a name of ip netns, a container, a process in it")
	f.try.flags(cmd)
	return cmd
}

func (a *app) runApply(cmd *cobra.Command, f *applyFlags, args []string) error {
	if err := f.try.check(); err != nil {
		return err
	}
	d, err := a.document(&f.where, args, "")
	if err != nil {
		return err
	}
	plan, err := a.planTrial(cmd.Context(), d, &f.where.read, f.at, f.netns, nil)
	if err != nil {
		return err
	}
	return a.try(cmd.Context(), plan, &f.try)
}

// try shows a plan, asks, and makes its trial.
func (a *app) try(ctx context.Context, plan trial.Plan, f *tryFlags) error {
	asks := f.format == "text" && term.IsTerminal(a.in.Fd()) && term.IsTerminal(a.outFile.Fd())
	goes := len(plan.Changes) > 0 && !f.dryRun && a.global.write && (f.yes || asks)
	if f.format == "text" || !goes {
		if err := a.printPlan(&plan, f, nil); err != nil {
			return err
		}
	}
	switch {
	case len(plan.Changes) == 0 && len(plan.Refused) > 0:
		return &exit{code: exitFindings}
	case f.dryRun || len(plan.Changes) == 0:
		return nil
	case !a.global.write:
		return errors.New("nothing was changed: keeptune changes this host only with --write; --dry-run shows the plan alone")
	case !f.yes && !asks:
		return errors.New("nothing was changed: nobody can be asked here; --yes says that it may be tried")
	}
	watch := keepterm.NewWatch(ctx)
	defer watch.Stop()
	lines := make(chan string)
	if !f.yes {
		// A read of a terminal cannot be cut short: a signal leaves it behind.
		go func() {
			defer close(lines)
			for in := bufio.NewScanner(a.in); in.Scan(); {
				lines <- strings.TrimSpace(in.Text())
			}
		}()
		_, _ = fmt.Fprint(a.errs, "Try it? [y/N] ")
		select {
		case <-watch.Context().Done():
			return &exit{code: watch.ExitCode(), err: errors.New("nothing was changed")}
		case answer := <-lines:
			if answer = strings.ToLower(answer); answer != "y" && answer != "yes" {
				return &exit{code: exitFindings, err: errors.New("nothing was changed")}
			}
		}
	}
	e := a.trials()
	t, err := e.Start(watch.Context(), plan, trial.Options{Window: f.window, Stay: f.yes, Step: func(s trial.Step) {
		_, _ = fmt.Fprintf(a.errs, "%d of %d in force: %s\n", s.Index+1, s.Of, s.Change.Target.About().Name)
	}})
	if err != nil {
		return &exit{code: cmp.Or(watch.ExitCode(), exitFindings), err: err}
	}
	if f.yes {
		s, err := t.State()
		if err != nil {
			return err
		}
		if f.format == "json" {
			return a.printPlan(&plan, f, s)
		}
		return a.sayf("It is in force, and undone at %s; keeptune confirm keeps it, keeptune revert undoes it now.", a.clock(s.Deadline))
	}
	return a.waitTrial(watch, t, lines)
}

// printPlan shows a plan, and as JSON also the trial that was made of it.
func (a *app) printPlan(plan *trial.Plan, f *tryFlags, s *trial.State) error {
	if f.format == "json" {
		return wire.Print(a.out, wire.FromTrialPlan(plan, f.window, s, versionText(), a.now()))
	}
	var p page
	trialText(&p, plan, f.window)
	return p.flush(a.out)
}

// clock is a time of day in the user's zone.
func (a *app) clock(t time.Time) string { return t.In(a.global.zone).Format("15:04:05") }

// sayf prints a sentence in lines of the page's width.
func (a *app) sayf(format string, args ...any) error {
	var p page
	p.wrapped("", "", fmt.Sprintf(format, args...))
	return p.flush(a.out)
}

// waitTrial waits until a trial is kept or undone, by whomever.
func (a *app) waitTrial(watch *keepterm.Watch, t *trial.Trial, lines <-chan string) error {
	s, err := t.State()
	if err != nil {
		return err
	}
	if err := a.sayf("It is in force. Type keep to keep it; anything else undoes it, and so does the end of the time, at %s.", a.clock(s.Deadline)); err != nil {
		return err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	// The signal is answered, so that who ends keeptune sees what became of the trial.
	told := []time.Duration{time.Minute, 10 * time.Second}
	for {
		var why string
		select {
		case <-watch.Context().Done():
			why = "keeptune was ended"
		case answer, ok := <-lines:
			switch {
			case strings.EqualFold(answer, "keep"):
				if s, err = t.Keep(context.WithoutCancel(watch.Context())); err == nil {
					return a.ended(s)
				}
				_, _ = fmt.Fprintf(a.errs, "It is not kept: %s\n", model.Clean(err.Error(), 300))
				continue
			case ok:
				why = "it was asked for"
			default:
				why = "the terminal is gone"
			}
		case <-tick.C:
			if s, err = t.State(); err != nil {
				return err
			}
			left := time.Until(s.Deadline)
			for len(told) > 0 && left <= told[0] {
				if told[0] < s.Window && left > told[0]-2*time.Second {
					_, _ = fmt.Fprintf(a.errs, "%s left; keep keeps it.\n", model.HumanSpan(told[0]))
				}
				told = told[1:]
			}
			switch {
			case !s.Open():
				return a.ended(s)
			case !s.Guarded:
				why = "the process that undoes it was ended"
			default:
				continue
			}
		}
		if s, err = t.Revert(context.WithoutCancel(watch.Context()), why); err != nil {
			return err
		}
		if code := watch.ExitCode(); code != 0 {
			_ = a.ended(s)
			return &exit{code: code}
		}
		return a.ended(s)
	}
}

// ended says what became of a trial, and makes it the exit code.
func (a *app) ended(s *trial.State) error {
	var p page
	endedText(&p, s)
	if err := p.flush(a.out); err != nil {
		return err
	}
	if s.Phase == trial.Reverted {
		return &exit{code: exitFindings}
	}
	return nil
}

func endedText(p *page, s *trial.State) {
	if s.Phase == trial.Kept {
		p.wrapped("", "  ", "Kept.")
		for _, f := range s.Files {
			p.wrapped("  ", "    ", f.Path+" sets it when the host starts.")
		}
		return
	}
	p.wrapped("", "  ", "Undone: "+s.Why+".")
	for _, text := range s.Left() {
		p.wrapped("  left as it is: ", "    ", text+".")
	}
	for _, text := range s.Notes() {
		p.wrapped("  note: ", "    ", text+".")
	}
}

// planTrial plans to try what is changed in a document on this host. What is read of the host
// for it is told to log, which may be nil.
func (a *app) planTrial(ctx context.Context, d model.Document, read *reading, at []string, netns string, log func(...machine.Access)) (trial.Plan, error) {
	c, err := a.judge(d)
	if err != nil {
		return trial.Plan{}, err
	}
	files, err := native.Export(native.Request{
		Document: d, Before: &read.before, Report: c.report, Catalog: a.catalogs(), Date: a.now().In(a.global.zone), Version: versionText(),
	})
	if err != nil {
		return trial.Plan{}, err
	}
	place := trial.Place{Namespace: netns}
	var left []trial.Refused
	if place.Servers, left, err = a.servers(read, d, c.report); err != nil {
		return trial.Plan{}, err
	}
	if place.Endpoints, err = thisHost(d, files, at, &place, len(place.Servers)+len(left) > 0); err != nil {
		return trial.Plan{}, err
	}
	in := dropping{running: running{app: a, netns: netns}, place: &place}
	files, err = in.plan(ctx, d, files)
	if in.machine != nil && log != nil {
		log(in.machine.Log...)
	}
	if err != nil {
		return trial.Plan{}, err
	}
	p, err := trial.Exported(ctx, files, a.catalogs(), place)
	p.Refused = append(append(p.Refused, in.refused...), left...)
	p.Notes = append(p.Notes, in.notes...)
	p.For = cmp.Or(d.Name, d.Path.String())
	return p, err
}

// servers are the servers whose configurations were opened, with what is changed of them,
// and what of the changes their files cannot say.
func (a *app) servers(read *reading, d model.Document, report tuning.Report) (wishes []trial.Wish, left []trial.Refused, err error) {
	if len(read.from.Paths) == 0 {
		return nil, nil, nil
	}
	args, err := a.arguments(placingOf(read.from), read.from.Paths)
	if err != nil {
		return nil, nil, err
	}
	for _, arg := range args {
		format := arg.config.Format
		if arg.session != nil || arg.file == "-" || trial.Main(format) == "" {
			continue
		}
		r, err := native.NewRewrite(
			[]native.Original{{Source: arg.source, Format: format, Where: read.from.Where}},
			native.Request{Document: d, Before: &read.before, Report: report, Catalog: a.catalogs()},
		)
		if err != nil {
			return nil, nil, err
		}
		for _, l := range r.Left {
			if l.Param.System() == model.SystemID(format) {
				left = append(left, trial.Refused{Name: string(l.Endpoint) + " " + l.Param.Name(), Why: l.Why})
			}
		}
		main, err := filepath.Abs(arg.file)
		if err != nil {
			return nil, nil, err
		}
		for i := range r.Files {
			f := &r.Files[i]
			if f.Path, err = realFile(filepath.FromSlash(f.Path), read.from); err == nil {
				f.Path, err = filepath.Abs(f.Path)
			}
			if err != nil {
				return nil, nil, err
			}
		}
		if len(r.Files) > 0 {
			s := trial.NewServer(format, main, r.Files)
			if format == "haproxy" {
				s.Serves = a.serves(arg.source)
			}
			s.Closes = a.closes(d, model.SystemID(format))
			wishes = append(wishes, trial.Wish{Target: s, To: s.Changed()})
		}
	}
	return wishes, left, nil
}

// serves are the listeners of a HAProxy's configuration that speak HTTP; others pass bytes on.
func (a *app) serves(source native.Source) []string {
	list := []string{}
	f, err := native.Find("haproxy")
	if err != nil {
		return list
	}
	im, err := f.Open(source, a.catalogs())
	if err != nil { // nothing is known, and nothing asked
		return list
	}
	for _, c := range im.Contexts {
		if c.HTTP {
			list = append(list, c.Listens...)
		}
	}
	return list
}

// closes says whether a server is told to close connections after a reply.
func (a *app) closes(d model.Document, system model.SystemID) bool {
	keep := []model.Role{model.RoleReuse, model.RoleIdle, model.RoleRequests}
	for _, e := range d.Path.Endpoints {
		for id, s := range e.Settings {
			p, err := e.FindParam(id, a.catalogs())
			if err != nil || id.System() != system || p.Face != model.FaceServer || !slices.Contains(keep, p.Role) {
				continue
			}
			if n, counts := s.Value.Count(); s.Value == model.ValueOff || counts && n <= 1 {
				return true
			}
		}
	}
	return false
}

// thisHost are the endpoints of a path that are this host.
func thisHost(d model.Document, files []native.File, at []string, place *trial.Place, servers bool) ([]model.EndpointID, error) {
	can := trial.Triable(files, place)
	switch {
	case len(files) == 0:
		return nil, errors.New("nothing is changed, so there is nothing to try; change something with --set, or in the session")
	case len(can) == 0 && !servers && opens(files) != "":
		return nil, fmt.Errorf("open the configuration whose lines are to be tried, as in keeptune apply %s", opens(files))
	case len(can) == 0 && !servers:
		return nil, errors.New("nothing of what is changed can be tried; keeptune export writes it for the programs that read it")
	}
	return hereOf(d, can, at)
}

// hereOf are the endpoints that --at says to be this host; without it the only one of those
// that could be.
func hereOf(d model.Document, could []model.EndpointID, at []string) ([]model.EndpointID, error) {
	var ids []model.EndpointID
	for _, text := range at {
		id := model.EndpointID(strings.ToLower(strings.TrimSpace(text)))
		if d.Path.Index(id) < 0 {
			return nil, fmt.Errorf("--at: the path has no endpoint %q; it is %s", model.Clean(text, 60), d.Path)
		}
		ids = append(ids, id)
	}
	switch {
	case len(ids) > 0:
		return ids, nil
	case len(could) > 1:
		var names []string
		for _, id := range could {
			names = append(names, "--at "+string(id))
		}
		slices.Sort(names)
		return nil, fmt.Errorf("which endpoint is this host? %s", strings.Join(names, ", or "))
	}
	return could, nil
}

// opens is a configuration that would have to be opened for one of the files to be tried.
func opens(files []native.File) string {
	for _, f := range files {
		if main := trial.Main(f.Format); main != "" {
			return main
		}
	}
	return ""
}

// trialText is a plan to be read before it is tried.
func trialText(p *page, plan *trial.Plan, window time.Duration) {
	if len(plan.Changes) > 0 {
		p.wrapped("TRY ON THIS HOST  ", "  ", fmt.Sprintf("%s, for %s", plan.For, model.FormatSpan(window)))
	}
	for i := range plan.Changes {
		c := &plan.Changes[i]
		about := c.Target.About()
		if s, ok := c.Target.(*trial.Server); ok {
			p.wrapped("  ", "      ", about.Name)
			for _, l := range s.Difference() {
				p.line("      %s", ansi.Truncate(model.Clean(l, 200), cmp.Or(p.w, width)-6, "…"))
			}
		} else {
			p.wrapped("  ", "      ", fmt.Sprintf("%s  %s -> %s", about.Name, c.Shown(c.From), c.Shown(c.To)))
		}
		if about.Effect != "" {
			p.wrapped("      ", "      ", "takes effect "+about.Effect)
		}
		if command := c.Target.Command(c.To); command != "" {
			p.line("      # %s", command)
		}
	}
	for i := range plan.Same {
		c := &plan.Same[i]
		p.wrapped("  in force already: ", "      ", c.Target.About().Name+" "+c.Shown(c.To))
	}
	for _, r := range plan.Refused {
		p.wrapped("  not tried: ", "      ", r.Name+": "+r.Why)
	}
	for _, f := range plan.Keep {
		p.wrapped("  kept in ", "      ", f.Path)
	}
	for _, n := range plan.Notes {
		p.wrapped("  note: ", "      ", n)
	}
	if len(plan.Changes) == 0 && len(plan.Refused) == 0 {
		p.line("This host has it all in force already.")
	}
}
