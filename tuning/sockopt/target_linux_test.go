package sockopt_test

import (
	"encoding/json"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/sockopt"
	"example.com/keeptune/tuning/trial"
)

// accepted are n connections of a listener that stays open, whose port a filter names.
func accepted(t *testing.T, n int) (servers []*net.TCPConn, filter census.Filter) {
	t.Helper()
	config := net.ListenConfig{KeepAlive: -1}
	config.SetMultipathTCP(false)
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	for range n {
		client, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _, _ = client.Close(), server.Close() })
		servers = append(servers, server.(*net.TCPConn))
	}
	filter, err = census.ParseFilter("local:" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	if err != nil {
		t.Fatal(err)
	}
	return servers, filter
}

// apply sets something on one's own socket.
func apply(t *testing.T, c *net.TCPConn, k net.KeepAliveConfig) {
	t.Helper()
	if err := c.SetKeepAliveConfig(k); err != nil {
		t.Fatal(err)
	}
}

// Of the sockets that a filter takes, listeners stay as they are, those that have it
// already are counted, and each of the others gets back what it had.
func TestTargetOfMany(t *testing.T) {
	servers, filter := accepted(t, 5)
	change := census.Change{KeepAlive: new(true), Idle: new(60 * time.Second), Every: new(10 * time.Second), Count: new(5)}
	apply(t, servers[0], net.KeepAliveConfig{Enable: true, Idle: 60 * time.Second, Interval: 10 * time.Second, Count: 5})
	apply(t, servers[1], net.KeepAliveConfig{Enable: true, Idle: 300 * time.Second, Interval: 10 * time.Second, Count: 5})
	var before []census.Options
	for _, c := range servers {
		before = append(before, effective(t, c))
	}
	s, err := sockopt.Select(t.Context(), "", filter, change)
	if err != nil {
		t.Fatal(err)
	}
	if s.Chosen != 6 || len(s.Sockets) != 4 || s.Same != 1 || s.Was() != "off: 3; 300/10/5: 1" || s.AtOnce != 0 {
		t.Errorf("chosen %d, %d to change, %d the same, %s, %d at once", s.Chosen, len(s.Sockets), s.Same, s.Was(), s.AtOnce)
	}
	if d := cmp.Diff([]sockopt.Refusal{{Why: "listening: connections that come in during a trial would keep what was tried", N: 1}}, s.Refused); d != "" {
		t.Error(d)
	}
	plan := s.Plan()
	target, to := plan.Changes[0].Target, plan.Changes[0].To
	if from, err := target.Read(t.Context()); err != nil || from != plan.Changes[0].From {
		t.Errorf("it reads %q, %v", from, err)
	}
	if err := target.Set(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	if now, err := target.Read(t.Context()); err != nil || now != to {
		t.Errorf("it reads %q, %v", now, err)
	}
	for i, c := range servers {
		if o := effective(t, c); o != change.Applied(before[i]) {
			t.Errorf("%d has %s", i, o)
		}
	}

	// Another process has the journal alone. One socket is closed meanwhile, one is set anew.
	spec, err := json.Marshal(target.Spec())
	if err != nil {
		t.Fatal(err)
	}
	again, err := sockopt.Kinds()[target.Kind()](spec)
	if err != nil || again.About().Name != target.About().Name {
		t.Fatalf("%v, %v", again, err)
	}
	_ = servers[4].Close()
	apply(t, servers[3], net.KeepAliveConfig{Enable: true, Idle: 90 * time.Second, Interval: 10 * time.Second, Count: 5})
	is, err := again.(trial.Restorer).Restore(t.Context(), plan.Changes[0].From, to)
	want := trial.Restored{Left: []string{"somebody else set 1 socket meanwhile, which stays so"}, Notes: []string{"1 of its 4 sockets was closed meanwhile"}}
	if d := cmp.Diff(want, is); err != nil || d != "" {
		t.Errorf("%v, %s", err, d)
	}
	for i := range 3 {
		if o := effective(t, servers[i]); o != before[i] {
			t.Errorf("%d had %s and has %s", i, before[i], o)
		}
	}
	if o := effective(t, servers[3]); o.Idle != 90*time.Second {
		t.Errorf("somebody else's is %s now", o)
	}
}
