// Keeptune is a terminal tuner for connection keep-alive: both ends of a
// connection side by side, the limit that follows from them, a live test, and
// the configuration for both.
package main

import (
	"os"

	"example.com/keeptune/ui/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
