//go:build real

package native_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/native"
)

// TestRealApacheContexts runs each Apache configuration of testdata/read and
// holds the imported values of each context against what that server does, and
// the lines that were read against those that it says are in force.
func TestRealApacheContexts(t *testing.T) {
	for _, r := range readings(t) {
		if r.format != "apache" || len(r.real) == 0 {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			realserver.Need(t, "apache2", "ss")
			p := rehearse(t, r, "/etc/apache2")
			prefork := strings.Contains(r.files[r.main], "mpm_prefork_module")
			args := p.apacheArgs(t, prefork)
			p.dumped(t, args)
			output := realserver.Run(t, p.dir, nil, "apache2", append(args, "-DFOREGROUND")...).Output
			for _, port := range p.ports {
				ready(t, port, output)
			}
			version := realserver.Output(t, "apache2", "-v")
			version, _, _ = strings.Cut(version[strings.Index(version, "Apache/")+len("Apache/"):], " ")
			scenes := p.scenes(t, "apache", version)
			for _, s := range scenes {
				if s.proxied {
					p.find(s)
				}
			}
			together(scenes, (*scene).apacheFront, (*scene).apacheBack)
			if t.Failed() {
				t.Logf("%s", output())
			}
		})
	}
}

// apacheArgs run a fixture in one process, so that there is one pool.
func (p *rehearsal) apacheArgs(t *testing.T, prefork bool) []string {
	t.Helper()
	realserver.File(t, p.dir, "htdocs/index.html", "ok\n")
	before := realserver.File(t, p.dir, "before.conf", fmt.Sprintf(
		"User www-data\nGroup www-data\nServerName keeptune.test\nPidFile %[1]s/pid\nDefaultRuntimeDir %[1]s\nErrorLog /dev/stderr\n", p.dir))
	text := fmt.Sprintf("DocumentRoot %[1]s/htdocs\n<Directory %[1]s/htdocs>\nRequire all granted\n</Directory>\n", p.dir)
	if !prefork {
		text += "StartServers 1\nServerLimit 1\nThreadsPerChild 25\nMaxRequestWorkers 25\n"
	}
	after := realserver.File(t, p.dir, "after.conf", text)
	return []string{"-d", p.dir + filepath.Dir(p.r.main), "-f", p.dir + p.r.main, "-C", "Include " + before, "-c", "Include " + after}
}

var (
	dumpedFile  = regexp.MustCompile(`^# In file: (\S+)$`)
	dumpedMacro = regexp.MustCompile(`^# In file: macro .* \(defined on line (\d+) of "([^"]+)"\)`)
	dumpedLine  = regexp.MustCompile(`^\s*#\s+(\d+):$`)
)

