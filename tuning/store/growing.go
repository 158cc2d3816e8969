package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// partial ends the name of a file that is not finished.
const partial = ".part"

// A Growing file is written piece by piece as path.part and gets its own name when it is
// finished. What was written stays in path.part when the program dies.
type Growing struct {
	path        string
	options     Options
	part        *os.File
	size, limit int64
}

// Grow begins a file of at most limit bytes; whether it may be written is settled here. An
// existing file is touched only by Finish. The error is an *Error.
func Grow(path string, limit int64, o Options) (*Growing, error) {
	real, _, err := writable(path, o)
	if err != nil {
		return nil, err
	}
	name := real + partial
	if o.Replace {
		_ = os.Remove(name) // where that fails, so does what follows
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, o.mode())
	if errors.Is(err, fs.ErrExist) {
		return nil, &Error{Op: "write", Path: name, Why: "it exists", Help: "it is what a run that did not end has left: rename or remove it, or use --force", Err: ErrExists}
	}
	if err != nil {
		return nil, &Error{Op: "write", Path: name, Why: because(err, "making it"), Help: "choose a directory you may write to", Err: err}
	}
	return &Growing{path: path, options: o, part: f, limit: limit}, nil
}

// Write adds a piece; one that does not fit into the limit is left out whole.
func (g *Growing) Write(p []byte) (int, error) {
	if g.size+int64(len(p)) > g.limit {
		return 0, g.failed(fmt.Sprintf("it would have more than the %d bytes that are read", g.limit), nil)
	}
	n, err := g.part.Write(p)
	g.size += int64(n)
	if err != nil {
		return n, g.failed(because(err, "writing it"), err)
	}
	return n, nil
}

func (g *Growing) failed(why string, err error) error {
	return &Error{Op: "write", Path: g.part.Name(), Why: why, Help: "what was written until then is kept there", Err: err}
}

// Finish puts the file in its place, whole or not at all; where that fails, path.part stays.
func (g *Growing) Finish() error {
	defer func() { _ = g.part.Close() }()
	if _, err := g.part.Seek(0, io.SeekStart); err != nil {
		return g.failed(because(err, "reading it"), err)
	}
	if err := write(g.path, g.part, g.options); err != nil {
		return err
	}
	return g.Drop()
}

// Drop takes away what was written.
func (g *Growing) Drop() error {
	_ = g.part.Close()
	if err := os.Remove(g.part.Name()); err != nil {
		return &Error{Op: "remove", Path: g.part.Name(), Why: because(err, "removing it"), Err: err}
	}
	return nil
}

// Close ends the writing and leaves path.part as it is.
func (g *Growing) Close() error { return g.part.Close() }
