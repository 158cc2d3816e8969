package tuning

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/keeptune/model"
)

const (
	explorerIdle      model.ParamID = "ie.KeepAliveTimeout"
	nginxPool         model.ParamID = "nginx.upstream.keepalive"
	nginxUpstreamHTTP model.ParamID = "nginx.upstream.proxy_http_version 1.1"
)

// effectRules are about what is really in force.
var effectRules = []*Rule{
	mismatch,
	{
		ID: "EFF-5", Severity: Warning,
		Title:   "nginx keeps no connection to its servers with keepalive alone",
		Why:     "Before 1.29.7 a request goes out as HTTP/1.0 with Connection: close unless proxy_http_version 1.1 and an empty Connection header are set where it is sent from.",
		WrongIf: "both lines are there, and no location has a proxy_set_header of its own without them",
		Source:  "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive; kubernetes/ingress-nginx#3098",
		check:   checkUpstreamLines,
	},
	{
		ID: "EFF-9", Severity: Warning,
		Title:   "the value is implausible for its unit",
		Why:     "Seconds were written where the product counts milliseconds, or the reverse.",
		WrongIf: "the time really is meant to be so short, or so long",
		Source:  "https://docs.haproxy.org/3.2/configuration.html#2.5; Microsoft KB813827",
		check:   checkUnit,
	},
	{
		ID: "EFF-10", Severity: Info,
		Title:   "a second timer of the client is in force",
		Why:     "The smaller of the two governs; raising the other alone changes nothing.",
		WrongIf: "never",
		Source:  "Microsoft KB813827",
		check:   checkSecondLimiter,
	},
	{
		ID: "EFF-11", Severity: Info,
		Title:   "defaults changed between the version before and this one",
		Why:     "Nobody changed a setting, and still the connection behaves otherwise since the upgrade.",
		WrongIf: "never",
		Source:  "the versions of the catalog; https://nginx.org/en/CHANGES (1.15.3, 1.19.10, 1.29.7)",
		check:   checkUpgrade,
	},
	{
		ID: "EFF-12", Severity: Warning,
		Title:   "the value stands where Windows does not look",
		Why:     "Articles that are often copied name a key that nothing reads: Windows reads Internet Settings, with a space, and Services\\Tcpip\\Parameters. Until it is written there the default is in force; the other key can go.",
		WrongIf: "another program reads that key",
		byHand:  true,
		Source:  "Microsoft KB813827; Microsoft KB120642 (TCP/IP registry values)",
		check:   checkUnread,
	},
	{
		ID: "EFF-13", Severity: Warning,
		Title:   "Internet Explorer keeps connections for less than a minute",
		Why:     "Pages fail against servers that need a persistent connection.",
		WrongIf: "no server of this client authenticates the connection rather than the request",
		Source:  "Microsoft KB813827",
		check:   checkShortExplorer,
	},
	{
		ID: "EFF-15", Severity: Error,
		Title:   "the two ends speak different protocols",
		Why:     "What is computed for one of them does not hold for the other: the connection cannot come about.",
		WrongIf: "never",
		Source:  "the catalog's protocol of each system",
		check:   checkProtocol,
	},
	{
		ID: "EFF-16", Severity: Info, blind: true,
		Title:   "the version is older than any that the catalog knows",
		Why:     "What is shown for it are the oldest values that are known; it may have had others.",
		WrongIf: "the values shown were checked against this version",
		Source:  "the versions of the catalog",
		check:   checkVersion,
	},
	{
		ID: "EFF-17", Severity: Warning, blind: true,
		Title:   "a line that decides was not understood",
		Why:     "A configuration has a line that sets this value, or may, and keeptune cannot tell to what: the verdict holds only if the value shown is right.",
		WrongIf: "the values shown were checked against the running program",
		Source:  "the configuration that was imported",
		check:   checkUnderstood,
	},
}

// checkUpstreamLines looks at nginx's pool: only where it is asked for before
// 1.29.7 does the parameter nginxUpstreamHTTP exist.
func checkUpstreamLines(l *Leg) []Finding {
	pool, lines := l.Client.Row(nginxPool), l.Client.Row(nginxUpstreamHTTP)
	if pool == nil || lines == nil || pool.Value == model.ValueOff || lines.Value == model.ValueOn {
		return nil
	}
	here := ParamRef{l.Client.Endpoint.ID, lines.Param.ID}
	f := Finding{
		At:      []ParamRef{here, {l.Client.Endpoint.ID, pool.Param.ID}},
		Because: []string{fmt.Sprintf("%s: %s, %s", l.Client.Endpoint.ID, pool.describe(), lines.describe())},
	}
	if !lines.Value.IsSet() {
		f.Assuming = []ParamRef{here}
	}
	return []Finding{f}
}

