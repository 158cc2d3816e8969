package wire

import (
	"embed"
	"strings"
)

//go:generate go test -run TestSchemas -update .

//go:embed *.schema.json
var schemas embed.FS

// Schemas are the JSON Schemas of the outputs, by the command that prints them.
func Schemas() map[string][]byte {
	all := map[string][]byte{}
	files, _ := schemas.ReadDir(".") // they are in the program
	for _, f := range files {
		all[strings.TrimSuffix(f.Name(), ".schema.json")], _ = schemas.ReadFile(f.Name())
	}
	return all
}
