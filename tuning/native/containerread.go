package native

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"example.com/keeptune/model"
)

// A containerWord is a word of a command, or a variable and its value.
type containerWord struct {
	file        string
	line        int
	named       int // the line of the name, where that is another
	name, value string
}

// A container is what a service of a compose file, a container of a pod or one
// docker run is told.
type container struct {
	where   string
	file    string
	line    int
	image   string
	sysctls []containerWord
	env     []containerWord // of a name said twice the last counts
	words   []containerWord // the command, its words in value
	files   []heldFile      // that it finds in its file system
	host    string          // why sysctls of its own are refused; empty where they are not
	doubts  []containerWord // why something of it is not known, in value
}

// A heldFile is a file whose text stands in this one, and where its container finds it.
type heldFile struct {
	at   string // in the container; a name alone where no container takes it
	text *yaml.Node
}

// A containerReader collects containers from compose files, Kubernetes
// manifests, values of charts and docker run.
type containerReader struct {
	*reader
	yamlWalk
	lines      []string
	containers []*container
	configs    map[string]*yaml.Node // the data of ConfigMaps
	texts      map[string]*yaml.Node // the texts of a compose file's configs
	held       map[*yaml.Node]bool   // texts that a container takes
	perhaps    map[place]string      // the variables that may say otherwise what a place does
}

// containerOthers are keys that have nothing to do with connections of the
// program: health checks, and the time that a stop may take.
var containerOthers = lazily(`^-?\s*["']?(timeout|timeoutSeconds|retries|interval|start_interval|stop_grace_period|progressDeadlineSeconds|terminationGracePeriodSeconds)["']?\s*:`)

// containerBears reports whether a line of such a file bears on connections.
func containerBears(line string) bool {
	return line != "" && line[0] != '#' && !containerOthers().MatchString(line) && !strings.HasSuffix(line, ":") && concernsConnections(line)
}

// What only compose files have, and only manifests of pods.
const (
	composeSign = `(?m)^services:[ \t]*(?:#.*)?\n(?:[ \t]+.*\n|#.*\n|\s*\n)*?[ \t]+(?:image|build|extends|sysctls):`
	podSign     = `(?m)^kind:[ \t]*["']?(?:Pod|Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|CronJob)\b|^kind:[ \t]*["']?ConfigMap["']?[ \t]*\n(?:.*\n)*?data:[ \t]*\n(?:[ \t]+.*\n|#.*\n|\s*\n)*?[ \t]+["']?[\w.-]+\.(?:conf|cfg)["']?:[ \t]*[|>]`
)

// isContainers reports whether a text is a compose file or a manifest of pods.
func isContainers(text string) bool {
	return strings.Contains(text, "services:") && compiled(composeSign).MatchString(text) || strings.Contains(text, "kind:") && compiled(podSign).MatchString(text)
}

// readContainers makes each container of a file a context of its own: its
// sysctls, its environment and its command line.
func readContainers(r *reader, text string) {
	text = strings.ReplaceAll(text, "\r", "")
	c := &containerReader{reader: r, lines: strings.Split(text, "\n"), configs: map[string]*yaml.Node{}, texts: map[string]*yaml.Node{}, held: map[*yaml.Node]bool{}, perhaps: map[place]string{}}
	r.lastCounts = true
	for n, line := range numbered(text) {
		if containerBears(line) {
			r.bear(n, line)
		}
	}
	if dockerRun().MatchString(text) {
		c.commands(text)
	} else {
		docs := r.yamlDocs(text)
		for _, doc := range docs {
			c.collect(doc)
		}
		for _, doc := range docs {
			c.document(doc)
		}
		c.apart()
		defer c.controllers(docs)
	}
	c.emit()
}

