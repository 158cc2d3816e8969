package native

import (
	"strconv"

	"example.com/keeptune/tuning"
)

func reg4() *syntax {
	return &syntax{
		id: "reg4", title: "Windows 95, 98, Me registry: TCP", comment: semicolon, top: []string{"REGEDIT4", ""},
		unchecked: "No program on Debian reads REGEDIT4; the file is read back and compared.",
		fits:      func(t *target) bool { return t.side.Host.ID == "windows-9x" },
		encode:    func(text string) ([]byte, error) { return []byte(crlf(ascii(text))), nil },
		decode:    decodeReg, read: readReg,
		effect: func(*target) []string { return []string{"Double-click the file, then restart Windows."} },
		sheets: []sheet{{
			name: "keeptune-9x.reg", runs: true, use: "Windows 95, 98 and Me only.",
			owns: func(_ *target, r *tuning.Row) bool { return registryKey(r.Param) != "" },
			body: reg4Body,
		}},
	}
}

// reg4Body writes what the version reads: DWORD on 95, String on 98 (KB158474).
func reg4Body(p *page) error {
	sys := p.side.Host
	if sys.Order.Compare(p.side.HostAt, "98") < 0 {
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
