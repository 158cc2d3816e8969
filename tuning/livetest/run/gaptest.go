package run

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"example.com/keeptune/tuning/farend"
	"example.com/keeptune/tuning/livetest"
)

// A gapTest is how a rung opens its connection, outlasts the silence, and finds out at its end
// whether the connection lives: CloseNone says that it does. after is when it ended, where
// that was during the silence.
type gapTest interface {
	open(ctx context.Context, id int) (*connection, error)
	outlast(ctx context.Context, l *connection, zero time.Time) (kind livetest.CloseKind, after time.Duration, err error)
}

func (r *run) gapTest(g rung) gapTest {
	switch {
	case g.direction == livetest.Inward:
		return &farEndSends{run: r, gap: g.gap}
	case r.spec.Ladder.FarEnd != "":
		return farEndAnswers{r, g.gap}
	case r.spec.Target.Plain():
		return probeTest{r, g.gap}
	}
	return requestTest{r, g.gap}
}

// silence watches a connection up to the end of the gap; ended is false where it then has
// to be tried.
func silence(l *connection, zero time.Time, gap time.Duration) (kind livetest.CloseKind, after time.Duration, ended bool, err error) {
	end := l.watch(zero.Add(gap))
	if end.err != nil || end.kind == livetest.CloseNone {
		return "", 0, end.err != nil, end.err
	}
	return end.kind, max(time.Nanosecond, end.at.Sub(zero)), true, nil
}

// tried is how a connection answered what was sent on it after the silence.
func tried(l *connection, err error) (livetest.CloseKind, time.Duration, error) {
	switch {
	case err == nil:
		return livetest.CloseNone, 0, nil
	case isReset(err):
		return livetest.CloseRSTOnSend, 0, nil
	case errors.Is(err, io.EOF):
		return livetest.CloseFIN, 0, nil
	case !isTimeout(err):
		return "", 0, err
	}
	if l.tcp.raw != nil {
		if p, infoErr := pathOf(l.tcp.raw); infoErr == nil && p.unacked == 0 {
			return "", 0, replyError("what was sent was acknowledged, but not answered in time")
		}
	}
	return livetest.CloseSilent, 0, nil
}

// requestTest asks one HTTP request before and one after the silence.
type requestTest struct {
	*run
	gap time.Duration
}

func (w requestTest) open(ctx context.Context, id int) (*connection, error) {
	l, err := w.run.open(ctx, id, livetest.RoleLadder)
	if err != nil {
		return nil, err
	}
	if _, err := w.ask(ctx, l, true); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (w requestTest) outlast(_ context.Context, l *connection, zero time.Time) (livetest.CloseKind, time.Duration, error) {
	if kind, after, ended, err := silence(l, zero, w.gap); ended {
		return kind, after, err
	}
	text := requestText(w.spec.Target, w.spec.Target.Method, "HTTP/1.1", true)
	_, _, err := l.exchangeWithin(farend.AnswerLimit, w.spec.Target.Method, text)
	l.kept = l.wrote.Sub(zero)
	return tried(l, err)
}

// probeTest sends nothing at all: after the silence the kernel sends one TCP probe, which a
// living far end acknowledges.
type probeTest struct {
	*run
	gap time.Duration
}

func (w probeTest) open(ctx context.Context, id int) (*connection, error) {
	return w.run.open(ctx, id, livetest.RoleLadder)
}

func (w probeTest) outlast(_ context.Context, l *connection, zero time.Time) (livetest.CloseKind, time.Duration, error) {
	if kind, after, ended, err := silence(l, zero, w.gap); ended {
		return kind, after, err
	}
	begin := time.Now()
	if err := l.probeEvery(time.Second); err != nil {
		return "", 0, err
	}
	l.kept = time.Since(zero)
	const look = 50 * time.Millisecond
	for time.Since(begin) < farend.AnswerLimit {
		switch end := l.watch(time.Now().Add(look)); {
		case end.err != nil:
			return tried(l, end.err)
		case end.kind == livetest.CloseRST:
			return livetest.CloseRSTOnSend, 0, nil
		case end.kind != livetest.CloseNone:
			return end.kind, 0, nil
		}
		if p, err := pathOf(l.tcp.raw); err != nil {
			return "", 0, err
		} else if p.heard < time.Since(begin) {
			return livetest.CloseNone, 0, nil
		}
	}
	return livetest.CloseSilent, 0, nil
}

// probeEvery switches TCP keep-alive on; an idle time that has passed already sends the
// first probe at once (tcp_sock_set_keepidle).
func (l *connection) probeEvery(every time.Duration) error {
	if l.tcp.raw == nil {
		return errUnheld
	}
	l.ownOptions = true
	_, err := setSocket(l.tcp.raw, livetest.SocketOptions{KeepAlive: true, Idle: every, Interval: every, Count: 9})
	return err
}

var errUnheld = errors.New("TCP keep-alive of the test's own connections is set on Linux only")

const (
	// farEndTries is how often a conversation with the far end is begun: a busy one may be
	// late or have no room, and one connection is no verdict.
	farEndTries = 3
	// farEndPause is the time between two of them.
	farEndPause = 300 * time.Millisecond

	stepToFarEnd = "to the far end" // there is no connection
	stepFarEnd   = "far end"        // there is one, and no conversation
)

// greetFarEnd connects to keeptune serve and begins a conversation; the arrival of its ok is
// time zero.
func (r *run) greetFarEnd(ctx context.Context, id int, greet func(*connection) error) (l *connection, err error) {
	for try := 1; ; try++ {
		if l, err = r.openFarEnd(ctx, id); err == nil {
			l, err = l.began(greet(l))
		}
		if err == nil {
			r.farEnd.Store(true)
			return l, nil
		}
		if try == farEndTries || !sleep(ctx, farEndPause) {
			return nil, err
		}
	}
}

// openFarEnd connects to keeptune serve.
func (r *run) openFarEnd(ctx context.Context, id int) (*connection, error) {
	dctx, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	c, err := r.tester.dial(dctx, livetest.Route{}, r.spec.Ladder.FarEnd)
	if err != nil {
		return nil, &stepError{step: stepToFarEnd, err: err}
	}
	l := &connection{id: id, role: livetest.RoleLadder, tcp: timestamp(c), opened: time.Now(), left: func() {}}
	l.conn = l.tcp
	l.buf = bufio.NewReaderSize(l.conn, readBuffer)
	l.undo = context.AfterFunc(ctx, func() { _ = c.Close() })
	_ = l.conn.SetDeadline(time.Now().Add(handshakeLimit))
	return l, nil
}

// began makes the arrival of the far end's ok time zero.
func (l *connection) began(err error) (*connection, error) {
	if err != nil {
		l.close()
		return nil, &stepError{step: stepFarEnd, err: err}
	}
	l.opened, l.openedExact = l.tcp.last, l.tcp.lastExact
	return l, l.conn.SetDeadline(time.Time{})
}

// farEndAnswers asks the far end after the silence.
type farEndAnswers struct {
	*run
	gap time.Duration
}

func (w farEndAnswers) open(ctx context.Context, id int) (*connection, error) {
	return w.greetFarEnd(ctx, id, func(l *connection) error { return farend.Echo(l.conn, l.buf, w.spec.Ladder.Token) })
}

func (w farEndAnswers) outlast(_ context.Context, l *connection, zero time.Time) (livetest.CloseKind, time.Duration, error) {
	if kind, after, ended, err := silence(l, zero, w.gap); ended {
		return kind, after, err
	}
	_ = l.conn.SetDeadline(time.Now().Add(farend.AnswerLimit))
	_, err := io.WriteString(l.conn, farend.Question)
	l.kept = time.Since(zero)
	if err != nil {
		return tried(l, err)
	}
	_, err = l.farLine()
	return tried(l, err)
}

// farLine reads a line of the far end, as long as our buffer at most.
func (l *connection) farLine() (string, error) {
	line, err := l.buf.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		err = replyError("the far end sends a line without end")
	}
	return string(line), err
}

