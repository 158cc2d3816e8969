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
			if !slices.Contains(keys, key) && !strings.HasPrefix(key, puttyKeys) {
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
			if key := strings.ToLower(registryKey(p)); key != "" && !p.Fixed {
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
	switch {
	case value == "-":
		delete(r.at.settings, id)
	case strings.HasPrefix(strings.ToLower(value), "dword:"):
		digits, _, _ := strings.Cut(value[len("dword:"):], ";")
		n, err := strconv.ParseUint(strings.TrimSpace(digits), 16, 32)
		if err != nil {
			r.warn(line, "%s is not a DWORD", value)
			return
		}
		r.set(line, id, strconv.FormatUint(n, 10))
	case len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"':
		r.set(line, id, value[1:len(value)-1])
	default:
		r.warn(line, "%s is neither a DWORD nor a string", value)
	}
}
