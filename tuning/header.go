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
	calledOtherwise = map[string]model.SystemID{
		"microsoft-iis": "iis", "microsoft-httpapi": "iis", "awselb": "aws-alb", "apache-coyote": "tomcat", "aiohttp": "aiohttp-server",
		"hypercorn-h11": "hypercorn", "hypercorn-h2": "hypercorn", "hypercorn-h3": "hypercorn",
	}
	unversioned = []string{"microsoft-httpapi", "awselb", "apache-coyote", "wildfly", "cherrypy"}
)

// UnknownServer is the system of a server that the catalog does not have.
const UnknownServer model.SystemID = "unknown-server"

// Called is what a target calls itself in its Server header; Words are empty where
// it says nothing.
type Called struct {
	Words string
	Is    model.Endpoint // [UnknownServer] where the catalog does not have it
}

// CalledItself reads a Server header.
func CalledItself(c *model.Catalog, header string) Called {
	words := model.Clean(header, 60)
	if !product().MatchString(words) {
		return Called{}
	}
	if e, ok := ServerNamed(c, header); ok {
		return Called{words, e}
	}
	return Called{words, model.Endpoint{ID: model.EndpointID(UnknownServer), System: UnknownServer}}
}

// Known reports whether the catalog has what the target calls itself.
func (c Called) Known() bool { return c.Words != "" && c.Is.System != UnknownServer }

// names reports whether a system is what the target calls itself, or a way to run it.
func (c Called) names(id model.SystemID) bool {
	return c.Known() && (id == c.Is.System || strings.HasPrefix(string(id), string(c.Is.System)+"-"))
}

// contradicts reports whether a system cannot be behind those words. What stands in
// front of a server may hand them on.
func (c Called) contradicts(s *model.System) bool {
	return c.Words != "" && !c.names(s.ID) && !s.Middlebox() && s.Kind != "proxy"
}

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
