package model_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
)

func TestSpansPrintAndParseInverse(t *testing.T) {
	lawcheck.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(model.Never)-1).Draw(t, "span"))
		back, err := model.ParseSpan(model.FormatSpan(d), time.Second)
		if err != nil || back != d {
			t.Fatalf("%v printed as %q, read back as %v, %v", d, model.FormatSpan(d), back, err)
		}
	})
}

func TestParseSpan(t *testing.T) {
	for _, tt := range []struct {
		text string
		unit time.Duration
		want time.Duration
	}{
		{"65", time.Second, 65 * time.Second},
		{"65", time.Millisecond, 65 * time.Millisecond},
		{"65s", time.Millisecond, 65 * time.Second},
		{"1m5s", time.Second, 65 * time.Second},
		{"65000ms", time.Second, 65 * time.Second},
		{"1.5s", time.Second, 1500 * time.Millisecond},
		{"2h", time.Second, 2 * time.Hour},
		{"1d", time.Second, 24 * time.Hour},
		{" 1 M 5 S ", time.Second, 65 * time.Second},
		{"00:02:00", time.Second, 2 * time.Minute},
		{"2 min", time.Second, 2 * time.Minute},
	} {
		if got, err := model.ParseSpan(tt.text, tt.unit); err != nil || got != tt.want {
			t.Errorf("%q in %v: %v, %v; want %v", tt.text, tt.unit, got, err, tt.want)
		}
	}
	for _, bad := range []string{"", "s", "-5s", "5x", "1m5", "1e3", "12:99:00", "9999999999999d", "1..5s", "½s", "5 5"} {
		if got, err := model.ParseSpan(bad, time.Second); err == nil {
			t.Errorf("%q was read as %v", bad, got)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: the error is more than one line: %v", bad, err)
		}
	}
}

func TestZeroMeansWhatTheProductSays(t *testing.T) {
	c := model.Embedded()
	for _, tt := range []struct {
		id   model.ParamID
		want model.Value
	}{
		{"nginx.keepalive_timeout", model.ValueOff},
		{"apache.MaxKeepAliveRequests", model.ValueNever},
		{"nginx.keepalive_time", model.For(0)},
		{"ie.KeepAliveTimeout", model.For(0)},
		{"nginx.tcp_keepidle", model.ValueUnset},
		{"nginx.tcp_user_timeout", model.ValueOff},
	} {
		s, err := c.System(tt.id.System())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Param(tt.id).ParseValue("0"); err != nil || got != tt.want {
			t.Errorf("%s 0: %v, %v; want %v", tt.id, got, err, tt.want)
		}
	}
}

func TestBadValuesNameWhatIsRight(t *testing.T) {
	c := model.Embedded()
	for _, tt := range []struct{ id, text, want string }{
		{"nginx.keepalive_timeout", "abc", "65s"},
		{"nginx.keepalive_timeout", "never", "or off"},
		{"linux.tcp_keepalive_probes", "256", "to 255"},
		{"linux.tcp_keepalive_probes", "-1", "to 255"},
		{"nginx.tcp_keepidle", "9h6m8s", "to 9h6m7s"},
		{"apache.KeepAlive", "65", "on or off"},
		{"windows.KeepAliveTime", "0", "from 1ms"},
	} {
		s, err := c.System(model.ParamID(tt.id).System())
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Param(model.ParamID(tt.id)).ParseValue(tt.text)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.id) {
			t.Errorf("%s = %q: %v; want a sentence with %q", tt.id, tt.text, err, tt.want)
		}
	}
}

// number is the smallest thing that a history can keep.
type number int

func (n number) Equal(o number) bool { return n == o }

func TestUndoTakesBackWhatDoDid(t *testing.T) {
	lawcheck.Check(t, func(t *rapid.T) {
		h := model.NewHistory(number(0))
		states := []number{0}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			n := number(rapid.IntRange(0, 5).Draw(t, "value"))
			if n != h.Now() {
				states = append(states, n)
			}
			h = h.Do(n, "")
		}
		if h.Dirty() != (h.Now() != 0) {
			t.Fatalf("dirty is %v at %v", h.Dirty(), h.Now())
		}
		for i := len(states) - 2; i >= 0; i-- {
			var ok bool
			if h, ok = h.Undo(); !ok || h.Now() != states[i] {
				t.Fatalf("undo gave %v, %v; want %v", h.Now(), ok, states[i])
			}
		}
		if _, ok := h.Undo(); ok || h.Dirty() {
			t.Fatalf("nothing is left to undo, yet it did, or the saved state counts as changed")
		}
		for _, want := range states[1:] {
			var ok bool
			if h, ok = h.Redo(); !ok || h.Now() != want {
				t.Fatalf("redo gave %v, %v; want %v", h.Now(), ok, want)
			}
		}
	})
}

