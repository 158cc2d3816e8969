package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/store"
	"example.com/keeptune/ui/contract"
)

// combinationsLimit bounds the combinations of contexts that are judged.
const combinationsLimit = 2000

// warningsLimit bounds what is told of configurations on standard error.
const warningsLimit = 400

// A placing is the flags that say what of configurations is meant, and whose
// they are.
type placing struct {
	as, end, root string
	where         []string
}

func (p *placing) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.as, "as", "", "the `FORMAT` of the configurations; found by looking unless given (keeptune export --list)")
	f.StringArrayVar(&p.where, "where", nil, "which `CONTEXT` of a configuration: 'server app.example location /api'; may be repeated")
	f.StringVar(&p.end, "end", "", "whose a host's file is where several hops could be meant: client, server or an `ENDPOINT`")
	f.StringVar(&p.root, "root", "", "the `FOLDER` that stands for / where configurations were copied from another machine")
	completeFormats(cmd, "as")
	completeEnd(cmd)
}

// completeEnd offers what --end takes: the ends, and the hops of the --path given.
func completeEnd(cmd *cobra.Command) {
	// The only error is a flag that does not exist, which a test would find.
	_ = cmd.RegisterFlagCompletionFunc("end", func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		ends := []string{"client", "server"}
		if f := cmd.Flags().Lookup("path"); f != nil {
			path, _ := model.ParsePath(f.Value.String(), model.Embedded()) // what cannot be read cannot be offered
			for _, e := range path.Endpoints {
				if !slices.Contains(ends, string(e.ID)) {
					ends = append(ends, string(e.ID))
				}
			}
		}
		return ends, cobra.ShellCompDirectiveNoFileComp
	})
}

// A reading is what configurations said of a document.
type reading struct {
	files    []string
	from     contract.ImportFile // how they were read, to be written back to
	chosen   []native.Choice
	before   model.Document // what the files say, without the changes of flags
	of       int            // combinations of contexts that differ
	unused   []native.Line
	left     []native.Line // settings that no hop has
	next     *nextHop      // what concerns a hop behind a path that nobody named
	warnings []native.Warning
	contexts []native.Context // those that were asked for, or all
}

// An argument is a file that a command was given: a session or a configuration.
type argument struct {
	name    string
	file    string
	session *model.Document
	config  native.Import
	source  native.Source // what the configuration was read from
}

// arguments reads the files; which are sessions is told from their content.
func (a *app) arguments(p *placing, files []string) ([]argument, error) {
	inputs, err := a.inputs(p.as, files)
	if err != nil {
		return nil, err
	}
	all := make([]argument, len(inputs))
	for i, in := range inputs {
		arg := argument{name: in.name(), file: in.file}
		if isSession(p.as, in.file, in.data) {
			d, err := a.decodeSession(in.file, in.data)
			if err != nil {
				return nil, err
			}
			arg.session = &d
		} else if err = a.openConfig(p, &in, &arg); err != nil {
			return nil, err
		} else if arg.session = arg.config.Document; arg.session == nil && len(arg.config.Contexts) == 0 {
			if w := arg.config.Warnings; len(w) > 0 {
				return nil, fmt.Errorf("%s: there is no setting in it that is known here; %s", arg.name, w[0])
			}
			arg.config.Warnings = []native.Warning{{File: arg.name, Line: 1, Text: "no line of it is a setting that keeptune knows; the defaults stand"}}
		}
		all[i] = arg
	}
	return all, nil
}

// isSession tells a session from a configuration: by its content, and a file
// that could be anything by its name.
func isSession(as, file string, data []byte) bool {
	if as != "" {
		return strings.EqualFold(as, "session")
	}
	switch native.Detect(data) {
	case "session":
		return true
	case "":
		return filepath.Ext(file) == ".toml" || bytes.Contains(data, []byte("[[endpoint")) || bytes.Contains(data, []byte("schema"))
	}
	return false
}

// openConfig reads a configuration with what it includes.
func (a *app) openConfig(p *placing, in *input, arg *argument) error {
	source := native.Source{Name: "standard input", Data: in.data, Rest: in.rest}
	if in.file != "-" {
		source.Name = filepath.Base(model.Clean(in.file, 200))
		if path, err := filepath.Abs(in.file); err == nil {
			source.Path, source.Files = filepath.ToSlash(path), readFiles{store.Configs{Limit: native.MaxSize}, a.redact}
		}
	}
	if p.root != "" {
		root, err := filepath.Abs(p.root)
		if err != nil {
			return fmt.Errorf("--root: %w", err)
		}
		source.Root = filepath.ToSlash(root)
	}
	arg.source = source
	as := strings.ToLower(cmp.Or(p.as, in.format))
	if as == "" {
		var err error
		arg.config, err = native.OpenAny(source, a.catalogs())
		if _, untold := errors.AsType[*native.DetectError](err); !untold {
			return err
		}
		if in.blank() {
			return nil
		}
		return cmp.Or(ofConnections(in), err)
	}
	format, err := native.Find(as)
	if err != nil {
		return fmt.Errorf("--as: %w", err)
	}
	arg.config, err = format.Open(source, a.catalogs())
	return err
}

