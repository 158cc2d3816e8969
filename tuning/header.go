package tuning

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"example.com/keeptune/model"
)

// product is one token of a Server header: a name, and a version behind a slash
// or in parentheses (RFC 9110 section 10.2.4; Jetty writes the latter).
var product = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`([A-Za-z][\w.-]*)(?:[/(]v?(\d+(?:\.\d+)*))?`)
})

// calledOtherwise are the names in Server headers that no system's id or alias
// is; whose version is of something else, in unversioned.
var (
	calledOtherwise = map[string]model.SystemID{"microsoft-iis": "iis", "microsoft-httpapi": "iis", "awselb": "aws-alb"}
	unversioned     = []string{"microsoft-httpapi", "awselb"}
)

// ServerNamed is the system and version that a Server header names, as far as the
// catalog has them; false where it names none.
func ServerNamed(c *model.Catalog, header string) (model.Endpoint, bool) {
	all, err := c.Entries()
	if err != nil || header == "" {
		return model.Endpoint{}, false
	}
	for _, token := range product().FindAllStringSubmatch(model.Clean(header, 200), 8) {
		name := strings.ToLower(token[1])
		i := slices.IndexFunc(all, func(e *model.Entry) bool {
			return e.Server && !e.Middlebox() && (string(e.ID) == name || e.ID == calledOtherwise[name] || slices.Contains(e.Aliases, name))
		})
		if i < 0 {
			continue
		}
		e := model.Endpoint{ID: model.EndpointID(all[i].ID), System: all[i].ID}
		if s, err := c.System(e.System); err == nil && token[2] != "" && s.Order.Valid(model.Version(token[2])) && !slices.Contains(unversioned, name) {
			e.Version = model.Version(token[2])
		}
		return e, true
	}
	return model.Endpoint{}, false
}
