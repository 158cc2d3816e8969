package ui

import (
	"errors"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/ui/contract"
)

// ofNode is a document of a path to Node with a value of its own.
func ofNode(t *testing.T, idle time.Duration) model.Document {
	t.Helper()
	p, err := model.ParsePath("chrome > node@22", model.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	p.Endpoints[1] = p.Endpoints[1].With("node.keepAliveTimeout", model.Setting{Value: model.For(idle), Origin: model.Origin{Kind: model.FromFile, Where: "/srv/app.js", Line: 7}})
	return model.Document{Path: p}
}

// hosted is a host with two paths.
func hosted(t *testing.T, d *desk) {
	t.Helper()
	first, second := ofNode(t, 41*time.Second), ofNode(t, 42*time.Second)
	d.fake.host = machine.Machine{
		Name: "edge-3", Kernel: "6.12.43", HZ: 250, Namespace: "net:[1]", Taken: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC),
		Programs: []machine.Program{{Title: "Node.js", System: "node", Version: "22.1.0", Running: []machine.Process{{PID: 20}}, Listens: []string{"*:3000", "*:3001"}}},
		Paths: []machine.Path{
			{Path: first.Path, At: []string{"*:3000"}, Hops: []machine.Hop{{}}}, {Path: second.Path, At: []string{"*:3001"}, Hops: []machine.Hop{{}}},
		},
		Log: []machine.Access{{Kind: "read", What: "/srv/app.js", Count: 1}, {Kind: "run", What: "/usr/bin/node -v", Count: 2}},
	}
	d.fake.hostPaths = []contract.Imported{
		{File: "this host", Alternatives: []contract.Alternative{{Document: first}}}, {File: "this host", Alternatives: []contract.Alternative{{Document: second}}},
	}
}

func TestHostOnTheScreen(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30.0", 80, 24)
	hosted(t, d)
	d.press("R")
	d.shows("Read this host?", "It changes nothing, but", ":log")
	d.press("n")
	d.shows("LIMIT")
	d.press("R", "y")
	d.shows("HOST  edge-3", "PATHS", "chrome > node@22   at *:3001", "Node.js 22.1.0, process 20, at *:3000", "2 things were read or run")
	d.press("l")
	d.shows("cat /srv/app.js", "/usr/bin/node -v   x 2")
	d.press("q", "Enter")
	d.shows("Which path?", "at *:3000")
	d.press("Down", "Enter")
	d.shows("read this host", "keepAliveTimeout    42 s*/srv/app.js:7")
	d.press("R") // what was read is shown, and not asked for again
	d.shows("HOST  edge-3")
	d.fake.hostErr = errors.New("only Linux can be read")
	d.press("r")
	d.shows("only Linux can be read")
}

// A host that runs nothing known has no path to be opened.
func TestHostWithoutPaths(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30.0", 80, 24)
	d.press("R", "y")
	d.shows("no server that keeptune knows runs here")
	d.lacks("open a path")
	d.press("Enter")
	d.shows("no server that keeptune knows runs here")
}

func TestHostByWords(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30.0", 80, 24)
	hosted(t, d)
	for _, tt := range [][2]string{
		{"host 1", "this host was not read so far; :host reads it"},
		{"host", "Read this host?"},
	} {
		d.press(":", tt[0], "Enter")
		d.shows(tt[1])
	}
	d.press("y", "q")
	for _, tt := range [][2]string{
		{"host 3", "host takes the number of a path, 1 to 2, not 3"},
		{"host 0", "host takes the number of a path, 1 to 2, not 0"},
		{"host 2", "keepAliveTimeout    42 s*"},
		{"log", "cat /srv/app.js"},
	} {
		d.press(":", tt[0], "Enter")
		d.shows(tt[1])
	}
}

// What does not fit at the foot of the page is left out, not cut.
func TestHostOnANarrowScreen(t *testing.T) {
	d := sit(t, "chrome > nginx@1.30.0", 40, 12)
	hosted(t, d)
	d.press("R", "y")
	d.shows("read at")
	d.lacks("things", "th…")
}
