package explain

import (
	"time"

	"example.com/keeptune/model"
)

// A Cause is the kind of timer behind a sign.
type Cause string

// The causes.
const (
	CauseIdle       Cause = "idle"        // a connection without traffic is closed
	CauseBox        Cause = "middlebox"   // a box between the ends forgets a quiet connection
	CauseAge        Cause = "age"         // a connection is too old
	CauseFirstByte  Cause = "first-byte"  // nothing came on a new connection
	CauseHeader     Cause = "header"      // a request's header was not whole in time
	CauseResponse   Cause = "response"    // an answer, or a request's body, was not there in time
	CauseSend       Cause = "send"        // the other end did not take what was sent
	CauseHeartbeat  Cause = "heartbeat"   // a sign of life was due: nothing ends
	CauseUnanswered Cause = "unanswered"  // signs of life went without an answer
	CauseProbes     Cause = "probes"      // TCP probes of a quiet connection went without an answer
	CauseFirstProbe Cause = "first-probe" // the first TCP probe was due: what it meets ends the connection
	CauseFlight     Cause = "in-flight"   // data that was sent was not acknowledged
	CauseConnect    Cause = "connect"     // nobody answered a connect
	CauseWindow     Cause = "zero-window" // the other end stopped reading, and then answering
	CauseOrphan     Cause = "orphan"      // closed, and nobody acknowledged it
	CauseFinWait    Cause = "fin-wait"    // closed, and the other end did not close in turn
)

// What the catalog's kinds do not have.
const (
	ClosesTimeout model.CloseKind = "timeout" // the calls of the side itself fail
	ClosesNothing model.CloseKind = "nothing" // nobody sees anything
)

// A Sign is a time that can be seen, and the setting that gives it.
type Sign struct {
	Cause    Cause
	System   *model.System
	Endpoint model.EndpointID // on the path that was given; empty of the catalog's defaults
	Face     model.FaceKind   // host for an operating system or a middlebox
	Param    model.ParamID
	Setting  string // as the product writes it; several where the time follows from several
	Value    string // to be read: 60 s, "7200 s + 9 x 75 s"
	// After is the time with ideal timers, Low and High what is really seen.
	After, Low, High time.Duration
	Since, Before    model.Version   // the versions that have it: from Since on, before Before; empty is without end
	Current          bool            // the version that is taken where nobody gives one has it
	Set              bool            // somebody set it; else it is a default
	By               string          // which side is seen to close
	Closes           model.CloseKind // how; [ClosesTimeout] and [ClosesNothing] beside those of the catalog
	stack            model.Stack
}

// Versions is the range of versions in words, empty where all have it.
func (s *Sign) Versions() string {
	switch {
	case s.Since == "" && s.Before == "":
		return ""
	case s.Before == "":
		return "from " + string(s.Since) + " on"
	case s.Since == "":
		return "before " + string(s.Before)
	}
	return string(s.Since) + " to before " + string(s.Before)
}

// same reports whether two signs of one system differ in nothing but the versions.
func (s *Sign) same(o *Sign) bool {
	return s.Cause == o.Cause && s.Face == o.Face && s.Param == o.Param && s.Value == o.Value &&
		s.After == o.After && s.Low == o.Low && s.High == o.High && s.By == o.By && s.Closes == o.Closes
}

// finite reports whether the time ever comes.
func (s *Sign) finite() bool { return s.After > 0 && s.After != model.Never && s.High != model.Never }
