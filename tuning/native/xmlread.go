package native

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// xmlTokens hands each token to take with the line in which it ends, and warns
// where the XML is not well-formed.
func (r *reader) xmlTokens(text string, take func(line int, token xml.Token)) {
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := dec.Token()
		line, _ := dec.InputPos()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			r.warn(line, "the XML is not well-formed: %s", err)
			return
		}
		take(line, token)
	}
}
