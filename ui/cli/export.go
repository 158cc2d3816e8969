package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// exportFlags are the flags of export.
type exportFlags struct {
	where             connection
	to                []string
	out               string
	force, list, undo bool
}

func (a *app) export() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export [PATH|SESSION.toml|CONFIG…]",
		Short: "Write the configuration of both ends, each with its undo",
		Long: `export writes what is changed in a session in the syntax of the programs that
read it, each file with an undo file beside it. Without --to it takes the
formats that the changes need; --to all takes every format that somebody on the
path reads, and passes over those that have nothing to say. --out - prints,
--out DIR writes files: all of them or none, never over a file with other
contents unless --force, which keeps a copy. What must happen for a file to
take effect is told on standard error.

` + exitPlain,
		Example: `  keeptune export --client ie --server apache --set server:KeepAliveTimeout=75s
  keeptune export edge-3.toml --to nginx,sysctl --out conf
  keeptune export --list`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.list {
				if err := noArgs(cmd, args); err != nil {
					return err
				}
				return a.listFormats()
			}
			switch { // an empty variable of a script
			case f.out == "":
				return errors.New("--out is empty; name a directory, . for this one, or - to print")
			case cmd.Flags().Changed("to") && len(f.to) == 0:
				return errors.New("--to is empty; keeptune export --list lists the formats")
			}
			return a.runExport(&f, args)
		},
	}
	f.where.flags(cmd)
	cmd.Flags().StringSliceVar(&f.to, "to", nil, "`FORMATS`, separated by commas; all is each that somebody on the path reads")
	cmd.Flags().StringVar(&f.out, "out", "-", "`DIR` to write to, or - to print")
	cmd.Flags().BoolVar(&f.force, "force", false, "replace files that differ, keeping a copy of each")
	cmd.Flags().BoolVar(&f.undo, "undo", false, "print the undo instead (with --out -)")
	cmd.Flags().BoolVar(&f.list, "list", false, "list the formats")
	completeFormats(cmd, "to")
	return cmd
}

// completeFormats offers the formats for a flag that takes one, or several:
// what stands before the last comma stays.
func completeFormats(cmd *cobra.Command, flag string) {
	// The only error is a flag that does not exist, which a test would find.
	_ = cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndex(typed, ",")+1]
		taken := strings.Split(before, ",")
		var offers []string
		if flag == "to" && before == "" {
			offers = append(offers, everyFormat+"\teach that somebody on the path reads")
		}
		for _, f := range native.Formats() {
			if !slices.Contains(taken, f.ID()) {
				offers = append(offers, before+f.ID()+"\t"+f.Title())
			}
		}
		return offers, cobra.ShellCompDirectiveNoFileComp
	})
}

func (a *app) listFormats() error {
	var p page
	for _, family := range native.Families() {
		p.line("%s:", family.Name)
		for _, f := range family.Formats {
			const text = 18 // where the texts begin
			by := "[" + checkedBy(f) + "]"
			if text+len(f.Title())+1+len(by) <= width {
				p.line("  %s%s %s", pad(f.ID(), text-2), f.Title(), by)
				continue
			}
			p.wrapped("  "+pad(f.ID(), text-2), pad("", text), f.Title())
			p.line("%s%s", pad("", text), by)
		}
		p.line("")
	}
	p.wrapped("", "", "In brackets: the programs that accept such files in the project's tests; - where none does, the header of a file says why.")
	return p.flush(a.out)
}

// checkedBy names the programs that accept a format's files in the project's
// tests, and is a dash where none does.
func checkedBy(f native.Format) string {
	if !f.Checked() {
		return "-"
	}
	return strings.Join(f.Checkers(), ", ")
}

func (a *app) runExport(f *exportFlags, args []string) error {
	d, err := a.document(&f.where, args, "")
	if err != nil {
		return err
	}
	c, err := a.judge(d)
	if err != nil {
		return err
	}
	req := native.Request{
		Document: d, Before: &f.where.read.before, Report: c.report, Catalog: a.catalogs(), Date: a.now().In(a.global.zone), Version: versionText(),
	}
	if a.redact != nil {
		before := a.redact.Document(*req.Before)
		req.Document, req.Before = a.redact.Document(d), &before
		a.redact.Path(f.out)
	}
	files, passed, err := render(f.to, req)
	if err != nil {
		return err
	}
	var p page
	for _, text := range passed {
		p.wrapped("", "  ", text)
	}
	if err := p.flush(a.errs); err != nil {
		return err
	}
	if f.out == "-" {
		return a.printFiles(files, f.undo)
	}
	if f.undo {
		return errors.New("--undo prints; leave out --out, or --undo: the undo is always written beside its file")
	}
	return a.writeFiles(f.out, files, f.force)
}

