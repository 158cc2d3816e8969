package native

import (
	"slices"
	"strconv"
	"strings"

	"example.com/keeptune/model"
)

// readReg reads the values that the catalog knows, of any key; hexadecimal
// DWORDs and decimal strings.
func readReg(r *reader, text string) {
	known, keys := r.registry()
	var sessions puttySessions
	n, key := 0, ""
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == ';':
		case line[0] == '[':
			key = strings.ToLower(strings.Trim(line, "[]"))
			switch right := readKey(key); {
			case right != "":
				r.warn(n, "Windows does not look under the key %s; it reads %s", line, right)
			case !slices.Contains(keys, key) && !strings.HasPrefix(key, puttyKeys):
				r.warn(n, "nothing is known of the key %s", line)
			}
		case line[0] == '"':
			name, value, ok := cutRegValue(line)
			id := known[key+`\`+strings.ToLower(name)]
			switch {
			case !ok:
				r.warn(n, "%s is not \"NAME\"=VALUE", line)
			case strings.HasPrefix(key, puttyKeys):
				sessions.dword(r, n, key, name, value)
			case id == "" && known[strings.ToLower(readKey(key))+`\`+strings.ToLower(name)] != "":
				r.unread(n, known[strings.ToLower(readKey(key))+`\`+strings.ToLower(name)], key, value)
			case id == "":
				if slices.Contains(keys, key) {
					r.warn(n, "the value %s is not known", name)
				}
			default:
				r.regValue(n, id, value)
			}
		}
	}
	sessions.settle(r)
}

// unreadKeys are keys that articles name and Windows does not read, in lower case, and
// those that it does.
var unreadKeys = map[string]string{
	`hkey_current_user\software\microsoft\windows\currentversion\internetsetting`:  `HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Internet Settings`,
	`hkey_current_user\software\microsoft\windows\currentversion\internetsettings`: `HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Internet Settings`,
	`hkey_local_machine\system\currentcontrolset\tcpip\parameters`:                 `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters`,
}

// readKey is the key that Windows reads in the place of one that it does not; empty for
// every other.
func readKey(key string) string { return unreadKeys[key] }

// unread keeps a value that Windows does not read, unless the one that it reads is there.
func (r *reader) unread(line int, id model.ParamID, key, text string) {
	n, _, ok := regNumber(text)
	p := r.param(line, id)
	if p == nil || !ok {
		return
	}
	said, err := p.ParseValue(n)
	if err != nil || !said.IsSet() {
		return
	}
	if _, there := r.at.settings[id]; there {
		return
	}
	r.use(line)
	r.took[place{r.file, line}] = true
	r.at.settings[id] = model.Setting{Value: said, Origin: model.Origin{Kind: model.FromDefault}, Said: model.Said{Value: said, Where: r.file, Line: line, Unread: key}}
}

// registry are the parameters that the catalog has in the registry, by key and
// name in lower case, and their keys.
func (r *reader) registry() (known map[string]model.ParamID, keys []string) {
	known = map[string]model.ParamID{}
	for _, id := range r.catalog.IDs() {
		s, err := r.catalog.System(id)
		if err != nil {
			continue
		}
		for _, p := range s.Params {
			if key := strings.ToLower(RegistryKey(p)); key != "" {
				known[key+`\`+strings.ToLower(p.ID.Name())] = p.ID
				keys = append(keys, key)
			}
		}
	}
	return known, keys
}

// cutRegValue splits "NAME"=VALUE.
func cutRegValue(line string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(line[1:], `"`)
	value, assigned := strings.CutPrefix(strings.TrimSpace(value), "=")
	return name, strings.TrimSpace(value), ok && assigned
}

func (r *reader) regValue(line int, id model.ParamID, value string) {
	if s, ok := r.at.settings[id]; ok && s.Said.Unread != "" {
		delete(r.at.settings, id) // what counts comes later
	}
	if value == "-" {
		delete(r.at.settings, id)
		return
	}
	n, what, ok := regNumber(value)
	if !ok {
		r.warn(line, "%s is %s", value, what)
		return
	}
	r.set(line, id, n)
}

// regNumber is a DWORD or a string as decimal digits, or what it is not.
func regNumber(value string) (digits, wrong string, ok bool) {
	switch {
	case strings.HasPrefix(strings.ToLower(value), "dword:"):
		hex, _, _ := strings.Cut(value[len("dword:"):], ";")
		n, err := strconv.ParseUint(strings.TrimSpace(hex), 16, 32)
		return strconv.FormatUint(n, 10), "not a DWORD", err == nil
	case len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"':
		return value[1 : len(value)-1], "", true
	}
	return "", "neither a DWORD nor a string", false
}
