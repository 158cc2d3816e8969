package native

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/unicode"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// hives are the short names of registry roots in the catalog, and the full ones.
var hives = map[string]string{`HKLM`: "HKEY_LOCAL_MACHINE", `HKCU`: "HKEY_CURRENT_USER"}

// registryKey is the key under which Windows looks for a parameter, in full,
// or empty for one that is not in the registry, or not under one key and by its
// own name (PuTTY's, see puttyValue).
func registryKey(p *model.Param) string {
	if strings.Contains(p.Where, ",") {
		return ""
	}
	root, rest, ok := strings.Cut(p.Where, `\`)
	if full := hives[root]; ok && full != "" {
		return full + `\` + rest
	}
	return ""
}

// RegistryKey is the full name of the key under which Windows looks for the value that a
// parameter is named after, and empty where there is no such value.
func RegistryKey(p *model.Param) string {
	if p.Fixed {
		return ""
	}
	return registryKey(p)
}

func reg() *syntax {
	return &syntax{
		id:    "reg",
		signs: []string{`(?m)^\s*Windows Registry Editor Version`},
		title: "Windows registry, from 2000 on: TCP, Internet Explorer, PuTTY", comment: semicolon,
		checks: []check{{"", "", "wine regedit"}, {"", "", "hivexregedit --merge"}},
		top:    []string{"Windows Registry Editor Version 5.00", ""},
		fits:   readsVersion5,
		encode: encodeUTF16, decode: decodeReg, read: readReg,
		effect: func(*target) []string {
			return []string{"Double-click the file, or reg import FILE. The HKEY_CURRENT_USER part counts for the user who imports it."}
		},
		exportFiles: []exportFile{{
			name: "keeptune.reg", runs: true, use: "Windows 2000 and later.",
			owns: func(_ *target, r *tuning.Row) bool { return registryKey(r.Param) != "" || puttyValue(r.Param) },
			body: func(p *page) error { return regBody(p, regDword) },
		}},
	}
}

// regBody writes a section for each value, so that comments stand outside of
// sections: hivexregedit ends a section at a comment.
func regBody(p *page, value func(*page, item) (string, error)) error {
	for _, it := range p.items {
		p.gap()
		p.reasons("", it)
		if puttyValue(it.param()) {
			if err := regPuTTY(p, it); err != nil {
				return err
			}
			continue
		}
		line := `"` + it.param().ID.Name() + `"=-`
		if !it.gone {
			text, err := value(p, it)
			if err != nil {
				return err
			}
			line = `"` + it.param().ID.Name() + `"=` + text
			p.regNote(it)
		}
		p.add("["+registryKey(it.param())+"]", line)
	}
	return nil
}

// regDword is a DWORD in hexadecimal; a comment above says it in decimal.
func regDword(p *page, it item) (string, error) {
	sys, v, _ := p.owner(it.param())
	text, err := p.number(it, subject(sys, v), ownStep(it.param()))
	if err != nil {
		return "", err
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n > math.MaxUint32 {
		return "", p.cannot(it.row, it.value, subject(sys, v), fmt.Sprintf("a DWORD ends at %d", uint32(math.MaxUint32)))
	}
	unit := ""
	if it.param().Shape() == model.ShapeSpan {
		unit = " " + string(it.param().Unit)
	}
	p.add(p.comment(fmt.Sprintf("decimal: %d%s", n, unit)))
	return fmt.Sprintf("dword:%08x", n), nil
}

// regNote adds what the makers warn of (KB813827, KB Q154485).
func (p *page) regNote(it item) {
	d, _ := it.value.Duration()
	switch id := it.param().ID; {
	case p.undo:
	case id == "ie.KeepAliveTimeout" && d < time.Minute:
		p.note("Below 60 s Internet Explorer may fail to load pages from servers that need a lasting connection.")
	case id == "ie.KeepAliveTimeout" && p.longer(d, "ie.ServerInfoTimeout"), id == "ie.ServerInfoTimeout" && p.longer(d, "ie.KeepAliveTimeout"):
		p.note("The smaller of KeepAliveTimeout and ServerInfoTimeout counts; set the other one, too.")
	case strings.HasSuffix(string(id), ".KeepAliveTime") && d < 10*time.Second:
		p.note("KeepAliveTime below 10 s makes much traffic on idle connections.")
	case id == "iis.AllowKeepAlives":
		p.note("Only a changed W3svc.dll reads AllowKeepAlives, and Microsoft calls that one untested.")
	}
}

// longer reports whether d is above another time that nobody changed.
func (p *page) longer(d time.Duration, id model.ParamID) bool {
	other, ok := p.value(id).value.Duration()
	return ok && other < d && len(p.has(id)) == 0
}

func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

func encodeUTF16(text string) ([]byte, error) {
	return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(crlf(text)))
}

var errOddUTF16 = errors.New("the file begins as UTF-16 and ends inside a character")

// decodeReg reads UTF-16 by its byte order mark, and anything else as ASCII
// with a question mark for each other byte: only comments may have those.
func decodeReg(data []byte) (string, error) {
	if len(data) >= 2 && (data[0] == 0xff && data[1] == 0xfe || data[0] == 0xfe && data[1] == 0xff) {
		if len(data)%2 != 0 {
			return "", errOddUTF16
		}
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
		return string(text), err
	}
	return ascii(string(data)), nil
}

func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 126 {
			return '?'
		}
		return r
	}, text)
}