// controllers reads what stands beside the pods for the proxies of a cluster:
// ingress-nginx, Istio, Envoy Gateway and Traefik.
func (c *containerReader) controllers(docs []*yaml.Node) {
	var ingress []*yaml.Node
	mesh := &envoyReader{reader: c.reader, routes: map[string][]envoyRoute{}}
	transports := &traefikReader{reader: c.reader, base: c.scope(1, "", nil)}
	for _, doc := range docs {
		switch c.text(doc, "kind") {
		case "Ingress", "ConfigMap", "List":
			ingress = append(ingress, doc)
		case "DestinationRule", "VirtualService", "EnvoyFilter", "ClientTrafficPolicy", "BackendTrafficPolicy":
			mesh.document(doc)
		case "ServersTransport":
			transports.transport(transports.at(doc, "spec"), strings.TrimSpace("ServersTransport "+c.text(doc, "metadata", "name")))
		}
	}
	controller := c.scope(1, string(ingressNginx), nil)
	c.ingress(ingress, controller)
	if len(controller.settings) > 0 && !slices.ContainsFunc(c.listed, func(s *scope) bool { return s.from == controller }) {
		c.list(controller, "")
	}
	mesh.contexts()
	if !transports.settle() && len(transports.base.settings) > 0 {
		c.list(transports.base, model.FaceClient)
	}
}

func (c *containerReader) at(n *yaml.Node, keys ...string) *yaml.Node {
	return c.get(n, func(a, b string) bool { return a == b }, keys...)
}

func (c *containerReader) text(n *yaml.Node, keys ...string) string {
	if n = c.at(n, keys...); n != nil && n.Kind == yaml.ScalarNode {
		return n.Value
	}
	return ""
}

// collect notes ConfigMaps, whose data a container may take as its environment.
func (c *containerReader) collect(doc *yaml.Node) {
	switch c.text(doc, "kind") {
	case "List":
		for _, item := range c.items(c.at(doc, "items")) {
			c.collect(item)
		}
	case "ConfigMap":
		data := c.at(doc, "data")
		c.configs[c.text(doc, "metadata", "name")] = data
	}
	for _, f := range c.fields(c.at(doc, "configs")) {
		if text := c.at(f.value, "content"); text != nil {
			c.texts[f.key.Value] = text
		}
	}
}

// document reads a compose file, an object of Kubernetes or values of a chart.
func (c *containerReader) document(doc *yaml.Node) {
	if c.text(doc, "kind") == "List" {
		for _, item := range c.items(c.at(doc, "items")) {
			c.document(item)
		}
		return
	}
	services := c.at(doc, "services")
	switch {
	case services != nil && services.Kind == yaml.MappingNode:
		for _, f := range c.fields(services) {
			c.containers = append(c.containers, c.service(services, f.key, f.value, 0))
		}
		if more := c.at(doc, "include"); more != nil {
			c.doubt(more.Line, "the compose files of include were not read")
		}
		c.networks()
	case c.text(doc, "kind") != "":
		c.pods(doc, strings.ToLower(c.text(doc, "kind"))+" "+c.text(doc, "metadata", "name"), 0)
	default:
		c.values(doc, nil)
	}
}

// composeDepth bounds how many services extend each other.
const composeDepth = 10

// service reads one service of a compose file, on top of the one that it extends.
func (c *containerReader) service(all, key, n *yaml.Node, depth int) *container {
	s := &container{where: "service " + key.Value, file: c.file, line: key.Line}
	if base := c.at(n, "extends"); base != nil && depth < composeDepth {
		name := cmp.Or(c.text(base, "service"), base.Value)
		if from := c.at(all, name); from != nil && c.text(base, "file") == "" {
			other := c.service(all, key, from, depth+1)
			s.image, s.sysctls, s.env, s.words, s.host, s.doubts = other.image, other.sysctls, other.env, other.words, other.host, other.doubts
		} else {
			s.doubts = append(s.doubts, c.doubtful(base.Line, "the service that it extends was not read"))
		}
	}
	s.image = cmp.Or(c.text(n, "image"), s.image)
	s.sysctls = append(s.sysctls, c.assignments(c.at(n, "sysctls"))...)
	for _, file := range c.items(c.at(n, "env_file")) {
		name := cmp.Or(c.text(file, "path"), file.Value)
		s.doubts = append(s.doubts, c.envFile(file.Line, name, s)...)
	}
	s.env = append(s.env, c.assignments(c.at(n, "environment"))...)
	for _, taken := range c.items(c.at(n, "configs")) {
		name := cmp.Or(c.text(taken, "source"), taken.Value)
		c.hold(s, cmp.Or(c.text(taken, "target"), "/"+name), c.texts[name])
	}
	s.commands(c, c.at(n, "entrypoint"), c.at(n, "command"))
	if mode := c.text(n, "network_mode"); mode == "host" {
		s.host = "with network_mode: host Docker refuses it; the host's own sysctls hold"
	} else if other, ok := strings.CutPrefix(mode, "service:"); ok {
		s.host = other // until the other is known
	}
	return s
}

