package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/detect"
	"example.com/keeptune/tuning/lab"
)

// calcFlags are the flags of calc as they were written; empty is not given.
type calcFlags struct {
	os                                               string
	hz                                               int
	keepalive, tlp, segments, mptcp                  string
	time, interval, userTimeout                      string
	rtt, rto, rtoMin, rtoMax, finTimeout, writeAt    string
	probes, retries2, synRetries, synLinear, orphans int64
}

func (f *calcFlags) flags(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVar(&f.os, "os", "linux", "operating `SYSTEM`: linux, windows, windows@xp, macos, freebsd, ...")
	s.IntVar(&f.hz, "hz", detect.DefaultHZ, "timer `FREQUENCY` of a Linux kernel: 100, 250, 300 or 1000; not given, this machine's where that is Linux")
	s.StringVar(&f.keepalive, "keepalive", "", "SO_KEEPALIVE: `on|off`")
	s.StringVar(&f.time, "keepalive-time", "", "`TIME` of silence before the first probe, for example 2s")
	s.StringVar(&f.interval, "interval", "", "`TIME` between unanswered probes")
	s.Int64Var(&f.probes, "probes", 0, "`N` unanswered probes before giving up; 0 is tcp_keepalive_probes = 0")
	s.StringVar(&f.userTimeout, "user-timeout", "", "`TIME` of TCP_USER_TIMEOUT, for example 3.5s; off switches it off")
	s.Int64Var(&f.retries2, "retries2", 0, "`N` retransmissions: tcp_retries2, TcpMaxDataRetransmissions")
	s.StringVar(&f.rtt, "rtt", "", "round-trip `TIME`, for example 30us or 40ms")
	s.StringVar(&f.rto, "rto", "", "`TIME` of the retransmission timeout; follows from the RTT unless given")
	s.StringVar(&f.rtoMin, "rto-min", "", "`TIME` of its floor")
	s.StringVar(&f.rtoMax, "rto-max", "", "`TIME` of its ceiling")
	s.StringVar(&f.tlp, "tlp", "", "tail loss probe: `on|off`")
	s.StringVar(&f.segments, "segments", "", "segments in flight: `one|several`")
	s.Int64Var(&f.synRetries, "syn-retries", 0, "`N` SYN retransmissions with doubling timeouts")
	s.Int64Var(&f.synLinear, "syn-linear", 0, "`N` SYN retransmissions before the doubling")
	s.Int64Var(&f.orphans, "orphan-retries", 0, "`N` retransmissions after close; 0 means 8 while the timeout is below its ceiling")
	s.StringVar(&f.finTimeout, "fin-timeout", "", "`TIME` of tcp_fin_timeout")
	s.StringVar(&f.mptcp, "mptcp", "", "both ends speak Multipath TCP: `on|off`")
	s.StringVar(&f.writeAt, "write-at", "", "the application writes at this `TIME` after the last segment received")
	complete(cmd, "keepalive", "on", "off")
	complete(cmd, "tlp", "on", "off")
	complete(cmd, "segments", "one", "several")
	complete(cmd, "mptcp", "on", "off")
}

