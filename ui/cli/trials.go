package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/trial"
	"example.com/keeptune/ui/cli/wire"
)

func (a *app) confirm() *cobra.Command {
	return &cobra.Command{
		Use:   "confirm",
		Short: "Keep the trial that runs on this host",
		Long: `confirm keeps what keeptune apply has put in force, and writes the files that
set it again when the host starts. Where one of them cannot be written nothing
is kept, and the trial runs on.

` + exitByTrial,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.trials().Confirm(cmd.Context())
			if err != nil {
				return &exit{code: exitFindings, err: err}
			}
			return a.ended(s)
		},
	}
}

func (a *app) revert() *cobra.Command {
	return &cobra.Command{
		Use:   "revert",
		Short: "Undo the trial on this host now, or one that was left open",
		Long: `revert undoes what keeptune apply has put in force: the trial that runs, or one
that was left open because the host went down or the process that undoes it was
killed. What somebody else changed meanwhile is left alone, and said.

` + exitByTrial,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.trials().Revert(cmd.Context(), "it was asked for")
			if err != nil {
				return &exit{code: exitFindings, err: err}
			}
			var p page
			endedText(&p, s)
			return p.flush(a.out)
		},
	}
}

func (a *app) status() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "The trial on this host: what it changed, how long it has left",
		Long: `status tells of this user's latest trial on this host (keeptune apply), from its
journal; one of root's is told by sudo keeptune status.

Exit codes: 0 no trial is open, 1 a trial runs and can be kept, 2 usage, 4 a
trial was left open, and only keeptune revert undoes what is in force of it; 70
the program crashed, 128+n ended by signal n.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			print, ok := statusFormats[format]
			if !ok {
				return choose(format, statusFormats, func(func(io.Writer, *statusOf) error) error { return nil })
			}
			e := a.trials()
			s, err := e.Open()
			if err == nil && s == nil {
				s, err = e.Last()
			}
			if err != nil {
				return err
			}
			if err := print(a.out, &statusOf{state: s, now: a.now(), zone: a.global.zone}); err != nil {
				return err
			}
			switch {
			case s == nil || !s.Open():
				return nil
			case !s.Guarded:
				return &exit{code: exitInconclusive}
			}
			return &exit{code: exitFindings}
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "`FORMAT`: text or json")
	complete(cmd, "format", "text", "json")
	return cmd
}

// A statusOf is a trial at a moment; its state is nil where there was none.
type statusOf struct {
	state *trial.State
	now   time.Time
	zone  *time.Location
}

var statusFormats = map[string]func(io.Writer, *statusOf) error{"text": statusText, "json": statusJSON}

func statusText(w io.Writer, st *statusOf) error {
	var p page
	s := st.state
	if s == nil {
		p.line("No trial of this user has been made on this host.")
		return p.flush(w)
	}
	at := func(t time.Time) string { return t.In(st.zone).Format("2006-01-02 15:04:05") }
	p.wrapped("TRIAL  ", "       ", fmt.Sprintf("%s, begun %s", model.Clean(s.For, 200), at(s.Began)))
	switch {
	case !s.Open():
		p.line("  ended %s", at(s.Ended))
		endedText(&p, s)
	case !s.Guarded && s.Restart:
		p.wrapped("  ", "  ", "It was left open when the host went down. keeptune revert undoes what is still in force.")
	case !s.Guarded:
		p.wrapped("  ", "  ", "It was left open: the process that undoes it is gone. keeptune revert undoes it.")
	case s.Phase == trial.Changing:
		p.line("  its changes are being made")
	default:
		p.wrapped("  ", "  ", fmt.Sprintf("undone in %s, at %s; keeptune confirm keeps it, keeptune revert undoes it now",
			model.FormatSpan(max(0, s.Deadline.Sub(st.now)).Truncate(time.Second)), at(s.Deadline)))
	}
	for i := range s.Items {
		it := &s.Items[i]
		p.wrapped("  ", "      ", fmt.Sprintf("%s  %s -> %s", model.Clean(it.Name, 120), model.Clean(it.From, 120), model.Clean(it.To, 120)))
	}
	return p.flush(w)
}

func statusJSON(w io.Writer, st *statusOf) error {
	return wire.Print(w, wire.FromTrial(st.state, versionText(), st.now))
}
