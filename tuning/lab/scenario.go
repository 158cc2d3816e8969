package lab

import (
	"fmt"
	"slices"
	"strings"
)

// A Scenario is a state of a connection whose peer falls silent.
type Scenario string

// The scenarios.
const (
	IdleConnection  Scenario = "idle"
	IdleUserTimeout Scenario = "user-timeout"
	DataInFlight    Scenario = "in-flight"
	ClosedWindow    Scenario = "zero-window"
	Connecting      Scenario = "connect"
	LateWrite       Scenario = "write"
	Orphaned        Scenario = "orphan"
	HalfClosed      Scenario = "half-closed"
	Middlebox       Scenario = "middlebox"
	PeerGone        Scenario = "gone"
	All             Scenario = "all" // every one of them
)

// Scenarios are all of them but [All], in the order they are run in.
func Scenarios() []Scenario {
	return []Scenario{IdleConnection, IdleUserTimeout, DataInFlight, ClosedWindow, Connecting, LateWrite, Orphaned, HalfClosed, Middlebox, PeerGone}
}

// each is the scenarios that s stands for.
func (s Scenario) each() ([]Scenario, error) {
	switch all := Scenarios(); {
	case s == All:
		return all, nil
	case slices.Contains(all, s):
		return []Scenario{s}, nil
	}
	var names []string
	for _, one := range Scenarios() {
		names = append(names, string(one))
	}
	return nil, fmt.Errorf("there is no scenario %.40q; choose %s or all", string(s), strings.Join(names, ", "))
}
