package scripted

import (
	"fmt"
	"strings"
	"time"
)

// When a reply carries a Keep-Alive header.
type When int

// The habits of real servers: nginx without its second argument, Apache, Node.
const (
	Never  When = iota
	Asked       // only when the request carries Connection: keep-alive
	Always      // in every reply
)

// A Script is how a server behaves. The zero value keeps connections for ever.
type Script struct {
	// Idle is the silence after a reply that ends a connection; 0 never ends it.
	Idle time.Duration
	// Spread makes connections close early and late by up to this much, in turn.
	Spread time.Duration
	// Step makes the server look at its clock only every so often, at moments that all its
	// connections share: an end comes at the first that is not before its time. 0 is an exact
	// timer.
	Step time.Duration
	// Reset ends silent connections with RST instead of FIN.
	Reset bool

	// BeforeRequest is the same before any request; 0 never ends it.
	BeforeRequest time.Duration
	// Before408 sends a 408 ahead of that end.
	Before408 bool

	Hint        When
	HintTimeout time.Duration // what the header says; 0 leaves timeout out
	HintMax     bool          // say how many requests are left

	// Requests is the most replies of one connection; 0 is no limit.
	Requests int
	// Extra is served beyond Requests (Apache's 100 serves 101).
	Extra int
	// Unannounced leaves Connection: close out of the last reply.
	Unannounced bool
	// Lingers keeps the connection after the announced last reply for Idle and answers 503
	// to further requests, as Node does.
	Lingers bool

	Status     int    // 0 is 200
	RetryAfter string // value of the header, "" is none
	Body       string // "" is a short text
	Chunked    bool
	NoHTTP10   bool // HTTP/1.0 connections never persist

	// Hostile names one of Hostiles; everything else is ignored then.
	Hostile string
}

// Demo is the built-in target: idle 5 s, advertised, 100 requests, a 408 before a request.
// A test of it takes about six seconds.
func Demo() Script {
	return Script{
		Idle: 5 * time.Second, Spread: 20 * time.Millisecond,
		BeforeRequest: 5 * time.Second, Before408: true,
		Hint: Always, HintTimeout: 5 * time.Second, HintMax: true,
		Requests: 100,
	}
}

// limit is the most replies of one connection, 0 for no limit.
func (s Script) limit() int {
	if s.Requests == 0 {
		return 0
	}
	return s.Requests + s.Extra
}

// idleOf is the silence granted to the n-th connection.
func (s Script) idleOf(n int) time.Duration {
	if s.Idle == 0 {
		return 0
	}
	return s.Idle + s.Spread*time.Duration(n%5-2)/2
}

// until is when silence that begins now and is granted so long ends.
func (s Script) until(granted time.Duration) time.Time {
	end := time.Now().Add(granted)
	if over := end.Sub(end.Truncate(s.Step)); s.Step > 0 && over > 0 {
		end = end.Add(s.Step - over)
	}
	return end
}

// reply is the text of the k-th reply on a connection.
func (s Script) reply(q request, k int) (text string, last bool) {
	status := s.Status
	if status == 0 {
		status = 200
	}
	limit := s.limit()
	overdue := limit > 0 && k > limit
	if overdue {
		status = 503
	}
	last = limit > 0 && k >= limit || q.old && (s.NoHTTP10 || !q.keepAlive) || q.close
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", status, reason(status))
	switch {
	case last && (!s.Unannounced || q.close):
		b.WriteString("Connection: close\r\n")
	case q.keepAlive || s.Hint == Always:
		b.WriteString("Connection: keep-alive\r\n")
		s.hint(&b, q, k)
	}
	if s.RetryAfter != "" {
		fmt.Fprintf(&b, "Retry-After: %s\r\n", s.RetryAfter)
	}
	body := s.Body
	if body == "" {
		body = "scripted server\n"
	}
	switch {
	case q.head:
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", len(body))
	case s.Chunked:
		fmt.Fprintf(&b, "Transfer-Encoding: chunked\r\n\r\n%x\r\n", len(body))
		b.WriteString(body)
		b.WriteString("\r\n0\r\n\r\n")
	default:
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", len(body))
		b.WriteString(body)
	}
	return b.String(), last
}

func (s Script) hint(b *strings.Builder, q request, k int) {
	if s.Hint == Never || s.Hint == Asked && !q.keepAlive {
		return
	}
	var parts []string
	if s.HintTimeout > 0 {
		parts = append(parts, fmt.Sprintf("timeout=%d", int(s.HintTimeout.Seconds())))
	}
	if s.HintMax && s.Requests > 0 {
		parts = append(parts, fmt.Sprintf("max=%d", max(0, s.Requests+1-k)))
	}
	if len(parts) > 0 {
		fmt.Fprintf(b, "Keep-Alive: %s\r\n", strings.Join(parts, ", "))
	}
}

func reason(status int) string {
	switch status {
	case 200:
		return "OK"
	case 403:
		return "Forbidden"
	case 429:
		return "Too Many Requests"
	case 503:
		return "Service Unavailable"
	}
	return "Scripted"
}
