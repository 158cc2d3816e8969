package detect

import (
	_ "embed"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

//go:embed testdata/measured.txt
var measured string

// A measurement is one row of testdata/measured.txt.
type measurement struct {
	variant string
	params  map[string]string
	nominal float64
	bounds  [2]float64
	seen    [2]float64
}

func measurements(t *testing.T) []measurement {
	t.Helper()
	var rows []measurement
	for line := range strings.Lines(measured) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(strings.TrimSpace(line), " | ")
		m := measurement{variant: cells[0], params: map[string]string{}, nominal: number(t, cells[2])}
		for p := range strings.FieldsSeq(cells[1]) {
			name, value, _ := strings.Cut(p, "=")
			m.params[name] = value
		}
		low, high, _ := strings.Cut(cells[3], " ")
		m.bounds = [2]float64{number(t, low), number(t, high)}
		m.seen = [2]float64{number(t, cells[4]), number(t, cells[5])}
		rows = append(rows, m)
	}
	return rows
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (m measurement) num(t *testing.T, name string) float64 { return number(t, m.params[name]) }

func (m measurement) has(name string) bool { return m.params[name] != "" }

func scaled(f float64, unit time.Duration) time.Duration { return time.Duration(f * float64(unit)) }

// socket is the socket of a row; the path had an RTT of 0.03 ms unless told.
func (m measurement) socket(t *testing.T) Socket {
	s := Linux()
	s.RTT = 30 * time.Microsecond
	s.Death = AfterData
	if m.has("T") {
		s.KeepAlive = true
		s.Idle, s.Every, s.Count = scaled(m.num(t, "T"), time.Second), scaled(m.num(t, "I"), time.Second), int64(m.num(t, "N"))
	}
	for name, value := range m.params {
		switch name {
		case "U":
			s.UserTimeout = scaled(number(t, value), time.Millisecond)
		case "mode":
			s.Death = AfterProbe
		case "retries2":
			s.Retries = int64(number(t, value))
		case "alone": // the FIN, see predict
		case "orphan_retries":
			s.Orphans = int64(number(t, value))
		case "tlp":
			s.TailLossProbe = false
		case "bytes":
			s.Several = true
		case "rto_min_us":
			// The RTO that the kernel reported there.
			s.RTOMin, s.RTO = scaled(number(t, value), time.Microsecond), 56*time.Millisecond
		case "rto_max_ms":
			s.RTOMax = scaled(number(t, value), time.Millisecond)
		case "syn_retries", "syncnt":
			s.SynRetries = int64(number(t, value))
		case "linear":
			s.SynLinear = 0
		case "fin":
			s.FinTimeout = scaled(number(t, value), time.Second)
		case "mptcp":
			s = s.SpeakMultipath()
			s.CloseTimeout = scaled(number(t, value), time.Second)
		case "rtt":
			s.RTT = scaled(number(t, value), time.Millisecond)
		case "rto":
			// As the kernel reported it there; its variance had not settled.
			s.RTO = scaled(number(t, value), time.Millisecond)
		}
	}
	return s
}

// predict is the prediction that a row's variant asks for.
func (m measurement) predict(t *testing.T) (d Detection, compareLow bool) {
	s := m.socket(t)
	kind, _, _ := strings.Cut(m.variant, ",")
	kind = strings.TrimSuffix(strings.TrimSuffix(kind, "+ka"), "+U")
	switch kind {
	case "idle", "steady", "sysctl", "idle-long", "long":
		return Idle(s), true
	case "data", "data+U":
		return InFlight(s), true
	case "orphan":
		s.Several = !m.has("alone") // data and the FIN
		return Orphan(s), true
	case "fin-wait":
		return FinWait(s), true
	case "half-closed":
		return HalfClosed(s), true
	case "changed":
		return IdleSetAt(s, scaled(m.num(t, "at"), time.Second)), true
	case "connect":
		return Connect(s), true
	case "write":
		return WriteAt(s, scaled(m.num(t, "at"), time.Second)), true
	case "zerowin":
		s.RTO = 212 * time.Millisecond // as reported there
		s.Death = AfterProbe           // its probes were backed off
		d = ZeroWindow(s)
		if s.UserTimeout > 0 { // that row counts from the first window probe
			d.After, d.Low, d.High = d.After-s.RTO, d.Low-s.RTO, d.High-s.RTO
		}
		return d, false // the row's bounds are not those of a scan
	}
	t.Fatalf("no prediction for the variant %q", m.variant)
	return Detection{}, false
}

// TestMeasuredRows holds the arithmetic against runs on a real kernel: the
// nominal value within a jiffy; the bounds no wider than those that a scan of
// all phases gave for the row, but for three jiffies of slack and a thousandth
// of the value, and, where the row's phase is free, no narrower; and every run
// inside [low - 5 ms, high + 12 ms].
func TestMeasuredRows(t *testing.T) {
	for _, m := range measurements(t) {
		switch {
		case m.variant == "sysctl-lowered": // about an already armed timer, not about a socket's settings
			continue
		case m.params["how"] == "reset": // an answer, not a silence
			continue
		}
		t.Run(m.variant+" "+m.text(), func(t *testing.T) {
			d, low := m.predict(t)
			slack := 26 + m.nominal/1000
			if got := ms(d.After); got < m.nominal-4 || got > m.nominal+4 {
				t.Errorf("nominal %.0f ms, want %.0f", got, m.nominal)
			}
			if got := ms(d.Low); low && got < m.bounds[0]-slack {
				t.Errorf("low %.0f ms, want at least %.0f", got, m.bounds[0])
			}
			if got := ms(d.High); got > m.bounds[1]+slack {
				t.Errorf("high %.0f ms, want at most %.0f", got, m.bounds[1])
			}
			if low && !m.has("mode") && (ms(d.Low) > m.bounds[0]+slack || ms(d.High) < m.bounds[1]-slack) {
				t.Errorf("%.0f to %.0f ms is narrower than %.0f to %.0f", ms(d.Low), ms(d.High), m.bounds[0], m.bounds[1])
			}
			if m.seen[0] < ms(d.Low)-5 || m.seen[1] > ms(d.High)+12 {
				t.Errorf("runs took %.0f to %.0f ms, outside %.0f to %.0f", m.seen[0], m.seen[1], ms(d.Low), ms(d.High))
			}
		})
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// text lists the row's parameters in a fixed order.
func (m measurement) text() string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m.params)) {
		parts = append(parts, k+"="+m.params[k])
	}
	return strings.Join(parts, ",")
}
