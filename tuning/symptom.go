package tuning

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

// A Symptom is what brought somebody here.
type Symptom string

// The symptoms.
const (
	SymptomNone    Symptom = ""
	SymptomGateway Symptom = "502"          // a proxy answers 502, 503 or 504
	SymptomReset   Symptom = "reset"        // a connection is reset or ends when it is used again
	SymptomQuiet   Symptom = "quiet drop"   // a session is gone after a quiet period
	SymptomOutage  Symptom = "outage drop"  // a session is gone after a short outage
	SymptomHang    Symptom = "hang"         // it hangs for minutes and then fails
	SymptomWorkers Symptom = "busy workers" // idle connections occupy what serves requests
	SymptomEffect  Symptom = "no effect"    // a setting was changed, and nothing changed
)

// hanging is how long a wait has to be for somebody to call it a hang.
const hanging = time.Minute

// Excludes is why a symptom cannot come from the leg, in a clause; "" where it can.
func (l *Leg) Excludes(s Symptom) string {
	client, server := l.Client.Endpoint.ID, l.Server.Endpoint.ID
	switch s {
	case SymptomGateway:
		if l.Client.System.Faces[model.FaceServer] == nil {
			return fmt.Sprintf("%s makes none, only a proxy does", client)
		}
		return l.calm()
	case SymptomReset:
		return l.calm()
	case SymptomQuiet:
		if l.Limit.Verdict == VerdictUnbounded {
			return "nothing here ends a quiet connection"
		}
	case SymptomOutage:
		asked, ok := l.Outage()
		if ok && len(l.failures(false)) == 0 && len(l.failures(true)) == 0 {
			return fmt.Sprintf("both ends survive %s", model.HumanSpan(asked))
		}
	case SymptomHang:
		if c, s := l.Ends.Client.InFlight, l.Ends.Server.InFlight; c.Known && s.Known && max(c.High, s.High) < hanging {
			return fmt.Sprintf("both ends give a dead peer up within %s", model.HumanSpan(max(c.High, s.High)))
		}
	case SymptomWorkers:
		if row := l.Server.First(model.RolePins); row == nil || row.Value == model.ValueOff {
			return fmt.Sprintf("no idle connection of %s holds a worker", server)
		}
	case SymptomNone, SymptomEffect:
	}
	return ""
}

// calm is why no request meets a close on the leg, "" where one can.
func (l *Leg) calm() string {
	client, server := l.Client.Endpoint.ID, l.Server.Endpoint.ID
	switch {
	case !l.Limit.Reused:
		return fmt.Sprintf("%s uses no connection again", client)
	case l.Limit.Verdict == VerdictOK && l.Limit.HasMargin:
		return fmt.Sprintf("%s lets go before %s closes", client, server)
	case l.Limit.Verdict == VerdictOK:
		return fmt.Sprintf("%s never closes first", server)
	case l.Limit.Verdict == VerdictRetried:
		return fmt.Sprintf("%s repeats what meets a close", client)
	}
	return ""
}
