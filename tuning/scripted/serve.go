package scripted

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"time"
)

// maxHead bounds a request's head.
const maxHead = 64 << 10

var errTooLong = errors.New("request head too long")

// A request is what a script looks at.
type request struct {
	old       bool // HTTP/1.0
	head      bool
	keepAlive bool
	close     bool
}

// A resetter ends a connection with RST; a *net.TCPConn is made one by linger 0.
type resetter interface{ Reset() }

// Serve plays the script on one connection, the n-th, and closes it.
func Serve(c net.Conn, n int, s Script) {
	defer func() { _ = c.Close() }()
	in := bufio.NewReaderSize(c, 4<<10)
	if h, ok := hostile(s.Hostile); ok {
		h.play(c, in)
		return
	}
	granted := s.BeforeRequest
	for k := 1; ; k++ {
		var until time.Time
		if granted > 0 {
			until = s.until(granted)
		}
		if c.SetReadDeadline(until) != nil {
			return
		}
		q, err := readRequest(in)
		var timeout net.Error
		switch {
		case errors.As(err, &timeout) && timeout.Timeout():
			s.expire(c, k)
			return
		case err != nil:
			return
		}
		text, last := s.reply(q, k)
		if _, err := io.WriteString(c, text); err != nil {
			return
		}
		if last && !s.Lingers {
			return
		}
		granted = s.idleOf(n)
	}
}

// expire ends a connection that was silent for too long before its k-th request.
func (s Script) expire(c net.Conn, k int) {
	if k == 1 && s.Before408 {
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = io.WriteString(c, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
	}
	if s.Reset {
		reset(c)
	}
}

func reset(c net.Conn) {
	switch c := c.(type) {
	case resetter:
		c.Reset()
	case *net.TCPConn:
		_ = c.SetLinger(0)
	}
}

// readRequest reads one request without a body.
func readRequest(in *bufio.Reader) (request, error) {
	var q request
	size, first := 0, true
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return q, err
		}
		if size += len(line); size > maxHead {
			return q, errTooLong
		}
		text := strings.ToLower(strings.TrimRight(string(line), "\r\n"))
		name, value, _ := strings.Cut(text, ":")
		switch {
		case first:
			q.head, q.old = strings.HasPrefix(text, "head "), strings.HasSuffix(text, "http/1.0")
			first = false
		case text == "":
			return q, nil
		case name == "connection":
			q.keepAlive = q.keepAlive || strings.Contains(value, "keep-alive")
			q.close = q.close || strings.Contains(value, "close")
		}
	}
}