// dumped holds that exactly the lines that httpd says are in force were read.
func (p *rehearsal) dumped(t *testing.T, args []string) {
	t.Helper()
	info := []string{"-C", "LoadModule info_module /usr/lib/apache2/modules/mod_info.so", "-t", "-D", "DUMP_CONFIG"}
	in := map[string]bool{}
	file, from := "", 0
	for line := range strings.Lines(runs(t, p.dir, "apache2", slices.Concat(info, args)...)) {
		line = strings.TrimRight(line, "\n")
		if m := dumpedMacro.FindStringSubmatch(line); m != nil {
			file = m[2]
			from, _ = strconv.Atoi(m[1])
		} else if m := dumpedFile.FindStringSubmatch(line); m != nil {
			file, from = m[1], 0
		} else if m := dumpedLine.FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[1])
			in[strings.TrimPrefix(file, p.dir)+":"+strconv.Itoa(from+n)] = true
		}
	}
	told := map[string]bool{}
	for _, l := range p.im.Unused {
		told[l.File+":"+strconv.Itoa(l.Line)] = true
	}
	decides := map[string]bool{}
	for _, ctx := range p.im.Contexts {
		for _, s := range ctx.Settings {
			decides[s.Origin.Where+":"+strconv.Itoa(s.Origin.Line)] = true
		}
	}
	f := format(t, p.r.format)
	held := 0
	for name, text := range p.r.files {
		bearing := native.Bearing(f, text)
		for i, line := range strings.Split(text, "\n") {
			at := name + ":" + strconv.Itoa(i+1)
			if i > 0 && strings.HasSuffix(strings.Split(text, "\n")[i-1], `\`) { // it goes on
				continue
			}
			read := in[at] || strings.HasSuffix(line, `\`) && in[name+":"+strconv.Itoa(i+2)]
			switch first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(line)), " "); {
			case !slices.Contains(bearing, i+1), first == "loadmodule", strings.HasPrefix(first, "<"): // httpd does not print what it does at once
				continue
			case read && !decides[at] && !told[at] && !p.warned(name, i+1) && !linked[first]:
				t.Errorf("%s is in force, and the import says nothing of it: %s", at, line)
			case !read && decides[at]:
				t.Errorf("%s decides in the import, and httpd does not have it: %s", at, line)
			case !read && !told[at]:
				t.Errorf("%s is not in force, and the import does not list it: %s", at, line)
			}
			held++
		}
	}
	if held == 0 {
		t.Error("no line was held")
	}
}

// linked are directives that make contexts; their lines need decide no value.
var linked = map[string]bool{"proxypass": true, "proxypassmatch": true, "rewriterule": true, "balancermember": true, "unsetenv": true, "proxypassinherit": true, "threadsperchild": true, "serverlimit": true}

func (p *rehearsal) warned(name string, line int) bool {
	return slices.ContainsFunc(p.im.Warnings, func(w native.Warning) bool { return w.File == name && w.Line == line })
}

// apacheFront holds what a server says to its clients.
func (s *scene) apacheFront() {
	stays := s.value("apache.KeepAlive") == model.ValueOn
	want, _ := s.span("apache.KeepAliveTimeout")
	res := s.idle(stays, want)
	if res != nil && stays {
		said := "no limit"
		if _, number, ok := strings.Cut(res.Header.Get("Keep-Alive"), "max="); ok {
			said = number
		}
		most := s.value("apache.MaxKeepAliveRequests")
		n, counted := most.Count()
		if counted && said != strconv.FormatInt(n, 10) || !counted && said != "no limit" {
			s.errorf("MaxKeepAliveRequests is imported as %s, and Keep-Alive says %q", most, res.Header.Get("Keep-Alive"))
		}
	}
	if wait, ok := s.span("apache.RequestReadTimeout"); ok {
		s.half(wait)
	}
}

// apacheBack holds what it does to a backend.
func (s *scene) apacheBack() {
	again := func() int {
		c := s.dial()
		if c == nil {
			return 0
		}
		defer func() { _ = c.Close() }()
		if res, _ := s.get(c, s.path); res != nil {
			return uses(res)
		}
		return 0
	}
	if s.value("apache.upstream.enablereuse") != model.ValueOn {
		if first := again(); first != 1 || again() != 1 {
			s.errorf("reuse is imported as off, and a connection to the backend was used again")
		}
		s.apacheWait()
		return
	}
	again()
	on, _ := probed(timers(s.t, "dst", "127.0.0.1:"+strconv.Itoa(s.stage.port)))
	if want := s.value("apache.upstream.tcp_keepalive") == model.ValueOn; on != want {
		s.errorf("TCP keep-alive towards the backend is imported as %v, and is %v", want, on)
	}
	ttl, short := s.span("apache.upstream.ttl")
	if !short {
		ttl = 3 * time.Second
	}
	for n := 1; ; n++ {
		begin := time.Now()
		again()
		time.Sleep(time.Until(begin.Add(ttl - 700*time.Millisecond)))
		if again() > 1 {
			break
		}
		if waited := time.Since(begin); waited < ttl || n == tries {
			s.errorf("ttl is imported as %v, and after %v a new connection was made", s.value("apache.upstream.ttl"), waited)
			break
		}
	}
	if short {
		time.Sleep(ttl + 500*time.Millisecond)
		if n := again(); n != 1 {
			s.errorf("ttl is imported as %v, and after %v a connection was used for the %d. time", ttl, ttl+500*time.Millisecond, n)
		}
	}
	s.apacheWait()
}

func (s *scene) apacheWait() {
	if wait, ok := s.span("apache.upstream.ProxyTimeout"); ok {
		s.slow(wait)
	}
}