// checkUpgrade lists what differs by default between the version that an end had and the
// one that it has, as far as nobody set it.
func checkUpgrade(l *Leg) []Finding {
	var found []Finding
	for _, s := range bothSides(l) {
		if s.Endpoint.Was == "" {
			continue
		}
		was := model.Endpoint{System: s.Endpoint.System, Version: s.Endpoint.Was}.VersionOf(s.System)
		f := Finding{graded: true}
		for _, c := range s.System.Changes(was, s.Version) {
			row := s.Row(c.Param)
			hint := c.What == model.ChangeSends && s.Face.Kind == model.FaceServer || c.What == model.ChangeReads && s.Face.Kind == model.FaceClient
			if !hint && (row == nil || row.Setting.Origin.Kind > model.FromAssumed || c.What != model.ChangeDefault && c.What != model.ChangeExists && c.What != model.ChangeReal) {
				continue
			}
			if row != nil {
				f.At = append(f.At, s.ref(row))
			}
			f.Because = append(f.Because, fmt.Sprintf("%s, from %s %s to %s: %s", s.Endpoint.ID, s.System.Name, was, s.Version, c.Human("to")))
		}
		if len(f.Because) == 0 {
			continue
		}
		if len(f.At) == 0 {
			f.At = []ParamRef{s.ref(&s.Rows[0])}
		}
		found = append(found, f)
	}
	return found
}

// checkUnread finds values under keys that Windows does not read.
func checkUnread(l *Leg) []Finding {
	var found []Finding
	for _, s := range bothSides(l) {
		for i := range s.Rows {
			row := &s.Rows[i]
			said := row.Setting.Said
			if said.Unread == "" || row.Setting.Origin.Kind != model.FromDefault {
				continue
			}
			found = append(found, Finding{
				At: []ParamRef{s.ref(row)},
				Remedies: []Remedy{{
					Label: fmt.Sprintf("let %s have it where Windows looks: %s %s", s.Endpoint.ID, row.Param.Name, said.Value.Human()),
					Edits: []model.Edit{model.Set{Endpoint: s.Endpoint.ID, Param: row.Param.ID, Setting: model.Typed(said.Value)}},
				}},
				Because: []string{
					fmt.Sprintf("%s says %s = %s under %s", said, row.Param.Name, said.Value.Human(), model.Clean(said.Unread, 120)),
					fmt.Sprintf("Windows looks under %s; in force is %s", row.Param.Where, row.Value.Human()),
				},
			})
		}
	}
	return found
}

// checkMismatch finds values that were seen in force and that a configuration has
// otherwise: by more than the catalog's spread, 10 % and a second.
func checkMismatch(l *Leg) []Finding {
	var found []Finding
	for _, s := range bothSides(l) {
		for i := range s.Rows {
			row := &s.Rows[i]
			said, seen := row.Setting.Said, row.Setting.Origin.Kind
			if !said.Value.IsSet() || !seen.Seen() || s.agrees(row) {
				continue
			}
			saw := row.Value.Human()
			if seen == model.FromMeasured && row.High > 0 {
				saw = model.HumanRange(row.Low, row.High)
			}
			found = append(found, Finding{
				At:      []ParamRef{s.ref(row)},
				Because: []string{fmt.Sprintf("%s says %s %s; %s is %s", said, row.Param.Name, said.Value.Human(), seen, saw)},
			})
		}
	}
	return found
}

// agrees reports whether what was seen of a row is what a configuration says of it.
func (s *Side) agrees(row *Row) bool {
	d, ok := row.Setting.Said.Value.Duration()
	seen, also := row.Value.Duration()
	if !ok || !also || d == model.Never || seen == model.Never {
		return row.Setting.Said.Value == row.Value
	}
	said := *row
	said.Setting, said.Value = model.Setting{Value: row.Setting.Said.Value}, row.Setting.Said.Value
	s.spread(&said)
	low, high := seen, seen
	if row.High > 0 {
		low, high = row.Low, row.High
	}
	return Agrees(said.Low, said.High, low, high)
}

// checkUnderstood finds values that a configuration leaves open: one finding
// for each of its lines.
func checkUnderstood(l *Leg) []Finding {
	var found []Finding
	at := map[model.Origin]int{}
	for _, s := range bothSides(l) {
		for i := range s.Rows {
			row := &s.Rows[i]
			if !row.leftOpen() {
				continue
			}
			o := row.Setting.Origin
			o.Kind = model.FromFile
			if _, ok := at[o]; !ok {
				at[o] = len(found)
				found = append(found, Finding{Because: []string{fmt.Sprintf("%s was not read or not understood", o)}})
			}
			f := &found[at[o]]
			f.At = append(f.At, ParamRef{s.Endpoint.ID, row.Param.ID})
			text := "is not known"
			if row.Value.IsSet() && row.Value.Kind != model.Unknown {
				text = "is taken to be " + row.Value.Human()
			}
			f.Because = append(f.Because, fmt.Sprintf("%s: %s %s", s.Endpoint.ID, row.Param.Name, text))
		}
	}
	return found
}

