// Package native turns settings into the configuration of the products and
// back: bytes ⇄ settings, one file per syntax. It is pure; dates are handed in.
//
// Every format holds one law: what Render writes, Parse reads back as the same
// settings.
package native

import (
	"fmt"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// A Request is what an export is made from.
type Request struct {
	Document model.Document
	Before   *model.Document // what files or running systems had in force, where it is known
	Seen     []model.Set     // what was measured of it and taken over, the latest last
	Report   tuning.Report
	Catalog  *model.Catalog
	Date     time.Time
	Version  string // of keeptune

	unsaid map[refusal]string // what [Export] found that no file can say, and why
	beside []string           // ids of the formats that are written together
}

// Beside is the request for several formats that are written together: what one
// of them says the others need not mention.
func (r Request) Beside(formats []Format) Request {
	r.beside = nil
	for _, f := range formats {
		r.beside = append(r.beside, f.ID())
	}
	return r
}

// A File is one exported file and its undo.
type File struct {
	Format   string
	Name     string           // 10-nginx.conf: a base name
	Endpoint model.EndpointID // whose file it is; empty for a whole document
	Content  []byte
	UndoName string // empty where nothing needs undoing (a ticket, a session)
	Undo     []byte
	Effect   []string // what must happen for it to take effect, and what that does to live connections
	Notes    []string // what this target cannot express, and other warnings
	Unowned  bool     // a text for whoever owns the other end
}

// A Format writes, and where Read is true also reads, one configuration syntax.
type Format interface {
	ID() string
	Title() string      // one line for a list
	Checkers() []string // the programs that accept it in the project's tests, or why none does
	Checked() bool      // some program accepts it in the project's tests
	Fits(Request) bool  // something in this document can be written in it
	Render(Request) ([]File, error)
	// Parse reads the text of one file; Open follows what it includes, too.
	Parse(name string, data []byte, c *model.Catalog) (Import, error)
	Open(source Source, c *model.Catalog) (Import, error)
}

// A Family is a group of formats in a list.
type Family struct {
	Name    string
	Formats []Format
}

// An Import is what was read from a configuration: a whole document, or
// settings for an endpoint of one system.
type Import struct {
	Document *model.Document
	Format   string // the id of the syntax that it was read in
	System   model.SystemID
	Settings map[model.ParamID]model.Setting // those that are the same in every context
	Contexts []Context                       // in the order of the file; at least one where anything was read
	Unused   []Line                          // lines that bear on connections and decide nothing
	Warnings []Warning
	Files    map[string]string // where each file lies that was read, by the name that messages call it
	Includes []Include         // in the order in which they were read
}

// A Warning is something in a configuration that was not understood.
type Warning struct {
	File string
	Line int
	Text string
}

// String is the warning as file:line: text.
func (w Warning) String() string { return w.place() + ": " + w.Text }

func (w Warning) place() string { return fmt.Sprintf("%s:%d", w.File, w.Line) }