// farEndSends lets the far end send after the silence, and asks it what became of that.
type farEndSends struct {
	*run
	gap time.Duration
	id  string
}

func (w *farEndSends) open(ctx context.Context, id int) (*connection, error) {
	w.id = fmt.Sprintf("%d-%d", w.start.UnixNano(), id)
	return w.greetFarEnd(ctx, id, func(l *connection) error { return farend.Push(l.conn, l.buf, w.spec.Ladder.Token, w.gap, w.id) })
}

func (w *farEndSends) outlast(ctx context.Context, l *connection, zero time.Time) (livetest.CloseKind, time.Duration, error) {
	_ = l.conn.SetDeadline(zero.Add(w.gap + farend.AnswerLimit))
	line, err := l.farLine()
	var foreign replyError
	switch {
	case errors.As(err, &foreign):
		return "", 0, err
	case err == nil && line == farend.Answer:
		_, err = io.WriteString(l.conn, farend.Question)
		return tried(l, err)
	case err == nil:
		return "", 0, farend.ErrRefused
	case !errors.Is(err, os.ErrDeadlineExceeded):
		end := l.tcp.end
		if end.IsZero() {
			end = time.Now()
		}
		kind := livetest.CloseFIN
		if isReset(err) {
			kind = livetest.CloseRST
		}
		return kind, max(time.Nanosecond, end.Sub(zero)), nil
	}
	o, err := w.report(ctx)
	l.kept = max(w.gap, o.Kept)
	return o.Kind, 0, err
}

// report asks the far end how its sending went, on a connection of its own.
func (w *farEndSends) report(ctx context.Context) (farend.Outcome, error) {
	l, err := w.openFarEnd(ctx, 0)
	if err != nil {
		return farend.Outcome{}, err
	}
	defer l.close()
	_ = l.conn.SetDeadline(time.Now().Add(farend.ReportLimit + handshakeLimit))
	o, err := farend.Report(l.conn, l.buf, w.spec.Ladder.Token, w.id)
	if err == nil && o.Kind == livetest.CloseNone {
		err = replyError("the far end was answered, but nothing of it arrived here")
	}
	return o, err
}

// farEndHost is the host of the far end, for the question whose machine it is.
func farEndHost(l *livetest.LadderSpec) string {
	host, _, err := net.SplitHostPort(l.FarEnd)
	if err != nil {
		return l.FarEnd
	}
	return host
}
