package tuning

import (
	"cmp"
	"strings"

	"example.com/keeptune/model"
)

// label says a remedy in a phrase, and then exactly: the end, the setting as its
// product writes it, the value.
func (t *trial) label(o *option) string {
	k := o.knobs[0]
	var phrase strings.Builder
	phrase.WriteString(t.phrase(k, o.edits[0].Setting.Value))
	var set []string
	for i, e := range o.edits {
		x, name := o.knobs[i], o.knobs[i].param.Name
		if x.endpoint != k.endpoint {
			name = string(x.endpoint) + " " + name
		}
		set = append(set, name+" "+said(e.Setting.Value))
		if i > 0 && k.param.Role == model.RoleReuse {
			also := strings.TrimPrefix(t.phrase(x, e.Setting.Value), "let ")
			phrase.WriteString(" and " + strings.TrimPrefix(also, string(k.endpoint)+" "))
		}
	}
	return phrase.String() + ": " + strings.Join(set, ", ")
}

// phraseOf is the phrase of a remedy's label.
func phraseOf(r Remedy) string {
	phrase, _, _ := strings.Cut(r.Label, ":")
	return phrase
}

func said(v model.Value) string {
	if !v.IsSet() {
		return "not set"
	}
	return v.Human()
}

// phrase is what a change does, in words that a tired reader follows.
func (t *trial) phrase(k *knob, v model.Value) string {
	who := string(k.endpoint)
	if k.side != nil && k.param.Face == model.FaceHost {
		who = "the host of " + who
	}
	more := grows(k.row.Value, v)
	client := k.side != nil && k.side.Face.Kind == model.FaceClient
	switch {
	case !v.IsSet():
		return "let " + who + " go back to its default"
	case v == model.ValueOn:
		return "let " + who + " " + cmp.Or(switchedOn[k.param.Role], "do it")
	case v == model.ValueOff:
		return "let " + who + " " + cmp.Or(switchedOff[k.param.Role], "do without")
	}
	words := map[model.Role][2]string{ // more, less
		model.RoleIdle:         {"wait longer", "close sooner"},
		model.RoleHint:         {"advertise more", "advertise less"},
		model.RoleIdleExtra:    {"wait longer", "close sooner"},
		model.RoleFirstByte:    {"wait longer for a request", "wait less for a request"},
		model.RoleHeader:       {"wait longer for a request", "wait less for a request"},
		model.RoleResponse:     {"wait longer for an answer", "wait less for an answer"},
		model.RoleSend:         {"wait longer for a reader", "wait less for a reader"},
		model.RoleRequests:     {"serve more requests on a connection", "serve fewer requests on a connection"},
		model.RolePool:         {"keep more idle connections", "keep fewer idle connections"},
		model.RolePingWait:     {"wait longer for a sign of life", "wait less for a sign of life"},
		model.RolePingCount:    {"ask more often before it gives up", "give up after fewer questions"},
		model.RoleAge:          {"keep connections for longer", "retire connections sooner"},
		model.RoleProbeIdle:    {"probe later", "probe sooner"},
		model.RoleProbeEvery:   {"space its probes out", "repeat its probes sooner"},
		model.RoleProbeCount:   {"probe more often before it gives up", "give up after fewer probes"},
		model.RolePingEvery:    {"send signs of life less often", "send signs of life in time"},
		model.RoleMiddleboxTTL: {"remember for longer", "forget sooner"},
		model.RoleWorkers:      {"have more workers", "have fewer workers"},
		model.RoleDataRetries:  {"try for longer", "give up sooner"},
		model.RoleDataAbort:    {"try for longer", "give up sooner"},
		model.RoleProbeAbort:   {"probe for longer before it gives up", "give up after fewer probes"},
		model.RoleUserTimeout:  {"wait longer for an acknowledgement", "wait less for an acknowledgement"},
	}
	if client {
		words[model.RoleIdle] = [2]string{"reuse for longer", "give up sooner"}
	}
	pair, ok := words[k.param.Role]
	if t.limits(k) && k.side != nil && k.param.Role != model.RoleAge {
		pair, ok = words[model.RoleIdle], true // whatever else it times, it ends idle connections
	}
	switch {
	case !ok:
		return "change " + who
	case more:
		return "let " + who + " " + pair[0]
	}
	return "let " + who + " " + pair[1]
}

var switchedOn = map[model.Role]string{
	model.RoleKeepAlive: "probe", model.RoleReuse: "reuse connections", model.RoleProtocol: "speak HTTP/1.1",
	model.RoleHintReading: "follow the hint", model.RolePingIdle: "send signs of life when idle, too",
	model.RolePingPermit: "suffer signs of life when idle", model.RoleRetry: "repeat what meets a close",
	model.RoleInformation: "end what is idle", // what an idle timer needs
}

var switchedOff = map[model.Role]string{
	model.RoleKeepAlive: "stop probing", model.RoleReuse: "use each connection once", model.RolePool: "use each connection once",
	model.RoleIdle: "use each connection once", model.RoleRequests: "use each connection once", model.RoleHint: "advertise nothing",
	model.RoleProbeIdle: "stop probing", model.RolePingEvery: "send no signs of life", model.RoleUserTimeout: "leave it to the probes",
	model.RoleRetry: "repeat less", model.RolePins: "keep no worker for an idle connection",
}

// grows reports whether a value is more than the one before. What is off, or
// not known, is more than any time: it never comes.
func grows(was, is model.Value) bool {
	m, ok := number(was)
	n, finite := number(is)
	return !finite || ok && n > m
}
