package model_test

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
)

func onPath(t *testing.T, c *model.Catalog, path string, sets ...string) model.Document {
	t.Helper()
	p, err := model.ParsePath(path, c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := model.Document{Path: p}.Assign(c, sets...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// What is typed after --set: what it means, and what is said where it means nothing.
func TestAssignments(t *testing.T) {
	t.Parallel()
	c := model.Embedded()
	d := onPath(t, c, "chrome > nginx@1.29.7 > node")
	short := onPath(t, c, "chrome > firewall > nginx@1.29.6")
	for _, x := range []struct {
		d          model.Document
		text, says string // says begins what is wrong; "" where it is right
	}{
		{d, "leg1:rtt=20ms", ""},
		{d, "LEG2:RTT=20ms", ""},
		{d, "leg3:rtt=20ms", "there is no leg3; the path chrome > nginx@1.29.7 > node has leg1 to leg2"},
		{short, "leg1:rtt=20ms", ""},
		{short, "leg2:rtt=20ms", "there is no leg2; the path chrome > firewall > nginx@1.29.6 has leg1 only"},
		{d, "leg0:rtt=20ms", `the path has no endpoint "leg0"`},
		{d, "legal:rtt=20ms", `the path has no endpoint "legal"`},
		{d, "leg1:colour=red", `a leg has no quantity "colour"; it has `},
		{d, "leg1:rtt=soon", "rtt takes "},
		{d, "node:keepAliveTimeout=6s", ""},
		{d, "node:nodekeepAliveTimeout=6s", `node has no parameter "nodekeepAliveTimeout"; it has `},
		{d, "node:node.keepAliveTimeout=6s", ""},
		{d, "keepAliveTimeout=6s", ""},
		{d, "node:colour=red", `node has no parameter "colour"; it has `},
		{d, "colour=red", `the path chrome > nginx@1.29.7 > node has no parameter "colour"`},
		{d, "chrome:keepAliveTimeout=6s", `chrome has no parameter "keepAliveTimeout"; it has `},
		{d, "nginx:keepalive_timeout=6s", `"keepalive_timeout" could be nginx:nginx.keepalive_timeout or nginx:nginx.upstream.keepalive_timeout; write one of them`},
		{d, "nginx:upstream.keepalive_timeout=6s", `nginx has no parameter "upstream.keepalive_timeout"; it has keepalive_timeout, `},
		{d, "nginx:nginx.keepalive_timeout=6s", ""},
		{d, "nowhere:x=1", `the path has no endpoint "nowhere"; it is chrome > nginx@1.29.7 > node`},
		{d, "keepAliveTimeout", `"keepAliveTimeout" is not [ENDPOINT:]PARAM=VALUE`},
		{d, "=6s", `"=6s" is not [ENDPOINT:]PARAM=VALUE`},
		{d, "node:keepAliveTimeout=soon", "node.keepAliveTimeout takes "},
	} {
		if _, err := x.d.Assign(c, x.text); (err == nil) != (x.says == "") || err != nil && !strings.HasPrefix(err.Error(), x.says) {
			t.Errorf("%s: %v, want %q", x.text, err, x.says)
		}
	}
	for text, says := range map[string]string{
		"nginx@1.15.2": "nginx.upstream.keepalive_timeout exists from nginx 1.15.3 on; nginx has 1.15.2",
		"nginx@1.15.3": "",
	} {
		if _, err := onPath(t, c, "chrome > "+text+" > node").Assign(c, "nginx:nginx.upstream.keepalive_timeout=6s"); (err == nil) != (says == "") || err != nil && err.Error() != says {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}

// What a path cannot be, and what is said of it.
func TestWhatAPathCannotBe(t *testing.T) {
	t.Parallel()
	c := model.Embedded()
	d := onPath(t, c, "chrome > firewall > nginx > node")
	hop := func(text string) model.Endpoint {
		e, err := model.ParseEndpoint(text, c)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	typed := func(v model.Value) model.Setting { return model.Typed(v) }
	long := model.For(-time.Second)
	for _, x := range []struct {
		name string
		edit model.Edit
		says string
	}{
		{"a box at the end", model.Choose{Index: 3, Endpoint: hop("firewall")}, "firewall only forwards packets; it stands between two others"},
		{"a box at the begin", model.Choose{Index: 0, Endpoint: hop("firewall")}, "firewall only forwards packets; it stands between two others"},
		{"a client as a server", model.Choose{Index: 3, Endpoint: hop("chrome")}, "chrome cannot be a server; it is one of: client"},
		{"an operating system", model.Choose{Index: 3, Endpoint: hop("linux")}, "linux cannot be a server; it is one of: operating system, written after / behind a product"},
		{"on what is no operating system", model.Choose{Index: 3, Endpoint: model.Endpoint{System: "node", OS: model.OSRef{System: "nowhere"}}}, `there is no system "nowhere"`},
		{"a system that there is not", model.Choose{Index: 3, Endpoint: model.Endpoint{System: "nowhere"}}, `there is no system "nowhere"`},
		{"no such setting", model.Set{Endpoint: "node", Param: "node.colour", Setting: typed(model.Times(1))}, `node has no parameter "node.colour"`},
		{"no such hop", model.Set{Endpoint: "nowhere", Param: "node.keepAliveTimeout"}, `the path has no endpoint "nowhere"`},
		{"a value out of range", model.Set{Endpoint: "node", Param: "node.keepAliveTimeout", Setting: typed(long)}, "node.keepAliveTimeout cannot be "},
		{"a value of a leg out of range", model.SetQuantity{Leg: 0, Quantity: model.QuantityRTT, Setting: typed(long)}, "rtt cannot be "},
		{"no such quantity", model.SetQuantity{Leg: 0, Quantity: "colour"}, `a leg has no quantity "colour"`},
		{"no such leg", model.SetQuantity{Leg: -1, Quantity: model.QuantityRTT}, "there is no leg 0"},
		{"no such leg at the other end", model.SetQuantity{Leg: model.MaxEndpoints + 1, Quantity: model.QuantityRTT}, "there is no leg 1002"},
		{"no such place", model.Choose{Index: 4, Endpoint: hop("node")}, "the path has no hop 5"},
		{"an insert at the begin", model.Insert{Index: 0, Endpoint: hop("nginx")}, "a hop goes between two others, not to place 1 of 4"},
		{"a move at the end", model.Move{Index: 3}, "hop 4 has none after it to change places with"},
		{"a goal that is none", model.SetGoals{Goals: model.Goals{Wanted: map[model.Goal]model.Value{"colour": model.Times(1)}}}, ""},
		{"in place of all, what is none", model.Replace{Document: model.Document{}}, "a path has from 2 to 1000 hops, not 0"},
	} {
		next, err := d.With(x.edit, c)
		if err == nil || !strings.HasPrefix(err.Error(), x.says) {
			t.Errorf("%s: %v, want %q", x.name, err, x.says)
		}
		if !next.Path.Equal(d.Path) {
			t.Errorf("%s changed the path to %s", x.name, next.Path)
		}
	}
	if _, err := d.With(model.SetQuantity{Leg: model.MaxEndpoints, Quantity: model.QuantityRTT, Setting: typed(model.For(time.Second))}, c); err != nil {
		t.Errorf("the last leg that there can be: %v", err)
	}
	withLegs := d
	withLegs.Path.Legs = []model.Quantities{nil, {"colour": typed(model.Times(1))}}
	if err := withLegs.Check(c); err == nil || err.Error() != `leg2 has no quantity "colour"` {
		t.Errorf("%v", err)
	}
	withLegs.Path.Legs = []model.Quantities{nil, {model.QuantityRTT: typed(long)}}
	if err := withLegs.Check(c); err == nil || !strings.HasPrefix(err.Error(), "leg2:rtt cannot be ") {
		t.Errorf("%v", err)
	}
	// Legs without anything given are the same as none.
	same := d
	same.Path.Legs = []model.Quantities{{}}
	if !same.Path.Equal(d.Path) || len(d.Path.Quantities(0)) != 0 {
		t.Error("an empty leg is another than none")
	}
	if i := (model.Path{}).Index("client"); i != -1 {
		t.Errorf("a path of no hops has a client at %d", i)
	}
}

// Another version keeps settings and operating system, another system does not; what is
// chosen with settings has these.
func TestWhatAChoiceKeeps(t *testing.T) {
	t.Parallel()
	c := model.Embedded()
	d := onPath(t, c, "chrome > node@22/windows@10", "node:keepAliveTimeout=6s")
	kept := d.Path.Endpoints[1]
	other := map[model.ParamID]model.Setting{"node.keepAliveTimeout": model.Typed(model.For(9 * time.Second))}
	for name, x := range map[string]struct {
		chosen model.Endpoint
		os     model.OSRef
		idle   time.Duration // 0: not set
	}{
		"another version":                      {model.Endpoint{System: "node", Version: "24"}, kept.OS, 6 * time.Second},
		"another version on another":           {model.Endpoint{System: "node", Version: "24", OS: model.OSRef{System: "linux"}}, model.OSRef{System: "linux"}, 6 * time.Second},
		"another version with its own":         {model.Endpoint{System: "node", Version: "24", Settings: other}, model.OSRef{}, 9 * time.Second},
		"another system":                       {model.Endpoint{System: "nginx"}, model.OSRef{}, 0},
		"another system without any that kept": {model.Endpoint{System: "apache", OS: model.OSRef{System: "linux"}}, model.OSRef{System: "linux"}, 0},
	} {
		next, err := d.With(model.Choose{Index: 1, Endpoint: x.chosen}, c)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		e := next.Path.Endpoints[1]
		idle, _ := e.Settings["node.keepAliveTimeout"].Value.Duration()
		if e.OS != x.os || idle != x.idle {
			t.Errorf("%s: on %s with %v, want on %s with %v", name, e.OS, idle, x.os, x.idle)
		}
	}
}

// A value that was seen in force remembers what a file says; one that is typed does not.
func TestWhatASeenValueRemembers(t *testing.T) {
	t.Parallel()
	c := model.Embedded()
	const id = model.ParamID("node.keepAliveTimeout")
	from := func(kind model.OriginKind, s int) model.Setting {
		return model.Setting{Value: model.For(time.Duration(s) * time.Second), Origin: model.Origin{Kind: kind, Where: "app.js", Line: 3}}
	}
	said := func(s model.Setting, by model.Said) model.Setting { s.Said = by; return s }
	inFile := model.Said{Value: model.For(5 * time.Second), Where: "app.js", Line: 3}
	older, unread := model.Said{Value: model.For(4 * time.Second), Where: "old.js", Line: 9}, model.Said{Value: model.For(4 * time.Second), Where: "old.js", Unread: "elsewhere"}
	for name, x := range map[string]struct {
		was, is model.Setting
		want    model.Said
	}{
		"measured over a file":            {from(model.FromFile, 5), from(model.FromMeasured, 6), inFile},
		"running over a file":             {from(model.FromFile, 5), from(model.FromRunning, 6), inFile},
		"typed over a file":               {from(model.FromFile, 5), from(model.FromTyped, 6), model.Said{}},
		"measured over what is typed":     {from(model.FromTyped, 5), from(model.FromMeasured, 6), model.Said{}},
		"measured again":                  {said(from(model.FromMeasured, 6), older), from(model.FromMeasured, 7), older},
		"measured, of a place not read":   {said(from(model.FromMeasured, 6), unread), from(model.FromMeasured, 7), model.Said{}},
		"measured with a word of its own": {from(model.FromFile, 5), said(from(model.FromMeasured, 6), older), older},
	} {
		d := onPath(t, c, "chrome > node")
		for _, s := range []model.Setting{x.was, x.is} {
			var err error
			if d, err = d.With(model.Set{Endpoint: "node", Param: id, Setting: s}, c); err != nil {
				t.Fatal(err)
			}
		}
		if got := d.Path.Endpoints[1].Settings[id].Said; got != x.want {
			t.Errorf("%s: it is said %+v, want %+v", name, got, x.want)
		}
	}
}

// What stands in a session file, and what is wrong with one.
func TestSessionFilesSayNoMoreThanThereIs(t *testing.T) {
	t.Parallel()
	c := model.Embedded()
	d := onPath(t, c, "chrome > node", "leg1:rtt=20ms")
	set := func(s model.Setting) model.Document {
		next, err := d.With(model.Set{Endpoint: "node", Param: "node.keepAliveTimeout", Setting: s}, c)
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	goals := d
	goals.Goals = model.Goals{Change: []model.EndpointID{"node"}}
	wanted := d
	wanted.Goals = model.Goals{Wanted: map[model.Goal]model.Value{model.GoalIdle: model.Times(5)}}
	measured := model.Setting{Value: model.For(6 * time.Second), Low: 6 * time.Second, High: 6 * time.Second, Origin: model.Origin{Kind: model.FromMeasured}, Said: model.Said{Value: model.For(5 * time.Second), Where: "app.js", Line: 1}}
	nowhere := measured
	nowhere.Said.Line = 0
	for name, x := range map[string]struct {
		d         model.Document
		has, lack []string
	}{
		"nothing wanted":           {d, nil, []string{"[goals]", "change", "wanted"}},
		"who may change":           {goals, []string{"[goals]\n", "change = "}, []string{"wanted"}},
		"what is wanted":           {wanted, []string{"[goals.wanted]\n"}, []string{"change"}},
		"said in a line":           {set(measured), []string{`said = "5s"`, "said_line = 1\n"}, nil},
		"said, nobody knows where": {set(nowhere), []string{`said = "5s"`}, []string{"said_line"}},
	} {
		text := string(model.EncodeDocument(x.d))
		for _, w := range x.has {
			if !strings.Contains(text, w) {
				t.Errorf("%s: %q is not in\n%s", name, w, text)
			}
		}
		for _, w := range x.lack {
			if strings.Contains(text, w) {
				t.Errorf("%s: %q is in\n%s", name, w, text)
			}
		}
		back, err := model.DecodeDocument("s.toml", []byte(text), c)
		if err != nil || !back.Path.Equal(x.d.Path) || !back.Goals.Equal(x.d.Goals) {
			t.Errorf("%s: read back as %+v (%v)", name, back, err)
		}
	}
	text := string(model.EncodeDocument(set(measured)))
	for name, x := range map[string]struct{ old, new, says string }{
		"as measured":           {"", "", ""},
		"the wrong way round":   {`high = "6s"`, `high = "5.9s"`, "node.keepAliveTimeout was measured from 6s to 5.9s, which is the wrong way round"},
		"a low that is none":    {`low = "6s"`, `low = "soon"`, `"soon"`},
		"a high that is none":   {`high = "6s"`, `high = "soon"`, `"soon"`},
		"said, and is none":     {`said = "5s"`, `said = "soon"`, "node.keepAliveTimeout takes "},
		"an origin that is not": {`origin = "measured"`, `origin = "guessed"`, `node.keepAliveTimeout has the unknown origin "guessed"`},
		"leg 0":                 {"leg = 1", "leg = 0", `leg 0 has no quantity "rtt"`},
		"the last leg":          {"leg = 1", "leg = 1000", ""},
		"one more":              {"leg = 1", "leg = 1001", `leg 1001 has no quantity "rtt"`},
	} {
		changed := strings.Replace(text, x.old, x.new, 1)
		if x.old != "" && changed == text {
			t.Errorf("%s: %q is not in\n%s", name, x.old, text)
		}
		if _, err := model.DecodeDocument("s.toml", []byte(changed), c); (err == nil) != (x.says == "") || err != nil && !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v, want %q", name, err, x.says)
		}
	}
	for name, of := range map[string]model.Goals{"wanted": wanted.Goals, "change": goals.Goals} {
		if of.Empty() {
			t.Errorf("%s is nothing", name)
		}
	}
	if !(model.Goals{}).Empty() || model.Goal("colour").Known() || !model.GoalIdle.Known() {
		t.Error("a goal that there is not is known, or one that there is is not")
	}
}