func TestStepsOfOneKeyAreOneUndo(t *testing.T) {
	h := model.NewHistory(number(0))
	for n := range number(10) {
		h = h.Do(n+1, "same")
	}
	if h, _ = h.Undo(); h.Now() != 0 {
		t.Errorf("one undo went to %v, want 0", h.Now())
	}
	h = h.Do(1, "same").Seal().Do(2, "same")
	if h, _ = h.Undo(); h.Now() != 1 {
		t.Errorf("a sealed step was undone to %v, want 1", h.Now())
	}
}

func TestSessionFilesReadBackEqual(t *testing.T) {
	c := model.Embedded()
	p, err := model.ParsePath("ie@11/windows@7 > apache@2.4.66/linux@6.12", c)
	if err != nil {
		t.Fatal(err)
	}
	d := model.Document{Name: "a \"name\"", Path: p, Target: "http://127.0.0.1:8080/x", Notes: "two\nlines"}
	at := time.Date(2026, 11, 20, 10, 0, 0, 123000, time.UTC)
	for _, e := range []model.Edit{
		model.Set{Endpoint: "ie", Param: "ie.KeepAliveTimeout", Setting: model.Typed(model.For(3 * time.Minute))},
		model.Set{Endpoint: "server", Param: "apache.KeepAliveTimeout", Setting: model.Setting{
			Value: model.For(5 * time.Second), Low: 5001 * time.Millisecond, High: 5010 * time.Millisecond,
			Origin: model.Origin{Kind: model.FromMeasured, Where: "http://127.0.0.1:8080/x", At: at},
		}},
		model.Set{Endpoint: "apache", Param: "linux.tcp_keepalive_time", Setting: model.Setting{
			Value: model.For(10 * time.Minute), Origin: model.Origin{Kind: model.FromFile, Where: "/etc/sysctl.conf", Line: 7},
		}},
		model.SetQuantity{Leg: 0, Quantity: model.QuantityRTT, Setting: model.Typed(model.For(20 * time.Millisecond))},
		model.SetGoals{Goals: model.Goals{Change: []model.EndpointID{"apache"}}.With(model.GoalHold, model.For(5*time.Minute)).With(model.GoalLost, model.PerSecond(0.001))},
	} {
		if d, err = d.With(e, c); err != nil {
			t.Fatal(err)
		}
	}
	data := model.EncodeDocument(d)
	back, err := model.DecodeDocument("a.toml", data, c)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if !back.Equal(d) {
		t.Errorf("read back differs:\n%s\n%+v\n%+v", data, d, back)
	}
}

func TestBrokenSessionFilesNameTheLine(t *testing.T) {
	const good = "schema = \"keeptune.session/1\"\n[[endpoint]]\nsystem = \"ie@11\"\n[[endpoint]]\nsystem = \"apache\"\n"
	c := model.Embedded()
	if _, err := model.DecodeDocument("s.toml", []byte(good), c); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"unknown key", "[[endpoint]]\nsystem = \"apache\"", "[[endpoint]]\nsistem = \"apache\"", "s.toml:5: unknown key"},
		{"unknown system", "apache", "apahce", "s.toml:5: there is no system \"apahce\"; did you mean apache?"},
		{"wrong schema", "session/1", "session/9", "s.toml:1: schema"},
		{"not TOML", "[[endpoint]]\nsystem = \"ie", "[[endpoint\nsystem = \"ie", "s.toml:"},
		{"only one end", "[[endpoint]]\nsystem = \"apache\"\n", "", "s.toml: a path has from 2 to 1000 hops, not 1"},
		{"a value out of range", "system = \"apache\"\n", "system = \"apache\"\n[[endpoint.setting]]\nparam = \"linux.tcp_keepalive_probes\"\nvalue = \"300\"\norigin = \"typed\"\n", "s.toml:7: linux.tcp_keepalive_probes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := model.DecodeDocument("s.toml", []byte(strings.Replace(good, tt.old, tt.new, 1)), c)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line that begins %q", err, tt.want)
			}
		})
	}
}

func FuzzDecodeDocument(f *testing.F) {
	c := model.Embedded()
	f.Add([]byte("schema = \"keeptune.session/1\"\n[[endpoint]]\nsystem = \"ie@11\"\n[[endpoint]]\nsystem = \"apache\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := model.DecodeDocument("f", data, c)
		if err != nil {
			return
		}
		again := model.EncodeDocument(d)
		if back, err := model.DecodeDocument("f", again, c); err != nil || !back.Equal(d) {
			t.Fatalf("a session that was read is not read back: %v\n%s", err, again)
		}
	})
}
