package trial

// SetStep replaces what is called around each line of a journal and each change.
func SetStep(f func(string)) { atStep = f }
