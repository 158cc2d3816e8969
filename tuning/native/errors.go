package native

import (
	"errors"
	"fmt"
	"strings"

	"example.com/keeptune/model"
)

// errNotDumped is for a file that the output of nginx -T does not have.
var errNotDumped = errors.New("it is not in the output of nginx -T")

// A NothingError says that a document has nothing that a format would write.
type NothingError struct {
	Format   string
	Endpoint model.EndpointID // empty where the path has nobody who reads this format
	Subject  string           // the product and its version
}

// Error is one sentence that says what to do.
func (e *NothingError) Error() string {
	if e.Endpoint == "" {
		return fmt.Sprintf("nothing on this path reads the format %s; keeptune systems SYSTEM shows what a system reads", e.Format)
	}
	return fmt.Sprintf("no value of %s is changed; change one first", e.Subject)
}

// An InexpressibleError says that a target cannot be told a value.
type InexpressibleError struct {
	Endpoint model.EndpointID
	Param    model.ParamID
	Value    model.Value
	Target   string // the product, version or syntax that cannot say it
	Why      string // and what would be right
}

// Error is one sentence that names the value and the target.
func (e *InexpressibleError) Error() string {
	return fmt.Sprintf("%s: %s cannot be %s in %s: %s", e.Endpoint, e.Param, e.Value.Human(), e.Target, e.Why)
}

// An UnknownFormatError names an export format that does not exist.
type UnknownFormatError struct {
	ID   string
	Near []string // formats that look like it
}

// Error is one sentence with what may have been meant.
func (e *UnknownFormatError) Error() string {
	if len(e.Near) > 0 {
		return fmt.Sprintf("there is no format %q; did you mean %s?", model.Clean(e.ID, 60), strings.Join(e.Near, " or "))
	}
	return fmt.Sprintf("there is no format %q; keeptune export --list lists them", model.Clean(e.ID, 60))
}

// A DetectError says that nobody could tell which syntax a file has.
type DetectError struct{ File string }

// Error is one sentence with what to add.
func (e *DetectError) Error() string {
	return fmt.Sprintf("%s: the format cannot be told from the content; say it with --as (keeptune export --list lists the formats)", e.File)
}
