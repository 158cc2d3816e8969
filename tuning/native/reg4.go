package native

import (
	"strconv"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// readsVersion5 reports whether a host is a Windows NT from 2000 on: what came
// before reads REGEDIT4 (KB310516).
func readsVersion5(t *target) bool {
	return t.side.Host.ID == "windows" && t.side.Host.Order.Compare(t.side.HostAt, "2000") >= 0
}

func on9x(t *target) bool { return t.side.Host.ID == "windows-9x" }

// onOldNT reports whether a host is Windows NT 3.51 or 4.
func onOldNT(t *target) bool { return t.side.Host.ID == "windows" && !readsVersion5(t) }

func reg4() *syntax {
	return &syntax{
		id: "reg4", signs: []string{`(?m)^\s*REGEDIT4`},
		title: "Registry of Windows 95, 98, Me, NT 3.51 and NT 4", comment: semicolon, top: []string{"REGEDIT4", ""},
		checks: []check{{"", "", "wine regedit"}, {"", "", "hivexregedit --merge"}},
		fits:   func(t *target) bool { return on9x(t) || onOldNT(t) },
		encode: func(text string) ([]byte, error) { return []byte(crlf(ascii(text))), nil },
		decode: decodeReg, read: readReg,
		effect: reg4Effect,
		exportFiles: []exportFile{{
			name: "keeptune-9x.reg", runs: true, use: "Windows 95, 98 and Me only.",
			owns: func(t *target, r *tuning.Row) bool { return on9x(t) && registryKey(r.Param) != "" },
			body: reg4Body,
		}, {
			name: "keeptune-nt.reg", runs: true, use: "Windows NT 3.51 and 4; later ones read it, too.",
			owns: func(t *target, r *tuning.Row) bool {
				return onOldNT(t) && (registryKey(r.Param) != "" || puttyValue(r.Param))
			},
			body: reg4Body,
		}},
	}
}

func reg4Effect(t *target) []string {
	if on9x(t) {
		return []string{"Double-click the file first."}
	}
	list := []string{"Double-click the file, or regedit /s FILE. The HKEY_CURRENT_USER part counts for the user who imports it."}
	if t.side.HostAt == "nt3.51" {
		list = append(list, "Microsoft names this format for NT 4 (KB310516). Where the regedit of NT 3.51 refuses it, set the values in regedt32; each stands above its entry in decimal.")
	}
	return list
}

// reg4Body writes what the version reads: DWORD on 95 and NT, String on 98 (KB158474).
func reg4Body(p *page) error {
	if p.undo {
		p.items = restored(p.items)
	}
	sys := p.side.Host
	if !on9x(p.target) || sys.Order.Compare(p.side.HostAt, "98") < 0 {
		return regBody(p, regDword)
	}
	if p.side.HostAt == "me" && !p.undo {
		p.note("Windows Me: the article (KB158474) covers it without saying whether it reads Strings or DWORDs; Strings are written, as for Windows 98.")
	}
	return regBody(p, func(p *page, it item) (string, error) {
		text, err := p.number(it, subject(sys, p.side.HostAt), ownStep(it.param()))
		return strconv.Quote(text), err
	})
}

// restored puts the default before the line that takes an entry away. Microsoft
// describes that line for Windows 98 and NT 4 (KB310516) and for none before:
// a regedit that passes over it leaves the default in force.
func restored(items []item) []item {
	var list []item
	for _, it := range items {
		if d := it.row.Default.Value; it.gone && d.IsSet() && d.Kind != model.Unknown {
			list = append(list, item{row: it.row, value: d, why: it.why})
			it.why = []string{"Then the entry goes; a regedit that cannot take one away leaves the default."}
		}
		list = append(list, it)
	}
	return list
}
