package run_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run"
	"example.com/keeptune/tuning/scripted"
)

// A recording replays to the same events and the same result.
func TestRecordAndReplay(t *testing.T) {
	for name, s := range map[string]scripted.Script{
		"demo": scripted.Demo(), "escapes": {Hostile: "escapes"}, "stopped": {Status: 429}, "open": {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := play(t.Context(), s, func(s *livetest.Spec) {
					s.IdleLimit = 20 * time.Second
					s.Target.Headers = []livetest.Header{{Name: "Authorization", Value: "Bearer secret"}}
				})
				var file bytes.Buffer
				rec := run.NewRecorder(&file)
				for _, e := range o.events {
					rec.Record(e)
				}
				if rec.Err() != nil || strings.Contains(file.String(), "secret") {
					t.Fatalf("err = %v, or the recording holds a credential", rec.Err())
				}
				if n := strings.Count(file.String(), "\n"); n != len(o.events) {
					t.Errorf("%d lines of %d events", n, len(o.events))
				}
				var again []livetest.Event
				if err := run.Replay(&file, func(e livetest.Event) { again = append(again, e) }); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(o.events, again); diff != "" {
					t.Errorf("events (-run +replay):\n%s", diff)
				}
				if diff := cmp.Diff(o.res, livetest.Summarize(again)); diff != "" {
					t.Errorf("result (-run +replay):\n%s", diff)
				}
			})
		})
	}
}

func TestReplayRefusesDamage(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"empty":    {"", "the recording is empty"},
		"blank":    {"\n\n", "the recording is empty"},
		"no JSON":  {"{\"kind\":\"started\",\"at_s\":0}\nhello\n", "line 2 of the recording is not an event"},
		"no kind":  {"{}\n", "line 1 of the recording is not an event: it has no kind"},
		"too long": {"{\"kind\":\"started\",\"text\":\"" + strings.Repeat("x", 300<<10) + "\"}\n", "longer than 256 KiB"},
		"bad time": {"{\"kind\":\"started\",\"at_s\":\"soon\"}\n", "line 1 of the recording is not an event"},
	} {
		err := run.Replay(strings.NewReader(c.text), func(livetest.Event) {})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: err = %v, want %q", name, err, c.says)
		}
	}
	var got []livetest.Event
	if err := run.Replay(strings.NewReader("{\"kind\":\"started\",\"at_s\":0}\n{\"kind\":\"clo"), func(e livetest.Event) { got = append(got, e) }); err != nil || len(got) != 1 {
		t.Errorf("err = %v, %d events; want a last line that was cut off left out", err, len(got))
	}
	got = nil
	if err := run.Replay(strings.NewReader(`{"kind":"failed","at_s":1.5,"text":"\u001b[2Jx"}`), func(e livetest.Event) { got = append(got, e) }); err != nil {
		t.Fatal(err)
	}
	edited := `{"kind":"x\u001b[2J","role":"\u009b2J","close":"\u202efin","outcome":"\u0007","at_s":1,"later":{"a":1},"spec":{"target":{"host":"\u001bc","method":"\u001bc","headers":[{"name":"\u001bc","value":"\u001bc"}]},"measure":["\u001bc"]}}`
	if err := run.Replay(strings.NewReader(edited), func(e livetest.Event) {
		if said := fmt.Sprintf("%+v %+v", e, *e.Spec); strings.ContainsAny(said, "\x1b\x07\u009b\u202e") {
			t.Errorf("raw text came through: %q", said)
		}
	}); err != nil {
		t.Error(err)
	}
	if len(got) != 1 || got[0].Text != "·[2Jx" || got[0].At != 1500*time.Millisecond {
		t.Errorf("got %+v, want a cleaned text", got)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestRecorderKeepsItsError(t *testing.T) {
	rec := run.NewRecorder(fullDisk{})
	rec.Record(livetest.Event{Kind: livetest.EventStarted})
	rec.Record(livetest.Event{Kind: livetest.EventFinished})
	if err := rec.Err(); err == nil || err.Error() != "disk full" {
		t.Errorf("err = %v", err)
	}
}