// networks gives a service in the network of another that one's sysctls.
func (c *containerReader) networks() {
	for _, s := range c.containers {
		for _, other := range c.containers {
			if s.host != "" && other.where == "service "+s.host {
				s.sysctls, s.host = other.sysctls, ""
			}
		}
	}
}

// commands take a command line in place of the one before.
func (s *container) commands(c *containerReader, lists ...*yaml.Node) {
	var words []containerWord
	for _, list := range lists {
		for _, item := range c.items(list) {
			words = append(words, c.words(item)...)
		}
	}
	if len(words) > 0 {
		s.words = words
	}
}

// words are those of a value, each with the line that it stands in.
func (c *containerReader) words(n *yaml.Node) []containerWord {
	var list []containerWord
	if n.Kind != yaml.ScalarNode {
		return nil
	}
	line := n.Line
	for part := range strings.Lines(n.Value) {
		for _, quoted := range splitWords(strings.TrimSuffix(strings.TrimSpace(part), `\`)) {
			for _, w := range splitWords(quoted) { // what a shell is told in quotes is words, too
				line = c.lineOf(w, line, n.Line+1+len(n.Value))
				list = append(list, containerWord{file: c.file, line: line, value: w})
			}
		}
	}
	return list
}

// lineOf is the first line from one on that has a word, or that one.
func (c *containerReader) lineOf(word string, from, to int) int {
	for at := from; at <= min(len(c.lines), to); at++ {
		if strings.Contains(c.lines[at-1], word) {
			return at
		}
	}
	return from
}

func (c *containerReader) doubtful(line int, text string) containerWord {
	return containerWord{file: c.file, line: line, value: text}
}

// assignments are names and values as a mapping, as a list of NAME=VALUE, or as
// a list of names beside their values.
func (c *containerReader) assignments(n *yaml.Node) []containerWord {
	var list []containerWord
	if n != nil && n.Kind == yaml.MappingNode {
		for _, f := range c.fields(n) {
			if f.value != nil && f.value.Kind == yaml.ScalarNode {
				list = append(list, containerWord{c.file, f.value.Line, f.key.Line, f.key.Value, f.value.Value})
			}
		}
		return list
	}
	for _, item := range c.items(n) {
		name, value := c.at(item, "name"), c.at(item, "value")
		switch {
		case item.Kind == yaml.ScalarNode:
			key, text, _ := strings.Cut(item.Value, "=")
			list = append(list, containerWord{c.file, item.Line, item.Line, key, text})
		case name != nil && value != nil:
			list = append(list, containerWord{c.file, value.Line, name.Line, name.Value, value.Value})
		case name != nil && c.at(item, "valueFrom") != nil:
			from := c.at(item, "valueFrom")
			if found := c.at(c.configs[c.text(from, "configMapKeyRef", "name")], c.text(from, "configMapKeyRef", "key")); found != nil {
				c.use(from.Line)
				list = append(list, containerWord{c.file, found.Line, name.Line, name.Value, found.Value})
				continue
			}
			list = append(list, containerWord{c.file, name.Line, name.Line, name.Value, "${" + name.Value + "}"})
		}
	}
	return list
}

// envFile reads a file of NAME=VALUE lines.
func (c *containerReader) envFile(line int, name string, s *container) (doubts []containerWord) {
	o := &c.opened
	c.use(line)
	if o.source.Files == nil || o.source.Path == "" {
		return []containerWord{c.doubtful(line, name+" was not read: only the text of one file is here")}
	}
	found := path.Join(path.Dir(o.source.Path), name)
	if path.IsAbs(name) {
		found = name
	}
	text, err := o.read(found)
	if err != nil {
		return []containerWord{c.doubtful(line, name+" was not read: "+err.Error())}
	}
	c.reading(found, text, func(text string) bool {
		for n, l := range numbered(text) {
			if l == "" || l[0] == '#' {
				continue
			}
			if containerBears(l) {
				c.bear(n, l)
			}
			key, value, _ := strings.Cut(strings.TrimPrefix(l, "export "), "=")
			s.env = append(s.env, containerWord{c.file, n, n, strings.TrimSpace(key), strings.Trim(strings.TrimSpace(value), `"'`)})
		}
		return true
	})
	return nil
}

