package livetest_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"example.com/keeptune/tuning/livetest"
)

// Whatever a line of a recording holds, it is an event that is written and read again as the
// same, and a summary takes it, or it is an error.
func FuzzDecodeEvent(f *testing.F) {
	for _, s := range []string{
		"", "{}", `{"at_s":1.5,"kind":"closed","conn":3,"role":"hold","after_s":20.25,"close":"fin","exact":true}`,
		`{"kind":"started","spec":{"target":{"scheme":"http","host":"a","port":80},"idle_limit_s":90,"hold":3,"race":{"around_s":5},"ladder":{}}}`,
		`{"kind":"response","role":"idle","conn":1,"keep_alive":{"timeout_s":5,"max":1},"took_s":1e-9}`, `{"at_s":1e300}`, `{"at_s":-1,"kind":"expired","role":"idle"}`,
		`{"kind":"rung","role":"ladder","conn":1,"gap_s":3,"done":true,"close":"silent","after_s":2}`, `{"kind":"step","role":"race","gap_s":5,"offset_s":-0.01,"sent":5,"lost":9}`,
		`{"kind":"http2","role":"http2","settings":{"max_streams":100},"done":true}`, `{"kind":"socket","socket":{"keep_alive":true}}`, `{"wall":"2026-01-01T00:00:00Z"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var e livetest.Event
		if json.Unmarshal(line, &e) != nil {
			return
		}
		once, err := json.Marshal(e)
		if err != nil {
			return // a wall clock beyond the year 9999
		}
		var again livetest.Event
		if err := json.Unmarshal(once, &again); err != nil {
			t.Fatalf("%s is not read again: %v", once, err)
		}
		if twice, err := json.Marshal(again); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%s became %s: %v", once, twice, err)
		}
		_ = livetest.Summarize([]livetest.Event{e, again, {Kind: livetest.EventFinished}})
	})
}
