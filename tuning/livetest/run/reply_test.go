package run

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest"
)

func TestReadReply(t *testing.T) {
	for name, c := range map[string]struct {
		text, method string
		status       int
		close        bool
		size         int64
		rest         string // what must be left for the next reply
		err          string
	}{
		"length":           {text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloREST", status: 200, size: 5, rest: "REST"},
		"no reason phrase": {text: "HTTP/1.1 204\r\n\r\nREST", status: 204, rest: "REST"},
		"line feeds only":  {text: "HTTP/1.1 200 OK\nContent-Length: 2\n\nokREST", status: 200, size: 2, rest: "REST"},
		"chunked":          {text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\nREST", status: 200, size: 5, rest: "REST"},
		"chunked wins":     {text: "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n0\r\n\r\nREST", status: 200, rest: "REST"},
		"until close":      {text: "HTTP/1.1 200 OK\r\n\r\nall of it", status: 200, size: 9, close: true},
		"head":             {text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nREST", method: "HEAD", status: 200, rest: "REST"},
		"not modified":     {text: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nREST", status: 304, rest: "REST"},
		"interim":          {text: "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nREST", status: 200, rest: "REST"},
		"says close":       {text: "HTTP/1.1 200 OK\r\ncOnNeCtIoN: foo, Close\r\nContent-Length: 0\r\n\r\n", status: 200, close: true},
		"old":              {text: "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", status: 200, close: true},
		"old, persistent":  {text: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", status: 200},
		"two connections":  {text: "HTTP/1.1 200 OK\r\nConnection: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", status: 200, close: true},
		"same length":      {text: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nxREST", status: 200, size: 1, rest: "REST"},
		"signed length":    {text: "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", err: `the server sent a malformed Content-Length "+5"`},
		"two codings":      {text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\nREST", status: 200, rest: "REST"},
		"folded":           {text: "HTTP/1.1 200 OK\r\nX: a\r\n  b\r\nConnection: x,\r\n\tclose\r\nContent-Length: 0\r\n\r\nREST", status: 200, close: true, rest: "REST"},
		"folded at once":   {text: "HTTP/1.1 200 OK\r\n b\r\n\r\n", err: `the server sent a malformed header line " b"`},
		"nothing":          {err: io.EOF.Error()},
		"no HTTP":          {text: "220 mail.example ESMTP\r\n", err: `the server does not speak HTTP/1: its first line is "220 mail.example ESMTP"`},
		"no HTTP, no line": {text: "hello", err: `the server does not speak HTTP/1: its first line is "hello"`},
		"cut":              {text: "HTTP/1.1 200 OK\r\nContent-Le", err: io.ErrUnexpectedEOF.Error()},
		"cut body":         {text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", err: io.ErrUnexpectedEOF.Error()},
		"cut chunk":        {text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", err: io.ErrUnexpectedEOF.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			br := bufio.NewReader(strings.NewReader(c.text))
			method := c.method
			if method == "" {
				method = "GET"
			}
			r, err := readReply(br, method)
			if c.err != "" {
				if err == nil || err.Error() != c.err {
					t.Fatalf("err = %v, want %q", err, c.err)
				}
				return
			}
			rest, _ := io.ReadAll(br)
			if err != nil || r.status != c.status || r.saysClose != c.close || r.size != c.size || string(rest) != c.rest {
				t.Errorf("got %+v, rest %q, err %v; want status %d, close %v, size %d, rest %q", r, rest, err, c.status, c.close, c.size, c.rest)
			}
		})
	}
}

// Whatever a server sends, reading ends, takes a bounded amount and explains itself.
func FuzzReadReply(f *testing.F) {
	for _, s := range []string{
		"", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"HTTP/1.0 200\nKeep-Alive: timeout=5, max=\x1b[1m\n\n", "HTTP/1.1 100 \r\n\r\nHTTP/1.1 200 \r\nContent-Length: 999999999999\r\n\r\n", "SSH-2.0\r\n", "HTTP/1.1 200\r\n" + strings.Repeat("a: b\r\n", 3000),
	} {
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, head bool) {
		method := "GET"
		if head {
			method = "HEAD"
		}
		in := strings.NewReader(text)
		r, err := readReply(bufio.NewReaderSize(in, readBuffer), method)
		var foreign replyError
		if errors.As(err, &foreign) && (foreign.Error() != model.Clean(foreign.Error(), 500)) {
			t.Errorf("the sentence %q is not clean", foreign)
		}
		if err != nil {
			return
		}
		if r.status < 200 || r.status > 999 || r.size > maxBody || r.size > int64(len(text)) {
			t.Errorf("accepted %+v", r)
		}
		if h := r.hint(); h != nil && (h.Timeout != nil && *h.Timeout < 0 || h.Max != nil && *h.Max < 0) {
			t.Errorf("a negative hint of %q", r.keepAlive)
		}
	})
}

func TestParseHint(t *testing.T) {
	seconds := func(n int64) *time.Duration { d := time.Duration(n) * time.Second; return &d }
	times := func(n int) *int { return &n }
	for text, want := range map[string]*livetest.Hint{
		"timeout=5, max=100":                {Timeout: seconds(5), Max: times(100)},
		"TimeOut = \"15\" ,MAX=7":           {Timeout: seconds(15), Max: times(7)},
		"timeout=5":                         {Timeout: seconds(5)},
		"max=0":                             {Max: times(0)},
		"timeout=0":                         {Timeout: seconds(0)},
		"timeout=2.5":                       {Timeout: seconds(2)},
		"timeout=5, timeout=9":              {Timeout: seconds(5)},
		"timeout=x, timeout=9":              {Timeout: seconds(9)},
		"foo=3; timeout=9, max=4":           {Max: times(4)},
		"timeout=-1, max=+3":                nil,
		"timeout":                           nil,
		"":                                  nil,
		"timeout=\x1b[1m5":                  nil,
		"timeout=99999999999999999999":      {Timeout: seconds(maxHint)},
		"max=99999999999999999999999999999": {Max: times(1<<31 - 1)},
	} {
		if diff := cmp.Diff(want, parseHint(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestClassifyErrors(t *testing.T) {
	for text, want := range map[string]bool{"HTTP/1.1 408 Request Timeout": true, "HTTP/1.0 408": true, "HTTP/1.1 400 Bad": false, "": false, "408": false} {
		if got := is408(text); got != want {
			t.Errorf("is408(%q) = %v", text, got)
		}
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{io.EOF, "closed the connection without a complete reply"},
		{io.ErrUnexpectedEOF, "closed the connection without a complete reply"},
		{replyError("the server sings"), "the server sings"},
		{errors.New("dial tcp: \x1b[2Jodd"), "·[2Jodd"},
	} {
		if got := clause(c.err); !strings.Contains(got, c.want) || got != model.Clean(got, 500) {
			t.Errorf("clause(%v) = %q, want %q", c.err, got, c.want)
		}
	}
}

func TestRequestText(t *testing.T) {
	target, err := livetest.ParseTarget("http://example.test:8080/a?b=c")
	if err != nil {
		t.Fatal(err)
	}
	target.Headers = []livetest.Header{{Name: "X-A", Value: "1"}, {Name: "User-Agent", Value: "mine/2"}}
	want := "GET /a?b=c HTTP/1.1\r\nHost: example.test:8080\r\nUser-Agent: mine/2 " + livetest.UserAgent + "\r\nAccept: */*\r\nConnection: keep-alive\r\nX-A: 1\r\n\r\n"
	if diff := cmp.Diff(want, requestText(target, target.Method, "HTTP/1.1", true)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	target.Headers, target.Method = nil, "POST"
	want = "POST /a?b=c HTTP/1.0\r\nHost: example.test:8080\r\nUser-Agent: " + livetest.UserAgent + "\r\nAccept: */*\r\nContent-Length: 0\r\n\r\n"
	if diff := cmp.Diff(want, requestText(target, target.Method, "HTTP/1.0", false)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
