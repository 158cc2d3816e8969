package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/cli/wire"
)

// A checked is everything that keeptune check prints.
type checked struct {
	document model.Document
	report   tuning.Report
	read     reading // what configurations said of it
	against  *wire.Against
	other    string       // what it is held against, to be read
	plan     *tuning.Plan // for all legs together; nil where nothing helps
}

// A printer writes what was checked.
type printer func(io.Writer, checked) error

var checkFormats = map[string]printer{
	"text": checkText, "json": checkJSON, "markdown": checkMarkdown, "sarif": checkSARIF, "junit": checkJUnit,
}

func (a *app) check() *cobra.Command {
	var where connection
	var format, failOn, against string
	cmd := &cobra.Command{
		Use:   "check [PATH|SESSION.toml|CONFIG…]",
		Short: "Judge a connection: limit, verdict, dead-peer detection",
		Long: `check computes the effective idle limit of every leg of a path, which setting of
which side causes it, whether reusing the connection is safe, and how long each
side takes to notice a dead peer. It never opens a connection.

Verdicts: ok; retried: the far side may close first, but the client repeats
every request that meets the close; race: the far side may close first, a
request can meet the close; stale: a middlebox forgets the connection, and
neither end is told; unbounded: nothing ever closes it; unknown: a limit that
could be the smallest is not known.

A configuration is laid over the path that the flags name, or over its own
system with a usual other end. Where it has several contexts (servers,
locations, backends) the worst is judged and named; --where picks one. Lines of
it that bear on connections and were not used are listed, and so is what
concerns a next hop that the path does not have.

Where the legs need more than one change, or what helps one leg would harm
another, WHOLE PATH is one set of changes for all of them, as --set takes it.

For --fail-on the findings of the rules count, not the verdict.

--suppress hides a finding for a reason: it is listed apart and does not count.
RULE is enough where the rule fires once, else @ and one or more of the settings
that the finding points at, with + between them. It hides that one fault on that
leg and no other, and where a level is named (RULE:warning) not a graver one. To
keep it in a session, give it to keeptune import, or press s on the screen.

` + exitByFailOn,
		Example: `  keeptune check --client ie@11 --server apache
  keeptune check --client curl --server nginx@1.30 --format json
  keeptune check edge-3.toml --against last-week.toml --fail-on warning
  keeptune check --path 'chrome > nginx > node' /etc/nginx/nginx.conf`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			fail, err := parseFailOn(failOn)
			if err != nil {
				return err
			}
			d, err := a.document(&where, args, "")
			if err != nil {
				return err
			}
			c, err := a.advise(d)
			if err != nil {
				return err
			}
			c.read = where.read
			if err := a.warned("keeptune check", &where.read); err != nil {
				return err
			}
			if cmd.Flags().Changed("against") {
				if err := a.holdAgainst(&c, against); err != nil {
					return err
				}
			}
			if err := choose(format, checkFormats, func(p printer) error { return p(a.out, c) }); err != nil {
				return err
			}
			return c.failing(fail)
		},
	}
	where.flags(cmd)
	cmd.Flags().StringVar(&format, "format", "text", "`FORMAT`: text, json, markdown, sarif or junit")
	cmd.Flags().StringVar(&failOn, "fail-on", "error", "exit 1 on findings at this `SEVERITY` or above: error, warning, info or never")
	cmd.Flags().StringVar(&against, "against", "", "print the difference from this `SESSION.toml`")
	complete(cmd, "format", slices.Sorted(keys(checkFormats))...)
	complete(cmd, "fail-on", "error", "warning", "info", "never")
	return cmd
}

// failing is how a check ends that must not find anything as bad as fail.
func (c checked) failing(fail tuning.Severity) error {
	if fails(c.report.Findings, fail) {
		return &exit{code: exitFindings}
	}
	return nil
}

// judge analyzes a document.
func (a *app) judge(d model.Document) (checked, error) {
	report, err := tuning.Analyze(d, tuning.NewEnv(a.catalogs(), a.hz))
	return checked{document: d, report: report}, err
}

// advise analyzes a document and seeks the remedies of what is found, one by one and
// for the whole path.
func (a *app) advise(d model.Document) (checked, error) {
	env := tuning.NewEnv(a.catalogs(), a.hz)
	report, err := tuning.Analyze(d, env)
	if err != nil {
		return checked{}, err
	}
	c := checked{document: d, report: tuning.Advised(d, env, report)}
	if plan, ok := tuning.Whole(d, env, report); ok {
		c.plan = &plan
	}
	return c, nil
}

func (a *app) holdAgainst(c *checked, file string) error {
	other, err := a.readSession(file)
	if err != nil {
		return fmt.Errorf("--against: %w", err)
	}
	before, err := a.judge(other)
	if err != nil {
		return fmt.Errorf("--against: %w", err)
	}
	c.against = wire.Compare(other, c.document, before.report, c.report)
	c.other = model.Clean(file, 200)
	return nil
}

func checkJSON(w io.Writer, c checked) error {
	j := wire.FromReport(c.report, versionText())
	j.Against, j.Plan = c.against, wire.PlanOf(c.report, c.plan)
	j.Contexts, j.Unused = wire.Choices(c.read.chosen), wire.Lines(c.read.unused)
	if c.read.next != nil {
		j.Unused = wire.Lines(slices.Concat(c.read.unused, c.read.next.lines))
	}
	if c.read.of > 1 {
		j.Ways = c.read.of
	}
	return wire.Print(w, j)
}

// keys are the keys of a map, for slices.Sorted.
func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// choose calls do with the one of several that a flag names.
func choose[V any](name string, from map[string]V, do func(V) error) error {
	v, ok := from[name]
	if !ok {
		return fmt.Errorf("--format: there is no format %q; choose %s", model.Clean(name, 40), orList(slices.Sorted(keys(from))))
	}
	return do(v)
}

// orList is a, b or c.
func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// complete tells the shell what a flag takes.
func complete(cmd *cobra.Command, flag string, values ...string) {
	// The only error is a flag that does not exist, which a test would find.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.Flags().SetAnnotation(flag, takesWords, values)
}
