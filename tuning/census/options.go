package census

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// Options are what a socket has in force against a dead peer (tcp(7)). A time that the
// program did not set is the host's, and follows it.
type Options struct {
	KeepAlive   bool          // SO_KEEPALIVE
	Idle        time.Duration // TCP_KEEPIDLE, whole seconds
	Every       time.Duration // TCP_KEEPINTVL, whole seconds
	Count       int           // TCP_KEEPCNT
	UserTimeout time.Duration // TCP_USER_TIMEOUT, whole milliseconds; 0 is none
}

// String is the options in a few words: "off", "60/10/5", "60/10/5, user timeout 90 s".
func (o Options) String() string {
	text := "off"
	if o.KeepAlive {
		text = fmt.Sprintf("%d/%d/%d", o.Idle/time.Second, o.Every/time.Second, o.Count)
	}
	if o.UserTimeout > 0 {
		text += ", user timeout " + model.HumanSpan(o.UserTimeout)
	}
	return text
}

// Words is the options for somebody who does not know the order of the three numbers:
// "probes after 60 s, then every 10 s, 5 at most".
func (o Options) Words() string {
	text := "no probes"
	if o.KeepAlive {
		text = fmt.Sprintf("probes after %s, then every %s, %d at most", model.HumanSpan(o.Idle), model.HumanSpan(o.Every), o.Count)
	}
	if o.UserTimeout > 0 {
		text += ", user timeout " + model.HumanSpan(o.UserTimeout)
	}
	return text
}

// A Change are the options that are to be set; what is nil stays.
type Change struct {
	KeepAlive   *bool          `json:"keepalive,omitempty"`
	Idle        *time.Duration `json:"idle_ns,omitempty"`
	Every       *time.Duration `json:"interval_ns,omitempty"`
	Count       *int           `json:"count,omitempty"`
	UserTimeout *time.Duration `json:"user_timeout_ns,omitempty"`
}

// ParseChange reads what somebody types for a few connections: "60s 10s 5", idle time,
// interval and count of probes, with a user timeout behind where one is wanted; or "off".
func ParseChange(text string) (c Change, err error) {
	words := strings.Fields(text)
	on := len(words) != 1 || !strings.EqualFold(words[0], "off")
	c.KeepAlive = &on
	if !on {
		return c, nil
	}
	if len(words) < 3 || len(words) > 4 {
		return c, errorText("write idle time, interval and count, such as 60s 10s 5, or off")
	}
	for i, to := range map[int]**time.Duration{0: &c.Idle, 1: &c.Every, 3: &c.UserTimeout} {
		if i >= len(words) {
			continue
		}
		d, err := model.ParseSpan(words[i], time.Second)
		if err != nil {
			return c, err
		}
		*to = &d
	}
	n, err := strconv.Atoi(words[2])
	if err != nil {
		return c, fmt.Errorf("the count %q is no number, such as 5", model.Clean(words[2], 40))
	}
	c.Count = &n
	return c, c.Check()
}

// What setsockopt takes (do_tcp_setsockopt in net/ipv4/tcp.c).
const (
	maxSpan        = 32767 * time.Second // MAX_TCP_KEEPIDLE and MAX_TCP_KEEPINTVL
	maxCount       = 127                 // MAX_TCP_KEEPCNT
	maxUserTimeout = (1<<31 - 1) * time.Millisecond
)

// Check says in one sentence what Linux would not take.
func (c Change) Check() error {
	span := func(name string, d *time.Duration) error {
		switch {
		case d == nil:
			return nil
		case *d < time.Second || *d > maxSpan:
			return fmt.Errorf("the %s is %s; a socket takes 1 s to 32767 s", name, model.HumanSpan(*d))
		case *d%time.Second != 0:
			return fmt.Errorf("the %s is %s; a socket takes whole seconds", name, model.HumanSpan(*d))
		}
		return nil
	}
	if err := span("idle time", c.Idle); err != nil {
		return err
	}
	if err := span("interval", c.Every); err != nil {
		return err
	}
	switch {
	case c.Count != nil && (*c.Count < 1 || *c.Count > maxCount):
		return fmt.Errorf("the count is %d; a socket takes 1 to %d probes", *c.Count, maxCount)
	case c.UserTimeout != nil && (*c.UserTimeout < 0 || *c.UserTimeout > maxUserTimeout):
		return fmt.Errorf("the user timeout is %s; it goes from 0, which is none, to 2147483647 ms", model.HumanSpan(*c.UserTimeout))
	case c.UserTimeout != nil && *c.UserTimeout%time.Millisecond != 0:
		return fmt.Errorf("the user timeout is %s; a socket takes whole milliseconds", model.HumanSpan(*c.UserTimeout))
	case c == (Change{}):
		return errorText("nothing is to be changed; say --keepalive on, --idle 60s, --interval 10s, --count 5 or --user-timeout 90s")
	}
	return nil
}

