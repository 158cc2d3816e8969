package lab

import (
	"time"

	"golang.org/x/sys/unix"
)

// HostHZ is the timer frequency of this host's kernel, which is the
// resolution of its coarse clock (clock_getres(2)). It is not known where that
// gives no frequency a kernel can have, 24 to 1200.
func HostHZ() (int, bool) {
	var res unix.Timespec
	if err := unix.ClockGetres(unix.CLOCK_MONOTONIC_COARSE, &res); err != nil || res.Nano() <= 0 {
		return 0, false
	}
	jiffy := time.Duration(res.Nano())
	hz := int((time.Second + jiffy/2) / jiffy)
	return hz, hz >= 24 && hz <= 1200
}
