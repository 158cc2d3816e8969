package livetest

// A yesNo asks whether a connection is kept open after something.
type yesNo struct {
	*traits
	title, label string // of the report and of the table
	yesText, no  string // the report's answers
}

func (q yesNo) answered(r Result) bool { return r.Kept(q.name) != nil }

func (q yesNo) lines(r Result) []Line {
	kept := r.Kept(q.name)
	if kept == nil {
		return nil
	}
	return []Line{{q.title, map[bool]string{true: q.yesText, false: q.no}[*kept]}}
}

func (q yesNo) rows(r Result) []Row {
	row := Row{Name: q.label}
	if kept := r.Kept(q.name); kept != nil {
		row.Measured = map[bool]string{true: "kept alive", false: "closed after one answer"}[*kept]
	}
	return []Row{row}
}
