package native

import (
	"fmt"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// rem is a comment of cmd.exe.
func rem(l string) string { return marked("rem", l) }

// onIIS reports whether an endpoint is an IIS that has applicationHost.config.
func onIIS(t *target) bool {
	return t.side.System.ID == "iis" && t.side.System.Order.Compare(t.side.Version, "7.0") >= 0
}

const noWindows = "No Windows runs in the tests; the commands are compared with a fixture and read back."

// cmdSyntax is a lineFormat of commands for IIS in a .cmd file.
func cmdSyntax(id, sign, title string, sh lineFile, read func(*reader, string)) *syntax {
	sh.system, sh.since, sh.runs = "iis", "7.0", true
	return lineFormat(syntax{
		id: id, signs: []string{sign}, title: title, comment: rem, unchecked: noWindows,
		encode: func(text string) ([]byte, error) { return []byte(crlf(ascii(text))), nil },
		read:   read,
	}, `"=`, sh)
}

func iisAppcmd() *syntax {
	command := func(id model.ParamID, section, name string, say func(*page, item) (string, error)) knob {
		at := ` -section:` + section + ` /` + name
		const tool = `%windir%\system32\inetsrv\appcmd.exe `
		k := knob{param: id, line: tool + "set config" + at + `:"%s" /commit:apphost`, gone: tool + "clear config" + at + ` /commit:apphost`, say: say}
		if say == nil {
			k.on, k.off = "true", "false"
		}
		return k
	}
	clock := func(p *page, it item) (string, error) { return p.clock(it) }
	return cmdSyntax("appcmd", `(?i)appcmd(\.exe)?"? +set +(config|site) `, "IIS 7 to 10: appcmd commands", lineFile{
		name: "keeptune-appcmd.cmd", use: "Run it as an administrator on the server.",
		knobs: []knob{
			command(iisIdle, "system.applicationHost/sites", "siteDefaults.limits.connectionTimeout", clock),
			command(iisHeader, "system.applicationHost/webLimits", "headerWaitTimeout", clock),
			command(iisReuse, "system.webServer/httpProtocol", "allowKeepAlive", nil),
		},
	}, readAppcmd)
}

func netsh() *syntax {
	return cmdSyntax("netsh", `(?mi)^\s*netsh http add timeout`, "http.sys: netsh commands", lineFile{
		name: "keeptune-netsh.cmd", use: "Run it as an administrator on the server. It holds for everything that http.sys serves there.",
		knobs: []knob{{
			param: iisFirst,
			line:  "netsh http add timeout timeouttype=idleconnectiontimeout value=%s",
			gone:  "netsh http delete timeout timeouttype=idleconnectiontimeout",
		}},
	}, nil)
}

// iisProperties are where PowerShell finds what applicationHost.config says.
var iisProperties = map[model.ParamID]struct{ filter, name string }{
	iisIdle:   {"system.applicationHost/sites/siteDefaults/limits", "connectionTimeout"},
	iisHeader: {"system.applicationHost/webLimits", "headerWaitTimeout"},
	iisReuse:  {"system.webServer/httpProtocol", "allowKeepAlive"},
}

// hasPowerShell reports whether a host is a Windows that PowerShell 1.0, the
// first, was made for: XP and later (KB926139).
func hasPowerShell(t *target) bool {
	return t.side.Host.ID == "windows" && t.side.Host.Order.Compare(t.side.HostAt, "xp") >= 0
}

// powershell writes the registry, and IIS by its module WebAdministration.
func powershell() *syntax {
	return &syntax{
		id:    "powershell",
		signs: []string{`(?mi)^\s*Set-(ItemProperty|WebConfigurationProperty)\s`},
		title: "PowerShell: registry values, PuTTY and IIS", comment: hash,
		unchecked: noWindows,
		fits:      hasPowerShell,
		encode:    func(text string) ([]byte, error) { return []byte(crlf(ascii(text))), nil },
		read:      readPowerShell,
		exportFiles: []exportFile{
			{
				name: "keeptune-registry.ps1", runs: true, use: "Run it as the user whom the HKCU: lines are for; the HKLM: lines need an administrator.",
				owns: func(_ *target, r *tuning.Row) bool { return registryKey(r.Param) != "" || puttyValue(r.Param) },
				body: powershellRegistry,
			},
			{
				name: "keeptune-iis.ps1", runs: true, use: "Run it as an administrator on the server; it needs the module WebAdministration.", reset: true,
				owns: func(t *target, r *tuning.Row) bool { return onIIS(t) && iisProperties[r.Param.ID].name != "" },
				body: powershellIIS,
			},
		},
	}
}

func powershellRegistry(p *page) error {
	for _, it := range p.items {
		p.gap()
		p.reasons("", it)
		names, numbers, path, err := p.registryValues(it)
		if err != nil {
			return err
		}
		for i, name := range names {
			if it.gone {
				p.add(fmt.Sprintf("Remove-ItemProperty -Path '%s' -Name '%s' -ErrorAction SilentlyContinue", path, name))
				continue
			}
			p.add(fmt.Sprintf("Set-ItemProperty -Path '%s' -Name '%s' -Type DWord -Value %s", path, name, numbers[i]))
		}
	}
	return nil
}

// registryValues are the names and numbers that say an item, and the drive and
// key that PowerShell finds them under.
func (p *page) registryValues(it item) (names, numbers []string, path string, err error) {
	key := registryKey(it.param())
	if puttyValue(it.param()) {
		key = puttyRoot + puttySession
		var values []int64
		if names, values, err = puttySettings(p, it); err != nil {
			return nil, nil, "", err
		}
		for _, v := range values {
			numbers = append(numbers, fmt.Sprint(v))
		}
		if !p.undo {
			p.puttyNote()
			p.add(fmt.Sprintf("if (-not (Test-Path '%s')) { New-Item -Path '%[1]s' -Force | Out-Null }", driveOf(key)))
		}
		return names, numbers, driveOf(key), nil
	}
	text := ""
	if !it.gone {
		quiet := page{target: p.target, items: p.items, undo: p.undo, comment: p.comment}
		if _, err = regDword(&quiet, it); err != nil {
			return nil, nil, "", err
		}
		sys, v, _ := p.owner(it.param())
		if text, err = p.number(it, subject(sys, v), ownStep(it.param())); err != nil {
			return nil, nil, "", err
		}
		p.regNote(it)
	}
	return []string{it.param().ID.Name()}, []string{text}, driveOf(key), nil
}

// driveOf is a full registry key as a path of PowerShell.
func driveOf(key string) string {
	for short, full := range hives {
		if rest, ok := strings.CutPrefix(key, full); ok {
			return short + ":" + rest
		}
	}
	return key
}

func powershellIIS(p *page) error {
	p.add("Import-Module WebAdministration")
	for _, it := range p.items {
		at := iisProperties[it.param().ID]
		value := onOff(it.value, "True", "False")
		if it.param().ID != iisReuse {
			var err error
			if value, err = p.clock(it); err != nil {
				return err
			}
		}
		p.put("", it, fmt.Sprintf("Set-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Filter '%s' -Name '%s' -Value '%s'", at.filter, at.name, value))
	}
	return nil
}

var setItem = lazily(`(?i)^Set-ItemProperty -Path '(HK..):([^']*)' -Name '([^']*)' -Type DWord -Value (\d+)$`)

// readPowerShell reads registry values as they are written here; other spellings
// of those are not understood. What it says of IIS may be of one site.
func readPowerShell(r *reader, text string) {
	known, _ := r.registry()
	var sessions puttySessions
	sites := r.places(nil)
	for n, line := range numbered(text) {
		if m := setItem().FindStringSubmatch(line); m != nil {
			key := strings.ToLower(hives[strings.ToUpper(m[1])] + m[2])
			if strings.HasPrefix(key, puttyKeys) {
				sessions.number(r, n, key, m[3], m[4])
			} else if id := known[key+`\`+strings.ToLower(m[3])]; id != "" {
				r.set(n, id, m[4])
			}
		}
		sites.iisProperty(n, line)
	}
	sites.settle(iisElsewhere)
	sessions.settle(r)
}
