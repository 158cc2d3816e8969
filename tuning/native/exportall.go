package native

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A refusal is a changed value that no file can say.
type refusal struct {
	endpoint model.EndpointID
	param    model.ParamID
}

// Export writes all that is changed, in the formats that [Suggested] names.
// What a format cannot say is left out of its file, with a note there, and
// stands in the ticket text: one such value does not keep the rest from being
// written. There are no files where nothing is changed.
func Export(req Request) ([]File, error) {
	req.unsaid = map[refusal]string{}
	for _, t := range targets(req, "") {
		for _, id := range slices.Sorted(maps.Keys(t.endpoint.Settings)) {
			req.refuse(t.exists(id, func(*tuning.Row) bool { return true }))
		}
		for _, row := range t.rows {
			req.refuse(t.lacks(row))
		}
	}
	for {
		files, err := exportOnce(req)
		if err == nil || !req.refuse(err) {
			return files, err
		}
	}
}

// lacks is an error for a changed value that its product's own format has no
// knob for.
func (t *target) lacks(row *tuning.Row) error {
	all := syntaxes()
	i := slices.IndexFunc(all, func(s *syntax) bool { return s.id == writer(all, t, row.Param) })
	if i < 0 || all[i].lacks == nil || !t.changed(row) {
		return nil
	}
	if why := all[i].lacks(row.Param); why != "" {
		return t.cannot(row, row.Setting.Value, t.product(), why)
	}
	return nil
}

// refuse notes what an error says to be inexpressible. It is false for another
// error, and for one that was noted before.
func (r *Request) refuse(err error) bool {
	cannot, ok := errors.AsType[*InexpressibleError](err)
	if !ok {
		return false
	}
	key := refusal{cannot.Endpoint, cannot.Param}
	if r.unsaid[key] != "" {
		return false
	}
	r.unsaid[key] = cannot.Target + ": " + cannot.Why
	return true
}

func exportOnce(req Request) (files []File, err error) {
	formats := Suggested(req)
	req = req.Beside(formats)
	for _, f := range formats {
		fs, err := f.Render(req)
		if _, nothing := errors.AsType[*NothingError](err); err != nil && !nothing {
			return nil, err
		}
		files = append(files, fs...)
	}
	return files, nil
}

// unsaid is why no file says a parameter of the endpoint, or empty.
func (t *target) unsaid(id model.ParamID) string {
	return t.req.unsaid[refusal{t.endpoint.ID, id}]
}

// ticketRefusals lists what no file says, for the ticket.
func ticketRefusals(req Request) []string {
	var list []string
	for key, why := range req.unsaid {
		i := req.Document.Path.Index(key.endpoint)
		if i < 0 {
			continue
		}
		value := req.Document.Path.Endpoints[i].Settings[key.param].Value
		list = append(list, fmt.Sprintf("- %s: `%s` %s. %s.", key.endpoint, cell(string(key.param)), value.Human(), cell(strings.TrimSuffix(why, "."))))
	}
	slices.Sort(list)
	return list
}
