package ui

import (
	"errors"
	"testing"

	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/ui/contract"
)

// chosen is a session in which a namespace can be chosen, and this host changed.
func chosen(t *testing.T) (*desk, *fakeTrials) {
	t.Helper()
	d, f := allowed(t)
	d.fake.host = machine.Machine{Name: "edge", OS: "linux", Namespace: "net:[1]"}
	d.fake.namespaces = []contract.Namespace{{Processes: 120, First: "1 systemd"}, {Name: "shop/web-0", Whose: "pod of containerd", Processes: 3, First: "4711 pause"}}
	return d, f
}

// One choice holds for what is read, counted, watched and tried.
func TestNamespaceHoldsEverywhere(t *testing.T) {
	d, f := chosen(t)
	d.press("R").shows("Read this host?", "elsewhere")
	d.press("N", "Esc").shows("Read this host?")
	d.press("N").shows("which network namespace?", "shop/web-0", "pod of containerd", "4711 pause")
	d.press("Down", "Enter").shows("Read network namespace shop/web-0?")
	d.press("y").shows("HOST", "edge")
	if d.fake.netns != "shop/web-0" {
		t.Errorf("read in %q", d.fake.netns)
	}
	d.fake.netns = ""
	d.press("H").shows("SOCKETS  network namespace shop/web-0")
	if d.fake.netns != "shop/web-0" {
		t.Errorf("counted in %q", d.fake.netns)
	}
	d.press("q", "q", "!").shows("TRY IN NETWORK NAMESPACE shop/web-0")
	if f.netns != "shop/web-0" {
		t.Errorf("tried in %q", f.netns)
	}
	d.press("n", ":", "try nginx", "Enter", "N", "Enter").shows("TRY IN NETWORK NAMESPACE shop/web-0") // the one that is chosen is selected
	d.press("N", "Up", "Enter").shows("TRY ON THIS HOST")
	if f.netns != "" || f.at != "nginx" || f.starts != 0 {
		t.Errorf("tried in %q at %q, began %d times", f.netns, f.at, f.starts)
	}
	d.press("n", ":", "netns web", "Enter").shows("what is read, counted and tried is network namespace web from now on")
	d.press(":", "watch", "Enter")
	if d.fake.watched.Namespace != "web" {
		t.Errorf("watched in %q", d.fake.watched.Namespace)
	}
	d.press("q", ":", "watch --netns db", "Enter")
	if d.fake.watched.Namespace != "db" {
		t.Errorf("watched in %q", d.fake.watched.Namespace)
	}
}

// What was read and counted elsewhere is gone with another choice, and on no page is a count or
// a reading of another namespace taken in.
func TestNamespaceIsReadAnew(t *testing.T) {
	d, _ := chosen(t)
	d.press("R", "y").shows("edge")
	d.fake.host.Name = "inner"
	d.press("n", "Down", "Enter").shows("inner")
	d.press("H", "n", "Up", "Enter").shows("SOCKETS  this host")
	if d.fake.netns != "" {
		t.Errorf("read in %q", d.fake.netns)
	}
	a, _ := d.app.hostRead(hostReadMsg{netns: "shop/web-0", machine: machine.Machine{Name: "late"}})
	if a.host.Machine != nil && a.host.Machine.Name == "late" {
		t.Error("a reading of another namespace is taken in")
	}
	d.fake.refuses = errors.New("plan9 has no network namespaces")
	d.press("n").shows("plan9 has no network namespaces")
	d.press("q", "n").shows("plan9 has no network namespaces")
}

// The list does not come up over something that was opened meanwhile.
func TestNamespacesComeLate(t *testing.T) {
	d, _ := chosen(t)
	d.press("H")
	under := d.app.top()
	d.press("q")
	if a, _ := d.app.namespaces(namespacesMsg{under: under, list: d.fake.namespaces}); a.top() != nil {
		t.Errorf("there is %T", a.top())
	}
}
