package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// unpack lays a recorded tree out.
func unpack(t *testing.T, name string) string {
	t.Helper()
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, f := range a.Files {
		at := filepath.Join(root, f.Name)
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestContainersOfEngines(t *testing.T) {
	e := engines{root: unpack(t, "testdata/engines.txtar")}
	id := func(digit string) string { return strings.Repeat(digit, 64) }
	docker, podman := "ef72e438a5e78c549c7e941a2b46b12690b78da085f544a3c7a7c247c7c69668", "7a4fb05a02f21f5277862f2315fe1a1fe21e9fe87a4309fb4cad37a830530ddb"
	short := func(c Container) Container {
		c.ID = c.ID[:12]
		return c
	}
	user := "/user.slice/user-1000.slice/user@1000.service/user.slice/"
	for cgroup, want := range map[string]Container{
		"/docker/" + docker:                                    {docker, "dweb", "docker", ""},
		"/system.slice/docker-" + docker + ".scope":            {docker, "dweb", "docker", ""},
		"/system.slice/docker-" + id("c") + ".scope":           {id("c"), "moved", "docker", ""},
		"/system.slice/docker-" + id("b") + ".scope":           {id("b"), "", "docker", ""}, // its file is cut off
		"/system.slice/docker-" + id("d") + ".scope":           {id("d"), "", "docker", ""}, // of somebody else
		user + "docker-" + id("d") + ".scope":                  {id("d"), "rootless", "docker", ""},
		"/kubepods.slice/docker-" + id("a") + ".scope":         {id("a"), "POD", "docker", "shop/web-0"},
		"/libpod_parent/libpod-" + podman:                      {podman, "web", "podman", ""},
		"/machine.slice/libpod-" + podman + ".scope/container": {podman, "web", "podman", ""},
		user + "libpod-" + id("3") + ".scope/container":        {id("3"), "hers", "podman", ""},
		"/machine.slice/libpod-" + id("3") + ".scope":          {id("3"), "", "podman", ""},
		"/machine.slice/libpod-" + id("2") + ".scope":          {id("2"), "", "podman", ""},
		"/kubepods.slice/crio-" + id("1") + ".scope":           {id("1"), "app", "cri-o", "shop/web-1"},
		"/system.slice/nerdctl-" + id("4") + ".scope":          {id("4"), "nerd", "containerd", ""},
		"/kubepods.slice/cri-containerd-" + id("5") + ".scope": {id("5"), "app", "containerd", "shop/web-2"},
		"/kubepods/besteffort/pod1-2/" + id("6"):               {id("6"), "", "containerd", "shop/web-2"},
		"/kubepods/besteffort/pod1-2/" + id("7"):               {id("7"), "app", "", "shop/web-3"},
		"/kubepods/besteffort/pod1-2/" + id("8"):               {id("8"), "", "", ""},
	} {
		if got, ok := e.find(cgroup); !ok || got != short(want) {
			t.Errorf("%s is %+v, %t, not %+v", cgroup, got, ok, short(want))
		}
	}
	for cgroup, want := range map[string]Container{
		"/default/cweb":                      {"cweb", "cweb", "containerd", ""},
		"/lxc.payload.web/init.scope":        {"web", "web", "lxc", ""},
		"/lxc/db":                            {"db", "db", "lxc", ""},
		"/machine.slice/machine-build.scope": {"build", "build", "systemd-nspawn", ""},
	} {
		if got, ok := e.find(cgroup); !ok || got != want {
			t.Errorf("%s is %+v, %t, not %+v", cgroup, got, ok, want)
		}
	}
	for _, cgroup := range []string{
		"/", "/system.slice/nginx.service", "/user.slice/user-0.slice/session-1.scope", "/default/other", "/docker/" + docker[:63],
		"/machine.slice/libpod-conmon-" + podman + ".scope",
	} {
		if got, ok := e.find(cgroup); ok {
			t.Errorf("%s is %+v", cgroup, got)
		}
	}
}

// Each namespace is named by the best word that names no other, and found by it.
func TestWordsOfNamespaces(t *testing.T) {
	all := []Namespace{
		{ID: 1, Here: true, PID: 1, Containers: []Container{{"0a0a0a0a0a0a", "proxy", "docker", ""}}},
		{ID: 2, PID: 20, Name: "netns-1", Containers: []Container{{"1b1b1b1b1b1b", "web", "podman", ""}}},
		{ID: 3, PID: 30, Containers: []Container{{"2c2c2c2c2c2c", "POD", "containerd", "shop/web-0"}, {"3d3d3d3d3d3d", "app", "containerd", "shop/web-0"}}},
		{ID: 4, PID: 40, Containers: []Container{{"4e4e4e4e4e4e", "twice", "docker", ""}}},
		{ID: 5, PID: 50, Containers: []Container{{"5f5f5f5f5f5f", "twice", "podman", ""}}},
		{ID: 6, PID: 60, Containers: []Container{{"123456789012", "8080", "docker", ""}}},
		{ID: 7, Name: "lab"},
		{ID: 8, PID: 80, Name: "ours", Host: "box"},
		{ID: 9, PID: 90, Host: "box"},
		{ID: 10, PID: 100, Containers: []Container{{"6a6a6a6a6a6a", "lab", "docker", ""}}},
		{ID: 11, Name: "4711"},
		{ID: 12, PID: 120, Host: "proc/1/ns/net"},
		{ID: 13, PID: 130, Host: "--write"},
		{ID: 14, PID: 140, Containers: []Container{{"7b7b7b7b7b7b", "../1", "docker", "proc/1/ns"}}},
		{ID: 15, PID: 150, Host: "2c2c2c2c2c2c9"}, // would be taken for a container's id
		{ID: 16, PID: 160, Host: "2c2c"},
		{ID: 17, PID: 170, Host: "2c2"},
		{ID: 18, PID: 180, Host: "mine"},
	}
	giveWords(all)
	var words []string
	for _, n := range all {
		words = append(words, n.Word)
	}
	want := []string{"", "web", "shop/web-0", "4e4e4e4e4e4e", "5f5f5f5f5f5f", "123456789012", "lab", "ours", "90", "6a6a6a6a6a6a", "/run/netns/4711", "120", "130", "7b7b7b7b7b7b", "150", "160", "2c2", "mine"}
	if d := cmp.Diff(want, words); d != "" {
		t.Error(d)
	}
	for i, n := range all { // no word leads to another
		for k := range all {
			if k != i && n.Word != "" && n.Word != "lab" && (all[k].Name == n.Word || all[k].named(n.Word)) {
				t.Errorf("%q is a word of %d, too", n.Word, all[k].ID)
			}
		}
	}
	for _, c := range []struct {
		word string
		want []uint64
	}{
		{"web", []uint64{2}},
		{"1b1b", []uint64{2}},
		{"1b1", nil},
		{"1b1b1b1b1b1b9999", []uint64{2}},
		{"web-0", []uint64{3}},
		{"app", []uint64{3}},
		{"twice", []uint64{4, 5}},
		{"proxy", []uint64{1}},
		{"box", []uint64{8, 9}},
		{"we", nil},
		{"", nil},
	} {
		var got []uint64
		for i := range all {
			if all[i].named(c.word) {
				got = append(got, all[i].ID)
			}
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%q: %s", c.word, d)
		}
	}
}
