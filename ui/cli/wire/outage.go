package wire

import (
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// An Outage is how long the network may be out before a connection ends that
// would have lived. Asked is what leg:outage says should be survived.
type Outage struct {
	Asked  *Seconds  `json:"asked_s"`
	Client Survivals `json:"client"`
	Server Survivals `json:"server"`
}

// Survivals are those of a quiet connection, and of one with data in flight.
type Survivals struct {
	Idle Survival `json:"idle"`
	Busy Survival `json:"busy"`
}

// A Survival is the longest outage that one side survives wherever it begins;
// null is any. A longer one ends the connection after Ends, at the earliest.
type Survival struct {
	Known    bool    `json:"known"`
	Survives Seconds `json:"survives_s"`
	Ends     Seconds `json:"ends_s"`
	By       *string `json:"by"`
	Param    *string `json:"param"`
	Because  *string `json:"because"`
}

func outage(l *tuning.Leg) Outage {
	all := l.Survives()
	j := Outage{
		Client: Survivals{survival(all.Client.Idle), survival(all.Client.Busy)},
		Server: Survivals{survival(all.Server.Idle), survival(all.Server.Busy)},
	}
	if asked, ok := l.Outage(); ok {
		j.Asked = pointer(&asked)
	}
	return j
}

func survival(s tuning.Survival) Survival {
	j := Survival{Known: s.Known, Survives: Seconds(s.For.Round(time.Millisecond)), Ends: Seconds(s.Ends.Round(time.Millisecond)), By: word(s.By), Because: word(s.Text)}
	if !s.Known || s.For == model.Never {
		j.Survives, j.Ends = Seconds(model.Never), Seconds(model.Never)
	}
	if s.Ref.Param != "" {
		j.Param = word(name(s.Ref))
	}
	return j
}