// Applied is what a socket with the options o has after the change.
func (c Change) Applied(o Options) Options {
	put(&o.KeepAlive, c.KeepAlive)
	put(&o.Idle, c.Idle)
	put(&o.Every, c.Every)
	put(&o.Count, c.Count)
	put(&o.UserTimeout, c.UserTimeout)
	return o
}

func put[T any](to *T, v *T) {
	if v != nil {
		*to = *v
	}
}

// Needed is the part of the change that a socket with the options o does not have yet,
// the zero Change where it has all.
func (c Change) Needed(o Options) Change {
	return Change{
		KeepAlive: other(c.KeepAlive, o.KeepAlive), Idle: other(c.Idle, o.Idle), Every: other(c.Every, o.Every),
		Count: other(c.Count, o.Count), UserTimeout: other(c.UserTimeout, o.UserTimeout),
	}
}

func other[T comparable](want *T, has T) *T {
	if want == nil || *want == has {
		return nil
	}
	return want
}

// Back is the change that undoes c on a socket that had the options o: of what c sets,
// the value before.
func (c Change) Back(o Options) Change {
	return Change{
		KeepAlive: former(c.KeepAlive, o.KeepAlive), Idle: former(c.Idle, o.Idle), Every: former(c.Every, o.Every),
		Count: former(c.Count, o.Count), UserTimeout: former(c.UserTimeout, o.UserTimeout),
	}
}

func former[T any](set *T, had T) *T {
	if set == nil {
		return nil
	}
	return &had
}

// Stands is the part of back whose option still has the value that c gave it: what
// somebody else set since is not to be touched.
func (c Change) Stands(now Options, back Change) Change {
	return Change{
		KeepAlive: stands(c.KeepAlive, now.KeepAlive, back.KeepAlive), Idle: stands(c.Idle, now.Idle, back.Idle),
		Every: stands(c.Every, now.Every, back.Every), Count: stands(c.Count, now.Count, back.Count),
		UserTimeout: stands(c.UserTimeout, now.UserTimeout, back.UserTimeout),
	}
}

func stands[T comparable](set *T, now T, back *T) *T {
	if set == nil || *set != now {
		return nil
	}
	return back
}

// ProbesAtOnce says whether a socket with the options o that heard nothing for so long
// sends a probe at the moment of the change: where its timer runs already, a new idle
// time counts the silence so far. Switched on, it counts from then.
func (c Change) ProbesAtOnce(o Options, silent time.Duration) bool {
	stays := c.KeepAlive == nil || *c.KeepAlive
	return o.KeepAlive && stays && c.Idle != nil && *c.Idle < o.Idle && silent >= *c.Idle
}

// String is the change as flags of keeptune sockets.
func (c Change) String() string {
	var parts []string
	if c.KeepAlive != nil {
		parts = append(parts, "--keepalive "+onOff(*c.KeepAlive))
	}
	if c.Idle != nil {
		parts = append(parts, fmt.Sprintf("--idle %ds", *c.Idle/time.Second))
	}
	if c.Every != nil {
		parts = append(parts, fmt.Sprintf("--interval %ds", *c.Every/time.Second))
	}
	if c.Count != nil {
		parts = append(parts, fmt.Sprintf("--count %d", *c.Count))
	}
	if c.UserTimeout != nil {
		parts = append(parts, fmt.Sprintf("--user-timeout %dms", *c.UserTimeout/time.Millisecond))
	}
	return strings.Join(parts, " ")
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
