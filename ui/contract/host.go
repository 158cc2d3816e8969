package contract

import "example.com/keeptune/tuning/machine"

// A HostView is what was read of this host, as far as it is.
type HostView struct {
	Machine *machine.Machine // nil before the first reading
	Busy    bool             // it is being read
	Err     string           // why nothing was read, "" where something was
}

// AskHost asks whether this host may be read, or shows what was read.
type AskHost struct{}

// ReadHost reads this host and shows what was read.
type ReadHost struct{}

// PickHostPath asks which path of this host to open, where there are several.
type PickHostPath struct{}

// OpenHostPath puts a path of this host, with the values that were read, in the place of
// the document.
type OpenHostPath struct{ At int } // in the machine's Paths

// ShowLog shows every file that was read and every program that was run.
type ShowLog struct{}

func (AskHost) action()      {}
func (ReadHost) action()     {}
func (PickHostPath) action() {}
func (OpenHostPath) action() {}
func (ShowLog) action()      {}
