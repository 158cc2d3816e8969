package scripted

import (
	"bufio"
	"io"
	"net"
	"slices"
	"strings"
	"time"
)

// A Behaviour is one way to be hostile to a client.
type Behaviour struct {
	Name string
	What string // one line
	play func(c net.Conn, in *bufio.Reader)
}

// Hostiles returns every hostile behaviour, in a fixed order.
func Hostiles() []Behaviour { return slices.Clone(hostiles) }

func hostile(name string) (Behaviour, bool) {
	i := slices.IndexFunc(hostiles, func(b Behaviour) bool { return b.Name == name })
	if name == "" || i < 0 {
		return Behaviour{}, false
	}
	return hostiles[i], true
}

const okHead = "HTTP/1.1 200 OK\r\n"

var hostiles = []Behaviour{
	{"binary", "answers with binary garbage", answer("\x00\x01\x02\xff\xfe\x1b[2J\x00\x00\n\n\n")},
	{"binary-flood", "answers with garbage that has no end and no newline", endless("", "\x00\xff\x1b]0;x")},
	{"banner", "sends an SSH banner", answer("SSH-2.0-OpenSSH_9.6\r\n")},
	{"http2", "answers HTTP/2", answer("HTTP/2 200\r\n\r\n")},
	{"bad-status", "sends a status that is no number", answer("HTTP/1.1 abc \x1b[31mred\r\n\r\n")},
	{"status-99", "sends a status below 100", answer("HTTP/1.1 099 Low\r\n\r\n")},
	{"endless-headers", "never stops sending headers", endless(okHead, "X-Filler: "+strings.Repeat("a", 100)+"\r\n")},
	{"endless-line", "sends a header line without end", endless(okHead+"X-Long: ", strings.Repeat("a", 1000))},
	{"huge-keep-alive", "sends 10 MB of Keep-Alive values", endlessUpTo(okHead+"Keep-Alive: timeout=5", ", timeout=7", 10<<20)},
	{"many-keep-alives", "repeats the Keep-Alive header 100,000 times", endlessUpTo(okHead, "Keep-Alive: timeout=5, max=3\r\n", 3<<20)},
	{"endless-body", "never stops sending its body", endless(okHead+"\r\n", strings.Repeat("b", 4000))},
	{"endless-chunks", "never stops sending chunks", endless(okHead+"Transfer-Encoding: chunked\r\n\r\n", "fa0\r\n"+strings.Repeat("c", 4000)+"\r\n")},
	{"tiny-chunks", "never stops sending chunks of one byte", endless(okHead+"Transfer-Encoding: chunked\r\n\r\n", strings.Repeat("1\r\nx\r\n", 500))},
	{"long-chunk-line", "sends a chunk extension without end", endless(okHead+"Transfer-Encoding: chunked\r\n\r\n5;x=", strings.Repeat("e", 1000))},
	{"bad-chunk", "sends a chunk size that is no number", answer(okHead + "Transfer-Encoding: chunked\r\n\r\nzz\r\n")},
	{"huge-chunk", "sends a chunk size that overflows", answer(okHead + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx")},
	{"lying-chunk", "sends more than the chunk size says", answer(okHead + "Transfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n0\r\n\r\n")},
	{"endless-trailer", "never stops sending trailers", endless(okHead+"Transfer-Encoding: chunked\r\n\r\n0\r\n", "X-T: "+strings.Repeat("t", 100)+"\r\n")},
	{"huge-length", "announces 1 TB of body", answer(okHead + "Content-Length: 1099511627776\r\n\r\nx")},
	{"negative-length", "announces a negative body", answer(okHead + "Content-Length: -5\r\n\r\n")},
	{"two-lengths", "announces two lengths", answer(okHead + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")},
	{"no-colon", "sends a header line without a colon", answer(okHead + "this is no \x1b[5mheader\r\n\r\n")},
	{"endless-interim", "never stops sending 100 Continue", endless("", "HTTP/1.1 100 Continue\r\n\r\n")},
	{"switch", "switches to another protocol", answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")},
	{"stall", "never answers", stall("")},
	{"stall-in-head", "stops in the middle of its headers", stall(okHead + "Content-Le")},
	{"stall-in-body", "stops in the middle of its body", stall(okHead + "Content-Length: 100\r\n\r\nhalf")},
	{"drip", "sends one byte a minute", drip},
	{"close-at-once", "closes as soon as it is connected", func(net.Conn, *bufio.Reader) {}},
	{"reset-at-once", "resets as soon as it is connected", func(c net.Conn, _ *bufio.Reader) { reset(c) }},
	{"close-on-request", "closes when asked", leave("", false)},
	{"reset-on-request", "resets when asked", leave("", true)},
	{"half-status", "closes in its status line", leave("HTTP/1.", false)},
	{"half-head", "closes in its headers", leave(okHead+"Content-Length: 5\r\n", false)},
	{"half-body", "closes in its body", leave(okHead+"Content-Length: 500\r\n\r\nhalf", false)},
	{"half-chunk", "resets in a chunk", leave(okHead+"Transfer-Encoding: chunked\r\n\r\nff\r\nhalf", true)},
	{"flood-before", "floods before any request", func(c net.Conn, _ *bufio.Reader) { pour(c, strings.Repeat("z", 4000), 0) }},
	{"flood-after", "floods after its reply", floodAfter},
	{"escapes", "hides terminal commands in its headers", polite("Connection: keep-alive\x1b[2J\x1b]52;c;eA==\x07\r\nKeep-Alive: timeout=\x1b[1m5, max=\x9b31m\r\n")},
	{"bidi", "hides bidirectional and invalid text in its headers", polite("Connection: keep-alive, \u202eesolc\u2066\xc3\x28\r\nKeep-Alive: timeout=5\r\n")},
	{"nul", "hides NUL bytes in its headers", polite("Connection: keep-alive\x00\x00\r\nServer: \x00\r\n")},
	{"absurd-hint", "advertises nonsense", polite("Keep-Alive: timeout=-1, max=many, timeout=99999999999999999999999\r\n")},
	{"redirect-loop", "redirects to itself", redirect},
}

// polite answers every request well, with odd headers, and closes after 300 ms of silence; it
// has a minute for the first request, which a busy machine may need.
func polite(headers string) func(net.Conn, *bufio.Reader) {
	return politely(okHead + headers + "Content-Length: 3\r\n\r\nok\n")
}

var redirect = politely("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")

func politely(reply string) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, in *bufio.Reader) {
		for patience := time.Minute; c.SetReadDeadline(time.Now().Add(patience)) == nil; patience = 300 * time.Millisecond {
			if _, err := readRequest(in); err != nil {
				return
			}
			if _, err := io.WriteString(c, reply); err != nil {
				return
			}
		}
	}
}

// answer sends text to the first request and waits for the client to leave.
func answer(text string) func(net.Conn, *bufio.Reader) { return stall(text) }

func stall(text string) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, in *bufio.Reader) {
		if _, err := readRequest(in); err != nil {
			return
		}
		if _, err := io.WriteString(c, text); err == nil {
			_, _ = io.Copy(io.Discard, in)
		}
	}
}

func leave(text string, rst bool) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, in *bufio.Reader) {
		if _, err := readRequest(in); err != nil {
			return
		}
		_, _ = io.WriteString(c, text)
		if rst {
			reset(c)
		}
	}
}

