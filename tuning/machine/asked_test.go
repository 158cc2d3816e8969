package machine_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"example.com/keeptune/model"
)

// A program that others can write is not run.
func TestProgramsOfOthersAreNotRun(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*fstest.MapFile)
		run    bool
	}{
		"root's":              {func(*fstest.MapFile) {}, true},
		"somebody else's":     {func(f *fstest.MapFile) { f.Sys = 1000 }, false},
		"writable for others": {func(f *fstest.MapFile) { f.Mode = 0o757 }, false},
	} {
		p := front()
		tt.change(p.files["usr/sbin/nginx"])
		m := p.read(t)
		if got := slices.Contains(p.ran, "/usr/sbin/nginx -v"); got != tt.run {
			t.Errorf("%s: run is %v", name, got)
		}
		if got := program(t, &m, "nginx").Version != ""; got != tt.run {
			t.Errorf("%s: the version is known: %v", name, got)
		}
		if told := slices.ContainsFunc(m.Lacking, func(l string) bool { return strings.Contains(l, "/usr/sbin/nginx") }); told == tt.run {
			t.Errorf("%s: told %v", name, m.Lacking)
		}
	}
}

// A check loads what the files name, so files that others can write are not given to it.
func TestFilesOfOthersAreNotChecked(t *testing.T) {
	const all = "/usr/sbin/nginx -t -q -c /etc/nginx/nginx.conf"
	for name, tt := range map[string]struct {
		change func(*paper)
		said   string
	}{
		"root's":              {func(*paper) {}, ""},
		"mine, as I run it":   {func(p *paper) { p.user = 1000; p.files["etc/nginx/conf.d/shop.conf"].Sys = 1000 }, ""},
		"another's main file": {func(p *paper) { p.files["etc/nginx/nginx.conf"].Sys = 1000 }, "others may write /etc/nginx/nginx.conf"},
		"another's include":   {func(p *paper) { p.files["etc/nginx/conf.d/shop.conf"].Sys = 1000 }, "others may write /etc/nginx/conf.d/shop.conf"},
		"in another's folder": {func(p *paper) { p.files["etc/nginx/conf.d"] = &fstest.MapFile{Mode: fs.ModeDir | 0o777} }, "others may write /etc/nginx/conf.d/shop.conf"},
		"by a link of another's": {func(p *paper) {
			p.files["home"] = &fstest.MapFile{Mode: fs.ModeDir | 0o777}
			p.links["/etc/nginx/conf.d/shop.conf"] = "/home/shop.conf"
			p.file("/home/shop.conf", "")
		}, "others may write /etc/nginx/conf.d/shop.conf"},
		"another runs it":          {func(p *paper) { p.file("/proc/10/status", "Uid:\t1000\t0\t0\t0\n") }, "another user runs it"},
		"nobody tells who runs it": {func(p *paper) { delete(p.files, "proc/10/status") }, "another user runs it"},
		"another's prefix": {func(p *paper) {
			p.files["home"] = &fstest.MapFile{Mode: fs.ModeDir | 0o777}
			p.file("/home/x", "")
			p.process(10, 1, "/usr/sbin/nginx", 30*time.Minute, "nginx: master process /usr/sbin/nginx -p /home -c /etc/nginx/nginx.conf")
		}, "others may write /home"},
	} {
		p := front()
		tt.change(p)
		m := p.read(t)
		if got := slices.Contains(p.ran, all); got != (tt.said == "") {
			t.Errorf("%s: it ran %v", name, p.ran)
		}
		if told := slices.Contains(m.Lacking, "nginx was not asked to check its files: "+tt.said+"."); told != (tt.said != "") {
			t.Errorf("%s: told %v", name, m.Lacking)
		}
	}
}

// HAProxy checks all files that it was started with, with the variables that they name and
// without those by which it would take itself for its own master.
func TestHAProxyChecksAllItsFiles(t *testing.T) {
	p := newPaper()
	p.file("/usr/sbin/haproxy", "")
	p.file("/etc/haproxy/a.cfg", "defaults\n  timeout client 40s\n")
	p.file("/etc/haproxy/b.cfg", "frontend f\n  bind 127.0.0.1:80\n")
	p.process(10, 1, "/usr/sbin/haproxy", time.Minute, "/usr/sbin/haproxy", "-W", "-f", "/etc/haproxy/a.cfg", "-f", "/etc/haproxy/b.cfg")
	p.file("/proc/10/environ", "PORT=80\x00HAPROXY_MWORKER=1\x00HAPROXY_PROCESSES=x\x00")
	p.read(t)
	if want := "/usr/sbin/haproxy -c -f /etc/haproxy/a.cfg -f /etc/haproxy/b.cfg"; !slices.Contains(p.ran, want) || !slices.Equal(p.env, []string{"PORT=80"}) {
		t.Errorf("it ran %q with %q", p.ran, p.env)
	}
}

// What prints no version of its own gives none: an interpreter that complains names its own.
func TestVersionOfAScript(t *testing.T) {
	for said, want := range map[string]model.Version{"gunicorn (version 20.1.0)\n": "20.1.0", "FAILS File /usr/lib/python3/x.py, line 1.8\n": ""} {
		p := newPaper()
		p.file("/usr/bin/gunicorn", "")
		p.process(40, 1, "/usr/bin/python3.11", time.Minute, "/usr/bin/python3", "/usr/bin/gunicorn", "app:app")
		p.prints["/usr/bin/gunicorn --version"] = said
		m := p.read(t)
		if got := program(t, &m, "gunicorn").Version; got != want {
			t.Errorf("%q gives %q", said, got)
		}
	}
}

// One file of many programs is not run for the version of one: busybox's httpd serves.
func TestFilesOfManyProgramsAreNotRun(t *testing.T) {
	for real, ran := range map[string]bool{"/usr/sbin/httpd": true, "/bin/busybox": false} {
		p := newPaper()
		p.file("/usr/sbin/httpd", "")
		p.reals = map[string]string{"/usr/sbin/httpd": real}
		p.read(t)
		if got := slices.Contains(p.ran, "/usr/sbin/httpd -v"); got != ran {
			t.Errorf("%s: run is %v", real, got)
		}
	}
}

// Debian's redis-server is a link to redis-check-rdb, which is what the kernel tells.
func TestRedisOfDebian(t *testing.T) {
	p := newPaper()
	p.process(50, 1, "/usr/bin/redis-check-rdb", time.Minute, "/usr/bin/redis-server 127.0.0.1:6379")
	p.listens("127.0.0.1:6379", 50)
	m := p.read(t)
	if got := program(t, &m, "redis"); !got.Runs() {
		t.Errorf("redis is %+v", got)
	}
}
