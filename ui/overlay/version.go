package overlay

import (
	"slices"
	"strconv"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/ui/contract"
	"example.com/keeptune/ui/keymap"
	"example.com/keeptune/ui/systempage"
	"example.com/keeptune/ui/theme"
	"example.com/keeptune/ui/widget"
)

// A versionList asks for the version of a system and says what each changed;
// the last line is "not known".
type versionList struct {
	system *model.System
	known  []model.Version // newest first
	sel    int
}

func newVersionList(s *model.System) *versionList {
	v := &versionList{system: s, known: newestFirst(s.Known)}
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

// mostChanges is how many changes of one version the list shows; its page
// shows all.
const mostChanges = 8

func (v *versionList) view(c *contract.Context, scope keymap.Scope, w, h int) string {
	var lines []string
	from, to := 0, 0 // the selected version's lines
	add := func(i int, text string, changes []string) {
		if i == v.sel {
			from, to = len(lines), len(lines)+len(changes)
			lines = append(lines, c.Theme.Selected.Render(" "+c.Theme.Glyphs.Selected+" "+text+" "))
		} else {
			lines = append(lines, "   "+text)
		}
		lines = append(lines, changes...)
	}
	for i, k := range v.known {
		text := model.Clean(string(k), 30)
		if os := v.system.HostAt(k); os.System != "" && os.System != v.system.ID {
			text = widget.FitLine(text, 12) + " on " + model.Clean(os.String(), 60)
		}
		text += v.proof(k)
		add(i, text, v.changes(c.Theme, k, min(w, 78)-2))
	}
	add(len(v.known), "not known: "+model.Clean(string(v.system.Assume), 30)+" is assumed, and marked with ?", nil)
	keys := []keymap.Hint{
		labelled(scope, keymap.Accept, "choose"), labelled(scope, keymap.ShowSystem, "all about it"), labelled(scope, keymap.Cancel, "back to the list"),
	}
	rows := max(0, h-3)
	top := widget.Scroll(widget.Scroll(0, to, len(lines), rows), from, len(lines), rows)
	title := "which version of " + contract.SystemName(v.system) + "?"
	if place := versionPlace(v.sel, len(v.known)); place != "" && v.sel < len(v.known) {
		title += " " + place
	}
	return frameAt(c, title, lines, top, keys, w, h)
}

// proof names the sides that were run at a version, "" for none.
func (v *versionList) proof(at model.Version) string {
	var text strings.Builder
	for _, p := range v.system.Proved {
		if p.Version == at {
			text.WriteString("  " + string(p.Face) + " run")
		}
	}
	return text.String()
}

// changes are what differs from the version before, in lines of at most w cells.
func (v *versionList) changes(th theme.Theme, at model.Version, w int) []string {
	before := systempage.Before(v.system, at)
	if before == "" {
		return nil
	}
	all := systempage.Changed(v.system, before, at, arrow(th.Glyphs))
	var out []string
	for i, text := range all {
		if i == mostChanges && len(all) > i+1 {
			return append(out, "       and "+strconv.Itoa(len(all)-i)+" more")
		}
		for j, l := range widget.Wrap(text, max(1, w-9)) {
			lead := "     " + th.Glyphs.Bullet + " "
			if j > 0 {
				lead = "       "
			}
			out = append(out, lead+l+" ")
		}
	}
	return out
}

// arrow stands between what was and what is.
func arrow(g theme.Glyphs) string {
	if g.ASCII {
		return "->"
	}
	return g.Right
}
