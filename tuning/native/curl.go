package native

import (
	"strconv"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

const (
	curlProbes model.ParamID = "curl.tcp_keepalive"
	curlIdle   model.ParamID = "curl.tcp_keepidle"
	curlEvery  model.ParamID = "curl.tcp_keepintvl"
	curlCount  model.ParamID = "curl.tcp_keepcnt"
	curlTime   model.ParamID = "curl.max-time"
)

func curl() *syntax {
	return &syntax{
		id:    "curl",
		signs: []string{`(?m)^\s*-*(no-)?keepalive(-time|-cnt)?\b`},
		title: "curl: a configuration file for -K, and the same flags", comment: hash, fits: ofSystem("curl"),
		checks: []check{{"curl", "7.88.1", "curl -K"}},
		exportFiles: []exportFile{{
			name: "keeptune.curlrc", use: "curl -K FILE URL uses it once; the same lines may stand in ~/.curlrc.",
			owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == "curl" },
			body: curlBody,
		}},
		read: readCurl,
		lacks: func(p *model.Param) string {
			if strings.HasPrefix(p.Name, "CURLOPT_") {
				return "the tool has no flag for it; a program sets it with " + p.Name
			}
			return ""
		},
	}
}

func curlBody(p *page) error {
	var flags []string
	put := func(it item, line string) {
		p.put("", it, line)
		if !it.gone {
			flags = append(flags, "--"+strings.Replace(line, " = ", " ", 1))
		}
	}
	for _, it := range p.items {
		switch it.param().ID {
		case curlProbes:
			put(it, onOff(it.value, "keepalive", "no-keepalive"))
		case curlIdle, curlEvery:
		case curlCount:
			text, err := p.number(it, p.product(), nil)
			if err != nil {
				return err
			}
			put(it, "keepalive-cnt = "+text)
		case curlTime:
			text, err := decimalSeconds(p, it)
			if err != nil {
				return err
			}
			put(it, "max-time = "+text)
		default:
			p.note(it.param().Name + " " + it.value.Human() + ": " + curl().lacks(it.param()) + ".")
		}
	}
	if err := curlTimes(p, put); err != nil {
		return err
	}
	if len(flags) == 0 {
		if !p.undo && len(p.notes) > 0 {
			it := p.items[0]
			return p.cannot(it.row, it.value, "the curl tool", "it has no flag for it; only a program that uses libcurl can set it")
		}
		return nil
	}
	p.gap()
	p.say("", "The same on the command line:")
	p.add(p.comment("curl " + strings.Join(flags, " ") + " URL"))
	return nil
}

// decimalSeconds writes seconds with decimals, down to a millisecond.
func decimalSeconds(p *page, it item) (string, error) {
	text, err := p.number(it, p.product(), bareMilliseconds)
	d, ok := it.value.Duration()
	if err != nil || !ok || d == model.Never {
		return text, err
	}
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64), nil
}

const curlOneFlag = "--keepalive-time sets both times; make tcp_keepidle and tcp_keepintvl equal"

// curlTimes writes the one flag that sets both the first probe and the interval.
func curlTimes(p *page, put func(item, string)) error {
	both := p.has(curlIdle, curlEvery)
	if len(both) == 0 {
		return nil
	}
	it := both[0]
	if len(both) == 2 && both[0].value != both[1].value && !allGone(both) {
		return p.cannot(both[1].row, both[1].value, p.product(), curlOneFlag)
	}
	text, err := p.number(it, p.product(), bareSeconds)
	if err != nil {
		return err
	}
	if len(both) == 1 && !p.undo {
		other := p.value(curlEvery)
		if it.param().ID == curlEvery {
			other = p.value(curlIdle)
		}
		_, typed := p.endpoint.Settings[other.param().ID]
		switch {
		case typed && other.value != it.value:
			return p.cannot(it.row, it.value, p.product(), curlOneFlag)
		case !typed && other.row.Default.Value != it.value:
			p.note("--keepalive-time sets the first probe and the interval: " + other.param().Name + " becomes " + it.value.Human() + ", too.")
		}
	}
	if len(both) == 2 {
		p.reasons("", both[1])
	}
	put(it, "keepalive-time = "+text)
	return nil
}

// readCurl reads a configuration file: names with or without dashes, values
// behind =, : or a space.
func readCurl(r *reader, text string) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimLeft(strings.TrimSpace(line), "-")
		if line == "" || line[0] == '#' {
			continue
		}
		name, value := line, ""
		if i := strings.IndexAny(line, "=: \t"); i >= 0 {
			name, value = line[:i], strings.Trim(line[i:], "=: \t\"")
		}
		switch name {
		case "keepalive":
			r.take(n, curlProbes, model.ValueOn)
		case "no-keepalive":
			r.take(n, curlProbes, model.ValueOff)
		case "keepalive-time":
			r.set(n, curlIdle, value)
			r.set(n, curlEvery, value)
		case "keepalive-cnt":
			r.set(n, curlCount, value)
		case "max-time":
			r.set(n, curlTime, value)
		default:
			r.warn(n, "%s is not understood", name)
		}
	}
}
