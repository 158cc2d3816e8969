package lab

import (
	"fmt"
	"slices"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/detect"
)

// tooLong is more than a lab waits for.
const tooLong = time.Hour

// Check says in one sentence why the settings cannot be run: a value that the
// kernel does not take, or an end that never comes.
func (s Case) Check() error {
	if !slices.Contains(Scenarios(), s.Scenario) {
		_, err := s.Scenario.each()
		if err == nil {
			err = fmt.Errorf("settings are run in one scenario, not in %s", s.Scenario)
		}
		return err
	}
	if s.Ladder != (LadderScenario{}) {
		if err := s.checkLadder(); err != nil {
			return err
		}
	}
	socket := s.socket(facts{HZ: detect.DefaultHZ, RTT: detect.DefaultRTT})
	if err := socket.Check(); err != nil {
		return err
	}
	whole := func(d time.Duration) bool {
		return d >= time.Second && d <= 32767*time.Second && d%time.Second == 0
	}
	switch {
	case s.KeepAlive && !whole(s.Idle):
		return fmt.Errorf("the time before the first probe is %s; a socket takes whole seconds from 1 to 32767", model.HumanSpan(s.Idle))
	case s.KeepAlive && !whole(s.Every):
		return fmt.Errorf("the interval is %s; a socket takes whole seconds from 1 to 32767", model.HumanSpan(s.Every))
	case s.KeepAlive && (s.Count < 0 || s.Count > 127):
		return fmt.Errorf("the probe count is %d; a socket takes 1 to 127, and 0 is that of the kernel", s.Count)
	case s.RTOMax < time.Second || s.RTOMax > 2*time.Minute || s.RTOMax%time.Millisecond != 0:
		return fmt.Errorf("tcp_rto_max_ms is %s; the kernel takes 1 s to 2 m", model.HumanSpan(s.RTOMax))
	case s.FinTimeout%time.Second != 0:
		return fmt.Errorf("tcp_fin_timeout is %s; the kernel takes whole seconds", model.HumanSpan(s.FinTimeout))
	case s.Scenario == HalfClosed && !slices.Contains(halves(), s.Half):
		return fmt.Errorf("there is no way %.40q to close one half", string(s.Half))
	case s.IdleWas > 0 && (!s.KeepAlive || !whole(s.IdleWas) || s.IdleSetAt <= 0 || s.IdleSetAt >= s.IdleWas):
		return fmt.Errorf("TCP_KEEPIDLE is changed after %s; it must be before the %s that it was", model.HumanSpan(s.IdleSetAt), model.HumanSpan(s.IdleWas))
	case s.UserTimeout%time.Millisecond != 0:
		return fmt.Errorf("TCP_USER_TIMEOUT is %s; a socket takes whole milliseconds", s.UserTimeout)
	case s.SynRetries < 1:
		return fmt.Errorf("tcp_syn_retries is %d; the kernel takes 1 to 127", s.SynRetries)
	case s.Scenario == LateWrite && s.WriteAt <= 0:
		return fmt.Errorf("the late write is after %s; it must be after the last segment received", model.HumanSpan(s.WriteAt))
	case s.Scenario == Middlebox && !whole(s.Router.Timeout):
		return fmt.Errorf("the middlebox forgets after %s; conntrack takes whole seconds from 1 to 32767", model.HumanSpan(s.Router.Timeout))
	case s.Scenario == PeerGone && !slices.Contains(departures(), s.Departure):
		return fmt.Errorf("there is no departure %.40q", string(s.Departure))
	}
	return s.ends(socket)
}

// ends says why nothing would be seen within an hour.
func (s Case) ends(socket detect.Socket) error {
	p := predict(s, facts{HZ: socket.HZ, RTT: socket.RTT, WriteAt: s.WriteAt, SetAt: s.IdleSetAt})
	switch {
	case p.High == model.Never:
		return fmt.Errorf("scenario %s never ends without keep-alive: nothing is sent, so nothing notices", s.Scenario)
	case p.High > tooLong:
		return fmt.Errorf("this would take up to %s; the lab waits for 1 h at most", model.HumanSpan(p.High))
	case s.Scenario == LateWrite && s.KeepAlive && detect.Idle(socket).Low <= s.WriteAt:
		return fmt.Errorf("the write after %s comes too late: the idle connection may be given up after %s", model.HumanSpan(s.WriteAt), model.HumanSpan(detect.Idle(socket).Low))
	}
	return nil
}
