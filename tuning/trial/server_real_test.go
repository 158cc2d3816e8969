//go:build real && linux

package trial_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/tuning/trial"
)

// advertised is what a server says of its idle time to a new connection: the value that it
// runs with.
func advertised(t *testing.T, addr string) string {
	t.Helper()
	for { // a reload may close what it has just accepted
		c, err := net.DialTimeout("tcp", addr, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n"))
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		_ = c.Close()
		if err == nil {
			_ = r.Body.Close()
			return r.Header.Get("Keep-Alive")
		}
	}
}

// nginx is a server with 65 s, and the wish that it had 5.
func nginx(t *testing.T, change func(conf string) string) *subject {
	t.Helper()
	srv := realserver.Nginx(t, realserver.NginxConf{HTTP: "keepalive_timeout 65s 65s;"})
	return serverSubject(t, srv, "nginx", filepath.Join(srv.Dir, "nginx.conf"), change, []string{"timeout=65"}, []string{"timeout=5"})
}

// apache is a server with 65 s, and the wish that it had 5.
func apache(t *testing.T) *subject {
	t.Helper()
	srv := realserver.Apache(t, realserver.ApacheConf{Server: "KeepAlive On\nKeepAliveTimeout 65"})
	s := serverSubject(t, srv, "apache", filepath.Join(srv.Dir, "apache2.conf"), func(conf string) string {
		return strings.ReplaceAll(conf, "KeepAliveTimeout 65", "KeepAliveTimeout 5")
	}, []string{"timeout=65, max=100"}, []string{"timeout=5, max=100"})
	return s.eventually()
}

// haproxy answers with a text of its configuration, which stands for what it runs with: it
// advertises no time.
func haproxy(t *testing.T) *subject {
	t.Helper()
	answer := func(text string) string {
		return `http-request return status 200 content-type text/plain string "ok" hdr Keep-Alive "` + text + `"`
	}
	srv := realserver.HAProxy(t, realserver.HAProxyConf{Global: "master-worker", Frontend: answer("timeout=65")})
	s := serverSubject(t, srv, "haproxy", filepath.Join(srv.Dir, "haproxy.cfg"), func(conf string) string {
		return strings.ReplaceAll(conf, "timeout=65", "timeout=5")
	}, []string{"timeout=65"}, []string{"timeout=5"})
	return s.eventually()
}

// eventually waits for a value: workers that a reload ends take connections for a moment
// yet.
func (s *subject) eventually() *subject {
	read := s.read
	s.settled = func(t *testing.T, i int, want string) {
		t.Helper()
		for end := time.Now().Add(realserver.Patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			if read(t, i) == want {
				return
			}
		}
	}
	return s
}

func serverSubject(t *testing.T, srv *realserver.Server, program, main string, change func(string) string, old, now []string) *subject {
	t.Helper()
	was, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-time.Hour) // it was not written just now
	if err := os.Chtimes(main, long, long); err != nil {
		t.Fatal(err)
	}
	s := trial.NewServer(program, main, []native.RewrittenFile{{Path: main, Was: was, Now: []byte(change(string(was)))}})
	spec, err := json.Marshal(s.Spec())
	if err != nil {
		t.Fatal(err)
	}
	return &subject{
		wishes: []wish{{Kind: s.Kind(), To: s.Changed(), Spec: spec}}, old: old, new: now,
		read: func(t *testing.T, _ int) string { return advertised(t, srv.Addr) },
		write: func(t *testing.T, _ int, text string) {
			t.Helper()
			if err := os.WriteFile(main, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func shorter(conf string) string { return strings.ReplaceAll(conf, "65s 65s", "5s 5s") }

// Each case ends with what nginx says of the value it runs with.
func TestRealServer(t *testing.T) {
	t.Parallel()
	fresh := func(t *testing.T) *subject { return nginx(t, shorter) }
	t.Run("killed at every step", func(t *testing.T) { t.Parallel(); killedAtEveryStep(t, fresh) })
	t.Run("confirmed", func(t *testing.T) { t.Parallel(); confirmed(t, fresh(t), engine(t)) })
	t.Run("out of time", func(t *testing.T) { t.Parallel(); outOfTime(t, fresh(t), engine(t)) })
	t.Run("SIGHUP", func(t *testing.T) { t.Parallel(); signalled(t, fresh(t), engine(t), syscall.SIGHUP) })
	t.Run("the guard is killed", func(t *testing.T) { t.Parallel(); guardKilled(t, fresh(t), engine(t)) })
	for name, other := range map[string]func(*testing.T) *subject{"apache": apache, "haproxy": haproxy} {
		t.Run(name+" confirmed", func(t *testing.T) { t.Parallel(); confirmed(t, other(t), engine(t)) })
		t.Run(name+" out of time", func(t *testing.T) { t.Parallel(); outOfTime(t, other(t), engine(t)) })
		t.Run(name+" SIGKILL", func(t *testing.T) { t.Parallel(); signalled(t, other(t), engine(t), syscall.SIGKILL) })
	}
	t.Run("rejected by nginx -t", func(t *testing.T) {
		t.Parallel()
		s := nginx(t, func(conf string) string { return strings.ReplaceAll(conf, "65s 65s;", "5x;") })
		refusedBy(t, s, "nginx does not accept its files: ")
	})
	t.Run("the reload fails", func(t *testing.T) {
		t.Parallel()
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		s := nginx(t, func(conf string) string {
			return strings.ReplaceAll(shorter(conf), "server {", "server { listen "+taken.Addr().String()+";")
		})
		refusedBy(t, s, "nginx has started no new workers in 10 s")
	})
	t.Run("the reload fails of a file that was added", func(t *testing.T) {
		t.Parallel()
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		srv := realserver.Nginx(t, realserver.NginxConf{HTTP: "include conf.d/*.conf;\nkeepalive_timeout 65s 65s;"})
		// What somebody else has edited and not loaded passes nginx -t, and no reload.
		realserver.File(t, srv.Dir, "conf.d/90-other.conf", "server { listen "+taken.Addr().String()+"; }\n")
		added := filepath.Join(srv.Dir, "conf.d/10-keeptune.conf")
		target := trial.NewServer("nginx", filepath.Join(srv.Dir, "nginx.conf"), []native.RewrittenFile{{Path: added, Now: []byte("keepalive_requests 7;\n")}})
		spec, err := json.Marshal(target.Spec())
		if err != nil {
			t.Fatal(err)
		}
		s := &subject{
			wishes: []wish{{Kind: target.Kind(), To: target.Changed(), Spec: spec}}, old: []string{"timeout=65"}, new: []string{"timeout=65"},
			read: func(t *testing.T, _ int) string { return advertised(t, srv.Addr) },
		}
		e := engine(t)
		out, err := command(t, s.order(e, "stay")).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "nginx has started no new workers in 10 s") || !strings.Contains(string(out), "what was changed is undone") ||
			!strings.Contains(string(out), "it serves with what it had loaded before the trial") {
			t.Errorf("%v: %s", err, out)
		}
		guardEnds(t, e)
		s.holds(t, s.old)
		if _, err := os.Stat(added); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the file that was added is left: %v", err)
		}
	})
	t.Run("apache ends at the reload", func(t *testing.T) {
		t.Parallel()
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		srv := realserver.Apache(t, realserver.ApacheConf{})
		main := filepath.Join(srv.Dir, "apache2.conf")
		s := serverSubject(t, srv, "apache", main, func(conf string) string { return conf + "Listen " + taken.Addr().String() + "\n" }, nil, nil)
		was, err := os.ReadFile(main)
		if err != nil {
			t.Fatal(err)
		}
		e := engine(t)
		out, err := command(t, s.order(e, "stay")).CombinedOutput()
		says := "apache has ended instead of loading its files: start it, and its log says why; what was changed is undone: apache " + main + ": it does not run any more, so only its files were brought back"
		if err == nil || !strings.Contains(string(out), says) {
			t.Errorf("%v: %s", err, out)
		}
		guardEnds(t, e)
		if got, err := os.ReadFile(main); err != nil || string(got) != string(was) {
			t.Errorf("its file is not as it was: %v", err)
		}
	})
	t.Run("apache ends at the reload of a file that was added", func(t *testing.T) {
		t.Parallel()
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		srv := realserver.Apache(t, realserver.ApacheConf{Server: "IncludeOptional conf.d/*.conf"})
		// What somebody else has edited and not loaded passes apache2 -t, and no reload.
		realserver.File(t, srv.Dir, "conf.d/90-other.conf", "Listen "+taken.Addr().String()+"\n")
		main, added := filepath.Join(srv.Dir, "apache2.conf"), filepath.Join(srv.Dir, "conf.d/10-keeptune.conf")
		target := trial.NewServer("apache", main, []native.RewrittenFile{{Path: added, Now: []byte("KeepAliveTimeout 7\n")}})
		spec, err := json.Marshal(target.Spec())
		if err != nil {
			t.Fatal(err)
		}
		s := &subject{wishes: []wish{{Kind: target.Kind(), To: target.Changed(), Spec: spec}}}
		e := engine(t)
		out, err := command(t, s.order(e, "stay")).CombinedOutput()
		says := "apache has ended instead of loading its files: start it, and its log says why; what was changed is undone: apache " + main + ": it does not run any more, so only its files were brought back"
		if err == nil || !strings.Contains(string(out), says) {
			t.Errorf("%v: %s", err, out)
		}
		guardEnds(t, e)
		if _, err := os.Stat(added); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the file that was added is left: %v", err)
		}
		if open, err := e.Open(); open != nil || err != nil {
			t.Errorf("open: %+v, %v", open, err)
		}
	})
	t.Run("it does not answer any more", func(t *testing.T) {
		t.Parallel()
		s := nginx(t, func(conf string) string { return strings.ReplaceAll(shorter(conf), "server {", "server { return 444;") })
		refusedBy(t, s, "nginx does not answer at 127.0.0.1:")
	})
	never := func(conf string) string { return strings.ReplaceAll(conf, "65s 65s", "0") }
	t.Run("it keeps no connection any more", func(t *testing.T) {
		t.Parallel()
		refusedBy(t, nginx(t, never), "nginx does not keep a connection for a second request at 127.0.0.1:")
	})
	t.Run("it is to keep none", func(t *testing.T) {
		t.Parallel()
		s := nginx(t, never)
		var spec trial.Server
		if err := json.Unmarshal(s.wishes[0].Spec, &spec); err != nil {
			t.Fatal(err)
		}
		spec.Closes = true
		var err error
		if s.wishes[0].Spec, err = json.Marshal(&spec); err != nil {
			t.Fatal(err)
		}
		s.new = []string{""}
		confirmed(t, s, engine(t))
	})
	t.Run("what will be asked is told", func(t *testing.T) {
		t.Parallel()
		for name, want := range map[string]string{
			"nginx": "After the reload nginx has to answer a request at ", "sshd": "After the reload sshd has to take a connection at ",
		} {
			s := map[string]func() *subject{"nginx": func() *subject { return fresh(t) }, "sshd": func() *subject { return sshd(t, "", alive).subject }}[name]()
			target, err := kinds()[trial.ServerKind](s.wishes[0].Spec)
			if err != nil {
				t.Fatal(err)
			}
			p := trial.Compare(t.Context(), []trial.Wish{{Target: target, To: s.wishes[0].To}})
			if len(p.Notes) != 1 || !strings.HasPrefix(p.Notes[0], want+"127.0.0.1:") || !strings.HasSuffix(p.Notes[0], ", or it is undone.") {
				t.Errorf("%s: %q", name, p.Notes)
			}
		}
	})
	t.Run("somebody else changes the file", func(t *testing.T) {
		t.Parallel()
		s, e := fresh(t), engine(t)
		p := trying(t, s.order(e, "wait"))
		var spec trial.Server
		if err := json.Unmarshal(s.wishes[0].Spec, &spec); err != nil {
			t.Fatal(err)
		}
		theirs := strings.ReplaceAll(string(spec.Files[0].Was), "65s 65s", "33s 33s")
		s.write(t, 0, theirs)
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
		guardEnds(t, e)
		s.holds(t, []string{"timeout=33"}) // a reload loads what stands there
		st, err := e.Last()
		if err != nil || len(st.Left()) != 1 || !strings.Contains(st.Left()[0], "was changed by somebody else meanwhile, so it stays") {
			t.Errorf("%+v, %v", st, err)
		}
		if got, _ := os.ReadFile(spec.Main); string(got) != theirs {
			t.Error("their file was changed")
		}
	})
}

// refusedBy makes a trial that does not come to be, and has the server run as before.
func refusedBy(t *testing.T, s *subject, says string) {
	t.Helper()
	e := engine(t)
	out, err := command(t, s.order(e, "stay")).CombinedOutput()
	if err == nil || !strings.Contains(string(out), says) || !strings.Contains(string(out), "; nothing is changed") {
		t.Errorf("%v: %s", err, out)
	}
	guardEnds(t, e)
	s.holds(t, s.old)
	var spec trial.Server
	if err := json.Unmarshal(s.wishes[0].Spec, &spec); err != nil {
		t.Fatal(err)
	}
	f := spec.Files[0]
	got, err := os.ReadFile(f.Path)
	if st, serr := os.Stat(f.Path); err != nil || serr != nil || string(got) != string(f.Was) || !st.ModTime().Equal(f.Time) {
		t.Errorf("the file is not as it was: %v, %v", err, serr)
	}
}
