//go:build !linux && !windows

package host

import (
	"context"
	"errors"

	"example.com/keeptune/tuning/machine"
)

// Machine reads Linux and Windows only.
func Machine(context.Context, machine.Options) (machine.Machine, error) {
	return machine.Machine{}, errors.New("this host cannot be read here, only Linux and Windows can; open its configuration files with keeptune import")
}
