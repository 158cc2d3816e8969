package options

import (
	"fmt"
	"strconv"
	"strings"

	"example.com/keeptune/ui/keymap"
)

// write writes a config.toml with every option and every binding, each with a
// comment. What is as shipped is commented out, so that the file stays right when a
// default changes; [Parse] reads what is written back to the same values.
func write(set Set, keys keymap.Map) string {
	var b strings.Builder
	b.WriteString("# keeptune reads this from ~/.config/keeptune/config.toml, or from the file that\n" +
		"# --config or KEEPTUNE_CONFIG names. A flag comes before a variable, a variable\n" +
		"# before this file. Take the # away from a line to change it.\n")
	for _, v := range set {
		fmt.Fprintf(&b, "\n# %s\n", v.What)
		var also []string
		if f := v.Flag(); f != "" {
			also = append(also, f)
		}
		fmt.Fprintf(&b, "# Takes %s. Also: %s.\n", v.Takes(), strings.Join(append(also, v.Env()), ", "))
		off := "# "
		if v.Own() {
			off = ""
		}
		b.WriteString(off + v.Line() + "\n")
	}
	b.WriteString("\n# Keys: PLACE.NAME, or NAME alone for every place that has it. A key is a character,\n" +
		"# or a name such as enter, space, tab, pgup, f2, ctrl+x, shift+up, alt+x; [] switches\n" +
		"# a binding off. What a terminal cannot tell apart or keeps for itself is refused.\n[keys]\n")
	shipped := keymap.New()
	for _, s := range keys.Scopes() {
		fmt.Fprintf(&b, "\n# %s\n", s.Title)
		was := shipped.Scope(s.ID)
		for i, bind := range s.Bindings {
			off := "# "
			if strings.Join(was.Bindings[i].Keys, "\x00") != strings.Join(bind.Keys, "\x00") {
				off = ""
			}
			fmt.Fprintf(&b, "%s%q = %s # %s\n", off, string(s.ID)+"."+string(bind.ID), list(bind.Keys), bind.Long)
		}
	}
	return b.String()
}

// list is keys as TOML has them.
func list(keys []string) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		if k == " " {
			k = "space"
		}
		out[i] = strconv.Quote(k)
	}
	return "[" + strings.Join(out, ", ") + "]"
}
