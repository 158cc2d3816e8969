package run

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
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
func (r *Recorder) Record(e livetest.Event) {
	if r.err == nil {
		r.err = r.enc.Encode(e)
	}
}

// Err is the first error of writing.
func (r *Recorder) Err() error { return r.err }

// Replay reads a recording and emits its events as they were; it returns an error that
// names the line when the recording is damaged. A last line that was cut off is left out, as
// a crash leaves it. Foreign text is cleaned again: a recording may have been edited.
func Replay(r io.Reader, emit func(livetest.Event)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxRecorded)
	cut := false // the line has no end
	lines.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		cut = atEOF && !bytes.ContainsRune(data, '\n')
		return bufio.ScanLines(data, atEOF)
	})
	n, events := 0, 0
	for lines.Scan() {
		n++
		if len(lines.Bytes()) == 0 {
			continue
		}
		var e livetest.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			if cut && events > 0 {
				break
			}
			return fmt.Errorf("line %d of the recording is not an event: %w", n, err)
		}
		if e.Kind == "" {
			return fmt.Errorf("line %d of the recording is not an event: it has no kind", n)
		}
		scrub(&e)
		events++
		emit(e)
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("line %d of the recording is longer than %d KiB", n+1, maxRecorded>>10)
	} else if err != nil {
		return fmt.Errorf("read the recording: %w", err)
	}
	if events == 0 {
		return errors.New("the recording is empty: make one with keeptune probe --record FILE")
	}
	return nil
}

// scrub cleans every text of an event; a word of a later version stays.
func scrub(e *livetest.Event) {
	e.Text, e.Connection, e.Version = model.Clean(e.Text, 400), model.Clean(e.Connection, 80), model.Clean(e.Version, 20)
	e.Kind, e.Role = word(e.Kind), word(e.Role)
	e.Close, e.Outcome = word(e.Close), word(e.Outcome)
	if e.Spec == nil {
		return
	}
	t := &e.Spec.Target
	for _, text := range []*string{&t.Scheme, &t.Host, &t.SNI, &t.HostHeader, &t.Method, &t.Path} {
		*text = model.Clean(*text, maxLine)
	}
	for i := range t.Headers {
		h := &t.Headers[i]
		h.Name, h.Value = model.Clean(h.Name, maxLine), model.Clean(h.Value, maxLine)
	}
	for i, m := range e.Spec.Measure {
		e.Spec.Measure[i] = word(m)
	}
}

func word[W ~string](w W) W { return W(model.Clean(string(w), 40)) }
