package native

import (
	"strings"

	"example.com/keeptune/model"
)

// session is keeptune's own file. Parse reads it through the catalog.
func session() *syntax {
	return &syntax{
		id:    "session",
		signs: []string{`(?m)^schema = "keeptune\.session/`},
		title: "keeptune session (TOML)", comment: hash,
		unchecked: "keeptune itself reads it back.",
		whole: func(req Request) ([]File, error) {
			h := heading{format: "session", name: sessionName(req.Document.Name), subject: "The whole session: keeptune FILE opens it."}
			lines := h.lines(req)
			var b strings.Builder
			for _, l := range lines[:len(lines)-1] {
				b.WriteString(hash(l) + "\n")
			}
			b.WriteString("\n")
			b.Write(model.EncodeDocument(req.Document))
			return []File{{Format: "session", Name: h.name, Content: []byte(b.String())}}, nil
		},
		parse: func(name string, data []byte, c *model.Catalog) (Import, error) {
			d, err := model.DecodeDocument(name, data, c)
			if err != nil {
				return Import{}, err
			}
			return Import{Document: &d}, nil
		},
	}
}

// sessionName is a base name without anything that a path could mean.
func sessionName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, strings.TrimSuffix(model.Clean(name, 60), ".toml"))
	if name = strings.Trim(name, "-"); name == "" {
		name = "session"
	}
	return name + ".toml"
}
