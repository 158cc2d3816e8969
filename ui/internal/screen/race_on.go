//go:build race

package screen

// raced says that the tests run under the race detector: what they start is built
// with it, too, of packages that are compiled already.
const raced = true
