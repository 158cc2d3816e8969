package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/store"
)

// A leaving is what is left of the screen when it ends: the check of the last state, in a
// format, on standard output or in a file. The zero leaving is the usual summary.
type leaving struct{ format, output string }

// flags puts --format and --output on the command that opens the screen.
func (l *leaving) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&l.format, "format", "text", "print the check when the screen ends, in this `FORMAT`: text, json, markdown, sarif, junit")
	cmd.Flags().StringVar(&l.output, "output", "", "write that to a new `FILE` instead of standard output")
	complete(cmd, "format", slices.Sorted(keys(checkFormats))...)
}

// wanted is the leaving that the flags ask for: none where neither was given. The error is
// of a format that there is not, or a file that cannot be written, told before the work
// and not after it.
func (l leaving) wanted(cmd *cobra.Command) (leaving, error) {
	if err := choose(l.format, checkFormats, func(printer) error { return nil }); err != nil {
		return l, err
	}
	if cmd.Flags().Changed("output") {
		if l.output == "" {
			return l, errors.New("--output is empty; name the file to write, or leave it away")
		}
		if err := store.Check(typedPath(l.output), false); err != nil {
			return l, fmt.Errorf("--output: %w", err)
		}
		if dir := filepath.Dir(typedPath(l.output)); !isDir(dir) {
			return l, fmt.Errorf("--output: there is no directory %s; make it first, or name another", model.Clean(dir, 200))
		}
		if _, err := os.Lstat(typedPath(l.output)); !errors.Is(err, fs.ErrNotExist) {
			return l, fmt.Errorf("--output: %s exists; name a new file, or remove that one", model.Clean(l.output, 200))
		}
		return l, nil
	}
	if !cmd.Flags().Changed("format") {
		return leaving{}, nil
	}
	return l, nil
}

func isDir(name string) bool {
	st, err := os.Stat(name)
	return err == nil && st.IsDir()
}

// leave prints the check of a document as the flags ask for it; done is false where they
// ask for nothing.
func (a *app) leave(l leaving, c checked) (done bool, err error) {
	if l == (leaving{}) {
		return false, nil
	}
	var text bytes.Buffer
	if err := choose(cmp.Or(l.format, "text"), checkFormats, func(p printer) error { return p(&text, c) }); err != nil {
		return true, err
	}
	if l.output == "" {
		_, err := text.WriteTo(a.out)
		return true, err
	}
	data := text.Bytes()
	if a.redact != nil {
		data = []byte(a.redact.Text(text.String()))
	}
	if err := store.Write(typedPath(l.output), data, store.Options{Mode: store.Private}); err != nil {
		return true, err
	}
	_, err = fmt.Fprintf(a.errs, "keeptune: the check is in %s\n", l.output)
	return true, err
}

// leaves prints what is left of a screen that ended with this document.
func (a *app) leaves(l leaving, d model.Document, read reading) (bool, error) {
	if l == (leaving{}) {
		return false, nil
	}
	c, err := a.advise(d)
	if err != nil {
		return true, err
	}
	c.read = read
	return a.leave(l, c)
}
