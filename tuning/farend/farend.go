// Package farend is the cooperating other end of a live test: keeptune serve listens, and
// the ladder of keeptune probe talks to it through whatever lies between. It has no idle
// timer of its own, so what ends a connection is the path; and it can be the one that
// sends after the silence, which a test from one end alone cannot see.
//
// A connection begins with one line: "keeptune/1 TOKEN echo", "keeptune/1 TOKEN push
// MILLISECONDS ID" or "keeptune/1 TOKEN report ID". The answer is "ok". Echo answers each
// question mark with an exclamation mark. Push sends one exclamation mark after the
// silence asked for, and keeps what became of it for report, whose answer is the kind of close
// and the milliseconds after which it sent in fact.
package farend

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/tuning/livetest"
)

// Bounds of the conversation.
const (
	hello = "keeptune/1"
	// AnswerLimit is how long an end waits for the answer to what it sent after the silence:
	// a live path answers in a round trip, a dead one never does.
	AnswerLimit = 4 * time.Second
	// ReportLimit is how long a report may take: the other end may still be waiting.
	ReportLimit = AnswerLimit + 3*time.Second
	maxLine     = 200
	maxGap      = 24 * time.Hour
)

// The signs of life.
const (
	Question = "?\n"
	Answer   = "!\n"
)

// ErrRefused is a far end that does not answer the hello with ok.
var ErrRefused = errors.New("the far end refuses: is the token right?")

// Echo begins a conversation in which the caller asks.
func Echo(c io.ReadWriter, in *bufio.Reader, token string) error {
	return begin(c, in, token, "echo")
}

// Push asks the far end to send after a gap; id is what Report asks for later.
func Push(c io.ReadWriter, in *bufio.Reader, token string, gap time.Duration, id string) error {
	return begin(c, in, token, fmt.Sprintf("push %d %s", gap.Milliseconds(), id))
}

// An Outcome is what became of a push.
type Outcome struct {
	Kind livetest.CloseKind // CloseNone where it was answered
	Kept time.Duration      // how long the far end was silent before it sent, in whole milliseconds
}

// Report asks what became of a push.
func Report(c io.ReadWriter, in *bufio.Reader, token, id string) (Outcome, error) {
	if err := begin(c, in, token, "report "+id); err != nil {
		return Outcome{}, err
	}
	line, err := readLine(in)
	if err != nil {
		return Outcome{}, err
	}
	kind, kept, _ := strings.Cut(line, " ")
	ms, err := strconv.ParseInt(kept, 10, 64)
	o := Outcome{livetest.CloseKind(kind), time.Duration(ms) * time.Millisecond}
	switch o.Kind {
	case livetest.CloseNone, livetest.CloseFIN, livetest.CloseRST, livetest.CloseRSTOnSend, livetest.CloseSilent:
		if err == nil && ms >= 0 && ms <= 2*maxGap.Milliseconds() {
			return o, nil
		}
	default:
	}
	return Outcome{}, ErrRefused
}

func (o Outcome) line() string { return fmt.Sprintf("%s %d\n", o.Kind, o.Kept.Milliseconds()) }

func begin(c io.Writer, in *bufio.Reader, token, what string) error {
	if _, err := fmt.Fprintf(c, "%s %s %s\n", hello, token, what); err != nil {
		return err
	}
	switch line, err := readLine(in); {
	case errors.Is(err, io.EOF):
		return ErrRefused
	case err != nil:
		return err
	case line != "ok":
		return ErrRefused
	}
	return nil
}

// readLine reads a short line without its end.
func readLine(in *bufio.Reader) (string, error) {
	var line []byte
	for {
		b, err := in.ReadByte()
		switch {
		case err != nil:
			return "", err
		case b == '\n':
			return string(line), nil
		case len(line) >= maxLine:
			return "", errors.New("a line is too long")
		}
		line = append(line, b)
	}
}

// An order is what a client's first line asks for.
type order struct {
	token, what, id string
	gap             time.Duration
}

func parseOrder(line string) (order, error) {
	words := strings.Split(line, " ")
	if len(words) < 3 || words[0] != hello {
		return order{}, errors.New("not a keeptune hello")
	}
	o := order{token: words[1], what: words[2]}
	switch {
	case o.what == "echo" && len(words) == 3:
	case o.what == "report" && len(words) == 4:
		o.id = words[3]
	case o.what == "push" && len(words) == 5:
		ms, err := strconv.ParseInt(words[3], 10, 64)
		if err != nil || ms < 0 || ms > maxGap.Milliseconds() {
			return order{}, errors.New("a gap out of range")
		}
		o.gap, o.id = time.Duration(ms)*time.Millisecond, words[4]
	default:
		return order{}, errors.New("an unknown order")
	}
	return o, nil
}
