package detect

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/keeptune/model"
	"example.com/keeptune/model/lawcheck"
)

// sockets draws any Linux socket that Check lets pass.
var sockets = rapid.Custom(func(t *rapid.T) Socket {
	s := Linux()
	s.HZ = rapid.SampledFrom([]int{100, 250, 300, 1000}).Draw(t, "hz")
	s.KeepAlive = true
	s.Idle = time.Duration(rapid.IntRange(0, 32767).Draw(t, "idle")) * time.Second
	s.Every = time.Duration(rapid.IntRange(1, 32767).Draw(t, "every")) * time.Second
	s.Count = int64(rapid.IntRange(0, 255).Draw(t, "count"))
	s.Retries = int64(rapid.IntRange(0, 255).Draw(t, "retries"))
	s.RTT = time.Duration(rapid.IntRange(0, 2_000_000).Draw(t, "rtt")) * time.Microsecond
	s.Several = rapid.Bool().Draw(t, "several")
	s.TailLossProbe = rapid.Bool().Draw(t, "tlp")
	s.Thin = rapid.Bool().Draw(t, "thin")
	s.SynRetries = int64(rapid.IntRange(0, 127).Draw(t, "syn"))
	s.SynLinear = int64(rapid.IntRange(0, 127).Draw(t, "linear"))
	if rapid.Bool().Draw(t, "has U") {
		s.UserTimeout = time.Duration(rapid.IntRange(1, 1<<31-1).Draw(t, "U")) * time.Millisecond
	}
	return s
})

func TestLowIsNeverAboveHigh(t *testing.T) {
	lawcheck.Check(t, func(t *rapid.T) {
		s := sockets.Draw(t, "socket")
		w := time.Duration(rapid.IntRange(0, 1<<30).Draw(t, "write at")) * time.Microsecond
		for name, d := range map[string]Detection{
			"idle": Idle(s), "in flight": InFlight(s), "zero window": ZeroWindow(s),
			"connect": Connect(s), "orphan": Orphan(s), "write": WriteAt(s, w),
		} {
			if !d.Known || d.Low < 0 || d.Low > d.High || len(d.Because) == 0 {
				t.Fatalf("%s: %v to %v, known %v, because %q", name, d.Low, d.High, d.Known, d.Because)
			}
		}
	})
}

func TestMorePatienceNeverDetectsSooner(t *testing.T) {
	lawcheck.Check(t, func(t *rapid.T) {
		s := sockets.Draw(t, "socket")
		s.UserTimeout = 0
		longer := s
		switch rapid.SampledFrom([]string{"T", "I", "N"}).Draw(t, "what") {
		case "T":
			longer.Idle += time.Duration(rapid.IntRange(1, 10000).Draw(t, "more")) * time.Second
		case "I":
			longer.Every += time.Duration(rapid.IntRange(1, 10000).Draw(t, "more")) * time.Second
		case "N":
			longer.Count += int64(rapid.IntRange(1, 100).Draw(t, "more"))
		}
		before, after := Idle(s), Idle(longer)
		if after.After < before.After || after.High < before.High {
			t.Fatalf("%+v: %v (high %v) became %v (high %v)", longer, before.After, before.High, after.After, after.High)
		}
	})
}

// TestProbesOffNeverDetect: without SO_KEEPALIVE nothing is sent, U or not.
func TestProbesOffNeverDetect(t *testing.T) {
	s := Linux()
	s.UserTimeout = time.Second
	if d := Idle(s); d.After != model.Never || d.Low != model.Never || d.High != model.Never {
		t.Errorf("got %v", d)
	}
}

func TestHZChangesTheBounds(t *testing.T) {
	for _, tt := range []struct {
		hz        int
		low, high float64 // s
	}{{100, 7889.4, 8218.9}, {250, 7881.2, 8013.1}, {1000, 7897.6, 8162.6}} {
		s := Linux()
		s.KeepAlive, s.HZ = true, tt.hz
		d := Idle(s)
		if d.Low.Round(100*time.Millisecond).Seconds() != tt.low || d.High.Round(100*time.Millisecond).Seconds() != tt.high {
			t.Errorf("HZ %d: %v to %v, want %v to %v", tt.hz, d.Low, d.High, tt.low, tt.high)
		}
	}
}

func TestDocumentedSystems(t *testing.T) {
	for _, tt := range []struct {
		stack    model.Stack
		every    time.Duration
		count    int64
		idle     time.Duration
		inFlight time.Duration
	}{
		{model.StackWindows, time.Second, 10, 7210 * time.Second, 18900 * time.Millisecond},
		{model.StackWindowsNT, time.Second, 5, 7205 * time.Second, 18900 * time.Millisecond},
		{model.StackWindows9x, time.Second, 5, 7205 * time.Second, 18900 * time.Millisecond},
		{model.StackDarwin, 75 * time.Second, 8, 7800 * time.Second, 117530 * time.Millisecond},
		{model.StackBSD, 75 * time.Second, 8, 7800 * time.Second, 117530 * time.Millisecond},
		{model.StackIllumos, 0, 0, 7680 * time.Second, 342 * time.Second},
	} {
		s := Of(tt.stack)
		s.KeepAlive, s.Every, s.Count, s.Retries, s.RTT = true, tt.every, tt.count, 5, 0
		idle, busy := Idle(s), InFlight(s)
		if idle.After != tt.idle || !idle.Documented {
			t.Errorf("%s idle: %v, want %v", tt.stack, idle.After, tt.idle)
		}
		if busy.After != tt.inFlight || !busy.Documented {
			t.Errorf("%s in flight: %v, want %v", tt.stack, busy.After, tt.inFlight)
		}
	}
}

func BenchmarkInFlight(b *testing.B) {
	s := Linux()
	for b.Loop() {
		InFlight(s)
	}
}

func BenchmarkIdle(b *testing.B) {
	s := Linux()
	s.KeepAlive = true
	for b.Loop() {
		Idle(s)
	}
}

// TestWritingIsTheWorstOfAllWrites: no single write makes detection later than
// what is said for an application that writes so often.
func TestWritingIsTheWorstOfAllWrites(t *testing.T) {
	lawcheck.Check(t, func(t *rapid.T) {
		s := sockets.Draw(t, "socket")
		p := time.Duration(rapid.IntRange(1, 40_000_000).Draw(t, "every")) * time.Millisecond
		worst := Writing(s, p)
		w := time.Duration(rapid.Int64Range(0, int64(p)).Draw(t, "write at"))
		if one := WriteAt(s, w); one.High > worst.High {
			t.Fatalf("a write at %v is noticed after %v, later than the worst %v", w, one.High, worst.High)
		}
	})
}

// BenchmarkCalc is every state of one socket, as keeptune calc computes it.
func BenchmarkCalc(b *testing.B) {
	s := Linux()
	s.KeepAlive, s.HZ = true, 1000
	for b.Loop() {
		Idle(s)
		InFlight(s)
		ZeroWindow(s)
		Connect(s)
		Orphan(s)
		WriteAt(s, time.Second)
	}
}
