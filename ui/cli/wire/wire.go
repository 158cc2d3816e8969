// Package wire is the JSON that keeptune prints: its types, their schemas, and
// how they are made from what the program computes. Scripts depend on it: a
// key is never taken away or given another meaning within a schema's number.
//
// Times are numbers in seconds under keys that end in _s; null means never.
package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// Seconds is a length of time, as an exact decimal number of seconds;
// [model.Never] is null.
type Seconds time.Duration

// MarshalJSON writes 65, 5.052 or null.
func (s Seconds) MarshalJSON() ([]byte, error) {
	d := time.Duration(s)
	if d == model.Never {
		return []byte("null"), nil
	}
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	text := sign + strconv.FormatInt(int64(d/time.Second), 10)
	if rest := d % time.Second; rest > 0 {
		digits := strconv.FormatInt(int64(time.Second+rest), 10)[1:]
		text += "." + strings.TrimRight(digits, "0")
	}
	return []byte(text), nil
}

// UnmarshalJSON reads what MarshalJSON writes, to the nanosecond.
func (s *Seconds) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*s = Seconds(model.Never)
		return nil
	}
	d, err := time.ParseDuration(string(text) + "s")
	if err != nil {
		return fmt.Errorf("%s is no number of seconds, such as 65 or 5.052", text)
	}
	*s = Seconds(d)
	return nil
}

// pointer is d, and null where d is nil.
func pointer(d *time.Duration) *Seconds {
	if d == nil {
		return nil
	}
	s := Seconds(*d)
	return &s
}

// word is the text, and null where it is empty.
func word(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// list is never null.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// Print writes v as indented JSON.
func Print(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
