package native

import (
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A layout is the program text that sets the parameters of one library.
type layout struct {
	system      model.SystemID
	name, use   string
	mark        string // stands in every program that uses the library
	effect      string // a sentence; empty where the parameters' own say enough
	parts       []part
	lastNoComma bool // the language allows no comma behind the last of a list
}

// A part is lines of a program around the values of some parameters. It is
// written where one of them has a value, or always.
type part struct {
	open, shut []string
	indent     string
	set        []setter
	always     bool
	kept       bool            // its undo has it, too: programs call what stands here
	with       []model.ParamID // or where one of these has a value
	scope      string          // ends with a bracket or a colon: values are read inside of it only; > goes one deeper
	since      model.Version   // the versions that are written like this
	before     model.Version
	body       func(*page, *part) error     // in place of one line for each value
	read       func(*reader, *part, string) // and of its reading
}

// A setter is the line of one parameter. A step whose name has a %s goes around
// the number.
type setter struct {
	knob
	whole   bool // written with its part, even where nobody changed it
	decimal bool // seconds may have decimals
}

// codeSyntax makes a format of layouts.
func codeSyntax(s syntax, layouts ...layout) *syntax {
	s.fits = func(t *target) bool {
		return slices.ContainsFunc(layouts, func(l layout) bool { return l.system == t.side.System.ID })
	}
	s.effect = func(t *target) []string {
		for _, l := range layouts {
			if l.system == t.side.System.ID && l.effect != "" {
				return []string{l.effect}
			}
		}
		return nil
	}
	for _, l := range layouts {
		s.exportFiles = append(s.exportFiles, exportFile{
			name: l.name, use: l.use,
			owns: func(_ *target, r *tuning.Row) bool { return l.sets(r.Param) },
			body: l.body,
		})
	}
	if s.read == nil {
		s.read = func(r *reader, text string) { r.code(text, strings.TrimSpace(s.comment("")), layouts) }
	}
	return &s
}

// sets reports whether a parameter belongs into this text. What cannot be set
// at all does, too, so that a note says so.
func (l *layout) sets(p *model.Param) bool {
	if p.ID.System() != l.system {
		return false
	}
	for i := range l.parts {
		if slices.ContainsFunc(l.parts[i].set, func(s setter) bool { return s.param == p.ID }) {
			return true
		}
	}
	return p.Fixed
}

func (l *layout) body(p *page) error {
	for i := range l.parts {
		pt := &l.parts[i]
		if !p.reaches(pt.since, pt.before) {
			continue
		}
		if !pt.written(p) {
			p.reasons(p.lastIndent(), p.has(pt.ids()...)...)
			continue
		}
		p.add(pt.open...)
		write := pt.body
		if write == nil {
			write = setterLines
		}
		if err := write(p, pt); err != nil {
			return err
		}
		if l.lastNoComma && len(pt.shut) > 0 {
			p.dropComma()
		}
		p.add(pt.shut...)
	}
	return nil
}

// reaches reports whether the product's version is in a range; empty ends are open.
func (p *page) reaches(since, before model.Version) bool {
	order, v := p.side.System.Order, p.side.Version
	return (since == "" || order.Compare(since, v) <= 0) && (before == "" || order.Compare(v, before) < 0)
}

func (pt *part) ids() []model.ParamID {
	ids := make([]model.ParamID, len(pt.set))
	for i := range pt.set {
		ids[i] = pt.set[i].param
	}
	return ids
}

// written reports whether a page has something to say here.
func (pt *part) written(p *page) bool {
	return pt.always || pt.kept && len(p.has(pt.ids()...)) > 0 || !allGone(p.has(pt.ids()...)) || !allGone(p.has(pt.with...))
}

// setterLines writes a line for each value of a part.
func setterLines(p *page, pt *part) error {
	for i := range pt.set {
		s := &pt.set[i]
		it, found := pick(p.items, s.param)
		if !found || it.gone && s.whole {
			why := it.why
			if it = p.value(s.param); !s.whole || it.row == nil || !it.value.IsSet() || it.value.Kind == model.Unknown {
				continue
			}
			if !found {
				why = []string{it.param().Name + ": as it is now; what stands here sets it, too."}
			}
			it.why, it.gone = why, false
		}
		text, err := p.setterText(it, s)
		if err != nil {
			return err
		}
		p.put(pt.indent, it, strings.Replace(s.line, "%s", text, 1))
	}
	return nil
}

// setterText is a value as the program writes it.
func (p *page) setterText(it item, s *setter) (string, error) {
	if it.gone {
		return "", nil
	}
	if it.param().Shape() == model.ShapeSwitch && s.on == "" {
		return onOff(it.value, "true", "false"), nil
	}
	if s.decimal && it.value.Kind == model.Span {
		return decimalSeconds(p, it)
	}
	if it.value == model.ValueOff && s.off != "" {
		return s.off, nil
	}
	text, err := p.knobValue(it, &s.knob)
	if err != nil || it.value == model.ValueNever && text == s.never {
		return text, err
	}
	number := text[:len(text)-len(strings.TrimLeft(text, "-0123456789"))]
	around := text[len(number):]
	if around == "" && len(s.steps) > 0 && it.value.Kind != model.Span { // off and never are a bare number
		around = s.steps[0].name
	}
	if !strings.Contains(around, "%s") {
		return text, nil
	}
	return strings.Replace(around, "%s", number, 1), nil
}

// lastIndent are the blanks before the last line that is not empty.
func (p *page) lastIndent() string {
	for _, l := range slices.Backward(p.lines) {
		if l != "" {
			return l[:len(l)-len(strings.TrimLeft(l, " \t"))]
		}
	}
	return ""
}

// dropComma takes the comma from the last line that is no comment.
func (p *page) dropComma() {
	for i := len(p.lines) - 1; i >= 0; i-- {
		if l := strings.TrimSpace(p.lines[i]); !strings.HasPrefix(l, strings.TrimSpace(p.comment(""))) {
			p.lines[i] = strings.TrimSuffix(p.lines[i], ",")
			return
		}
	}
}
