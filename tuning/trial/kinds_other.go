//go:build !linux

package trial

// OwnKinds are the kinds of this package: none, where there are no trials.
func OwnKinds() Kinds { return Kinds{} }
