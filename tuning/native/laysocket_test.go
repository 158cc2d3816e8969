package native_test

import (
	"errors"
	"slices"
	"testing"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/native"
)

// TestSocketUnitsLay lays the options of a socket over the server that gets it,
// but for those that the program sets itself, and asks where several could.
func TestSocketUnitsLay(t *testing.T) {
	c := model.Embedded()
	const unit = "[Socket]\nKeepAlive=yes\nKeepAliveTimeSec=2min\nKeepAliveProbes=4\n"
	im, err := native.ImportAny("k.socket", []byte(unit), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path, end string
		at        model.EndpointID
		want      map[string]string // by name; empty: left over
	}{
		{"ssh > sshd@9.2", "", "sshd", map[string]string{"tcp_keepalive": "on", "tcp_keepidle": "2m", "tcp_keepcnt": "4"}},
		{"chrome > firewall > nginx", "", "nginx", map[string]string{"tcp_keepalive": "on", "tcp_keepidle": "2m", "tcp_keepcnt": "4"}},
		{"chrome > aws-alb > node", "", "node", map[string]string{"tcp_keepalive": "on", "tcp_keepidle": "2m", "tcp_keepcnt": "4"}},
		{"chrome > nginx > node", "nginx", "nginx", map[string]string{"tcp_keepalive": "on", "tcp_keepidle": "2m", "tcp_keepcnt": "4"}},
		{"curl > go-server", "", "go-server", map[string]string{"tcp_keepalive": "on"}},
		{"curl > iis", "", "iis", nil},
	} {
		lays, err := im.Lay(document(t, c, tt.path), tt.end, c)
		if err != nil || len(lays) != 1 {
			t.Fatalf("%s: %v, %d layings", tt.path, err, len(lays))
		}
		p := lays[0].Document.Path
		settings := p.Endpoints[p.Index(tt.at)].Settings
		for name, want := range tt.want {
			if got := settings[model.ParamID(string(tt.at)+"."+name)]; got.Value.String() != want || got.Origin.Kind != model.FromFile {
				t.Errorf("%s: %s is %s, not %s", tt.path, name, got.Value, want)
			}
		}
		if len(settings) != len(tt.want) || len(lays[0].Left) != 3-len(tt.want) {
			t.Errorf("%s: %v, left %v", tt.path, settings, lays[0].Left)
		}
		if lays[0].Fits != (tt.want != nil) {
			t.Errorf("%s: fits is %v", tt.path, lays[0].Fits)
		}
	}
	_, err = im.Lay(document(t, c, "chrome > nginx > node"), "", c)
	several, ok := errors.AsType[*native.EndError](err)
	if !ok || !slices.Equal(several.Ends, []model.EndpointID{"nginx", "node"}) {
		t.Errorf("nobody asks whose it is: %v", err)
	}
}

// TestSshdLeavesItsSocketAsItComes: TCPKeepAlive no switches nothing off that a
// socket unit switched on, whichever of the two files is laid first.
func TestSshdLeavesItsSocketAsItComes(t *testing.T) {
	c := model.Embedded()
	read := func(format, name, text string) native.Import {
		im, err := native.Find(format)
		if err != nil {
			t.Fatal(err)
		}
		got, err := im.Parse(name, []byte(text), c)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	no := read("sshd", "sshd_config", "TCPKeepAlive no\n")
	on := read("systemd-socket", "ssh.socket", "[Socket]\nKeepAlive=yes\n")
	off := read("systemd-socket", "ssh.socket", "[Socket]\nKeepAlive=no\n")
	for _, tt := range []struct {
		files []native.Import
		want  model.Value
		left  int
	}{
		{[]native.Import{no, on}, model.ValueOn, 0},
		{[]native.Import{on, no}, model.ValueOn, 1},
		{[]native.Import{no}, model.ValueOff, 0},
		{[]native.Import{off, no}, model.ValueOff, 0},
	} {
		d, left := document(t, c, "ssh > sshd@9.2"), 0
		for _, im := range tt.files {
			lays, err := im.Lay(d, "", c)
			if err != nil || len(lays) != 1 || !lays[0].Fits {
				t.Fatalf("%v: %+v", err, lays)
			}
			d, left = lays[0].Document, len(lays[0].Left)
		}
		if got := d.Path.Endpoints[1].Settings["sshd.tcp_keepalive"].Value; got != tt.want || left != tt.left {
			t.Errorf("probes are %s, %d lines left over; want %s and %d", got, left, tt.want, tt.left)
		}
	}
}
