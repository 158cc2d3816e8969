//go:build !linux

package host

import (
	"context"
	"errors"

	"example.com/keeptune/tuning/machine"
)

// Machine reads Linux only.
func Machine(context.Context, machine.Options) (machine.Machine, error) {
	return machine.Machine{}, errors.New("this host cannot be read here, only Linux can; open its configuration files with keeptune import")
}