// everyFormat is the word for each format that somebody on the path reads.
const everyFormat = "all"

// render writes the formats that the flag names, or what the changes need. passed
// says which formats were passed over, because they have nothing to write.
func render(ids []string, req native.Request) (files []native.File, passed []string, err error) {
	if len(ids) == 0 {
		files, err = native.Export(req)
		if err == nil && len(files) == 0 {
			err = errors.New("nothing is changed, so there is nothing to write; what a configuration says stands in it already. Change something with --set, or name a format with --to")
		}
		return files, nil, err
	}
	all := len(ids) == 1 && strings.EqualFold(strings.TrimSpace(ids[0]), everyFormat)
	formats := native.Formats()
	if all {
		formats = slices.DeleteFunc(formats, func(f native.Format) bool { return !f.Fits(req) })
	} else if formats, err = wanted(ids); err != nil {
		return nil, nil, err
	}
	req = req.Beside(formats)
	var first error
	for _, format := range formats {
		fs, err := format.Render(req)
		if err == nil {
			files = append(files, fs...)
			continue
		}
		_, nothing := errors.AsType[*native.NothingError](err)
		_, cannot := errors.AsType[*native.InexpressibleError](err)
		if !nothing && (!all || !cannot) {
			return nil, nil, err
		}
		first = cmp.Or(first, err)
		passed = append(passed, fmt.Sprintf("%s is passed over: %s", format.ID(), err))
	}
	if len(files) == 0 {
		return nil, nil, first
	}
	return files, passed, nil
}

// wanted are the formats that the flag names, each once.
func wanted(ids []string) ([]native.Format, error) {
	var formats []native.Format
	for _, id := range ids {
		format, err := native.Find(strings.ToLower(strings.TrimSpace(id)))
		if err != nil {
			return nil, fmt.Errorf("--to: %w", err)
		}
		if !slices.ContainsFunc(formats, func(f native.Format) bool { return f.ID() == format.ID() }) {
			formats = append(formats, format)
		}
	}
	return formats, nil
}

// printFiles prints one file as it is, and several under their names.
func (a *app) printFiles(files []native.File, undo bool) error {
	var shown []native.File
	for _, f := range files {
		if undo && f.UndoName == "" {
			continue
		}
		if undo {
			f.Name, f.Content = f.UndoName, f.Undo
		}
		shown = append(shown, f)
	}
	if len(shown) == 0 {
		return errors.New("nothing in this export needs an undo")
	}
	for i, f := range shown {
		if len(shown) > 1 {
			gap := "\n"
			if i == 0 {
				gap = ""
			}
			if _, err := fmt.Fprintf(a.out, "%s==> %s <==\n", gap, f.Name); err != nil {
				return err
			}
		}
		content := f.Content
		if len(shown) > 1 || term.IsTerminal(a.outFile.Fd()) {
			content = []byte(readable(content)) // UTF-16 is for files and pipes
		}
		if _, err := a.outFile.Write(content); err != nil {
			return err
		}
	}
	return a.tellEffects(files)
}

// writeFiles writes the files and their undo.
func (a *app) writeFiles(dir string, files []native.File, force bool) error {
	plan, err := planWrites(dir, files)
	if err != nil {
		return err
	}
	written, err := carryOut(plan, force)
	if differ := (*differError)(nil); errors.As(err, &differ) {
		for _, w := range plan {
			if _, werr := fmt.Fprint(a.errs, w.diff); werr != nil {
				return werr
			}
		}
	}
	if err != nil {
		return err
	}
	var p page
	for _, path := range written {
		p.line("%s", path)
	}
	if len(written) == 0 {
		p.line("every file is there already, just so")
	}
	if err := p.flush(a.out); err != nil {
		return err
	}
	return a.tellEffects(files)
}

// tellEffects says what must happen for files to take effect.
func (a *app) tellEffects(files []native.File) error {
	var p page
	for _, f := range files {
		lines := append(append([]string{}, f.Effect...), f.Notes...)
		if len(lines) == 0 {
			continue
		}
		p.line("%s:", f.Name)
		for _, l := range lines {
			p.wrapped("  - ", "    ", model.Clean(l, 400))
		}
	}
	return p.flush(a.errs)
}
