package cli

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math"

	"example.com/keeptune/ui/contract"
)

// wireReports are what the screen can write of a capture: what keeptune pcap prints of it.
func (a *app) wireReports() []contract.WireReport {
	render := func(print func(io.Writer, *contract.Wired) error) func(*contract.Wired) ([]byte, error) {
		return func(x *contract.Wired) ([]byte, error) {
			var b bytes.Buffer
			err := print(&b, x)
			return []byte(a.redact.Text(b.String())), err
		}
	}
	in := func(format string) func(*contract.Wired) ([]byte, error) {
		return render(func(w io.Writer, x *contract.Wired) error {
			t := traced{of: x.Of, file: x.File, picture: x.Picture, servers: math.MaxInt, zone: a.global.zone, held: x.Held, beside: x.Beside}
			return t.print(w, format)
		})
	}
	return []contract.WireReport{
		{ID: "wire-summary", Title: "what the capture shows, for a ticket (Markdown)", Name: "keeptune-wire.md", Render: in("markdown")},
		{ID: contract.WireConnections, Title: "its connections (CSV)", Name: "keeptune-wire.csv", Render: render(wireCSV)},
		{ID: "wire-json", Title: "all of it (JSON, keeptune.pcap/1)", Name: "keeptune-wire.json", Render: in("json")},
		{ID: "wire-svg", Title: "how long idle connections lasted (SVG)", Name: "keeptune-wire.svg", Render: in("svg")},
		{ID: "wire-text", Title: "all of it (text)", Name: "keeptune-wire.txt", Render: in("text")},
	}
}

// wireCSV lists the connections that are kept.
func wireCSV(w io.Writer, x *contract.Wired) error {
	list := csv.NewWriter(w)
	err := list.Write(connectionColumns)
	for i := range x.Connections {
		err = errors.Join(err, list.Write(connectionRow(&x.Connections[i])))
	}
	list.Flush()
	return errors.Join(err, list.Error())
}