// ofConnections says of a list of connections which command takes it; nil for anything else.
func ofConnections(in *input) error {
	sockets := 0
	_, err := census.ReadSS(bytes.NewReader(in.data), func(*census.Socket) { sockets++ })
	switch {
	case err == nil && sockets > 0:
		return fmt.Errorf("%s is a list of sockets and no configuration; keeptune census %s counts them", in.name(), in.file)
	case tracked(bufio.NewReader(bytes.NewReader(in.data))):
		return fmt.Errorf("%s lists tracked connections and no settings; keeptune census %s counts them, and their times are in what sysctl -a prints, net.netfilter.nf_conntrack_*", in.name(), in.file)
	}
	return nil
}

// A noFitError is a configuration of which no hop of the path takes anything.
type noFitError struct {
	file    string
	path    model.Path
	systems []string // whose values it has
}

func (e *noFitError) text() string {
	text := fmt.Sprintf("%s sets nothing that a hop of %s has", e.file, e.path)
	if len(e.systems) > 0 {
		text += ", only values of " + strings.Join(e.systems, " and ")
	}
	return text
}

// ofSystems are the systems of contexts, by their ids, each once.
func ofSystems(list []native.Context) []string {
	var ids []string
	for _, c := range list {
		if id := string(c.System); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Error is one sentence that says what to do.
func (e *noFitError) Error() string { return e.text() + "; name the path with --path" }

// lay lays the configurations over a path in every way that they allow.
func (a *app) lay(d model.Document, p *placing, args []argument) ([]native.Laying, reading, error) {
	all, read := []native.Laying{{Document: d}}, reading{}
	left := p.where
	var known []string
	for _, arg := range args {
		if arg.session != nil {
			continue
		}
		im, rest, err := arg.config.Pick(left)
		if err != nil {
			return nil, read, err
		}
		for _, c := range im.Contexts {
			if c.Where != "" {
				known = append(known, c.Where)
			}
		}
		left = rest
		read.files = append(read.files, arg.name)
		read.contexts = append(read.contexts, im.Contexts...)
		read.unused = append(read.unused, im.Unused...)
		read.warnings = append(read.warnings, im.Warnings...)
		for _, c := range im.Contexts {
			for _, d := range c.Doubts {
				if !slices.Contains(read.warnings, d.Warning) && len(read.warnings) < warningsLimit {
					read.warnings = append(read.warnings, d.Warning)
				}
			}
		}
		var next []native.Laying
		for _, base := range all {
			layings, err := im.Lay(base.Document, p.end, a.catalogs())
			if err != nil {
				return nil, read, err
			}
			if im.Says() && !slices.ContainsFunc(layings, func(l native.Laying) bool { return l.Fits }) {
				return nil, read, &noFitError{arg.name, base.Document.Path, ofSystems(im.Contexts)}
			}
			for _, l := range layings {
				l.Chosen, l.Left = append(slices.Clip(base.Chosen), l.Chosen...), append(slices.Clip(base.Left), l.Left...)
				next = append(next, l)
			}
			if len(next) > combinationsLimit {
				return nil, read, fmt.Errorf("the contexts of %s can be combined in more than %d ways; --where picks one", strings.Join(read.files, " and "), combinationsLimit)
			}
		}
		all = next
	}
	if len(left) > 0 {
		return nil, read, &native.WhereError{Where: left[0], Has: known}
	}
	read.left = all[0].Left
	read.of = len(all)
	return all, read, nil
}

// elsewhere are the settings of systems that a path which nobody named does not have.
func (r *reading) elsewhere(path model.Path, c *model.Catalog) []native.Line {
	var lines []native.Line
	for _, ctx := range r.contexts {
		sys, err := c.System(ctx.System)
		if err != nil || sys.Kind == "os" || slices.ContainsFunc(path.Endpoints, func(e model.Endpoint) bool { return e.System == ctx.System }) {
			continue
		}
		for _, id := range slices.Sorted(maps.Keys(ctx.Settings)) {
			s := ctx.Settings[id]
			l := native.Line{
				File: s.Origin.Where, Line: s.Origin.Line, Text: fmt.Sprintf("%s = %s", id, s.Value),
				Why: fmt.Sprintf("%s does not have %s; name the path with --path", path, ctx.System),
			}
			if s.Origin.Kind == model.FromFile && !slices.Contains(lines, l) {
				lines = append(lines, l)
			}
		}
	}
	return lines
}

// beyond is the last hop of a path where configurations say how it speaks to its
// servers.
func (r *reading) beyond(path model.Path, c *model.Catalog) model.EndpointID {
	last := path.Endpoints[len(path.Endpoints)-1]
	s, err := c.System(last.System)
	if err != nil || s.Faces[model.FaceClient] == nil {
		return ""
	}
	for _, ctx := range r.contexts {
		for id, set := range ctx.Settings {
			if p := s.Param(id); p != nil && p.Face == model.FaceClient && set.Origin.Kind == model.FromFile {
				return last.ID
			}
		}
	}
	return ""
}

// worst is the laying whose document is judged worst: by the gravest finding,
// then by the verdict, then by the smallest margin.
func (a *app) worst(all []native.Laying) (native.Laying, error) {
	worst, at := weight{}, 0
	for i, l := range all {
		if len(all) == 1 {
			break
		}
		c, err := a.judge(l.Document)
		if err != nil {
			return l, err
		}
		if w := c.weight(); i == 0 || w.compare(worst) > 0 {
			worst, at = w, i
		}
	}
	return all[at], nil
}

// alternatives are the choices of a configuration as the screen offers them,
// the worst first.
func (a *app) alternatives(file string, all []native.Laying, r *reading) (contract.Imported, error) {
	im := contract.Imported{File: file, From: r.from, Unused: r.unused, Beyond: r.beyond(all[0].Document.Path, a.catalogs())}
	weights := make([]weight, len(all))
	order := make([]int, len(all))
	for i, l := range all {
		c, err := a.judge(l.Document)
		if err != nil {
			return im, err
		}
		order[i], weights[i] = i, c.weight()
		leg := &c.report.Legs[c.report.Shortest]
		labels := make([]string, len(l.Chosen))
		for j, x := range l.Chosen {
			labels[j] = r.choiceText(x)
		}
		one := contract.Alternative{Label: strings.Join(labels, "; "), Leads: limitText(leg.Limit), Document: l.Document}
		for _, x := range l.Chosen {
			one.Where = append(one.Where, x.Contexts...)
		}
		im.Alternatives = append(im.Alternatives, one)
	}
	slices.SortStableFunc(order, func(i, j int) int { return weights[j].compare(weights[i]) })
	sorted := make([]contract.Alternative, len(all))
	for i, at := range order {
		sorted[i] = im.Alternatives[at]
	}
	im.Alternatives = sorted
	return im, nil
}

// A weight is how bad a check is.
type weight struct {
	severity, verdict int
	margin            float64 // seconds; the smallest
}

func (w weight) compare(o weight) int {
	return cmp.Or(cmp.Compare(w.severity, o.severity), cmp.Compare(w.verdict, o.verdict), cmp.Compare(o.margin, w.margin))
}

func (c checked) weight() weight {
	w := weight{severity: -1, margin: model.Never.Seconds()}
	for _, f := range c.report.Findings {
		w.severity = max(w.severity, int(f.Severity))
	}
	for i := range c.report.Legs {
		l := &c.report.Legs[i].Limit
		w.verdict = max(w.verdict, l.Verdict.Severity())
		if l.HasMargin {
			w.margin = min(w.margin, l.Margin.Seconds())
		}
	}
	return w
}

// choiceText says which context was taken for a hop.
func (r *reading) choiceText(c native.Choice) string {
	text := fmt.Sprintf("%s: %s", c.Endpoint, c.Where)
	if c.Alike > 0 {
		text += " (" + contract.Count(c.Alike, "more says", "more say") + " the same)"
	}
	return text
}

// contextsText says which contexts were taken, and of how many.
func contextsText(p *page, r *reading) {
	for _, c := range r.chosen {
		p.wrapped("WHERE  ", "       ", r.choiceText(c))
	}
	if r.of > 1 {
		p.wrapped("       ", "       ", fmt.Sprintf("the worst of %d ways to take the contexts; --where picks one", r.of))
	}
	if r.next != nil {
		p.wrapped("NEXT HOP  ", "          ", r.next.text())
	}
}

// unusedText lists lines that bear on connections and were not used.
func unusedText(p *page, lines []native.Line) {
	if len(lines) == 0 {
		return
	}
	p.line("")
	p.line("NOT USED")
	for _, l := range lines {
		p.wrapped("  ", "      ", fmt.Sprintf("%s:%d: %s", l.File, l.Line, l.Text))
		p.wrapped("      - ", "        ", l.Why)
	}
}

// warned tells on standard error what was not understood.
func (a *app) warned(command string, r *reading) error {
	for _, w := range r.warnings {
		if _, err := fmt.Fprintf(a.errs, "%s: %s\n", command, model.Clean(w.String(), 400)); err != nil {
			return err
		}
	}
	return nil
}
