package native

import (
	"strings"

	"example.com/keeptune/model"
)

// htaccess has one line that asks for keep-alive. It is written because it is
// asked for; the file says what it cannot do.
func htaccess() *syntax {
	return &syntax{
		id: "htaccess", title: "Apache .htaccess: the Connection header, and what it cannot do", comment: hash, fits: ofSystem("apache"),
		checks: []check{{"apache", "2.4.71", "a request that is answered 200"}},
		effect: func(*target) []string {
			return []string{"At once for the next request; nothing is reloaded and no connection is closed."}
		},
		whole: renderHtaccess,
		read:  readHtaccess,
	}
}

const htaccessCannot = "This line does not switch keep-alive on: with KeepAlive Off Apache answers \"Connection: keep-alive, close\" and closes. " +
	"KeepAlive, KeepAliveTimeout and MaxKeepAliveRequests cannot stand in a .htaccess file: they belong in the server config or a <VirtualHost> (--to apache)."

func renderHtaccess(req Request) ([]File, error) {
	s := htaccess()
	var files []File
	all := targets(req, s.id)
	for _, t := range all {
		if !s.fits(t) || t.row("apache.KeepAlive") == nil {
			continue
		}
		if on := t.row("apache.KeepAlive"); on.Value == model.ValueOff {
			return nil, t.cannot(on, on.Value, ".htaccess", "KeepAlive is a directive of the server config (--to apache)")
		}
		f, err := htaccessFile(s, t)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil, &NothingError{Format: s.id}
	}
	if len(files) > 1 {
		for i := range files {
			files[i].Name = string(files[i].Endpoint) + "-" + files[i].Name
			files[i].UndoName = undoName(files[i].Name)
		}
	}
	return files, nil
}

func htaccessFile(s *syntax, t *target) (File, error) {
	restore, err := packSession(t.req.Document)
	if err != nil {
		return File{}, err
	}
	var left []string
	for _, row := range t.rows {
		if row.Param.ID.System() == "apache" && t.changed(row) {
			left = append(left, row.Param.Name)
		}
	}
	notes := []string{htaccessCannot}
	if len(left) > 0 {
		notes = append(notes, "Not in this file: "+strings.Join(left, ", ")+"; --to apache.")
	}
	h := heading{
		format: s.id, name: "htaccess", undo: undoName("htaccess"), notes: notes, restore: restore, effect: s.effect(t),
		subject: "For " + string(t.endpoint.ID) + ". Copy it to .htaccess in a directory that allows AllowOverride FileInfo.",
		checked: s.checkedLine(t.side.System, t.side.Version, t.endpoint.Version != ""),
	}
	f := File{Format: s.id, Name: h.name, Endpoint: t.endpoint.ID, UndoName: h.undo, Effect: h.effect, Notes: notes}
	body := []string{
		s.comment("Says to clients of HTTP/1.0 that the connection stays."),
		"<IfModule mod_headers.c>", "    Header set Connection keep-alive", "</IfModule>",
	}
	if f.Content, err = s.assemble(h.lines(t.req), body); err != nil {
		return File{}, err
	}
	h.undoOf = h.name
	f.Undo, err = s.assemble(h.lines(t.req), []string{s.comment("Without the line Apache decides by itself.")})
	return f, err
}

// readHtaccess reads the one line; it says nothing that a parameter has.
func readHtaccess(r *reader, text string) {
	for _, s := range lineStatements(text) {
		switch strings.ToLower(s.words[0]) {
		case "header":
			r.system = "apache"
		case "keepalive", "keepalivetimeout", "maxkeepaliverequests":
			r.warn(s.line, "%s cannot stand in a .htaccess file; it belongs in the server config", s.words[0])
		}
	}
}
