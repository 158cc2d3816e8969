package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/explain"
	"example.com/keeptune/ui/cli/wire"
	"example.com/keeptune/ui/explainpage"
)

// explainLimit bounds what is read of a log.
const explainLimit = 64 << 20

// An explained is everything that keeptune explain prints.
type explained struct {
	explain.Explained
	table *explain.Table
	text  string
	page  explainpage.Options
}

var explainFormats = map[string]func(io.Writer, explained) error{"text": explainText, "json": explainJSON}

func (a *app) explain() *cobra.Command {
	var format, path, when string
	var set []string
	var all bool
	cmd := &cobra.Command{
		Use:   "explain [TIME or LINE|-]",
		Short: "What a length of time or a line of a log means",
		Long: `explain says which settings give a time that somebody saw ("hangs for 7875 s",
"dies after exactly 350 s", "15 m 40 s", "5 s, now and then 6"), the most likely
first: each with its value, its versions, which side is seen to close and how,
and what to look at next. The times are computed from the defaults of every
system and operating system of the catalog, and from what real timers make of
them. The name of a system in the question, or the path with --path and --set,
goes before all others.

It reads lines of logs, too, from the command line or from standard input:
error lines of nginx, Apache, Varnish, Node.js, Go, Java, Python, .NET, libpq,
MySQL, curl, gRPC and ssh, HAProxy's termination states, Envoy's response flags
and the access log of an AWS ALB: what each means, who closed, what to look at.
Of a line only what makes it known is repeated, without addresses and secrets.

Whether sessions drop in quiet times or in outages no time tells, and the
remedies are opposite: it is asked, and --when answers.

` + exitPlain,
		Example: `  keeptune explain '7875 s'
  keeptune explain 'nginx: 504 after 60 s'
  keeptune explain --path 'chrome > aws-alb > node' '60 s, now and then 61'
  keeptune explain < /var/log/nginx/error.log
  keeptune explain 'PuTTY drops' --when outage`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			e := explained{table: explain.NewTable(a.catalogs()), page: explainpage.Options{Width: width, When: when, All: all, Shell: true}}
			if when != "" && !slices.ContainsFunc(explain.Choices(), func(c explain.Choice) bool { return c.When == when }) {
				return fmt.Errorf("--when takes quiet or outage, not %q", model.Clean(when, 40))
			}
			report, err := a.reportOf(path, set)
			if err != nil {
				return err
			}
			if report != nil {
				e.page.Path = path
			}
			if e.text, err = a.question(args); err != nil {
				return err
			}
			var bad error
			e.Explained, bad = e.table.Text(e.text, report)
			if e.Nothing() && !e.Asks && when == "" && e.Log.Read < 2 {
				return errors.New(explain.Unlike(e.text))
			}
			if err := choose(format, explainFormats, func(p func(io.Writer, explained) error) error { return p(a.out, e) }); err != nil {
				return err
			}
			return bad
		},
	}
	cmd.Flags().StringVar(&path, "path", "", "where it was seen: the `PATH`, client first")
	cmd.Flags().StringArrayVar(&set, "set", nil, "a setting there: [ENDPOINT:]`PARAM=VALUE`; may be repeated")
	cmd.Flags().StringVar(&when, "when", "", "`WHEN` sessions drop: quiet or outage")
	cmd.Flags().BoolVar(&all, "all", false, "name every setting that fits, not only the first eight")
	cmd.Flags().StringVar(&format, "format", "text", "`FORMAT`: text or json")
	complete(cmd, "format", "text", "json")
	complete(cmd, "when", "quiet", "outage")
	return cmd
}

// question is what was asked: the arguments, or standard input.
func (a *app) question(args []string) (string, error) {
	text := strings.Join(args, " ")
	if len(args) > 0 && text != "-" {
		return text, nil
	}
	if len(args) == 0 && term.IsTerminal(a.in.Fd()) {
		return "", errors.New("what was seen? write keeptune explain '7875 s', or keeptune explain < error.log")
	}
	data, err := a.standardInput(explainLimit)
	return string(data), err
}

// reportOf is the analysis of the path on which something was seen, or nil.
func (a *app) reportOf(path string, set []string) (*tuning.Report, error) {
	if path == "" {
		if len(set) > 0 {
			return nil, errors.New("--set needs the --path that the setting is of")
		}
		return nil, nil
	}
	p, err := model.ParsePath(path, a.catalogs())
	if err != nil {
		return nil, fmt.Errorf("--path: %w", err)
	}
	d, err := model.Document{Path: p}.Assign(a.catalogs(), set...)
	if err != nil {
		return nil, fmt.Errorf("--set: %w", err)
	}
	r, err := tuning.Analyze(d, tuning.NewEnv(a.catalogs(), 0))
	if err != nil {
		return nil, err
	}
	return &r, nil
}

func explainText(w io.Writer, e explained) error {
	var p page
	p.lines(explainpage.Lines(&e.Explained, e.table, e.page))
	return p.flush(w)
}

func explainJSON(w io.Writer, e explained) error {
	most := explainpage.Listed
	if e.page.All {
		most = 1 << 20
	}
	return wire.Print(w, wire.FromExplained(&e.Explained, e.table, wire.Explaining{
		Version: versionText(), Knowledge: model.KnowledgeDate, Path: e.page.Path, When: e.page.When, Most: most,
	}))
}
