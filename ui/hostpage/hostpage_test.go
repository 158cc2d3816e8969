package hostpage_test

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/ui/hostpage"
	"example.com/keeptune/ui/widget"
)

// edge is a host on which a file was edited after nginx had loaded it.
func edge(t *testing.T) *machine.Machine {
	t.Helper()
	c := model.Embedded()
	p, err := model.ParsePath("chrome > nginx@1.30.1/linux@6.12 > unknown-server", c)
	if err != nil {
		t.Fatal(err)
	}
	at := func(clock string) time.Time {
		x, err := time.Parse(time.DateTime, clock)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	linux, err := c.System("linux")
	if err != nil {
		t.Fatal(err)
	}
	running := model.Setting{Value: model.For(10 * time.Minute), Origin: model.Origin{Kind: model.FromRunning}, Said: model.Said{Value: model.For(5 * time.Minute), Where: "/etc/sysctl.d/60-a.conf", Line: 2}}
	shop := "/etc/nginx/conf.d/shop.conf"
	return &machine.Machine{
		Taken: at("2026-11-29 12:00:00"), Name: "edge-3", System: "Debian GNU/Linux 13 (trixie)", Kernel: "6.12.43+deb13-amd64", HZ: 250, Namespace: "net:[4026531833]", Others: 1,
		Sysctls: []machine.Sysctl{{Param: linux.Param("linux.tcp_keepalive_time"), Key: "net.ipv4.tcp_keepalive_time", Setting: running}},
		Limits:  []machine.Fact{{Name: "fs.file-max", Value: "1024", Says: "open files of the whole system"}},
		Programs: []machine.Program{
			{
				Title: "nginx", System: "nginx", Version: "1.30.1", Running: []machine.Process{{PID: 10}, {PID: 11}}, Listens: []string{"*:443"},
				Loaded: at("2026-11-28 08:00:00"), Main: "/etc/nginx/nginx.conf", Edited: []machine.Edited{{File: shop, Changed: at("2026-11-29 11:59:00")}},
				Fault: "nginx: [emerg] invalid value in /etc/nginx/conf.d/shop.conf:3",
				Import: native.Import{
					Files: map[string]string{"/etc/nginx/nginx.conf": "", shop: ""},
					Contexts: []native.Context{{Where: "server shop.example location /", System: "nginx", Settings: map[model.ParamID]model.Setting{
						"nginx.keepalive_timeout":  {Value: model.For(30 * time.Second), Origin: model.Origin{Kind: model.FromFile, Where: "/etc/nginx/nginx.conf", Line: 3}},
						"nginx.keepalive_requests": {Value: model.Times(500), Origin: model.Origin{Kind: model.FromFile, Where: shop, Line: 2}},
					}}},
				},
			},
			{Title: "Redis", System: "redis", Version: "7.0.15"},
		},
		Paths:   []machine.Path{{Path: p, At: []string{"*:443"}, Hops: []machine.Hop{{}, {Program: -1, Address: "10.0.0.9:3000"}}}},
		Lacking: []string{"Root would read /etc/redis/redis.conf."},
	}
}

const page = `HOST  edge-3, Debian GNU/Linux 13 (trixie), Linux 6.12.43+deb13-amd64, HZ 250
      network namespace net:[4026531833]; 1 process in other network namespaces:
      --netns reads one

PATHS
  1  chrome > nginx@1.30.1/linux@6.12 > unknown-server   at *:443, on to
     10.0.0.9:3000, which is no server that was found here
     keeptune host --session 1 prints the first as a session

nginx 1.30.1, process 10 and 1 more, at *:443
  /etc/nginx/nginx.conf and 1 more file, loaded at 2026-11-28 08:00:00
  ! /etc/nginx/conf.d/shop.conf was edited at 11:59:00 and not loaded since:
    what runs may have other values
  ! it would not load its files as they are: nginx: [emerg] invalid value in
    /etc/nginx/conf.d/shop.conf:3
    server shop.example location /
      nginx.keepalive_requests = 500   /etc/nginx/conf.d/shop.conf:2, edited
        since
      nginx.keepalive_timeout = 30 s   /etc/nginx/nginx.conf:3

NOT RUNNING  Redis 7.0.15

KERNEL
  net.ipv4.tcp_keepalive_time = 10 m, where Linux starts with 2 h
  ! /etc/sysctl.d/60-a.conf:2 says 300 s: not in force since it was written, or
    changed by hand since

LIMITS
  fs.file-max = 1024   open files of the whole system

NOT SEEN
  - Root would read /etc/redis/redis.conf.
`

func TestPage(t *testing.T) {
	got := strings.Join(hostpage.Lines(edge(t), hostpage.Options{Width: 80, Catalog: model.Embedded(), Shell: true}), "\n") + "\n"
	if got != page {
		t.Errorf("the page is\n%s", got)
	}
}

// Times are those of the zone that was chosen, with the day where that is another there.
func TestPageInAZone(t *testing.T) {
	m := edge(t)
	got := strings.Join(hostpage.Lines(m, hostpage.Options{Width: 200, Catalog: model.Embedded(), Zone: time.FixedZone("east", 12*3600)}), "\n")
	for _, want := range []string{"loaded at 2026-11-28 20:00:00", "shop.conf was edited at 2026-11-29 23:59:00"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
}

// On the screen no line is wider than it, however narrow.
func TestPageFits(t *testing.T) {
	for _, w := range []int{40, 60, 80, 200} {
		for _, l := range hostpage.Lines(edge(t), hostpage.Options{Width: w, Catalog: model.Embedded(), All: true}) {
			if widget.Width(l) > w {
				t.Errorf("at %d columns: %q", w, l)
			}
		}
	}
}

func TestLog(t *testing.T) {
	got := strings.Join(hostpage.LogLines([]machine.Access{
		{Kind: "read", What: "/etc/os-release", Count: 1},
		{Kind: "list", What: "/proc/[pid]/exe", Count: 3},
		{Kind: "run", What: "/usr/sbin/nginx -v", Count: 1},
		{Kind: "read", What: "/etc/x", Count: 1, Failed: "not for this user"},
		{Kind: "write", What: "a.toml", Count: 1},
	}), "\n")
	if want := "cat /etc/os-release\nls /proc/[pid]/exe   x 3\n/usr/sbin/nginx -v\ncat /etc/x   (not for this user)\nwrite a.toml"; got != want {
		t.Errorf("the log is\n%s", got)
	}
}