// leftOpen reports whether a line of a configuration decides a value, and was
// not understood.
func (r *Row) leftOpen() bool {
	o := r.Setting.Origin
	return o.Where != "" && (o.Kind == model.FromAssumed || o.Kind == model.FromFile && r.Setting.Value.Kind == model.Unknown)
}

func checkVersion(l *Leg) []Finding {
	var found []Finding
	for _, s := range bothSides(l) {
		known := s.System.Known
		if len(known) == 0 || s.Endpoint.Version == "" || s.System.Order.Compare(s.Version, known[0]) >= 0 || len(s.Rows) == 0 {
			continue
		}
		names := make([]string, len(known))
		for i, v := range known {
			names[i] = string(v)
		}
		found = append(found, Finding{
			At:      []ParamRef{{s.Endpoint.ID, s.Rows[0].Param.ID}},
			Because: []string{fmt.Sprintf("%s %s: known are %s", s.System.Name, s.Version, strings.Join(names, ", "))},
		})
	}
	return found
}

func checkProtocol(l *Leg) []Finding {
	a, b := l.Client.System, l.Server.System
	if a.Protocol == b.Protocol {
		return nil
	}
	return []Finding{{
		At:      []ParamRef{l.Limit.Limiter.Ref},
		Because: []string{fmt.Sprintf("%s speaks %s and %s speaks %s", l.Client.Endpoint.ID, a.Protocol, l.Server.Endpoint.ID, b.Protocol)},
	}}
}

// timed are the roles of times that stand in a configuration and have a usual
// size.
var timed = []model.Role{
	model.RoleIdle, model.RoleHint, model.RoleFirstByte, model.RoleHeader, model.RoleResponse, model.RoleSend, model.RoleAge,
	model.RoleProbeIdle, model.RolePingEvery, model.RoleMiddleboxTTL,
}

// checkUnit looks for milliseconds that were meant as seconds, and seconds that
// were meant as milliseconds.
func checkUnit(l *Leg) []Finding {
	var found []Finding
	for _, side := range bothSides(l) {
		for i := range side.Rows {
			row := &side.Rows[i]
			d, ok := row.Value.Duration()
			if !ok || d == model.Never || !row.Changed || !slices.Contains(timed, row.Param.Role) {
				continue
			}
			f := Finding{At: []ParamRef{{side.Endpoint.ID, row.Param.ID}}}
			is := fmt.Sprintf("%s %s is %s", side.Endpoint.ID, row.Param.Name, model.HumanSpan(d))
			switch {
			case row.Param.Unit == model.UnitMillisecond && d > 0 && d < time.Second:
				f.Meant = model.For(d * 1000)
				f.Because = []string{fmt.Sprintf("%s: was %s meant?", is, f.Meant.Human())}
			case row.Param.Unit == model.UnitSecond && thousands(int64(d/time.Second)):
				f.Meant = model.For(d / 1000)
				f.Because = []string{fmt.Sprintf("%s, or %d seconds: was %s meant?", is, d/time.Second, f.Meant.Human())}
			default:
				continue
			}
			found = append(found, f)
		}
	}
	return found
}

// thousands reports whether a number of seconds looks like milliseconds: round
// thousands that are neither whole hours of a day nor whole days.
func thousands(n int64) bool {
	const hour, day = 3600, 86400
	return n >= 5000 && n%1000 == 0 && (n%hour != 0 || n > day) && n%day != 0
}

func checkSecondLimiter(l *Leg) []Finding {
	own := slices.DeleteFunc(l.limitersOf(ByClient), func(x Limiter) bool {
		row := l.Client.Row(x.Ref.Param)
		return x.Age || row != nil && row.Param.Face == model.FaceHost
	})
	if len(own) < 2 || l.Limit.By != ByClient || !own[0].Known || !own[1].Known || own[1].High >= own[0].High ||
		l.Client.Row(own[1].Ref.Param) == nil {
		return nil
	}
	return []Finding{{
		At:      []ParamRef{own[1].Ref, own[0].Ref},
		Because: []string{fmt.Sprintf("%s: %s %s caps %s %s", l.Client.Endpoint.ID, own[1].Name, model.HumanSpan(own[1].High), own[0].Name, model.HumanSpan(own[0].High))},
	}}
}

func checkShortExplorer(l *Leg) []Finding {
	row := l.Client.Row(explorerIdle)
	if row == nil {
		return nil
	}
	if d, ok := row.Value.Duration(); !ok || d >= time.Minute {
		return nil
	}
	for i := range l.Boxes {
		b := &l.Boxes[i]
		if b.Row == nil {
			continue
		}
		if d, ok := b.Row.Value.Duration(); ok && d <= time.Minute {
			return nil // no setting of the client makes a connection last through it
		}
	}
	return []Finding{{
		At:      []ParamRef{{l.Client.Endpoint.ID, row.Param.ID}},
		Because: []string{row.describeOf(l.Client.Endpoint.ID)},
	}}
}
