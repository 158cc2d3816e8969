package native

import (
	"encoding/json"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A machineChange is one changed value, for programs.
type machineChange struct {
	Endpoint  string  `json:"endpoint"`
	System    string  `json:"system"`
	Version   string  `json:"version,omitempty"` // empty where none was given
	Parameter string  `json:"parameter"`
	Name      string  `json:"name"`  // as the product writes it
	Value     string  `json:"value"` // as keeptune --set takes it
	Before    string  `json:"before"`
	Known     bool    `json:"before_known"` // before was read from a file or a running system, not assumed
	Seconds   float64 `json:"seconds,omitempty"`
	Settable  bool    `json:"settable"`
	Where     string  `json:"where,omitempty"`
	Effect    string  `json:"effect,omitempty"`
	Format    string  `json:"format"` // the usual --to for it
}

type machineFile struct {
	Schema  string          `json:"schema"`
	Made    string          `json:"made"`
	Path    string          `json:"path"`
	Changes []machineChange `json:"changes"`
	Legs    []machineLeg    `json:"legs"`
	Session []string        `json:"session"` // the restore string: keeptune import reads it
}

type machineLeg struct {
	Client  string `json:"client"`
	Server  string `json:"server"`
	Verdict string `json:"verdict"`
	Text    string `json:"text"`
}

// machine is the list of changes for programs.
func machine() *syntax {
	return &syntax{
		id: "json", title: "JSON: the changes, for programs", comment: func(l string) string { return l },
		unchecked: "It is parsed as JSON and read back.",
		whole:     renderMachine,
		read: func(r *reader, text string) {
			if _, ok := packedSession(text); !ok {
				r.warn(1, "a list of changes is read by its session, and this one has none")
			}
		},
	}
}

func renderMachine(req Request) ([]File, error) {
	restore, err := packSession(req.Document)
	if err != nil {
		return nil, err
	}
	const name = "keeptune.json"
	out := machineFile{
		Schema: "keeptune.changes/1", Path: req.Document.Path.String(), Changes: []machineChange{}, Session: restore,
		Made: heading{format: "json", name: name}.lines(req)[0],
	}
	all := syntaxes()
	for _, t := range targets(req, "json") {
		for _, row := range t.rows {
			if t.changed(row) {
				out.Changes = append(out.Changes, t.machineChange(all, row))
			}
		}
	}
	if len(out.Changes) == 0 {
		return nil, &NothingError{Format: "json", Endpoint: "path", Subject: "this path"}
	}
	for i := range req.Report.Legs {
		leg := &req.Report.Legs[i]
		out.Legs = append(out.Legs, machineLeg{
			Client: string(leg.Client.Endpoint.ID), Server: string(leg.Server.Endpoint.ID), Verdict: string(leg.Limit.Verdict), Text: verdictText(leg),
		})
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return nil, err
	}
	return []File{{Format: "json", Name: name, Content: []byte(b.String())}}, nil
}

func (t *target) machineChange(all []*syntax, row *tuning.Row) machineChange {
	s, v, given := t.owner(row.Param)
	was, known := t.before(row)
	c := machineChange{
		Endpoint: string(t.endpoint.ID), System: string(s.ID), Parameter: string(row.Param.ID), Name: row.Param.Name,
		Value: row.Setting.Value.String(), Before: was.Value.String(), Known: known, Settable: s.Settable(row.Param, v),
		Where: row.Param.Where, Effect: row.Param.Effect, Format: "markdown",
	}
	if given {
		c.Version = string(v)
	}
	if !row.Param.Fixed {
		c.Format = writer(all, t, row.Param)
	}
	if d, ok := row.Setting.Value.Duration(); ok && d != model.Never {
		c.Seconds = d.Seconds()
	}
	return c
}
