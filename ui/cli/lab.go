package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/lab"
	"example.com/keeptune/ui/cli/wire"
)

func (a *app) lab() *cobra.Command {
	var f labFlags
	var format string
	cmd := &cobra.Command{
		Use:   "lab",
		Short: "Prove the arithmetic on this host's kernel",
		Long: `lab runs settings on this host's real kernel, in network namespaces of its own,
cuts the path there with nft and prints how long the kernel took to give the
peer up beside what was predicted. It needs Linux, ip and nft, but no root where
the kernel lets users make namespaces, and touches nothing outside of them.

Without --random and without a setting it runs each scenario's own table. A run
is inside from 5 ms before the predicted low to 12 ms after the high. Where this
program came late, by a timer over 5 ms at its end or with what it was to do, it
is repeated: once, and up to five times while it is not inside.
The middleboxes are met by the live test's ladder too; that is inside where its
bracket holds the box's time and the kind of end is right.

Exit codes: 0 all inside, 1 not all, 2 usage, or no lab on this host.`,
		Example: `  keeptune lab --random 60 --seed 7
  keeptune lab --scenario middlebox
  keeptune lab --scenario idle --keepalive-time 2s --interval 1s --probes 3`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			plan, err := f.plan(cmd)
			if err != nil {
				return err
			}
			return choose(format, labFormats, func(run labFormat) error { return run(a, cmd, plan) })
		},
	}
	f.flags(cmd)
	cmd.Flags().StringVar(&format, "format", "text", "`FORMAT`: text or json")
	complete(cmd, "format", "text", "json")
	return cmd
}

type labFormat func(*app, *cobra.Command, lab.Plan) error

var labFormats = map[string]labFormat{"text": (*app).labText, "json": (*app).labJSON}

// labFlags are the flags of lab as they were written.
type labFlags struct {
	plans                        lab.Plan
	scenario                     string
	time, interval, user, write  string
	ceiling                      string
	probes, retries, syn, linear int64
	orphans                      int64
}

func (f *labFlags) flags(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVar(&f.scenario, "scenario", "all", "`SCENARIO`: idle, user-timeout, in-flight, zero-window, connect, write, orphan, half-closed, middlebox, gone or all")
	s.IntVar(&f.plans.Random, "random", 0, "draw `N` settings instead of the scenario's own")
	s.Uint64Var(&f.plans.Seed, "seed", 1, "what they are drawn from, a number `N`; the same draws the same")
	s.IntVar(&f.plans.Parallel, "parallel", 0, "run at most `N` at a time (default 64)")
	s.StringVar(&f.time, "keepalive-time", "", "run this `TIME` of silence before the first probe, whole seconds")
	s.StringVar(&f.interval, "interval", "1s", "`TIME` between unanswered probes, whole seconds")
	s.Int64Var(&f.probes, "probes", 3, "`N` unanswered probes before giving up; 0 is tcp_keepalive_probes = 0")
	s.StringVar(&f.user, "user-timeout", "", "`TIME` of TCP_USER_TIMEOUT")
	s.Int64Var(&f.retries, "retries2", 15, "`N` of tcp_retries2")
	s.Int64Var(&f.syn, "syn-retries", 6, "`N` of tcp_syn_retries")
	s.Int64Var(&f.linear, "syn-linear", 4, "`N` of tcp_syn_linear_timeouts")
	s.StringVar(&f.ceiling, "rto-max", "2m", "`TIME` of tcp_rto_max_ms, from Linux 6.15 on")
	s.Int64Var(&f.orphans, "orphan-retries", 0, "`N` of tcp_orphan_retries")
	s.StringVar(&f.write, "write-at", "", "`TIME` of the write on the dead connection, after the last segment received")
	complete(cmd, "scenario", "idle", "user-timeout", "in-flight", "zero-window", "connect", "write", "orphan", "half-closed", "middlebox", "gone", "all")
}

