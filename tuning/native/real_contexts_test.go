//go:build real

package native_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/native"
)

// slack is how late an answer or a close may be seen. Times in the fixtures
// differ by a second.
const slack = 900 * time.Millisecond

// tries is how often something is asked that a busy machine answers too late:
// what is really longer is so every time.
const tries = 4

// A stage is a server that answers how often a connection was used before, says
// nothing to a path that ends in /slow, and ends no connection.
type stage struct {
	port int
	mu   sync.Mutex
	last map[string]time.Time     // when a connection answered last, by its peer
	kept map[string]time.Duration // how long it was silent before it was closed
}

type seatKey struct{}

func newStage(t testing.TB) *stage {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{port: l.Addr().(*net.TCPAddr).Port, last: map[string]time.Time{}, kept: map[string]time.Duration{}}
	server := &http.Server{
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, seatKey{}, new(int))
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/slow") {
				<-r.Context().Done()
				return
			}
			uses := r.Context().Value(seatKey{}).(*int)
			*uses++
			w.Header().Set("X-Uses", strconv.Itoa(*uses))
			w.Header().Set("X-Stage", strconv.Itoa(s.port))
			w.Header().Set("X-Told", fmt.Sprint(r.Close))
			s.mu.Lock()
			s.last[r.RemoteAddr] = time.Now()
			s.mu.Unlock()
			_, _ = io.WriteString(w, "ok\n")
		}),
		ConnState: func(c net.Conn, state http.ConnState) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if last, ok := s.last[c.RemoteAddr().String()]; ok && state == http.StateClosed {
				s.kept[c.RemoteAddr().String()] = time.Since(last)
			}
		},
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return s
}

var (
	stageName = regexp.MustCompile(`10\.0\.0\.\d+:8090`)
	portName  = regexp.MustCompile(`\b808\d\b`)
)

// A rehearsal is a fixture with its addresses replaced by those of this
// machine: the lines stay where they are.
type rehearsal struct {
	r      reading
	dir    string
	ports  map[string]int
	stages map[int]*stage
	im     native.Import
}

// rehearse writes the files of a fixture below a folder. etc is the folder of
// the fixture that becomes one of this machine.
func rehearse(t *testing.T, r reading, etc string) *rehearsal {
	t.Helper()
	p := &rehearsal{r: r, dir: realserver.Dir(t), ports: map[string]int{}, stages: map[int]*stage{}, im: r.open(t)}
	addrs := map[string]string{}
	for _, name := range r.order {
		text := stageName.ReplaceAllStringFunc(r.files[name], func(name string) string {
			if addrs[name] == "" {
				s := newStage(t)
				p.stages[s.port] = s
				addrs[name] = fmt.Sprintf("127.0.0.1:%d", s.port)
			}
			return addrs[name]
		})
		text = portName.ReplaceAllStringFunc(text, func(port string) string {
			if p.ports[port] == 0 {
				p.ports[port] = realserver.FreePort(t)
			}
			return strconv.Itoa(p.ports[port])
		})
		realserver.File(t, p.dir, name, strings.ReplaceAll(text, etc, p.dir+etc))
	}
	return p
}

// A scene is one context and how it is reached.
type scene struct {
	t                *testing.T
	ctx              native.Context
	system           *model.System
	version          model.Version
	addr, host, path string
	proxied          bool
	upgraded         bool // bytes are passed on until the backend makes HTTP of them
	stage            *stage
}

// scenes are those that the head of the fixture names:
// real: CONTEXT = :PORT HOST PATH, and proxied where a backend answers, upgraded
// where that alone makes HTTP of the bytes.
func (p *rehearsal) scenes(t *testing.T, system model.SystemID, version string) []*scene {
	t.Helper()
	sys, err := model.Embedded().System(system)
	if err != nil {
		t.Fatal(err)
	}
	var list []*scene
	for _, line := range p.r.real {
		where, how, _ := strings.Cut(line, "= :")
		words := strings.Fields(how)
		s := &scene{t: t, system: sys, version: model.Version(version), host: words[1], path: words[2], proxied: len(words) > 3, upgraded: slices.Contains(words, "upgraded")}
		s.ctx = contextNamed(t, p.im, strings.TrimSpace(where))
		s.addr = fmt.Sprintf("127.0.0.1:%d", p.ports[words[0]])
		list = append(list, s)
	}
	return list
}

// value is what the context says, or the default, or what stands in for it.
func (s *scene) value(id model.ParamID) model.Value {
	p := s.system.Param(id)
	v := s.system.DefaultAt(p, s.version).Value
	if said, ok := s.ctx.Settings[id]; ok {
		v = said.Value
	}
	if !v.IsSet() && p.Fallback != "" {
		return s.value(p.Fallback)
	}
	if !v.IsSet() {
		return p.Absent
	}
	return v
}

// span is a value of at most as long as a test waits, or false.
func (s *scene) span(id model.ParamID) (time.Duration, bool) {
	d, ok := s.value(id).Duration()
	return d, ok && d <= 6*time.Second
}

func (s *scene) errorf(format string, args ...any) {
	s.t.Helper()
	s.t.Errorf("[%s] %s", s.ctx.Where, fmt.Sprintf(format, args...))
}

// A call is a connection of a client.
type call struct {
	net.Conn
	in *bufio.Reader
}

func (s *scene) dial() *call {
	c, err := net.DialTimeout("tcp", s.addr, realserver.Patience)
	if err != nil {
		s.errorf("%v", err)
		return nil
	}
	_ = c.SetDeadline(time.Now().Add(realserver.Patience))
	return &call{c, bufio.NewReader(c)}
}

