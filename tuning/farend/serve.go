package farend

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"example.com/keeptune/tuning/livetest"
)

const (
	helloLimit = 5 * time.Second
	// maxGuests is the most connections at once; a ladder needs fewer than twenty.
	maxGuests = 256
	// maxReports is how many outcomes are remembered, the youngest.
	maxReports = 1024
)

// A Server is the far end. Its zero value refuses everybody; set Token.
type Server struct {
	Token string
	// Say is called with one line for each conversation that begins; may be nil. The
	// address is the peer's; nothing else of the peer is in it.
	Say func(text string)

	mu      sync.Mutex
	reports map[string]chan Outcome
	order   []string
	guests  int
}

// NewToken is a token that nobody guesses.
func NewToken() string { return rand.Text() }

// Serve answers on a listener until ctx ends; then it closes the listener and every
// connection, and returns after the last. The error is that of the listener, nil when ctx
// ended.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	for {
		c, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case !s.enter():
			_ = c.Close()
			continue
		}
		all.Go(func() {
			defer s.leave()
			stop := context.AfterFunc(ctx, func() { _ = c.Close() })
			defer stop()
			defer func() { _ = c.Close() }()
			s.converse(ctx, c)
		})
	}
}

func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.guests >= maxGuests {
		return false
	}
	s.guests++
	return true
}

func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.guests--
}

func (s *Server) converse(ctx context.Context, c net.Conn) {
	_ = c.SetDeadline(time.Now().Add(helloLimit))
	in := bufio.NewReaderSize(c, 256)
	line, err := readLine(in)
	if err != nil {
		return
	}
	o, err := parseOrder(line)
	if err != nil || s.Token == "" || subtle.ConstantTimeCompare([]byte(o.token), []byte(s.Token)) != 1 {
		return // without a word: who has no token learns nothing
	}
	_ = c.SetDeadline(time.Time{})
	s.say(c.RemoteAddr().String() + " asks for " + o.what)
	// The order is noted before it is acknowledged: its report may be asked for at once.
	var told chan Outcome
	if o.what == "push" {
		told = s.expect(o.id)
	}
	begin := time.Now()
	if _, err := io.WriteString(c, "ok\n"); err != nil {
		return
	}
	switch o.what {
	case "echo":
		echo(c, in)
	case "push":
		told <- push(c, in, begin, o.gap)
	case "report":
		_, _ = io.WriteString(c, s.report(ctx, o.id).line())
	}
}

func (s *Server) say(text string) {
	if s.Say != nil {
		s.Say(text)
	}
}

// echo answers every question; silence in between is what is tested.
func echo(c net.Conn, in *bufio.Reader) {
	for {
		line, err := readLine(in)
		if err != nil || line+"\n" != Question {
			return
		}
		if _, err := io.WriteString(c, Answer); err != nil {
			return
		}
	}
}

// push is silent, sends, and tells what became of it.
func push(c net.Conn, in *bufio.Reader, begin time.Time, gap time.Duration) Outcome {
	_ = c.SetReadDeadline(time.Now().Add(gap))
	_, err := in.ReadByte()
	o := Outcome{Kept: time.Since(begin)}
	switch {
	case errors.Is(err, io.EOF):
		o.Kind = livetest.CloseFIN
		return o
	case err == nil || !errors.Is(err, os.ErrDeadlineExceeded):
		o.Kind = livetest.CloseRST
		return o
	}
	_ = c.SetDeadline(time.Now().Add(AnswerLimit))
	_, err = io.WriteString(c, Answer)
	o.Kept = time.Since(begin)
	if err != nil {
		o.Kind = onSend(err)
		return o
	}
	line, err := readLine(in)
	switch {
	case err != nil:
		o.Kind = onSend(err)
	case line+"\n" != Question:
		o.Kind = livetest.CloseRSTOnSend
	default:
		o.Kind = livetest.CloseNone
	}
	return o
}

// onSend is how a connection was found dead by sending.
func onSend(err error) livetest.CloseKind {
	switch {
	case errors.Is(err, io.EOF):
		return livetest.CloseFIN
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return livetest.CloseRSTOnSend
	}
	return livetest.CloseSilent
}

// expect makes room for an outcome.
func (s *Server) expect(id string) chan Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reports == nil {
		s.reports = map[string]chan Outcome{}
	}
	if len(s.order) >= maxReports {
		delete(s.reports, s.order[0])
		s.order = s.order[1:]
	}
	told := make(chan Outcome, 1)
	s.reports[id] = told
	s.order = append(s.order, id)
	return told
}

// report waits for an outcome; an unknown id, or one that does not come in time, is silent.
func (s *Server) report(ctx context.Context, id string) Outcome {
	s.mu.Lock()
	told := s.reports[id]
	s.mu.Unlock()
	unknown := Outcome{Kind: livetest.CloseSilent}
	if told == nil {
		return unknown
	}
	timer := time.NewTimer(ReportLimit)
	defer timer.Stop()
	select {
	case o := <-told:
		told <- o // for whoever asks again
		return o
	case <-timer.C:
	case <-ctx.Done():
	}
	return unknown
}
