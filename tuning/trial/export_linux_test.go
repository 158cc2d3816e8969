package trial

import "time"

// SetStep replaces what is called around each line of a journal and each change.
func SetStep(f func(string)) { atStep = f }

// Lock waits for a file's lock; NginxArguments are the arguments of nginx, Arguments those of
// the process of a folder as /proc has them, and ErrServes is where it loads no files.
var (
	Lock           = lock
	NginxArguments = nginxArguments
	Arguments      = arguments
	ErrServes      = errServes
)

// KeepSysctls plans the file that sets variables when the host starts.
func KeepSysctls(place Place, text string) (Plan, error) {
	var p Plan
	err := p.keepSysctls(&place, []byte(text))
	return p, err
}

// SetPatience replaces how long a guard waits for a program that stands still.
func SetPatience(d time.Duration) { patience = d }

// SetSystemd replaces whether systemd may be asked to start a guard.
func SetSystemd(is bool) { systemdHost = func() bool { return is } }
