package tuning

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
)

const explorerIdle model.ParamID = "ie.KeepAliveTimeout"

// effectRules are about what is really in force.
var effectRules = []*Rule{
	{
		ID: "EFF-9", Severity: Warning,
		Title:   "the value is implausible for its unit",
		Why:     "Seconds were written where the product counts milliseconds, or the reverse.",
		WrongIf: "the connection really is meant to live for so short a time",
		Source:  "HAProxy configuration manual 2.5; Microsoft KB813827",
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
		ID: "EFF-13", Severity: Warning,
		Title:   "Internet Explorer keeps connections for less than a minute",
		Why:     "Pages fail against servers that need a persistent connection.",
		WrongIf: "no server of this client authenticates the connection rather than the request",
		Source:  "Microsoft KB813827",
		check:   checkShortExplorer,
	},
}

func checkUnit(l *Leg) []Finding {
	var found []Finding
	for _, side := range []*Side{&l.Client, &l.Server} {
		for i := range side.Rows {
			row := &side.Rows[i]
			d, ok := row.Value.Duration()
			if !ok || !row.Changed || row.Param.Unit != model.UnitMillisecond || d == 0 || d >= time.Second {
				continue
			}
			if role := row.Param.Role; role != model.RoleIdle && role != model.RoleProbeIdle && role != model.RoleHeader {
				continue
			}
			found = append(found, Finding{
				At:       []ParamRef{{side.Endpoint.ID, row.Param.ID}},
				Because:  []string{fmt.Sprintf("%s counts milliseconds: %d is %s", row.Param.Name, d.Milliseconds(), model.HumanSpan(d))},
				Remedies: setTo(side, row.Param.ID, d*1000, "mean seconds"),
			})
		}
	}
	return found
}

func checkSecondLimiter(l *Leg) []Finding {
	own := l.limitersOf(ByClient)
	if len(own) < 2 || l.Limit.By != ByClient || !own[0].Known || !own[1].Known || own[1].High >= own[0].High ||
		l.Client.Row(own[1].Ref.Param) == nil {
		return nil
	}
	return []Finding{{
		At:       []ParamRef{own[1].Ref, own[0].Ref},
		Because:  []string{fmt.Sprintf("%s %s caps %s %s", own[1].Name, model.HumanSpan(own[1].High), own[0].Name, model.HumanSpan(own[0].High))},
		Remedies: setTo(&l.Client, own[1].Ref.Param, own[0].High, "raise the second one too"),
	}}
}

func checkShortExplorer(l *Leg) []Finding {
	row := l.Client.Row(explorerIdle)
	if row == nil {
		return nil
	}
	if d, ok := row.Value.Duration(); !ok || d >= floors[explorerIdle] {
		return nil
	}
	return []Finding{{
		At:       []ParamRef{{l.Client.Endpoint.ID, row.Param.ID}},
		Because:  []string{row.describe()},
		Remedies: setTo(&l.Client, row.Param.ID, floors[explorerIdle], "go back to at least a minute"),
	}}
}
