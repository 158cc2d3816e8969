package livetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
)

// SocketOptions are TCP options of the test's own connections. Zero fields
// leave what the operating system gives.
type SocketOptions struct {
	KeepAlive   bool          // SO_KEEPALIVE
	Idle        time.Duration // TCP_KEEPIDLE, whole seconds, 1 s to 32767 s
	Interval    time.Duration // TCP_KEEPINTVL, whole seconds, 1 s to 32767 s
	Count       int           // TCP_KEEPCNT, 1 to 127
	UserTimeout time.Duration // TCP_USER_TIMEOUT, whole milliseconds
}

// maxKeepAliveSeconds is MAX_TCP_KEEPIDLE and MAX_TCP_KEEPINTVL of include/net/tcp.h.
const maxKeepAliveSeconds = 32767

// Validate reports the first thing that is wrong, in one sentence.
func (o SocketOptions) Validate() error {
	for _, d := range []time.Duration{o.Idle, o.Interval} {
		if d < 0 || d%time.Second != 0 || d > maxKeepAliveSeconds*time.Second {
			return fmt.Errorf("the keep-alive time %v is out of range: give 1s to 32767s in whole seconds", d)
		}
	}
	switch {
	case o.Count < 0 || o.Count > 127:
		return fmt.Errorf("%d keep-alive probes are out of range: give 1 to 127", o.Count)
	case o.UserTimeout < 0 || o.UserTimeout%time.Millisecond != 0:
		return fmt.Errorf("the TCP_USER_TIMEOUT %v is out of range: give whole milliseconds", o.UserTimeout)
	case !o.KeepAlive && (o.Idle > 0 || o.Interval > 0 || o.Count > 0):
		return errors.New("keep-alive times mean nothing while keep-alive is off: switch it on, too")
	}
	return nil
}

// ParseKeepAlive reads TIME[/INTERVAL[/COUNT]], such as 60s/10s/6; on is keep-alive
// with the operating system's own times, off is none.
func ParseKeepAlive(text string) (SocketOptions, error) {
	switch text {
	case "off":
		return SocketOptions{}, nil
	case "on":
		return SocketOptions{KeepAlive: true}, nil
	}
	o, parts := SocketOptions{KeepAlive: true}, strings.Split(text, "/")
	if len(parts) > 3 {
		return o, fmt.Errorf("%q is not TIME[/INTERVAL[/COUNT]], for example 60s/10s/6", model.Clean(text, 60))
	}
	for i, to := range []*time.Duration{&o.Idle, &o.Interval}[:min(len(parts), 2)] {
		d, err := model.ParseSpan(model.Clean(parts[i], 60), time.Second)
		if err != nil {
			return o, err
		}
		*to = d
	}
	if len(parts) == 3 {
		n, err := strconv.Atoi(strings.TrimSpace(parts[2]))
		if err != nil {
			return o, fmt.Errorf("%q is not a count of probes", model.Clean(parts[2], 20))
		}
		o.Count = n
	}
	return o, o.Validate()
}

// IsZero reports whether nothing was asked for.
func (o SocketOptions) IsZero() bool { return o == SocketOptions{} }

type socketJSON struct {
	KeepAlive   bool    `json:"keepalive"`
	Idle        seconds `json:"idle_s,omitempty"`
	Interval    seconds `json:"interval_s,omitempty"`
	Count       int     `json:"count,omitempty"`
	UserTimeout seconds `json:"user_timeout_s,omitempty"`
}

// MarshalJSON writes times in seconds.
func (o SocketOptions) MarshalJSON() ([]byte, error) {
	return json.Marshal(socketJSON{o.KeepAlive, seconds(o.Idle), seconds(o.Interval), o.Count, seconds(o.UserTimeout)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (o *SocketOptions) UnmarshalJSON(b []byte) error {
	var j socketJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*o = SocketOptions{j.KeepAlive, time.Duration(j.Idle), time.Duration(j.Interval), j.Count, time.Duration(j.UserTimeout)}
	return nil
}
