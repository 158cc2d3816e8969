package cli

import (
	"errors"
	"io"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/store"
)

// A recording keeps the events of --record while they come: what was seen until a crash stays
// in FILE.part. Its file is begun before the test, so that a place that cannot be written to is
// not found out after minutes.
type recording struct {
	file *store.Growing // nil: nothing is kept
	to   *run.Recorder
}

func newRecording(file string, force bool, redacted func(io.Writer) io.Writer) (*recording, error) {
	if file == "" {
		return &recording{}, nil
	}
	g, err := store.Grow(file, recordingLimit, store.Options{Mode: store.Private, Replace: force})
	if err != nil {
		return nil, err
	}
	return &recording{file: g, to: run.NewRecorder(redacted(g))}, nil
}

func (r *recording) add(e livetest.Event) {
	if r.file != nil {
		r.to.Record(e)
	}
}

// keep gives the file its name.
func (r *recording) keep() error {
	if r.file == nil {
		return nil
	}
	if err := r.to.Err(); err != nil {
		return errors.Join(err, r.file.Close())
	}
	return r.file.Finish()
}

// drop takes the empty file away again when there was no test.
func (r *recording) drop() error {
	if r.file == nil {
		return nil
	}
	return r.file.Drop()
}
