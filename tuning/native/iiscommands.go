package native

import (
	"strings"

	"example.com/keeptune/model"
)

// iisElsewhere is what a file of commands says of all sites that it does not name.
const iisElsewhere = "other sites"

// iisNames are the attributes that a command sets, in lower case and without
// what says whose they are.
var iisNames = map[string]model.ParamID{
	"limits.connectiontimeout": iisIdle,
	"headerwaittimeout":        iisHeader,
	"allowkeepalive":           iisReuse,
}

var (
	appcmdSet = lazily(`(?i)\bappcmd(?:\.exe)?"?\s+set\s+(config|site)\s+(.*)$`)
	// iisNamed is one element of a collection by its name, as appcmd and
	// PowerShell write it: [name='shop'], [@name='shop' and @id='2'].
	iisNamed = lazily(`(?i)^(?:sites?)?/?\[@?name='([^']*)'[^\]]*\][./]?`)
)

// readAppcmd reads appcmd's commands, each for all sites or for one
// (iis-docs: system.applicationHost/sites/site/limits).
func readAppcmd(r *reader, text string) {
	p := r.places(nil)
	for n, line := range numbered(text) {
		if m := appcmdSet().FindStringSubmatch(line); m != nil && !strings.HasPrefix(strings.ToLower(line), "rem ") {
			p.appcmd(n, m[1], commandWords(m[2]))
		}
	}
	p.settle(iisElsewhere)
}

// appcmd takes the attributes of a command. A bare word, or /site.name, is the
// site that they are for.
func (p *placing) appcmd(n int, object string, words []string) {
	site := ""
	said := map[string]string{}
	for _, w := range words {
		name, value, named := strings.Cut(strings.TrimLeft(w, "/-"), ":")
		switch low := strings.ToLower(name); {
		case !named && w[0] != '/' && w[0] != '-':
			site, _, _ = strings.Cut(w, "/")
		case low == "site.name":
			site = value
		case named:
			said[name] = value
		}
	}
	for name, value := range said {
		of := site
		if m := iisNamed().FindStringSubmatch(name); m != nil {
			of, name = m[1], name[len(m[0]):]
		}
		name, all := strings.CutPrefix(strings.ToLower(name), "sitedefaults.")
		id := iisNames[name]
		if id == "" || id == iisIdle && of == "" && !all || strings.EqualFold(object, "site") && id != iisIdle {
			continue
		}
		p.iis(n, of, id, value)
	}
}

// iis takes a value of all sites, or of one.
func (p *placing) iis(n int, site string, id model.ParamID, value string) {
	if site == "" {
		p.set(n, id, value)
		return
	}
	p.in(p.at(n, "site "+site), func() { p.set(n, id, value) })
}

// commandWords splits a command of cmd.exe, whose quotes hold words together and
// may stand inside of one.
func commandWords(text string) []string {
	var words []string
	var word strings.Builder
	quoted := false
	for _, c := range text + " " {
		switch {
		case c == '"':
			quoted = !quoted
		case (c == ' ' || c == '\t') && !quoted:
			if word.Len() > 0 {
				words = append(words, word.String())
				word.Reset()
			}
		default:
			word.WriteRune(c)
		}
	}
	return words
}

var (
	setIIS  = lazily(`(?i)^Set-WebConfigurationProperty\s`)
	setSite = lazily(`(?i)^Set-ItemProperty\s+(?:-Path\s+)?["']?IIS:\\+Sites\\+([^"']+?)["']?\s+-Name\s+["']?limits\.connectionTimeout["']?\s+-Value\s+(.+)$`)
	// psFlag is a parameter of a command and its value.
	psFlag = lazily(`(?i)-(Filter|Name|Value|PSPath|Location)\s+("[^"]*"|'[^']*'|\([^)]*\)\)?|\S+)`)
	// psSpan makes a time of a number.
	psSpan = lazily(`(?i)^\(?\[(?:System\.)?TimeSpan\]::From(Seconds|Minutes|Hours)\((\d+)\)\)?$`)
)

// iisProperty takes a line of PowerShell that sets something of IIS.
func (p *placing) iisProperty(n int, line string) {
	if m := setSite().FindStringSubmatch(line); m != nil {
		p.iis(n, m[1], iisIdle, psValue(m[2]))
		return
	}
	if !setIIS().MatchString(line) {
		return
	}
	flags := map[string]string{}
	for _, m := range psFlag().FindAllStringSubmatch(line, -1) {
		flags[strings.ToLower(m[1])] = psValue(m[2])
	}
	for id, at := range iisProperties {
		filter, site := strings.TrimPrefix(flags["filter"], "/"), flags["location"]
		if id == iisIdle {
			if rest, ok := cutPrefixFold(filter, "system.applicationHost/sites/"); ok {
				if m := iisNamed().FindStringSubmatch(rest); m != nil {
					site, filter = m[1], "system.applicationHost/sites/siteDefaults/"+rest[len(m[0]):]
				}
			}
		}
		if strings.EqualFold(at.filter, filter) && strings.EqualFold(at.name, flags["name"]) {
			p.iis(n, site, id, flags["value"])
		}
	}
}

// psValue is a value without its quotes; a TimeSpan is a number with its unit.
func psValue(text string) string {
	text = strings.Trim(strings.TrimSpace(text), `"'`)
	if m := psSpan().FindStringSubmatch(text); m != nil {
		return m[2] + strings.ToLower(m[1][:1])
	}
	return text
}

func cutPrefixFold(text, prefix string) (rest string, ok bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return text, false
	}
	return text[len(prefix):], true
}
