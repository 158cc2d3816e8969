package tuning

import (
	"slices"
	"time"

	"example.com/keeptune/model"
)

// spanGiven is a time that somebody gave for the leg, 0 where nobody did.
func (l *Leg) spanGiven(q model.Quantity) time.Duration {
	s, _ := l.given.Quantity(q)
	d, _ := s.Value.Duration()
	return d
}

// countGiven is a number that somebody gave for the leg, 0 where nobody did.
func (l *Leg) countGiven(q model.Quantity) float64 {
	s, _ := l.given.Quantity(q)
	n, _ := s.Value.Count()
	return float64(n)
}

// holds reports whether somebody said yes to a quantity of the leg.
func (l *Leg) holds(q model.Quantity) bool {
	s, ok := l.given.Quantity(q)
	return ok && s.Value == model.ValueOn
}

// quantity names a quantity of the leg.
func (l *Leg) quantity(q model.Quantity) ParamRef {
	return ParamRef{legName(l.Index), model.ParamID(q)}
}

// ref names a row of the side.
func (s *Side) ref(row *Row) ParamRef { return ParamRef{s.Endpoint.ID, row.Param.ID} }

// one reports whether the side is one of these systems.
func (s *Side) one(of ...model.SystemID) bool {
	return slices.Contains(of, s.System.ID)
}

// watched reports whether the protocol makes a side look for the other's signs of
// life: an MQTT broker ends the connection of a client that is silent for 1.5 times
// what it announced (MQTT 5.0, 3.1.2.10).
func (l *Leg) watched(s *Side) bool {
	return s == &l.Server && s.System.Protocol == "mqtt" && l.Client.heartbeat() != nil
}
