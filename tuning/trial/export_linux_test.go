package trial

import "time"

// SetStep replaces what is called around each line of a journal and each change.
func SetStep(f func(string)) { atStep = f }

// SetPatience replaces how long a guard waits for a program that stands still.
func SetPatience(d time.Duration) { patience = d }
