package native

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
)

// An xmlToken is a token of an XML text and where it stands.
type xmlToken struct {
	xml.Token
	line int    // in which it begins
	raw  string // as it is written
}

// attribute is the line in which an attribute of an element stands.
func (p xmlToken) attribute(name string) int {
	at := regexp.MustCompile(`\s` + regexp.QuoteMeta(name) + `\s*=`).FindStringIndex(p.raw)
	if at == nil {
		return p.line
	}
	return p.line + strings.Count(p.raw[:at[0]+1], "\n")
}

// xmlTokens hands each token to take, and warns where the XML is not
// well-formed: what stands there and behind it is not known.
func (r *reader) xmlTokens(text string, take func(xmlToken)) {
	dec := xml.NewDecoder(strings.NewReader(text))
	begin, line := int64(0), 1
	for {
		token, err := dec.Token()
		end, _ := dec.InputPos()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			r.doubt(end, "the XML is not well-formed: "+err.Error())
			return
		}
		take(xmlToken{token, line, text[begin:dec.InputOffset()]})
		begin, line = dec.InputOffset(), end
	}
}
