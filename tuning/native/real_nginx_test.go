//go:build real

package native_test

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
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
	"example.com/keeptune/tuning/store"
)

// What nginx does is told apart by whole seconds: the fixtures use 1, 3 and 5 s.
const (
	nginxApart   = time.Second
	nginxLongest = 6500 * time.Millisecond
)

// TestRealNginxContexts runs nginx with each tree of testdata/nginx and asks it
// in every context that was imported: when it closes an idle connection, what
// it advertises, after how many requests it says close, whether the kernel
// probes, and whether, and how long, it keeps connections to its servers. The
// output of nginx -T has to come to the same.
func TestRealNginxContexts(t *testing.T) {
	realserver.Need(t, "nginx", "ss")
	files, err := filepath.Glob("testdata/nginx/*.txtar")
	if err != nil || len(files) < 14 {
		t.Fatalf("%d trees, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			startNginxTree(t, parseArchive(readFile(t, file))).hold(t)
		})
	}
}

// An nginxTree is a running nginx, and what was imported from its files.
type nginxTree struct {
	im       native.Import
	ports    map[string]int // by macro
	backends map[string]*backend
	paths    map[string]string // requests for contexts that do not tell theirs: path, and the macro of its port
}

func startNginxTree(t *testing.T, tree archive) *nginxTree {
	t.Helper()
	n := &nginxTree{ports: map[string]int{}, backends: map[string]*backend{}, paths: map[string]string{}}
	for line := range strings.Lines(tree.head) {
		if where, request, ok := strings.Cut(strings.TrimSpace(line), " => "); ok {
			n.paths[where] = request
		}
	}
	dir := realserver.Dir(t)
	user := ""
	if os.Getuid() == 0 {
		user = "user www-data;\n"
	}
	for _, f := range tree.files {
		text := nginxMacro.ReplaceAllStringFunc(f.text, func(macro string) string { return n.port(t, macro) })
		if f.name == "nginx.conf" {
			text = user + "daemon off; pid " + dir + "/pid; error_log stderr notice; worker_processes 1; " +
				strings.Replace(text, "http {", "http { access_log off; client_body_temp_path "+dir+"/b; proxy_temp_path "+dir+"/p; fastcgi_temp_path "+dir+"/f; uwsgi_temp_path "+dir+"/u; scgi_temp_path "+dir+"/s; default_type text/plain;", 1)
		}
		realserver.File(t, dir, f.name, text)
	}
	main := filepath.Join(dir, "nginx.conf")
	data, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	f := format(t, "nginx")
	if n.im, err = f.Open(native.Source{Name: "nginx.conf", Data: data, Path: main, Files: store.Configs{Limit: native.MaxSize}}, model.Embedded()); err != nil {
		t.Fatal(err)
	}
	dump, err := f.Parse("dump", []byte(runs(t, dir, "nginx", "-T", "-p", dir, "-c", main)), model.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	if a, b := valuesByContext(n.im), valuesByContext(dump); !maps.Equal(a, b) {
		t.Errorf("nginx -T is read otherwise than the files:\n%v\n%v", a, b)
	}
	realserver.Run(t, dir, nil, "nginx", "-e", "stderr", "-p", dir, "-c", main)
	for macro, port := range n.ports {
		if strings.HasPrefix(macro, "%PORT") {
			answers(t, port)
		}
	}
	return n
}

// port is the number of a macro: one to listen on, or that of a backend.
func (n *nginxTree) port(t *testing.T, macro string) string {
	t.Helper()
	if _, ok := n.ports[macro]; !ok {
		if strings.HasPrefix(macro, "%BACK") {
			n.backends[macro] = startBackend(t)
			n.ports[macro] = n.backends[macro].port
		} else {
			n.ports[macro] = realserver.FreePort(t)
		}
	}
	return strconv.Itoa(n.ports[macro])
}

func answers(t *testing.T, port int) {
	t.Helper()
	for end := time.Now().Add(realserver.Patience); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// valuesByContext is what an import says, without files and lines.
func valuesByContext(im native.Import) map[string]string {
	all := map[string]string{}
	for _, c := range im.Contexts {
		where, _, _ := strings.Cut(c.Where, " (")
		text := string(c.Face)
		for _, id := range slices.Sorted(maps.Keys(c.Settings)) {
			text += fmt.Sprintf(" %s=%s", id, c.Settings[id].Value)
		}
		all[where] += text
	}
	return all
}

func (n *nginxTree) hold(t *testing.T) {
	t.Helper()
	if len(n.im.Contexts) < 2 || len(n.im.Warnings) > 0 {
		t.Errorf("%d contexts, warnings %v", len(n.im.Contexts), n.im.Warnings)
	}
	var wait sync.WaitGroup
	for _, c := range n.im.Contexts {
		r := n.request(t, c)
		wait.Go(func() { frontHolds(t, c, r) })
		wait.Go(func() { countHolds(t, c, r) })
		wait.Go(func() { probesHold(t, c, r) })
	}
	wait.Wait()
	closes := map[*backend]closing{}
	for _, c := range n.im.Contexts {
		if c.Face == "" && len(c.Doubts) == 0 {
			n.backHolds(t, c, closes)
		}
	}
	for b, x := range closes {
		b.closesAfter(t, x)
	}
}

// A getting is a request that ends in a context.
type getting struct {
	port       int
	host, path string
}

var (
	serverWord = regexp.MustCompile(`^server (?:listen )?(\S+)`)
	listenWord = regexp.MustCompile(`listen (\S+)`)
	pathWord   = regexp.MustCompile(`location (?:= |\^~ )?(/\S*)`)
)

// request finds a request for a context in its name, or in the head of the tree.
func (n *nginxTree) request(t *testing.T, c native.Context) getting {
	t.Helper()
	g := getting{port: n.ports["%PORT%"], path: "/of-no-location"}
	m := serverWord.FindStringSubmatch(c.Where)
	if m == nil {
		t.Fatalf("%q names no server", c.Where)
	}
	g.host = m[1]
	if m := listenWord.FindStringSubmatch(c.Where); m != nil {
		_, port, ok := strings.Cut(m[1], ":")
		if !ok {
			port = m[1]
		}
		g.port, _ = strconv.Atoi(port)
	}
	if all := pathWord.FindAllStringSubmatch(c.Where, -1); all != nil {
		g.path = all[len(all)-1][1]
	}
	if path, ok := n.paths[c.Where]; ok {
		var macro string
		if g.path, macro, ok = strings.Cut(path, " "); ok {
			g.port = n.ports[macro]
		}
	} else if strings.Contains(c.Where, "location ~") || strings.Contains(c.Where, " if ") {
		t.Fatalf("no request is known for %q", c.Where)
	}
	return g
}

// A dialogue is a connection to nginx.
type dialogue struct {
	net.Conn
	in *bufio.Reader
}

func (g getting) dial(t *testing.T) *dialogue {
	t.Helper()
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", g.port))
	if err != nil {
		t.Error(err)
		return nil
	}
	return &dialogue{c, bufio.NewReader(c)}
}

// ask sends a request and reads the answer.
func (d *dialogue) ask(t *testing.T, g getting) *http.Response {
	t.Helper()
	if !d.send(t, g, 1) {
		return nil
	}
	return d.answer(t, g)
}

// send sends a request so many times at once.
func (d *dialogue) send(t *testing.T, g getting, times int) bool {
	t.Helper()
	_ = d.SetDeadline(time.Now().Add(realserver.Patience))
	_, err := io.WriteString(d, strings.Repeat(fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", g.path, g.host), times))
	if err != nil {
		t.Error(err)
	}
	return err == nil
}

// answer reads one answer.
func (d *dialogue) answer(t *testing.T, g getting) *http.Response {
	t.Helper()
	resp, err := http.ReadResponse(d.in, nil)
	if err != nil {
		t.Errorf("%+v: %v", g, err)
		return nil
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp
}

// frontHolds waits for the close of an idle connection, and again where it
// comes late.
func frontHolds(t *testing.T, c native.Context, g getting) {
	t.Helper()
	for n := 1; n <= tries && !frontHeld(t, c, g, n == tries); n++ {
		continue
	}
}

// frontHeld is false where the close was late and that was not the last try.
func frontHeld(t *testing.T, c native.Context, g getting, last bool) bool {
	t.Helper()
	d := g.dial(t)
	if d == nil {
		return true
	}
	defer d.Close()
	sent := time.Now()
	resp := d.ask(t, g)
	if resp == nil {
		return true
	}
	begin := time.Now()
	hint := ""
	if s, ok := c.Settings["nginx.keepalive_timeout_header"]; ok && s.Value.IsSet() && s.Value != model.ValueOff {
		seconds, _ := s.Value.Duration()
		hint = fmt.Sprintf("timeout=%d", int(seconds.Seconds()))
	}
	idle, said := c.Settings["nginx.keepalive_timeout"]
	off := said && idle.Value == model.ValueOff
	if resp.Close != off || !off && resp.Header.Get("Keep-Alive") != hint {
		t.Errorf("%s: closes at once %v, advertises %q; imported %s, %q", c.Where, resp.Close, resp.Header.Get("Keep-Alive"), idle.Value, hint)
	}
	if off {
		return true
	}
	_ = d.SetReadDeadline(begin.Add(nginxLongest))
	_, err := d.in.ReadByte()
	took, whole := time.Since(begin), time.Since(sent)
	timedOut := os.IsTimeout(err)
	want, known := idle.Value.Duration()
	switch {
	case !said && !timedOut:
		t.Errorf("%s: closed after %s; nothing was imported", c.Where, took)
	case said && !last && known && (timedOut || took > want+nginxApart):
		return false
	case said && (!known || timedOut || took > want+nginxApart || whole < want-nginxApart):
		t.Errorf("%s: closed after %s (%v); imported %s", c.Where, took, err, idle.Value)
	}
	return true
}

// countHolds asks on one connection until the answer says close. The requests
// are sent at once: no idle time may end the connection between them.
func countHolds(t *testing.T, c native.Context, g getting) {
	t.Helper()
	limit := int64(12)
	want, said := c.Settings["nginx.keepalive_requests"].Value.Count()
	if idle := c.Settings["nginx.keepalive_timeout"].Value; idle == model.ValueOff {
		return
	}
	d := g.dial(t)
	if d == nil {
		return
	}
	defer d.Close()
	if !d.send(t, g, int(limit)) {
		return
	}
	for i := int64(1); i <= limit; i++ {
		resp := d.answer(t, g)
		if resp == nil {
			return
		}
		if resp.Close {
			if !said || i != want {
				t.Errorf("%s: answer %d says close; imported %d (%v)", c.Where, i, want, said)
			}
			return
		}
	}
	if said && want <= limit {
		t.Errorf("%s: answer %d does not say close; imported %d", c.Where, limit, want)
	}
}

// probesHold looks at the timer of nginx's socket.
func probesHold(t *testing.T, c native.Context, g getting) {
	t.Helper()
	d := g.dial(t)
	if d == nil {
		return
	}
	defer d.Close()
	_, mine, _ := net.SplitHostPort(d.LocalAddr().String())
	want := c.Settings["nginx.tcp_keepalive"].Value == model.ValueOn
	text := ""
	for end := time.Now().Add(realserver.Patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		text = realserver.Output(t, "ss", "-tnoH", "sport", "=", fmt.Sprintf(":%d", g.port), "and", "dport", "=", ":"+mine)
		if strings.Contains(text, "ESTAB") && strings.Contains(text, "keepalive") == want {
			break // nginx sets the option when it accepts
		}
	}
	idle, _ := c.Settings["nginx.tcp_keepidle"].Value.Duration()
	left := fmt.Sprintf("timer:(keepalive,%dmin", int(idle.Minutes()))
	begun := fmt.Sprintf("timer:(keepalive,%dmin", int(idle.Minutes())-1)
	if !strings.Contains(text, "ESTAB") || strings.Contains(text, "keepalive") != want ||
		want && idle > 0 && !strings.Contains(text, left) && !strings.Contains(text, begun) {
		t.Errorf("%s: %q; imported tcp_keepalive %v, idle %s", c.Where, text, want, idle)
	}
}
