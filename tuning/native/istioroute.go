package native

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"example.com/keeptune/model"
)

// An istioRoute is a destination of a VirtualService's route.
type istioRoute struct {
	scope       *scope
	destination *yaml.Node
}

// virtualService reads Istio's routes: what is sent again, and how long an
// answer may take.
func (e *envoyReader) virtualService(name string, spec *yaml.Node) {
	routes := e.items(e.at(spec, "http"))
	for i, route := range routes {
		where := "VirtualService " + name
		if len(routes) > 1 {
			where += ", route " + cmp.Or(e.text(route, "name"), e.matched(route), strconv.Itoa(i+1))
		}
		sends := e.items(e.at(route, "route"))
		for _, send := range sends {
			to := e.at(send, "destination")
			label := where
			if len(sends) > 1 {
				label = strings.TrimSpace(where + ", to " + e.text(to, "host") + " " + e.text(to, "subset"))
			}
			s := e.scope(route.Line, label, nil)
			e.in(s, func() {
				e.span(envoyClient+"route.timeout", e.at(route, "timeout"))
				e.istioRepeats(e.at(route, "retries"))
			})
			e.sends = append(e.sends, istioRoute{s, to})
		}
	}
}

// matched is the path that a route is for.
func (e *envoyReader) matched(route *yaml.Node) string {
	for _, match := range e.items(e.at(route, "match")) {
		for _, f := range e.fields(e.at(match, "uri")) {
			return f.value.Value
		}
	}
	return ""
}

// istioRepeats reads retries: without attempts nothing is sent again, and without
// retryOn nothing that meets a close (istio:pilot/pkg/networking/core/route/retry/retry.go).
func (e *envoyReader) istioRepeats(n *yaml.Node) {
	if n == nil || n.Tag == "!!null" {
		return
	}
	attempts, on := e.at(n, "attempts"), e.at(n, "retryOn")
	times, _ := strconv.Atoi(e.text(attempts))
	at, repeats := cmp.Or(on, attempts, n), times > 0 && envoyResets(e.text(on))
	switch {
	case repeats && attempts.Line != at.Line:
		e.use(attempts.Line)
	case times <= 0 && attempts != nil:
		at = attempts
		if on != nil && on.Line != at.Line {
			e.leave(on.Line, "nothing is sent again without attempts")
		}
	case attempts != nil && attempts.Line != at.Line:
		e.leave(attempts.Line, "none of them is for what meets a close")
	}
	e.take(at.Line, envoyRepeats, model.Switch(repeats))
}

// routed lists the routes, each with the pool of its destination in place of
// that pool alone.
func (e *envoyReader) routed() {
	tied := map[*scope]bool{}
	var list []*scope
	for _, r := range e.sends {
		if pool := e.poolOf(r.destination); pool != nil {
			r.scope.also, tied[pool] = []*scope{pool}, true
		} else if len(r.scope.settings) == 0 {
			continue
		}
		r.scope.face, r.scope.system = model.FaceClient, "envoy"
		list = append(list, r.scope)
	}
	e.policies = append(slices.DeleteFunc(e.policies, func(s *scope) bool { return tied[s] }), list...)
}

// poolOf is the pool of a destination: of its subset or of the whole host, and
// there of its port where that has one.
func (e *envoyReader) poolOf(to *yaml.Node) *scope {
	host, subset, port := e.text(to, "host"), e.text(to, "subset"), e.text(to, "port", "number")
	var found *scope
	best := -1
	for _, p := range e.pools {
		if !sameService(p.host, host) || p.subset != "" && p.subset != subset || p.port != "" && p.port != port {
			continue
		}
		fits := 0
		if p.subset != "" {
			fits += 2
		}
		if p.port != "" {
			fits++
		}
		if fits > best {
			found, best = p.scope, fits
		}
	}
	return found
}

// sameService compares names of services, of which one may lack its namespace
// and domain.
func sameService(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}
