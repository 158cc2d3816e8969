package trace

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/capture"
)

var methods = [][]byte{
	[]byte("GET "), []byte("POST "), []byte("HEAD "), []byte("PUT "), []byte("DELETE "), []byte("OPTIONS "), []byte("PATCH "),
}

// read looks at the head of a message of HTTP/1, where it is plain.
func (t *Tracker) read(c *conn, s *capture.Segment, x uint8) {
	b := s.Payload
	if len(b) < 5 || b[0] < 'A' || b[0] > 'Z' {
		return
	}
	h := headOf(b)
	if !h.ok {
		return
	}
	c.ends[x].heads++
	if !h.answer {
		t.spoke(c, 1-x)
		c.flags &^= lastAnswer | lastAsked
		if h.close || h.old && !h.alive {
			c.flags |= lastAsked
		}
		return
	}
	t.spoke(c, x)
	if h.close || h.old && !h.alive {
		c.flags |= lastAnswer
	}
	if h.status == 101 {
		c.flags |= switched
	}
	srv := t.serverOf(c)
	if srv == nil {
		return
	}
	if h.hint || h.hintMost {
		srv.Hint.add(&h)
	}
	if srv.Called == "" && len(h.server) > 0 {
		srv.Called = model.Clean(products(string(h.server)), 60)
	}
}

// products is a Server line without its comments (RFC 9110, 10.2.4 and 5.6.5): in them proxies
// name hosts and addresses.
func products(line string) string {
	depth := 0
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case r == '(':
			depth++
			return ' '
		case r == ')' && depth > 0:
			depth--
			return ' '
		case depth > 0:
			return -1
		}
		return r
	}, line)), " ")
}

func request(b []byte) bool {
	for _, m := range methods {
		if bytes.HasPrefix(b, m) {
			return true
		}
	}
	return false
}

// A head is what is read of an HTTP/1 message: its first line, Connection, Keep-Alive and
// Server, and never another.
type head struct {
	ok       bool // it is a head
	answer   bool
	status   int
	old      bool // HTTP/1.0
	close    bool // Connection: close
	alive    bool // Connection: keep-alive
	timeout  time.Duration
	most     int
	hint     bool // there is a timeout
	hintMost bool // there is a max
	server   []byte
}

// headOf reads a head that begins a payload, as far as it was captured.
func headOf(b []byte) head {
	var h head
	line, rest, _ := bytes.Cut(b, []byte("\r\n"))
	switch {
	case bytes.HasPrefix(line, []byte("HTTP/1.")) && len(line) >= 12:
		h.ok, h.answer = true, true
		h.old = line[7] == '0'
		h.status, _ = strconv.Atoi(string(line[9:12]))
	case request(line):
		h.ok = true
		h.old = bytes.HasSuffix(line, []byte("HTTP/1.0"))
	default:
		return h
	}
	for len(rest) > 0 {
		var whole bool
		if line, rest, whole = bytes.Cut(rest, []byte("\r\n")); len(line) == 0 || !whole {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("connection")):
			h.close = h.close || word(value, "close")
			h.alive = h.alive || word(value, "keep-alive")
		case bytes.EqualFold(name, []byte("keep-alive")):
			if n, ok := number(value, "timeout"); ok {
				h.timeout, h.hint = time.Duration(n)*time.Second, true
			}
			if n, ok := number(value, "max"); ok {
				h.most, h.hintMost = n, true
			}
		case bytes.EqualFold(name, []byte("server")):
			h.server = value
		}
	}
	return h
}

func word(value []byte, want string) bool {
	for part := range bytes.SplitSeq(value, []byte(",")) {
		if bytes.EqualFold(bytes.TrimSpace(part), []byte(want)) {
			return true
		}
	}
	return false
}

// number is a parameter of Keep-Alive, below 10^8.
func number(value []byte, name string) (int, bool) {
	for part := range bytes.SplitSeq(value, []byte(",")) {
		key, text, ok := bytes.Cut(bytes.TrimSpace(part), []byte("="))
		text = bytes.Trim(text, ` "`)
		if !ok || !bytes.EqualFold(bytes.TrimSpace(key), []byte(name)) || len(text) == 0 || len(text) > 8 {
			continue
		}
		if n, err := strconv.Atoi(string(text)); err == nil && n >= 0 {
			return n, true
		}
	}
	return 0, false
}

// A leave is how far data looks like the last that is said before a close.
type leave uint8

const (
	stays    leave = iota
	mayLeave       // as long as a farewell, and as a ping of HTTP/2
	leaving
)

// parting says whether data looks like the last that is said before a close: TLS alerts,
// a GOAWAY of HTTP/2 in TLS or in the clear, an answer 408 that nobody asked for.
func parting(s *capture.Segment) leave {
	b := s.Payload
	if len(b) < 5 || s.Length > 512 {
		return stays
	}
	if b[0] != recordAlert && b[0] != recordData {
		if s.Length >= 17 && b[0] == 0 && b[1] == 0 && b[3] == 7 && int(b[2])+9 == s.Length || // GOAWAY
			bytes.HasPrefix(b, []byte("HTTP/1.")) && len(b) > 12 && string(b[8:12]) == " 408" {
			return leaving
		}
		return stays
	}
	how := mayLeave
	for len(b) >= 5 {
		n := int(b[3])<<8 | int(b[4])
		// In TLS 1.2 alone an alert is called one. A GOAWAY has 17 bytes or more, a PING 17
		// (RFC 9113, 6.7 and 6.8); in TLS 1.3 their record adds 17, its type and a tag.
		switch {
		case b[1] != 3:
			return stays
		case b[0] == recordAlert, b[0] == recordData && n == alert13:
			how = leaving
		case b[0] == recordData && n == 34:
		default:
			return stays
		}
		if 5+n > len(b) {
			if 5+n > s.Length-(len(s.Payload)-len(b)) {
				return stays
			}
			return how // the rest was not captured
		}
		b = b[5+n:]
	}
	if len(b) > 0 {
		return stays
	}
	return how
}
