package model

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Box is what a middlebox does besides forwarding: its idle timer is a
// parameter of role [RoleMiddleboxTTL].
type Box struct {
	OnExpiry  string // fin, rst, rst-both, rst-on-send, rst-on-send-one-way, silent, unknown
	Refreshed string // yes, no, unknown: TCP probes of the ends count as traffic
	Source    string
}

type rawBox struct {
	OnExpiry  string `toml:"on_expiry"`
	Refreshed string `toml:"refreshed_by_probes"`
	Source    string
}

var expiries = []string{"fin", "rst", "rst-both", "rst-on-send", "rst-on-send-one-way", "silent", "unknown"}

// box checks the [box] table, which a middlebox has and nothing else.
func (d decoder) box(raw *rawBox, middlebox bool) (*Box, error) {
	switch {
	case raw == nil && middlebox:
		return nil, d.fail("", 0, "kind", errors.New("a middlebox needs a [box] table with on_expiry, refreshed_by_probes and source"))
	case raw == nil:
		return nil, nil
	case !middlebox:
		return nil, d.fail("box", 0, "", errors.New("only a system of kind middlebox has a [box] table"))
	case !slices.Contains(expiries, raw.OnExpiry):
		return nil, d.fail("box", 0, "on_expiry", fmt.Errorf("on_expiry is %q; it must be one of %s", raw.OnExpiry, strings.Join(expiries, ", ")))
	case !slices.Contains([]string{"yes", "no", "unknown"}, raw.Refreshed):
		return nil, d.fail("box", 0, "refreshed_by_probes", fmt.Errorf("refreshed_by_probes is %q; it must be yes, no or unknown", raw.Refreshed))
	case raw.Source == "":
		return nil, d.fail("box", 0, "", errors.New("a [box] table needs a source"))
	}
	return &Box{raw.OnExpiry, raw.Refreshed, raw.Source}, nil
}
