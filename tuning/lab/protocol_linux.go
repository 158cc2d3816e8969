package lab

// variable is the environment variable by which the copy of the program in the
// namespaces knows what it is.
const variable = "KEEPTUNE_LAB_INSIDE"

// An order is what the copy reads from its standard input.
type order struct {
	Cases    []Case
	Parallel int
	IP, NFT  string // the commands' files
}

// A line is what the copy writes to its standard output, one JSON value each.
type line struct {
	Sample      *Sample `json:",omitempty"`
	Unavailable string  `json:",omitempty"`
	Failed      string  `json:",omitempty"`
	HZ          int     `json:",omitempty"` // in the last line
}
