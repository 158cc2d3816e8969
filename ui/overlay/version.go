package overlay

import (
	"slices"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/part"
	"example.com/keeptune/ui/widget"
)

// A versionList asks for the version of a system; the last line is "not known".
type versionList struct {
	system *model.System
	known  []model.Version
	sel    int
}

func newVersionList(s *model.System) *versionList {
	v := &versionList{system: s, known: known(s)}
	v.sel = max(0, slices.Index(v.known, s.Assume))
	return v
}

// chosen is the selected version, empty for not known.
func (v *versionList) chosen() model.Version {
	if v.sel < len(v.known) {
		return v.known[v.sel]
	}
	return ""
}

func (v *versionList) view(c *part.Context, scope keymap.Scope, w, h int) string {
	lines := make([]string, 0, len(v.known)+1)
	add := func(i int, text string) {
		if i == v.sel {
			lines = append(lines, c.Theme.Selected.Render(" "+c.Theme.Glyphs.Selected+" "+text+" "))
			return
		}
		lines = append(lines, "   "+text)
	}
	for i, k := range v.known {
		text := model.Clean(string(k), 30)
		if os := v.system.HostAt(k); os.System != "" {
			text = widget.FitLine(text, 12) + " on " + os.String()
		}
		add(i, text)
	}
	add(len(v.known), "not known: "+string(v.system.Assume)+" is assumed, and marked with ?")
	keys := []keymap.Hint{labelled(scope, keymap.Accept, "choose"), labelled(scope, keymap.Cancel, "back to the list")}
	top := widget.Scroll(0, v.sel, len(lines), max(0, h-3))
	return frameAt(c, "which version of "+part.SystemName(v.system)+"?", lines, top, keys, w, h)
}
