package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/census"
	"example.com/keeptune/ui/censuspage"
	"example.com/keeptune/ui/cli/wire"
)

// openList opens a list of connections: a file, or standard input for -.
func (a *app) openList(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(a.in), nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w; name what ss -tanoie printed, or conntrack -L", model.Clean(name, 200), unwrapPath(err))
	}
	return file, nil
}

func listName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// tracked reports whether a list begins as one of tracked connections does; it takes
// nothing away.
func tracked(r *bufio.Reader) bool {
	head, _ := r.Peek(4 << 10) // less where there is no more
	for line := range strings.Lines(string(head)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "conntrack v") {
			return census.IsTracked(line)
		}
	}
	return false
}

// runTracked counts a list of tracked connections.
func (a *app) runTracked(r io.Reader, f *censusFlags, from string) error {
	switch {
	case f.filter != "" || f.sockets || f.options || f.columns != "":
		return errors.New("--filter, --sockets, --options and --columns are for lists of sockets; this is one of tracked connections")
	case f.netns != "":
		return errors.New("--netns reads this host; leave it out where a list is read")
	case f.path != "" || f.session != "":
		return errors.New("--path and --session stand beside idle times, which tracked connections do not tell; leave them out")
	}
	var k census.Tracking
	_, others, err := census.ReadTracked(r, k.Add)
	if err != nil {
		return fmt.Errorf("%s: %w", model.Clean(listName(from), 200), err)
	}
	k.Others = others
	switch f.format {
	case "text":
		var p page
		p.lines(censuspage.TrackedLines(&k, censuspage.Options{Width: width, Of: listName(from)}))
		return p.flush(a.out)
	case "json":
		return wire.Print(a.out, wire.FromTracking(&k, listName(from), versionText()))
	}
	return fmt.Errorf("--format takes text or json here, not %q", model.Clean(f.format, 40))
}