// podDepth bounds how deep the parts of a pod are looked for.
const podDepth = 30

// pods looks for the specification of a pod in an object.
func (c *containerReader) pods(n *yaml.Node, where string, depth int) {
	if n = c.real(n); n == nil || n.Kind != yaml.MappingNode || depth > podDepth {
		return
	}
	own := c.at(n, "securityContext", "sysctls")
	if c.at(n, "containers") == nil && own == nil {
		for _, f := range c.fields(n) {
			c.pods(f.value, where, depth+1)
		}
		return
	}
	c.pod(n, strings.TrimSpace(where), own)
}

// pod reads the containers of a pod, which share its network.
func (c *containerReader) pod(n *yaml.Node, where string, own *yaml.Node) {
	sysctls, host := c.assignments(own), ""
	if c.text(n, "hostNetwork") == "true" {
		host = "with hostNetwork: true the pod has the host's own"
	}
	var containers []*yaml.Node
	for _, init := range c.items(c.at(n, "initContainers")) {
		if c.text(init, "restartPolicy") == "Always" { // a sidecar
			containers = append(containers, init)
		}
		before := &container{}
		before.commands(c, c.at(init, "command"), c.at(init, "args"))
		sysctls = append(sysctls, before.sysctlCommands()...)
	}
	containers = append(containers, c.items(c.at(n, "containers"))...)
	if len(containers) == 0 {
		c.containers = append(c.containers, &container{where: where, file: c.file, line: n.Line, sysctls: sysctls, host: host})
	}
	for _, item := range containers {
		s := &container{where: where, file: c.file, line: item.Line, image: c.text(item, "image"), sysctls: sysctls, host: host}
		if len(containers) > 1 {
			s.where += " container " + c.text(item, "name")
		}
		c.environment(item, s)
		c.volumes(n, item, s)
		c.containers = append(c.containers, s)
	}
}

// environment reads what a container of a pod is told.
func (c *containerReader) environment(n *yaml.Node, s *container) {
	for _, from := range c.items(c.at(n, "envFrom")) {
		name := c.text(from, "configMapRef", "name")
		data, known := c.configs[name]
		switch {
		case known:
			for _, w := range c.assignments(data) {
				w.name = c.text(from, "prefix") + w.name
				s.env = append(s.env, w)
			}
		case name != "":
			s.doubts = append(s.doubts, c.doubtful(from.Line, "the ConfigMap "+name+" of envFrom is not here"))
		}
	}
	s.env = append(s.env, c.assignments(c.at(n, "env"))...)
	s.commands(c, c.at(n, "command"), c.at(n, "args"))
}

// chartKeys are what charts call the settings of a container in their values.
var (
	chartEnvironments = []string{"env", "envVars", "environment", "extraEnv", "extraEnvs", "extraEnvVars"}
	chartCommands     = []string{"command", "args", "extraArgs", "additionalArguments"}
	chartContexts     = []string{"securityContext", "podSecurityContext"}
)

// values reads values of a chart: each part that tells a container something.
func (c *containerReader) values(n *yaml.Node, keys []string) {
	if n = c.real(n); n == nil || n.Kind != yaml.MappingNode || len(keys) > podDepth {
		return
	}
	if c.at(n, "containers") != nil { // of a pod, in a patch
		c.pods(n, "", 0)
		return
	}
	s := &container{where: strings.Join(keys, "."), file: c.file, line: n.Line, image: cmp.Or(c.text(n, "image"), c.text(n, "image", "repository"))}
	for _, key := range chartContexts {
		s.sysctls = append(s.sysctls, c.assignments(c.at(n, key, "sysctls"))...)
	}
	for _, key := range chartEnvironments {
		s.env = append(s.env, c.assignments(c.at(n, key))...)
	}
	var commands []*yaml.Node
	for _, key := range chartCommands {
		commands = append(commands, c.at(n, key))
	}
	s.commands(c, commands...)
	if len(s.sysctls)+len(s.env)+len(s.words) > 0 {
		c.containers = append(c.containers, s)
	}
	for _, f := range c.fields(n) {
		if !slices.Contains(slices.Concat(chartEnvironments, chartContexts), f.key.Value) {
			c.values(f.value, append(slices.Clip(keys), f.key.Value))
		}
	}
}
