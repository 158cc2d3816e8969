package native

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlLimit bounds how many nodes of a YAML file are looked at: a few lines of
// aliases can mean billions.
const yamlLimit = 200_000

// yamlDocs are the documents of a YAML or JSON file, up to the first that
// cannot be read, which is warned of.
func (r *reader) yamlDocs(text string) []*yaml.Node {
	var docs []*yaml.Node
	dec := yaml.NewDecoder(strings.NewReader(text))
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return docs
		}
		if err != nil {
			r.yamlError(text, err)
			return docs
		}
		if len(doc.Content) == 1 {
			docs = append(docs, doc.Content[0])
		}
	}
}

// yamlError warns of what a YAML file has that cannot be read, at its line.
func (r *reader) yamlError(text string, err error) {
	message, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	var rest string
	if n, _ := fmt.Sscanf(message, "line %d: %s", &line, &rest); n > 0 {
		_, message, _ = strings.Cut(message, ": ")
	}
	line = min(max(line, 1), 1+strings.Count(text, "\n"))
	r.warn(line, "this is not YAML: %s; what follows was not read", message)
	r.doubt(line, "the file is not YAML from here on")
}

// A yamlWalk goes through nodes and what their aliases mean.
type yamlWalk struct{ seen int }

// real is a node, or the one that it is an alias of.
func (w *yamlWalk) real(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if w.seen++; w.seen > yamlLimit {
		return nil
	}
	return n
}

// A yamlField is a key of a mapping and its value.
type yamlField struct {
	key   *yaml.Node
	value *yaml.Node
}

// fields are the keys of a mapping, with those that it merges from others,
// which its own replace.
func (w *yamlWalk) fields(n *yaml.Node) []yamlField {
	n = w.real(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	var own, merged []yamlField
	has := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != "<<" || n.Content[i].Tag != "!!merge" {
			own = append(own, yamlField{n.Content[i], w.real(n.Content[i+1])})
			has[n.Content[i].Value] = true
			continue
		}
		from := w.real(n.Content[i+1])
		if from == nil {
			continue
		}
		sources := []*yaml.Node{from}
		if from.Kind == yaml.SequenceNode {
			sources = from.Content
		}
		for _, s := range sources {
			merged = append(merged, w.fields(s)...)
		}
	}
	for _, f := range merged {
		if !has[f.key.Value] {
			has[f.key.Value] = true
			own = append(own, f)
		}
	}
	return own
}

// items are the elements of a sequence; anything else is its own only one.
func (w *yamlWalk) items(n *yaml.Node) []*yaml.Node {
	n = w.real(n)
	switch {
	case n == nil:
		return nil
	case n.Kind != yaml.SequenceNode:
		return []*yaml.Node{n}
	}
	list := make([]*yaml.Node, 0, len(n.Content))
	for _, item := range n.Content {
		if item = w.real(item); item != nil {
			list = append(list, item)
		}
	}
	return list
}

// get follows keys, which are compared as same says.
func (w *yamlWalk) get(n *yaml.Node, same func(a, b string) bool, keys ...string) *yaml.Node {
	for _, key := range keys {
		var next *yaml.Node
		for _, f := range w.fields(n) {
			if same(f.key.Value, key) {
				next = f.value
			}
		}
		if n = next; n == nil {
			return nil
		}
	}
	return w.real(n)
}

// scalars visits every plain value with the keys that lead to it; the elements
// of a sequence have the key of their sequence.
func (w *yamlWalk) scalars(n *yaml.Node, path []string, visit func(path []string, n *yaml.Node)) {
	n = w.real(n)
	switch {
	case n == nil || len(path) > 100:
	case n.Kind == yaml.MappingNode:
		for _, f := range w.fields(n) {
			w.scalars(f.value, append(slices.Clip(path), f.key.Value), visit)
		}
	case n.Kind == yaml.SequenceNode:
		for _, item := range n.Content {
			w.scalars(item, path, visit)
		}
	case n.Kind == yaml.ScalarNode:
		visit(path, n)
	}
}
