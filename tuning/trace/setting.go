package trace

import (
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// A Setting is what a kernel's timer is set to, in whole seconds, as TCP_KEEPIDLE and
// TCP_KEEPINTVL are: any from Low to High fits what was seen; none where High is 0.
type Setting struct{ Low, High time.Duration }

// rates are the values of HZ that Linux kernels have.
var rates = [...]int{100, 250, 300, 1000}

// lateness is by how much a timer can be late with any of them.
func lateness(d time.Duration) time.Duration {
	var most time.Duration
	for _, hz := range rates {
		most = max(most, detect.Lateness(d, hz))
	}
	return most
}

// captured is how late a packet may be between a kernel's timer and the capture.
const captured = 20 * time.Millisecond

// settingOf is the setting with which a Linux kernel's timer goes off after each of the spans:
// never before it, and late by no more than the timer wheel allows.
func settingOf(s *Spans) Setting {
	if s.N == 0 {
		return Setting{}
	}
	var out Setting
	for d := time.Second; d <= s.Low+captured; d += step(s.Low) {
		if s.High <= d+lateness(d)+captured {
			if out.High = d; out.Low == 0 {
				out.Low = d
			}
		}
	}
	return out
}

// step is how closely settings up to a time are looked at: to the second up to two hours, which
// is what nearly all are.
func step(d time.Duration) time.Duration {
	if d > 3*time.Hour {
		return time.Minute
	}
	return time.Second
}

// String is "10 s", or "58 to 60 s".
func (s Setting) String() string { return model.HumanRange(s.Low, s.High) }

// Idle is the time after which a first probe is sent (TCP_KEEPIDLE).
func (p *Probes) Idle() Setting { return settingOf(&p.First) }

// Interval is the time between probes that are not answered (TCP_KEEPINTVL).
func (p *Probes) Interval() Setting {
	if p.Every.N == 0 {
		return settingOf(&p.Last)
	}
	return settingOf(&p.Every)
}