// resolve is the socket that the flags describe over the system's defaults.
func (f *calcFlags) resolve(cmd *cobra.Command, catalog *model.Catalog) (calculated, error) {
	c := calculated{}
	var err error
	if c.os, c.socket, err = hostSocket(f.os, catalog); err != nil {
		return c, fmt.Errorf("--os: %w", err)
	}
	s := &c.socket
	s.HZ = f.hz
	given := cmd.Flags().Changed
	if given("hz") {
		if err := checkHZ(f.hz); err != nil {
			return c, err
		}
	}
	if !given("hz") && s.Stack == model.StackLinux {
		from := "CONFIG_HZ of the kernel says which it is"
		if hz, ok := lab.HostHZ(); ok {
			s.HZ, from = hz, "that of this machine"
		}
		c.assuming = append(c.assuming, fmt.Sprintf("HZ %d, %s", s.HZ, from))
	}
	if !given("rtt") && !given("rto") {
		c.assuming = append(c.assuming, fmt.Sprintf("an RTT of %s, as on a LAN", model.HumanSpan(s.RTT)))
	}
	for _, t := range []struct {
		flag, text string
		to         *time.Duration
	}{
		{"keepalive-time", f.time, &s.Idle},
		{"interval", f.interval, &s.Every},
		{"user-timeout", f.userTimeout, &s.UserTimeout},
		{"rtt", f.rtt, &s.RTT},
		{"rto", f.rto, &s.RTO},
		{"rto-min", f.rtoMin, &s.RTOMin},
		{"rto-max", f.rtoMax, &s.RTOMax},
		{"fin-timeout", f.finTimeout, &s.FinTimeout},
		{"write-at", f.writeAt, &c.writeAt},
	} {
		if !given(t.flag) {
			continue
		}
		if *t.to, err = spanFlag(t.flag, t.text); err != nil {
			return c, err
		}
	}
	if s.Stack == model.StackLinux && given("rtt") && !given("rto") && s.Fresh() > s.RTT+s.RTOMin {
		c.assuming = append(c.assuming, fmt.Sprintf("an RTT that has been steady for a while; a new connection's first timeout is %s, and ss -ti shows a connection's for --rto",
			model.HumanSpan(s.Fresh())))
	}
	for _, n := range []struct {
		flag  string
		value int64
		to    *int64
	}{
		{"probes", f.probes, &s.Count},
		{"retries2", f.retries2, &s.Retries},
		{"syn-retries", f.synRetries, &s.SynRetries},
		{"syn-linear", f.synLinear, &s.SynLinear},
		{"orphan-retries", f.orphans, &s.Orphans},
	} {
		if given(n.flag) {
			*n.to = n.value
		}
	}
	if err := f.words(given, s); err != nil {
		return c, err
	}
	if s.Multipath {
		if err := multipath(given, s); err != nil {
			return c, err
		}
	}
	if probing := given("keepalive-time") || given("interval") || given("probes"); probing && !given("keepalive") {
		s.KeepAlive = true
		c.assuming = append(c.assuming, "probes are on, because their times are given")
	}
	if given("rto-min") || given("rto-max") {
		if s.RTOMin > s.RTOMax {
			return c, fmt.Errorf("the floor --rto-min %s is above the ceiling --rto-max %s", model.HumanSpan(s.RTOMin), model.HumanSpan(s.RTOMax))
		}
	}
	c.writes = given("write-at")
	return c, s.Check()
}

// words reads the flags that take one of two words.
func (f *calcFlags) words(given func(string) bool, s *detect.Socket) error {
	for _, w := range []struct {
		flag, value, yes, no string
		to                   *bool
	}{
		{"keepalive", f.keepalive, "on", "off", &s.KeepAlive},
		{"tlp", f.tlp, "on", "off", &s.TailLossProbe},
		{"segments", f.segments, "several", "one", &s.Several},
		{"mptcp", f.mptcp, "on", "off", &s.Multipath},
	} {
		if !given(w.flag) {
			continue
		}
		if w.value != w.yes && w.value != w.no {
			return fmt.Errorf("--%s takes %s or %s, not %q", w.flag, w.yes, w.no, model.Clean(w.value, 40))
		}
		*w.to = w.value == w.yes
	}
	return nil
}

// multipath refuses what a Multipath TCP socket does.
func multipath(given func(string) bool, s *detect.Socket) error {
	switch {
	case s.Stack != model.StackLinux:
		return errors.New("--mptcp on is calculated for Linux only")
	case given("user-timeout") && s.UserTimeout > 0:
		return errors.New("--mptcp on goes without --user-timeout: a Multipath TCP socket refuses TCP_USER_TIMEOUT (ENOPROTOOPT)")
	}
	*s = s.SpeakMultipath()
	return nil
}

// spanFlag reads a time; a bare number is seconds.
func spanFlag(flag, text string) (time.Duration, error) {
	if flag == "user-timeout" && strings.EqualFold(text, "off") {
		return 0, nil
	}
	d, err := model.ParseSpan(model.Clean(text, 60), time.Second)
	if err != nil {
		return 0, fmt.Errorf("--%s: %w", flag, err)
	}
	return d, nil
}

// hostSocket is a socket with an operating system's defaults.
func hostSocket(text string, catalog *model.Catalog) (name string, s detect.Socket, err error) {
	e, err := model.ParseEndpoint(text, catalog)
	if err != nil {
		return "", s, err
	}
	host, err := catalog.System(e.System)
	if err != nil {
		return "", s, err
	}
	if host.Kind != "os" || e.OS.System != "" {
		return "", s, fmt.Errorf("%s is not an operating system, such as linux, windows@xp or macos", e)
	}
	v := e.VersionOf(host)
	return string(host.ID) + "@" + string(v), tuning.HostSocket(host, v), nil
}
