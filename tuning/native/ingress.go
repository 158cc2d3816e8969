package native

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"example.com/keeptune/model"
)

const (
	ingressNginx model.SystemID = "ingress-nginx"
	// ingressAnnotation begins the keys of an Ingress that the controller reads.
	ingressAnnotation = "nginx.ingress.kubernetes.io/"
)

// ingressKeys are the keys of the ConfigMap, by face.
var ingressKeys = map[model.FaceKind][]string{
	model.FaceServer: {"keep-alive", "keep-alive-requests", "client-header-timeout", "client-body-timeout"},
	model.FaceClient: {
		"upstream-keepalive-connections", "upstream-keepalive-timeout", "upstream-keepalive-requests", "upstream-keepalive-time", "proxy-read-timeout", "proxy-send-timeout",
	},
}

// ingressLine is a line of these objects that bears on connections.
var ingressLine = lazily(`^"?[\w./-]*(keep-?alive|timeout|-snippet|retry-non-idempotent)[\w-]*"?:`)

// isIngress reports whether a text is YAML of ingress-nginx.
func isIngress(text string) bool { return ingressSign().MatchString(text) }

var ingressSign = lazily(`(?m)^kind:\s*(ConfigMap|Ingress|List)\b|^\s+"?(` + regexp.QuoteMeta(ingressAnnotation) + `[\w-]+|upstream-keepalive-\w+|keep-alive|keep-alive-requests|proxy-(?:read|send)-timeout)"?:\s`)

func ingressParam(side model.FaceKind, key string) model.ParamID {
	id := string(ingressNginx) + "."
	if side == model.FaceClient {
		id += "upstream."
	}
	return model.ParamID(id + key)
}

// readIngress reads ConfigMaps of the controller, values of its chart, and the
// annotations of Ingresses, which say otherwise for what they send.
func readIngress(r *reader, text string) {
	for n, line := range numbered(text) {
		if ingressLine().MatchString(line) {
			r.bear(n, line)
		}
	}
	r.ingress(r.yamlDocs(text), r.root)
}

// ingress reads objects of Kubernetes, of which those of the controller hold
// for all others.
func (r *reader) ingress(docs []*yaml.Node, controller *scope) {
	controller.system = ingressNginx
	in := &ingress{reader: r, controller: controller}
	r.in(controller, func() {
		for _, doc := range docs {
			in.object(doc)
		}
	})
	for _, o := range in.objects {
		r.list(o, "")
	}
}

// An ingress reads the objects of Kubernetes that a file has.
type ingress struct {
	*reader
	walk       yamlWalk
	controller *scope
	objects    []*scope
}

func (in *ingress) object(n *yaml.Node) {
	switch in.text(n, "kind") {
	case "List":
		for _, item := range in.walk.items(in.get(n, "items")) {
			in.object(item)
		}
	case "ConfigMap":
		in.keys(in.get(n, "data"), "")
	case "Ingress":
		s := in.scope(n.Line, strings.TrimSpace("ingress "+in.text(n, "metadata", "name")), in.controller)
		s.system = ingressNginx
		in.objects = append(in.objects, s)
		in.in(s, func() { in.keys(in.get(n, "metadata", "annotations"), ingressAnnotation) })
	case "":
		in.keys(in.get(n, "controller", "config"), "")
		in.keys(in.get(n, "ingress-nginx", "controller", "config"), "") // as a part of another chart
	}
}

func (in *ingress) get(n *yaml.Node, keys ...string) *yaml.Node {
	return in.walk.get(n, func(a, b string) bool { return a == b }, keys...)
}

func (in *ingress) text(n *yaml.Node, keys ...string) string {
	if v := in.get(n, keys...); v != nil {
		return v.Value
	}
	return ""
}

// keys takes the settings of a mapping whose keys begin with a prefix.
func (in *ingress) keys(n *yaml.Node, prefix string) {
	for _, f := range in.walk.fields(n) {
		key, ok := strings.CutPrefix(f.key.Value, prefix)
		if !ok || f.value == nil {
			continue
		}
		if strings.HasSuffix(key, "-snippet") && nginxBearsText(f.value.Value) {
			in.doubt(f.key.Line, key+" has lines of nginx that bear on connections")
			in.snippet(f.value)
			continue
		}
		for side, keys := range ingressKeys {
			for _, k := range keys {
				if k == key && (prefix == "" || strings.HasPrefix(key, "proxy-")) {
					in.nginxSet(f.value.Line, ingressParam(side, key), f.value.Value)
				}
			}
		}
	}
}

// snippet lists the lines of nginx that a value has, where it is a block.
func (in *ingress) snippet(value *yaml.Node) {
	if value.Style != yaml.LiteralStyle && value.Style != yaml.FoldedStyle {
		return
	}
	for n, line := range numbered(value.Value) {
		if nginxBearsLine(line) {
			in.bear(value.Line+n, line)
			in.leave(value.Line+n, "lines of a snippet are not read")
		}
	}
}

// nginxBearsText is nginxBears for any line of a text.
func nginxBearsText(text string) bool {
	for _, line := range numbered(text) {
		if nginxBearsLine(line) {
			return true
		}
	}
	return false
}
