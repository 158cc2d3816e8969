package screen

import "os"

// built is the directory that Build made; "" for none.
var built string

// Clean removes the binary that Build made, at the end of the test process.
func Clean() error {
	if built == "" {
		return nil
	}
	return os.RemoveAll(built)
}
