package tuning

import "example.com/keeptune/model"

// Alone is one side of a leg by itself: what its settings and its operating
// system make of it, whatever stands at the other end. For a middlebox, which
// has no side, the face is [model.FaceHost].
func (e *Env) Alone(ep model.Endpoint, face model.FaceKind) (Side, error) {
	if face != model.FaceHost {
		s, err := e.resolve(ep, 0, face)
		if err == nil && s.Host != nil {
			s.Kernel = socket(&s, nil, e.HZ)
		}
		return s, err
	}
	s, err := e.Catalog.System(ep.System)
	if err != nil {
		return Side{}, err
	}
	r := Side{Endpoint: ep, System: s, Version: ep.VersionOf(s), Face: &model.Face{Kind: model.FaceHost}}
	r.Rows = e.rows(&r)
	r.apply()
	return r, nil
}

// Limiters are everything of this side that can end an idle connection, as long
// as nothing of the other side changes it.
func (s *Side) Limiters() []Limiter {
	if s.Face.Kind == model.FaceClient {
		return idleLimiters(s, ByClient)
	}
	return idleLimiters(s, ByServer)
}

// Heartbeat is what this side sends by itself on a quiet connection, or nil.
func (s *Side) Heartbeat() *Heartbeat { return s.heartbeat() }

// Unanswered is how long the other side may leave the heartbeat without an
// answer, counted from the last that was received.
func (h *Heartbeat) Unanswered() End { return h.counted() }
