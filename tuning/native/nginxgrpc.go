package native

import (
	"maps"
	"slices"

	"example.com/keeptune/model"
)

// nginxCalls are the lines that grpc_pass reads in place of those of proxy_pass
// (nginx:src/http/modules/ngx_http_grpc_module.c).
var nginxCalls = map[string]string{
	"grpc_next_upstream":    "proxy_next_upstream",
	"grpc_socket_keepalive": "proxy_socket_keepalive",
	"grpc_read_timeout":     "proxy_read_timeout",
	"grpc_send_timeout":     "proxy_send_timeout",
}

// nginxCalled are the settings that such a line decides.
var nginxCalled = map[string][]model.ParamID{
	"proxy_next_upstream":    {nginxRepeats, nginxRepeatsAll},
	"proxy_socket_keepalive": {nginxClientKA},
	"proxy_read_timeout":     {"nginx.upstream.proxy_read_timeout"},
	"proxy_send_timeout":     {"nginx.upstream.proxy_send_timeout"},
}

// A call is such a line.
type call struct {
	place
	statement
}

// calling gives a block that sends by grpc_pass its lines of that, the nearest
// of each, and takes away what it does not read.
func (n *nginxFile) calling(b *nginxBlock) {
	if !b.grpc {
		return
	}
	for _, id := range slices.Concat(slices.Collect(maps.Values(nginxCalled))...) {
		delete(b.scope.settings, id)
		sys, err := n.catalog.System(id.System())
		if err == nil && slices.ContainsFunc(b.scope.chain(), func(s *scope) bool { _, ok := s.settings[id]; return ok }) {
			b.scope.settings[id] = model.Setting{
				Value:  sys.DefaultAt(sys.Param(id), sys.Assume).Value,
				Origin: model.Origin{Kind: model.FromDefault, Where: b.pass.file, Line: b.pass.line},
			}
		}
	}
	near := map[string]bool{}
	for at := b; at != nil; at = at.outer {
		for _, c := range slices.Backward(at.calls) {
			if name := c.words[0]; !near[name] {
				near[name] = true
				n.from(c.place, func() { n.call(b, c.statement) })
			}
		}
	}
}

// call takes a line as that of proxy_pass which it stands for.
func (n *nginxFile) call(b *nginxBlock, s statement) {
	n.use(s.line)
	s.words = append([]string{nginxCalls[s.words[0]]}, s.words[1:]...)
	for _, id := range nginxCalled[s.words[0]] {
		delete(b.scope.settings, id)
	}
	n.level(b, s)
}
