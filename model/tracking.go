package model

import (
	"errors"
	"fmt"
	"slices"
)

// Tracking is what a middlebox does besides forwarding: its idle timer is a
// parameter of role [RoleMiddleboxTTL].
type Tracking struct {
	OnExpiry  CloseKind
	Refreshed Answer // TCP probes of the ends count as traffic
	EndsTCP   bool   // it has a connection of its own to each end: what TCP finds of the other end, it finds of the box
	Otherwise []Otherwise
	Source    string
}

// An Otherwise is what the box does at the end of its time where a parameter has
// a value; the first that holds goes before OnExpiry.
type Otherwise struct {
	Param    ParamID
	Value    Value
	OnExpiry CloseKind
}

// Expiry is what the box does at the end of its time, given the values in force.
func (b *Tracking) Expiry(value func(ParamID) Value) CloseKind {
	for _, o := range b.Otherwise {
		if value(o.Param) == o.Value {
			return o.OnExpiry
		}
	}
	return b.OnExpiry
}

type rawTracking struct {
	OnExpiry  CloseKind `toml:"on_expiry"`
	Refreshed Answer    `toml:"refreshed_by_probes"`
	EndsTCP   bool      `toml:"ends_tcp"`
	Otherwise []rawOtherwise
	Source    string
}

type rawOtherwise struct {
	Param, Value string
	OnExpiry     CloseKind `toml:"on_expiry"`
}

var expiries = []CloseKind{CloseFIN, CloseRST, CloseRSTBoth, CloseRSTOnSend, CloseRSTOnSendOne, CloseRenewed, CloseSilent, CloseUnknown}

// box checks the [box] table, which a middlebox has and nothing else.
func (d decoder) tracking(raw *rawTracking, s *System) (*Tracking, error) {
	switch {
	case raw == nil && s.Middlebox():
		return nil, d.fail("", 0, "kind", errors.New("a middlebox needs a [box] table with on_expiry, refreshed_by_probes and source"))
	case raw == nil:
		return nil, nil
	case !s.Middlebox():
		return nil, d.fail("box", 0, "", errors.New("only a system of kind middlebox has a [box] table"))
	case !slices.Contains(expiries, raw.OnExpiry):
		return nil, d.fail("box", 0, "on_expiry", fmt.Errorf("on_expiry is %q; it must be one of %s", raw.OnExpiry, joined(expiries)))
	case !slices.Contains([]Answer{AnswerYes, AnswerNo, AnswerUnknown}, raw.Refreshed):
		return nil, d.fail("box", 0, "refreshed_by_probes", fmt.Errorf("refreshed_by_probes is %q; it must be yes, no or unknown", raw.Refreshed))
	case raw.EndsTCP && raw.Refreshed != AnswerNo:
		return nil, d.fail("box", 0, "ends_tcp", errors.New("a box that ends TCP answers the ends' probes itself; refreshed_by_probes must be no"))
	case raw.Source == "":
		return nil, d.fail("box", 0, "", errors.New("a [box] table needs a source"))
	}
	for _, p := range s.Params {
		if p.Role.TCP() && (!raw.EndsTCP || p.Toward == "") {
			return nil, d.fail("box", 0, "", fmt.Errorf("%s is a socket option: it takes ends_tcp in [box], and toward", p.ID))
		}
	}
	b := &Tracking{OnExpiry: raw.OnExpiry, Refreshed: raw.Refreshed, EndsTCP: raw.EndsTCP, Source: raw.Source}
	for _, o := range raw.Otherwise {
		p := s.Param(ParamID(string(s.ID) + "." + o.Param))
		if p == nil || !slices.Contains(expiries, o.OnExpiry) {
			return nil, d.fail("box", 0, "otherwise", fmt.Errorf("otherwise names the parameter %q and the end %q; they must be one of this system and one of %s",
				Clean(o.Param, 40), Clean(string(o.OnExpiry), 40), joined(expiries)))
		}
		v, err := p.ParseValue(o.Value)
		if err != nil {
			return nil, d.fail("box", 0, "otherwise", err)
		}
		b.Otherwise = append(b.Otherwise, Otherwise{p.ID, v, o.OnExpiry})
	}
	return b, nil
}
