package livetest

import (
	"encoding/json"
	"time"
)

// The outer fields of these types hide those of the same JSON name inside, so that only
// durations are spelled twice.
type (
	plainEvent Event
	eventJSON  struct {
		At seconds `json:"at_s"`
		*plainEvent
		Connect   seconds `json:"connect_s,omitempty"`
		Handshake seconds `json:"handshake_s,omitempty"`
		RTT       seconds `json:"rtt_s,omitempty"`
		RTO       seconds `json:"rto_s,omitempty"`
		Took      seconds `json:"took_s,omitempty"`
		After     seconds `json:"after_s,omitempty"`
		From      seconds `json:"from_s,omitempty"`
		Jump      seconds `json:"jump_s,omitempty"`
		Gap       seconds `json:"gap_s,omitempty"`
		Offset    seconds `json:"offset_s,omitempty"`
	}
	plainSpec Spec
	specJSON  struct {
		*plainSpec
		IdleLimit seconds `json:"idle_limit_s"`
		Stagger   seconds `json:"stagger_s"`
		Second    seconds `json:"second_s,omitempty"`
	}
	hintJSON struct {
		Timeout *seconds `json:"timeout_s"`
		Max     *int     `json:"max"`
	}
)

// MarshalJSON writes one flat object with durations in seconds.
func (e Event) MarshalJSON() ([]byte, error) {
	return json.Marshal(eventJSON{
		plainEvent: (*plainEvent)(&e), At: seconds(e.At),
		Connect: seconds(e.Connect), Handshake: seconds(e.Handshake), RTT: seconds(e.RTT), RTO: seconds(e.RTO),
		Took: seconds(e.Took), After: seconds(e.After), From: seconds(e.From), Jump: seconds(e.Jump),
		Gap: seconds(e.Gap), Offset: seconds(e.Offset),
	})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *Event) UnmarshalJSON(b []byte) error {
	var plain plainEvent
	j := eventJSON{plainEvent: &plain}
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*e = Event(plain)
	for _, d := range []struct {
		to   *time.Duration
		from seconds
	}{
		{&e.At, j.At},
		{&e.Connect, j.Connect},
		{&e.Handshake, j.Handshake},
		{&e.RTT, j.RTT},
		{&e.RTO, j.RTO},
		{&e.Took, j.Took},
		{&e.After, j.After},
		{&e.From, j.From},
		{&e.Jump, j.Jump},
		{&e.Gap, j.Gap},
		{&e.Offset, j.Offset},
	} {
		*d.to = time.Duration(d.from)
	}
	return nil
}

// MarshalJSON writes the spec with durations in seconds.
func (s Spec) MarshalJSON() ([]byte, error) {
	return json.Marshal(specJSON{plainSpec: (*plainSpec)(&s), IdleLimit: seconds(s.IdleLimit), Stagger: seconds(s.Stagger), Second: seconds(s.Second)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Spec) UnmarshalJSON(b []byte) error {
	var plain plainSpec
	j := specJSON{plainSpec: &plain}
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*s = Spec(plain)
	s.IdleLimit, s.Stagger, s.Second = time.Duration(j.IdleLimit), time.Duration(j.Stagger), time.Duration(j.Second)
	return nil
}

// MarshalJSON writes {timeout_s, max}, null for what the header does not say.
func (h Hint) MarshalJSON() ([]byte, error) {
	return json.Marshal(hintJSON{Timeout: (*seconds)(h.Timeout), Max: h.Max})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (h *Hint) UnmarshalJSON(b []byte) error {
	var j hintJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	h.Timeout, h.Max = (*time.Duration)(j.Timeout), j.Max
	return nil
}
