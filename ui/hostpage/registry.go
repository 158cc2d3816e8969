package hostpage

import (
	"fmt"
	"slices"
	"strings"

	"example.com/keeptune/tuning/machine"
	"example.com/keeptune/tuning/native"
)

// registry lists what the registry of Windows has, key by key, and of TCP also what it has
// not.
func (p *page) registry() {
	if p.m.OS != "windows" {
		return
	}
	var keys []string
	lines := map[string][]string{}
	note := func(key, text string) {
		if lines[key] == nil {
			keys = append(keys, key)
		}
		lines[key] = append(lines[key], text)
	}
	if sys, err := p.o.Catalog.System("windows"); err == nil {
		for _, param := range sys.Params {
			key := native.RegistryKey(param)
			usual := sys.DefaultAt(param, p.m.Version()).Value
			i := slices.IndexFunc(p.m.Registry, func(v machine.RegistryValue) bool { return v.Param.ID == param.ID })
			switch {
			case key == "":
			case i < 0:
				note(key, fmt.Sprintf("%s is not set: Windows takes %s", param.ID.Name(), usual.Human()))
			case p.m.Registry[i].Setting.Value != usual:
				note(key, fmt.Sprintf("%s = %s, where Windows takes %s without it", param.ID.Name(), p.m.Registry[i].Setting.Value.Human(), usual.Human()))
			default:
				note(key, fmt.Sprintf("%s = %s, as without it", param.ID.Name(), usual.Human()))
			}
		}
	}
	for _, v := range p.m.Registry {
		if v.Param.ID.System() != "windows" {
			note(v.Key, fmt.Sprintf("%s = %s", v.Param.ID, v.Setting.Value.Human()))
		}
	}
	p.add("", "REGISTRY")
	for _, key := range keys {
		p.text("  ", "    ", short(key))
		for _, l := range lines[key] {
			p.text("    ", "      ", l)
		}
		for _, v := range p.m.Registry {
			if v.Key == key && !v.Later.IsZero() && strings.Contains(v.Param.Effect, "reboot") {
				p.text("  ! ", "    ", fmt.Sprintf("this key was written at %s, after Windows had started: a value that was set then counts from its next start on", p.moment(v.Later)))
				break
			}
		}
	}
}

// short is a key as regedit takes it in fewer letters.
func short(key string) string {
	return strings.NewReplacer("HKEY_LOCAL_MACHINE", "HKLM", "HKEY_CURRENT_USER", "HKCU").Replace(key)
}
