package native

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// xmlComment is a comment line; two dashes may not stand in one.
func xmlComment(l string) string {
	for strings.Contains(l, "--") {
		l = strings.ReplaceAll(l, "--", "- -")
	}
	return "<!-- " + strings.TrimSuffix(l, "-") + " -->"
}

func applicationhost() *syntax {
	return &syntax{
		id:    "applicationhost",
		signs: []string{`<(configuration|system\.applicationHost)[\s>]`},
		title: "IIS 7 to 10: applicationHost.config", comment: xmlComment,
		unchecked: "No IIS runs on Debian; the elements are held against Microsoft's schema.",
		top:       []string{xml.Header[:len(xml.Header)-1]},
		fits:      onIIS,
		effect: func(*target) []string {
			return []string{"IIS reads the file as soon as it changes."}
		},
		exportFiles: []exportFile{{
			name: "keeptune-applicationHost.config",
			use:  "Merge it into %windir%\\System32\\inetsrv\\config\\applicationHost.config, or run the commands at its end as an administrator.",
			owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == "iis" && registryKey(r.Param) == "" },
			body: applicationhostBody,
		}},
		read: readApplicationhost,
	}
}

const (
	iisIdle   model.ParamID = "iis.connectionTimeout"
	iisHeader model.ParamID = "iis.headerWaitTimeout"
	iisReuse  model.ParamID = "iis.AllowKeepAlive"
	iisFirst  model.ParamID = "iis.idleconnectiontimeout"
)

// applicationhostBody writes elements and attributes as iis-docs names them.
func applicationhostBody(p *page) error {
	var commands []string
	sites, web, host, first := p.has(iisIdle), p.has(iisReuse), p.has(iisHeader), p.has(iisFirst)
	p.add("<configuration>")
	if len(sites)+len(host) > 0 {
		p.add("  <system.applicationHost>")
		for _, it := range sites {
			clock, err := p.clock(it)
			if err != nil {
				return err
			}
			p.add("    <sites>", "      <siteDefaults>")
			p.put("        ", it, fmt.Sprintf(`<limits connectionTimeout="%s" />`, clock))
			p.add("      </siteDefaults>", "    </sites>")
			commands = append(commands, appcmd(it, "system.applicationHost/sites", "siteDefaults.limits.connectionTimeout", clock))
		}
		for _, it := range host {
			clock, err := p.clock(it)
			if err != nil {
				return err
			}
			p.put("    ", it, fmt.Sprintf(`<webLimits headerWaitTimeout="%s" />`, clock))
			commands = append(commands, appcmd(it, "system.applicationHost/webLimits", "headerWaitTimeout", clock))
		}
		p.add("  </system.applicationHost>")
	}
	for _, it := range web {
		word := onOff(it.value, "true", "false")
		p.add("  <system.webServer>")
		p.put("    ", it, fmt.Sprintf(`<httpProtocol allowKeepAlive="%s" />`, word))
		p.add("  </system.webServer>")
		commands = append(commands, appcmd(it, "system.webServer/httpProtocol", "allowKeepAlive", word))
		if it.value == model.ValueOff && !p.undo {
			p.note("Without keep-alive Integrated Windows authentication does not work.")
		}
	}
	p.add("</configuration>")
	for _, it := range first {
		text, err := p.number(it, p.product(), bareSeconds)
		if err != nil {
			return err
		}
		p.reasons("", it)
		if it.gone {
			commands = append(commands, "netsh http delete timeout timeouttype=idleconnectiontimeout")
		} else {
			commands = append(commands, "netsh http add timeout timeouttype=idleconnectiontimeout value="+text)
		}
	}
	p.say("", "The same as commands:")
	for _, c := range commands {
		p.add(p.comment(c))
	}
	return nil
}

func appcmd(it item, section, attribute, value string) string {
	if it.gone {
		return fmt.Sprintf(`appcmd clear config -section:%s /%s /commit:apphost`, section, attribute)
	}
	return fmt.Sprintf(`appcmd set config -section:%s /%s:"%s" /commit:apphost`, section, attribute, value)
}

// clock is hh:mm:ss, which ends before a day.
func (p *page) clock(it item) (string, error) {
	if it.gone {
		return "", nil
	}
	text, err := p.number(it, p.product(), bareSeconds)
	if err != nil {
		return "", err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n >= int64(24*time.Hour/time.Second) {
		return "", p.cannot(it.row, it.value, p.product(), "hh:mm:ss ends at 23:59:59")
	}
	return fmt.Sprintf("%02d:%02d:%02d", n/3600, n/60%60, n%60), nil
}

// iisAttributes are what is read: path of elements and attribute.
var iisAttributes = map[string]model.ParamID{
	"configuration/system.applicationHost/sites/siteDefaults/limits connectionTimeout": iisIdle,
	"configuration/system.applicationHost/sites/site/limits connectionTimeout":         iisIdle,
	"configuration/system.applicationHost/webLimits headerWaitTimeout":                 iisHeader,
	"configuration/system.webServer/httpProtocol allowKeepAlive":                       iisReuse,
}

// iisSite is the depth of a site.
const iisSite = 4

// xmlName is the attribute name.
func xmlName(attributes []xml.Attr) string {
	for _, a := range attributes {
		if a.Name.Local == "name" {
			return a.Value
		}
	}
	return ""
}

// iisDepth is the greatest depth of an element that is read.
const iisDepth = 6

var netshTimeout = lazily(`netsh http add timeout timeouttype=idleconnectiontimeout value=(\d+)`)

func readApplicationhost(r *reader, text string) {
	var path []string
	var sites []*scope
	defer func() {
		r.at = r.root
		if len(sites) == 1 {
			r.join(sites[0], r.root)
			return
		}
		for _, s := range sites {
			r.list(s, "")
		}
	}()
	r.xmlTokens(text, func(part xmlToken) {
		switch x := part.Token.(type) {
		case xml.StartElement:
			path = append(path, x.Name.Local)
			if strings.Join(path, "/") == "configuration/system.applicationHost/sites/site" {
				r.at = r.scope(part.line, "site "+xmlName(x.Attr), r.root)
				r.at.system = "iis"
				sites = append(sites, r.at)
			}
			if len(path) > iisDepth {
				return
			}
			for _, a := range x.Attr {
				if id := iisAttributes[strings.Join(path, "/")+" "+a.Name.Local]; id != "" {
					r.set(part.attribute(a.Name.Local), id, a.Value)
				}
			}
		case xml.EndElement:
			if path = path[:len(path)-1]; len(path) == iisSite-1 {
				r.at = r.root
			}
		case xml.Comment:
			if m := netshTimeout().FindSubmatch(x); m != nil {
				r.set(part.line, iisFirst, string(m[1]))
			}
		}
	})
}