// get sends a request and reads the answer. sent is before its first byte.
func (s *scene) get(c *call, path string) (res *http.Response, sent time.Time) {
	sent = time.Now()
	_, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: keep-alive\r\n\r\n", path, s.host)
	if err == nil {
		res, err = http.ReadResponse(c.in, nil)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, res.Body)
	}
	if err != nil {
		s.errorf("GET %s: %v", path, err)
		return nil, sent
	}
	return res, sent
}

// closes is how long a connection stays from now on.
func (c *call) closes() (time.Duration, error) {
	begin := time.Now()
	_, err := io.Copy(io.Discard, c.in)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return 0, err
	}
	return time.Since(begin), nil
}

// idle holds whether and how long a connection stays open after an answer.
func (s *scene) idle(stays bool, want time.Duration) (res *http.Response) {
	s.punctual("an idle time", want, func(c *call) (whole, after time.Duration, ok bool) {
		var sent time.Time
		if res, sent = s.get(c, s.path); res == nil {
			return 0, 0, false
		}
		if res.Close == stays {
			s.errorf("the import says that connections of clients stay: %v; the answer closes: %v", stays, res.Close)
		}
		if res.Close || !stays {
			return 0, 0, false
		}
		after, err := c.closes()
		if err != nil {
			s.errorf("imported is an idle time of %v: %v", want, err)
		}
		return time.Since(sent), after, err == nil
	})
	return res
}

// half holds how long half a header is waited for. What is upgraded ends without
// a word where its first byte came after the connection was accepted.
func (s *scene) half(want time.Duration) {
	s.punctual("half a header", want, func(c *call) (whole, after time.Duration, ok bool) {
		begin := time.Now()
		_, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nX-Half: ", s.path, s.host)
		var res *http.Response
		if err == nil {
			res, err = http.ReadResponse(c.in, nil)
		}
		if s.upgraded && errors.Is(err, io.ErrUnexpectedEOF) {
			return time.Since(begin), time.Since(begin), true
		}
		if err != nil {
			s.errorf("half a header: %v", err)
			return 0, 0, false
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusRequestTimeout {
			s.errorf("half a header is answered with %d", res.StatusCode)
		}
		return time.Since(begin), time.Since(begin), true
	})
}

// slow holds how long an answer of a backend is waited for.
func (s *scene) slow(want time.Duration) {
	s.punctual("the wait for a backend", want, func(c *call) (whole, after time.Duration, ok bool) {
		res, sent := s.get(c, s.path+"/slow")
		if res == nil {
			return 0, 0, false
		}
		if res.StatusCode < 500 {
			s.errorf("a slow backend is answered with %d", res.StatusCode)
		}
		return time.Since(sent), time.Since(sent), true
	})
}

// punctual holds that something ends after the time that was imported: whole is
// how long it took from before its cause, after how long from behind it. What
// comes too late is tried again.
func (s *scene) punctual(what string, want time.Duration, try func(*call) (whole, after time.Duration, ok bool)) {
	for n := 1; ; n++ {
		c := s.dial()
		if c == nil {
			return
		}
		whole, after, ok := try(c)
		_ = c.Close()
		switch {
		case !ok:
			return
		case whole < want-20*time.Millisecond, after > want+slack && n == tries:
			s.errorf("%s is imported as %v, and was %v", what, want, after)
			return
		case after <= want+slack:
			return
		}
	}
}

// uses is how often the backend's connection of an answer was used.
func uses(res *http.Response) int {
	n, _ := strconv.Atoi(res.Header.Get("X-Uses"))
	return n
}

// find asks once which backend a scene leads to.
func (p *rehearsal) find(s *scene) {
	c := s.dial()
	if c == nil {
		return
	}
	defer func() { _ = c.Close() }()
	if res, _ := s.get(c, s.path); res != nil {
		port, _ := strconv.Atoi(res.Header.Get("X-Stage"))
		s.stage = p.stages[port]
	}
	if s.stage == nil {
		s.errorf("no backend answers %s", s.path)
	}
}

// together runs the client sides of scenes at once, and then the backend sides,
// one after the other where they share a backend: what one takes from the pool
// another would miss.
func together(scenes []*scene, front, back func(*scene)) {
	by := map[*stage][]*scene{}
	for _, s := range scenes {
		by[s.stage] = append(by[s.stage], s)
	}
	var wait sync.WaitGroup
	for at, list := range by {
		wait.Go(func() {
			var fronts sync.WaitGroup
			for _, s := range list {
				fronts.Go(func() { front(s) })
			}
			fronts.Wait()
			if at == nil {
				return
			}
			for _, s := range list {
				back(s)
			}
		})
	}
	wait.Wait()
}

// ready waits until a port answers.
func ready(t *testing.T, port int, output func() string) {
	t.Helper()
	for end := time.Now().Add(realserver.Patience); time.Now().Before(end); {
		if c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), realserver.Patience); err == nil {
			_ = c.Close()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("nothing listens on %d\n%s", port, output())
}

// timers is what ss says of the kernel's timers of sockets, by a filter; empty
// where there is none.
func timers(t *testing.T, filter ...string) string {
	t.Helper()
	return realserver.Output(t, "ss", append([]string{"-Htnoe", "state", "established"}, filter...)...)
}

// keepaliveTimer is the timer of probes, in seconds.
var keepaliveTimer = regexp.MustCompile(`timer:\(keepalive,(?:(\d+)min)?(?:(\d+)sec)?`)

// probed is whether sockets have probes, and when the next one is due.
func probed(text string) (bool, time.Duration) {
	m := keepaliveTimer.FindStringSubmatch(text)
	if m == nil {
		return false, 0
	}
	minutes, _ := strconv.Atoi(m[1])
	seconds, _ := strconv.Atoi(m[2])
	return true, time.Duration(minutes)*time.Minute + time.Duration(seconds)*time.Second
}
