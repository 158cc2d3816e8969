package cli

import (
	"bytes"
	"os"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/probe"
	"example.com/keeptune/tuning/store"
)

// A recording gathers the events of --record and writes them at the end. Its
// file is made before the test, so that a place that cannot be written to is
// not found out after minutes.
type recording struct {
	file  string
	fresh bool // the file was made here
	lines bytes.Buffer
	to    *probe.Recorder
}

func newRecording(file string, force bool) (*recording, error) {
	r := &recording{file: file}
	r.to = probe.NewRecorder(&r.lines)
	if file == "" {
		return r, nil
	}
	_, err := os.Stat(file)
	r.fresh = err != nil
	if !r.fresh && force {
		return r, nil
	}
	return r, store.Write(file, nil, store.Options{Mode: store.Private})
}

func (r *recording) add(e model.Event) {
	if r.file != "" {
		r.to.Record(e)
	}
}

// keep writes what was gathered.
func (r *recording) keep() error {
	if r.file == "" {
		return nil
	}
	if err := r.to.Err(); err != nil {
		return err
	}
	return store.Write(r.file, r.lines.Bytes(), store.Options{Mode: store.Private, Replace: true})
}

// drop takes the empty file away again when there was no test.
func (r *recording) drop() error {
	if r.file == "" || !r.fresh {
		return nil
	}
	return os.Remove(r.file)
}
