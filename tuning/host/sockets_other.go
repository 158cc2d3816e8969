//go:build !linux

package host

import (
	"context"
	"fmt"
	"runtime"

	"example.com/keeptune/tuning/census"
)

// Sockets is an error: only Linux tells the timers of sockets and how long they have been idle.
func Sockets(context.Context, Options, func(*census.Socket)) (Read, error) {
	return Read{}, fmt.Errorf("%s does not tell timers and idle times of its sockets; a list of a Linux host can be read: ss -tanoie | keeptune census -", runtime.GOOS)
}

// Namespaces is an error: only Linux has network namespaces.
func Namespaces(context.Context) ([]Namespace, error) {
	return nil, fmt.Errorf("%s has no network namespaces", runtime.GOOS)
}

// Enter are the words of a Linux host.
func Enter(namespace string) []string { return []string{"ip", "netns", "exec", namespace} }

// Owners is an error, as [Sockets] is.
func Owners(context.Context) (owners map[uint64][]census.Owner, hidden int, err error) {
	return nil, 0, fmt.Errorf("%s does not tell keeptune who owns a socket", runtime.GOOS)
}