// plan is what the flags ask for; a setting among them makes it the only one.
func (f *labFlags) plan(cmd *cobra.Command) (lab.Plan, error) {
	p := f.plans
	p.Scenario = lab.Scenario(f.scenario)
	given := cmd.Flags().Changed
	one, s := false, lab.Default(p.Scenario)
	for _, t := range []struct {
		flag, text string
		to         *time.Duration
	}{
		{"keepalive-time", f.time, &s.Idle},
		{"interval", f.interval, &s.Every},
		{"user-timeout", f.user, &s.UserTimeout},
		{"write-at", f.write, &s.WriteAt},
		{"rto-max", f.ceiling, &s.RTOMax},
	} {
		if t.text == "" {
			continue
		}
		var err error
		if *t.to, err = spanFlag(t.flag, t.text); err != nil {
			return p, err
		}
		one = one || given(t.flag)
	}
	for _, flag := range []string{"probes", "retries2", "syn-retries", "syn-linear", "orphan-retries"} {
		one = one || given(flag)
	}
	if !one {
		return p, nil
	}
	switch {
	case p.Random > 0:
		return p, errors.New("--random draws the settings; leave out either it or the settings")
	case p.Scenario == lab.All || p.Scenario == lab.HalfClosed || p.Scenario == lab.Middlebox || p.Scenario == lab.PeerGone:
		return p, errors.New("a setting is run in one scenario; add --scenario idle, user-timeout, in-flight, zero-window, connect, write or orphan")
	}
	s.KeepAlive = given("keepalive-time") || given("interval") || given("probes")
	s.Count, s.Retries, s.SynRetries, s.SynLinear, s.Orphans = f.probes, f.retries, f.syn, f.linear, f.orphans
	p.Cases = []lab.Case{s}
	return p, nil
}

// labText prints a row as each sample ends.
func (a *app) labText(cmd *cobra.Command, plan lab.Plan) error {
	var failed error
	write := func(p *page) { failed = errors.Join(failed, p.flush(a.out)) }
	started := false
	sum, err := lab.Run(cmd.Context(), plan, func(s lab.Sample) {
		var p page
		if !started {
			started = true
			p.line("%-12s  %17s  %8s  %-8s  %s", "scenario", "predicted s", "measured", "", "setting")
		}
		labRow(&p, s)
		write(&p)
	})
	if err != nil {
		return err
	}
	var p page
	p.line("")
	text := fmt.Sprintf("%d of %d inside, HZ %d", sum.Inside, sum.Samples, sum.HZ)
	if sum.Repeated > 0 {
		text += fmt.Sprintf("; %d repeated, because this program came late", sum.Repeated)
	}
	p.line("%s", text)
	write(&p)
	return errors.Join(failed, labVerdict(sum))
}

func labRow(p *page, s lab.Sample) {
	predicted, measured, mark := fmt.Sprintf("%s to %s", labSeconds(s.Prediction.Low), labSeconds(s.Prediction.High)), labSeconds(s.Measured), "inside"
	if !s.Inside() {
		mark = "OUTSIDE"
	}
	if s.Error != "" || s.Case.Ladder != (lab.LadderScenario{}) && s.Measured == 0 {
		measured = "-"
	}
	if s.Prediction.Outcome == lab.Inconclusive {
		predicted = "-"
	}
	var notes []string
	switch {
	case s.Error != "":
		notes = append(notes, model.Clean(s.Error, 300))
	case s.Outcome != s.Prediction.Outcome:
		notes = append(notes, fmt.Sprintf("%s instead of %s", s.Outcome, s.Prediction.Outcome))
	case s.Outcome != lab.TimedOut:
		notes = append(notes, string(s.Outcome))
	}
	if s.Outlived > 0 {
		notes = append(notes, labSeconds(s.Outlived)+" s outlived")
	}
	if s.Repeated {
		notes = append(notes, "repeated")
	}
	text := s.Case.String()
	if len(notes) > 0 {
		text += "; " + strings.Join(notes, "; ")
	}
	first := fmt.Sprintf("%-12s  %17s  %8s  %-8s  ", s.Case.Scenario, predicted, measured, mark)
	p.wrapped(first, strings.Repeat(" ", len(first)), text)
}

func labSeconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// labJSON prints keeptune.lab/1 when all samples have ended, in the plan's order.
func (a *app) labJSON(cmd *cobra.Command, plan lab.Plan) error {
	list, err := plan.List()
	if err != nil {
		return err
	}
	samples := make([]lab.Sample, len(list))
	sum, err := lab.Run(cmd.Context(), plan, func(s lab.Sample) { samples[s.Index] = s })
	if err != nil {
		return err
	}
	return errors.Join(wire.Print(a.out, wire.FromLab(plan, samples, sum, versionText())), labVerdict(sum))
}

func labVerdict(sum lab.Summary) error {
	if sum.Inside < sum.Samples {
		return &exit{code: exitFindings}
	}
	return nil
}