func endless(start, more string) func(net.Conn, *bufio.Reader) { return endlessUpTo(start, more, 0) }

// endlessUpTo repeats more up to limit bytes, or until the client leaves when it is 0.
func endlessUpTo(start, more string, limit int) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, in *bufio.Reader) {
		if _, err := readRequest(in); err != nil {
			return
		}
		if _, err := io.WriteString(c, start); err == nil {
			pour(c, more, limit)
		}
	}
}

func pour(c net.Conn, more string, limit int) {
	block := []byte(strings.Repeat(more, 1+4000/len(more)))
	for sent := 0; limit == 0 || sent < limit; sent += len(block) {
		if _, err := c.Write(block); err != nil {
			return
		}
	}
	_, _ = io.WriteString(c, "\r\n\r\n")
}

func drip(c net.Conn, in *bufio.Reader) {
	if _, err := readRequest(in); err != nil {
		return
	}
	for _, b := range []byte(okHead) {
		if _, err := c.Write([]byte{b}); err != nil {
			return
		}
		// A read is the pause that ends when the client leaves.
		if c.SetReadDeadline(time.Now().Add(time.Minute)) != nil {
			return
		}
		if _, err := in.ReadByte(); err == nil || !isDeadline(err) {
			return
		}
	}
}

func isDeadline(err error) bool {
	ne, ok := err.(net.Error) //nolint:errorlint // bufio hands the error on as it is
	return ok && ne.Timeout()
}

func floodAfter(c net.Conn, in *bufio.Reader) {
	if _, err := readRequest(in); err != nil {
		return
	}
	if _, err := io.WriteString(c, okHead+"Content-Length: 0\r\n\r\n"); err == nil {
		pour(c, strings.Repeat("z", 4000), 0)
	}
}
