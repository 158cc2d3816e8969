package farend

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// Whatever the first line is, it is an order within its bounds or none.
func FuzzParseOrder(f *testing.F) {
	for _, s := range []string{"", "keeptune/1 secret echo", "keeptune/1 secret push 5000 7-1", "keeptune/1 secret report 7-1", "keeptune/1 x push -1 y", "keeptune/1  echo", "keeptune/1 x push 99999999999999999999 y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		o, err := parseOrder(line)
		switch {
		case err != nil:
			if o != (order{}) {
				t.Errorf("%q: %v with %+v", line, err, o)
			}
		case o.gap < 0 || o.gap > maxGap || !slices.Contains([]string{"echo", "push", "report"}, o.what) || !strings.HasPrefix(line, hello+" "+o.token+" "+o.what):
			t.Errorf("%q is %+v", line, o)
		}
	})
}

// Whatever the far end answers, a report is an outcome of the contract or an error, after a
// bounded number of bytes.
func FuzzReport(f *testing.F) {
	for _, s := range []string{"", "ok\nnone 5000\n", "ok\nrst-on-send 3\n", "ok\nsilent -1\n", "no\n", "ok\n" + strings.Repeat("x", 300), "ok\n\x1b[2J 5\n", "ok\nfin 99999999999999999999\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		in := strings.NewReader(text)
		c := struct {
			io.Reader
			io.Writer
		}{in, io.Discard}
		o, err := Report(c, bufio.NewReaderSize(in, 16), "secret", "7-1")
		if err != nil {
			if o != (Outcome{}) || err.Error() != model.Clean(err.Error(), 200) {
				t.Errorf("%q: %v with %+v", text, err, o)
			}
		} else if !slices.Contains([]livetest.CloseKind{livetest.CloseNone, livetest.CloseFIN, livetest.CloseRST, livetest.CloseRSTOnSend, livetest.CloseSilent}, o.Kind) || o.Kept < 0 || o.Kept > 2*maxGap {
			t.Errorf("%q is %+v", text, o)
		}
		if read := len(text) - in.Len(); read > 2*maxLine+32 {
			t.Errorf("read %d bytes", read)
		}
		if errors.Is(err, io.EOF) && strings.Count(text, "\n") > 1 {
			t.Errorf("%q: %v", text, err)
		}
	})
}
