package probe

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"example.com/keeptune/model"
)

// maxRecorded is the longest line of a recording.
const maxRecorded = 256 << 10

// A Recorder writes events as JSON lines. It remembers the first error of its writer, so
// that Record fits as an emit function.
type Recorder struct {
	enc *json.Encoder
	err error
}

// NewRecorder writes to w, which it neither buffers nor closes.
func NewRecorder(w io.Writer) *Recorder {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &Recorder{enc: enc}
}

// Record writes one event.
func (r *Recorder) Record(e model.Event) {
	if r.err == nil {
		r.err = r.enc.Encode(e)
	}
}

// Err is the first error of writing.
func (r *Recorder) Err() error { return r.err }

// Replay reads a recording and emits its events as they were; it returns an error that
// names the line when the recording is damaged. Foreign text is cleaned again: a recording
// may have been edited.
func Replay(r io.Reader, emit func(model.Event)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxRecorded)
	n := 0
	for lines.Scan() {
		n++
		if len(lines.Bytes()) == 0 {
			continue
		}
		var e model.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return fmt.Errorf("line %d of the recording is not an event: %w", n, err)
		}
		if e.Kind == "" {
			return fmt.Errorf("line %d of the recording is not an event: it has no kind", n)
		}
		e.Text = model.Clean(e.Text, 400)
		e.Connection, e.Version = model.Clean(e.Connection, 80), model.Clean(e.Version, 20)
		emit(e)
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("line %d of the recording is longer than %d KiB", n+1, maxRecorded>>10)
	} else if err != nil {
		return fmt.Errorf("read the recording: %w", err)
	}
	if n == 0 {
		return errors.New("the recording is empty: make one with keeptune probe --record FILE")
	}
	return nil
}
