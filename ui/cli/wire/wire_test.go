package wire_test

import (
	"encoding/json"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/cli/wire"
)

// What is written of a time is read back, to the nanosecond.
func TestSecondsAreReadBack(t *testing.T) {
	for _, d := range []time.Duration{0, 1, time.Second - 1, 65 * time.Second, 5052 * time.Millisecond, -1500 * time.Millisecond, 1<<63 - 2, model.Never} {
		text, err := json.Marshal(wire.Seconds(d))
		if err != nil {
			t.Fatal(err)
		}
		var got wire.Seconds
		if err := json.Unmarshal(text, &got); err != nil || time.Duration(got) != d {
			t.Errorf("%s is read as %d, not %d: %v", text, got, d, err)
		}
	}
	for _, text := range []string{`"5"`, `{}`, `true`} {
		if err := json.Unmarshal([]byte(text), new(wire.Seconds)); err == nil {
			t.Errorf("%s is taken for seconds", text)
		}
	}
}
