package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/tuning/sockopt"
)

// socketsFlags are what keeptune sockets is asked.
type socketsFlags struct {
	filter, netns                          string
	keepAlive, idle, interval, userTimeout string
	count                                  int
	try                                    tryFlags
}

func (a *app) sockets() *cobra.Command {
	var f socketsFlags
	cmd := &cobra.Command{
		Use:   "sockets",
		Short: "Switch TCP probes on for connections that are open already",
		Long: `sockets sets what the open connections of a running program have against a
dead peer: SO_KEEPALIVE, its idle time, interval and count, TCP_USER_TIMEOUT. It
is for programs that never set them: neither a sysctl nor a restart is needed,
and the program goes on and is not told. The filter is that of keeptune census,
which shows what it takes; connections that are opened later are as the program
makes them.

It shows a plan and asks; then it is a trial as keeptune apply makes them: a
process of its own stands by, and gives each socket back what it had unless the
trial is kept. It changes something only with --write. That takes Linux 5.6, and
root, or the user of the program where ptrace is allowed (pidfd_getfd).

Listening sockets are left alone: connections that they take in during a trial
would keep what was tried. A socket that followed the host's tcp_keepalive
settings has their present values of its own afterwards.

` + exitByTrial,
		Example: `  keeptune sockets --filter 'port:8080 timer:none' --keepalive on
  sudo keeptune sockets --filter 'port:8080 process:python3' --keepalive on \
      --idle 60s --interval 10s --count 5 --write
  keeptune sockets --filter port:8080 --idle 60s --dry-run --format json
  sudo keeptune sockets --filter remote:10.0.0.5:5432 --user-timeout 90s --write`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runSockets(cmd, &f) },
	}
	s := cmd.Flags()
	s.StringVar(&f.filter, "filter", "", "the connections that `FILTER` takes, such as 'port:8080 timer:none'")
	s.StringVar(&f.netns, "netns", "", "in the network `NAMESPACE`: a name of ip netns, a container, a process in it")
	s.StringVar(&f.keepAlive, "keepalive", "", "TCP probes `ON` or off")
	s.StringVar(&f.idle, "idle", "", "the first probe after this `TIME` of silence: 1s to 32767s")
	s.StringVar(&f.interval, "interval", "", "a `TIME` between two probes: 1s to 32767s")
	s.IntVar(&f.count, "count", 0, "given up after `N` probes without an answer: 1 to 127")
	s.StringVar(&f.userTimeout, "user-timeout", "", "given up after this `TIME` with data unanswered; 0 is none")
	f.try.flags(cmd)
	complete(cmd, "keepalive", "on", "off")
	return cmd
}

func (a *app) runSockets(cmd *cobra.Command, f *socketsFlags) error {
	if err := f.try.check(); err != nil {
		return err
	}
	change, err := f.change(cmd)
	if err != nil {
		return err
	}
	if f.filter == "" {
		return errors.New("which connections? --filter 'port:8080 process:python3' says so; keeptune census with the same filter shows them")
	}
	filter, err := census.ParseFilter(f.filter)
	if err != nil {
		return err
	}
	chosen, err := sockopt.Select(cmd.Context(), f.netns, filter, change)
	if err != nil {
		return err
	}
	if chosen.Chosen == 0 {
		return fmt.Errorf("there is no connection that the filter %s takes; keeptune census shows what there is", model.Clean(filter.String(), 200))
	}
	return a.try(cmd.Context(), chosen.Plan(), &f.try)
}

// change is what the flags ask for.
func (f *socketsFlags) change(cmd *cobra.Command) (c census.Change, err error) {
	switch f.keepAlive {
	case "":
	case "on", "off":
		on := f.keepAlive == "on"
		c.KeepAlive = &on
	default:
		return c, fmt.Errorf("--keepalive takes on or off, not %q", model.Clean(f.keepAlive, 40))
	}
	for _, x := range []struct {
		flag, text string
		to         **time.Duration
	}{{"idle", f.idle, &c.Idle}, {"interval", f.interval, &c.Every}, {"user-timeout", f.userTimeout, &c.UserTimeout}} {
		if x.text == "" {
			continue
		}
		d, err := model.ParseSpan(x.text, time.Second)
		if err != nil {
			return c, fmt.Errorf("--%s: %w", x.flag, err)
		}
		*x.to = &d
	}
	if cmd.Flags().Changed("count") {
		c.Count = &f.count
	}
	return c, c.Check()
}
