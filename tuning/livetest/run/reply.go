package run

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

// Bounds of a reply. A server that exceeds one gets a sentence, not our memory.
const (
	maxLine    = 64 << 10  // one header line
	maxHead    = 256 << 10 // all header lines of one reply
	maxBody    = 8 << 20   // body bytes read and thrown away
	maxFraming = 256 << 10 // chunk sizes of one body
	maxInterim = 8         // 1xx replies before the final one
	maxPart    = 32 << 10  // what one header repeated over many lines may add up to
)

// A reply is what matters of an HTTP/1 response (RFC 9112).
type reply struct {
	status     int
	version    string // "HTTP/1.0" or "HTTP/1.1"
	connection string
	keepAlive  string
	retryAfter string
	server     string // what it calls itself
	saysClose  bool   // it announces the close, or its body is ended by one
	untilClose bool   // its body was ended by the close
	size       int64

	length  int64 // -1: none
	chunked bool
}

func (r reply) hint() *livetest.Hint { return parseHint(r.keepAlive) }

// readReply reads one final reply with its body; method is that of the request. An io.EOF
// means that the connection ended before the first byte.
func readReply(br *bufio.Reader, method string) (reply, error) {
	for range maxInterim {
		r, err := readHead(br)
		if err != nil {
			return r, err
		}
		if r.status >= 200 {
			return r, r.readBody(br, method)
		}
		if r.status == 101 {
			return r, replyError("the server switched to another protocol")
		}
	}
	return reply{}, replyError("the server sends interim replies without end")
}

func readHead(br *bufio.Reader) (reply, error) {
	r := reply{length: -1}
	budget := maxHead
	line, err := readLine(br, &budget, true)
	if err != nil {
		return r, err
	}
	if r.version, r.status, err = statusLine(line); err != nil {
		return r, err
	}
	last := ""
	for {
		line, err := readLine(br, &budget, false)
		if err != nil {
			return r, err
		}
		if line == "" {
			break
		}
		if last != "" && (line[0] == ' ' || line[0] == '\t') {
			line = last + ":" + line // a folded line, as old servers send
			if last != "connection" && last != "keep-alive" {
				continue
			}
		}
		if err := r.field(line); err != nil {
			return r, err
		}
		name, _, _ := strings.Cut(line, ":")
		last = strings.ToLower(name)
	}
	r.saysClose = hasToken(r.connection, "close") ||
		r.version == "HTTP/1.0" && !hasToken(r.connection, "keep-alive")
	return r, nil
}

// statusLine reads "HTTP/1.1 200 OK".
func statusLine(line string) (version string, status int, err error) {
	version, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(rest, " ")
	if version != "HTTP/1.1" && version != "HTTP/1.0" {
		return "", 0, replyError(fmt.Sprintf("the server does not speak HTTP/1: its first line is %q", model.Clean(line, 40)))
	}
	status, err = strconv.Atoi(code)
	if err != nil || len(code) != 3 || status < 100 || status > 999 {
		return "", 0, replyError(fmt.Sprintf("the server sent a malformed status line %q", model.Clean(line, 40)))
	}
	return version, status, nil
}

var (
	errBudget  = replyError(fmt.Sprintf("the server sends more than %d KiB of headers", maxHead>>10))
	errFraming = replyError("the server cuts its body into tiny chunks without end")
)

// readLine reads one line without its end and takes its length from the budget.
func readLine(br *bufio.Reader, budget *int, first bool) (string, error) {
	var line []byte
	for {
		part, err := br.ReadSlice('\n')
		if *budget -= len(part); *budget < 0 {
			return "", errBudget
		}
		if len(line)+len(part) > maxLine {
			return "", replyError(fmt.Sprintf("the server sends a line of more than %d KiB", maxLine>>10))
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return strings.TrimSuffix(string(line[:len(line)-1]), "\r"), nil
		case errors.Is(err, bufio.ErrBufferFull):
			if first && len(line) > 5 && !strings.HasPrefix(string(line[:5]), "HTTP/") {
				_, _, err := statusLine(string(line))
				return "", err
			}
		case errors.Is(err, io.EOF) && (len(line) > 0 || !first):
			if first && !strings.HasPrefix("HTTP/", string(line[:min(5, len(line))])) {
				_, _, err := statusLine(string(line))
				return "", err
			}
			return "", io.ErrUnexpectedEOF
		default:
			return "", err
		}
	}
}

// field takes one header line in.
func (r *reply) field(line string) error {
	name, value, ok := strings.Cut(line, ":")
	if !ok || name == "" {
		return replyError(fmt.Sprintf("the server sent a malformed header line %q", model.Clean(line, 40)))
	}
	value = strings.Trim(value, " \t")
	switch strings.ToLower(name) {
	case "connection":
		r.connection = join(r.connection, value)
	case "keep-alive":
		r.keepAlive = join(r.keepAlive, value)
	case "server":
		r.server = join(r.server, value)
	case "retry-after":
		r.retryAfter = value
	case "transfer-encoding":
		r.chunked = r.chunked || hasToken(value, "chunked")
	case "content-length":
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || strings.Trim(value, "0123456789") != "" || r.length >= 0 && r.length != n {
			return replyError(fmt.Sprintf("the server sent a malformed Content-Length %q", model.Clean(value, 40)))
		}
		r.length = n
	}
	return nil
}

func join(a, b string) string {
	switch {
	case a == "":
		return b
	case len(a)+len(b) > maxPart:
		return a
	}
	return a + ", " + b
}

// readBody reads the body away (RFC 9112 section 6.3).
func (r *reply) readBody(br *bufio.Reader, method string) error {
	switch {
	case method == "HEAD" || method == "CONNECT" && r.status/100 == 2 || r.status == 204 || r.status == 304:
		return nil
	case r.chunked:
		return r.readChunks(br)
	case r.length >= 0:
		return r.skip(br, r.length)
	}
	r.saysClose, r.untilClose = true, true
	n, err := io.Copy(io.Discard, io.LimitReader(br, maxBody+1))
	if r.size = n; n > maxBody {
		return errTooLarge
	}
	return err
}

var errTooLarge = replyError(fmt.Sprintf("the server sends a body of more than %d MiB: test a smaller page or use the method HEAD", maxBody>>20))

func (r *reply) skip(br *bufio.Reader, n int64) error {
	if r.size+n > maxBody {
		return errTooLarge
	}
	got, err := br.Discard(int(n))
	r.size += int64(got)
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *reply) readChunks(br *bufio.Reader) error {
	// Tiny chunks cost more framing than data; the framing has a budget of its own.
	framing := maxFraming
	for {
		line, err := readLine(br, &framing, false)
		if errors.Is(err, errBudget) {
			return errFraming
		}
		if err != nil {
			return err
		}
		size, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 62)
		if err != nil {
			return replyError(fmt.Sprintf("the server sent a malformed chunk size %q", model.Clean(size, 20)))
		}
		if n == 0 {
			return skipTrailer(br)
		}
		if n > maxBody {
			return errTooLarge
		}
		if err := r.skip(br, int64(n)); err != nil {
			return err
		}
		framing += 2 // the line end of a chunk is not counted
		if line, err = readLine(br, &framing, false); err != nil {
			return err
		}
		if line != "" {
			return replyError("the server sent a chunk longer than it said")
		}
	}
}

func skipTrailer(br *bufio.Reader) error {
	budget := maxHead
	for {
		line, err := readLine(br, &budget, false)
		if err != nil || line == "" {
			return err
		}
	}
}
