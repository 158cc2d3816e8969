package keymap

import "strings"

// A Row is one line of a key table.
type Row struct{ Scope, Keys, What string }

// Table returns every binding as rows, grouped by scope. Moving keys are told
// once, under "everywhere", instead of in each scope.
func (m Map) Table() []Row {
	var rows []Row
	for _, s := range m.scopes {
		for _, b := range s.Bindings {
			if !s.Over && s.ID != ScopeTune && isMoving(b.ID) || len(b.Keys) == 0 {
				continue
			}
			scope := s.Title
			if s.ID == ScopeTune && isMoving(b.ID) {
				scope = "lists"
			}
			rows = append(rows, Row{Scope: scope, Keys: b.Labels(), What: b.Long})
		}
	}
	return rows
}

// Markdown returns the table for docs/keys.md.
func (m Map) Markdown() string {
	var sb strings.Builder
	sb.WriteString("| where | keys | what they do |\n|---|---|---|\n")
	for _, r := range m.Table() {
		sb.WriteString("| " + r.Scope + " | " + codes(r.Keys) + " | " + strings.ReplaceAll(r.What, "|", `\|`) + " |\n")
	}
	return sb.String()
}

func codes(keys string) string {
	keys = strings.ReplaceAll(keys, " (", "\x00(")
	parts := strings.Fields(keys)
	for i, p := range parts {
		p = strings.ReplaceAll(p, "\x00", " ")
		parts[i] = "`" + strings.ReplaceAll(p, "|", `\|`) + "`"
	}
	return strings.Join(parts, " ")
}

func isMoving(id ID) bool {
	for _, b := range moving {
		if b.ID == id {
			return true
		}
	}
	return false
}
