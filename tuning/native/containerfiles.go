package native

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// hold notes that a container finds a text at a place.
func (c *containerReader) hold(s *container, at string, text *yaml.Node) {
	if text != nil && text.Kind == yaml.ScalarNode {
		s.files = append(s.files, heldFile{at, text})
		c.held[text] = true
	}
}

// volumes are the ConfigMaps that a container of a pod mounts.
func (c *containerReader) volumes(pod, n *yaml.Node, s *container) {
	sources := map[string]*yaml.Node{}
	for _, v := range c.items(c.at(pod, "volumes")) {
		sources[c.text(v, "name")] = c.at(v, "configMap")
	}
	for _, m := range c.items(c.at(n, "volumeMounts")) {
		from, at := sources[c.text(m, "name")], c.text(m, "mountPath")
		data := c.configs[c.text(from, "name")]
		paths := map[string]string{}
		for _, item := range c.items(c.at(from, "items")) {
			paths[c.text(item, "key")] = c.text(item, "path")
		}
		for _, f := range c.fields(data) {
			name, listed := paths[f.key.Value]
			if len(paths) > 0 && !listed {
				continue
			}
			name = cmp.Or(name, f.key.Value)
			switch sub := c.text(m, "subPath"); sub {
			case "":
				c.hold(s, path.Join(at, name), f.value)
			case name:
				c.hold(s, at, f.value)
			}
		}
	}
}

// apart makes a container of each file of a ConfigMap that no container of this text takes: it
// is read where its content tells the format.
func (c *containerReader) apart() {
	for _, name := range slices.Sorted(maps.Keys(c.configs)) {
		for _, f := range c.fields(c.configs[name]) {
			if f.value == nil || c.held[f.value] || !strings.Contains(strings.TrimSpace(f.value.Value), "\n") {
				continue
			}
			if strings.Contains(f.key.Value, ".") && lyingFormat(heldFile{f.key.Value, f.value}) != nil {
				s := &container{where: "configmap " + name + " " + f.key.Value, file: c.file, line: f.key.Line}
				c.hold(s, f.key.Value, f.value)
				c.containers = append(c.containers, s)
				continue
			}
			for n := f.value.Line; n < min(f.value.Line+1+strings.Count(f.value.Value, "\n"), len(c.lines)+1); n++ {
				c.left[place{c.file, n}] = "it stands in the file " + f.key.Value + "; import that by itself"
			}
		}
	}
}

// lyingFormat is the format of a file: by where it lies or, where no container takes it, by its
// content.
func lyingFormat(f heldFile) *syntax {
	found := ""
	if !path.IsAbs(f.at) {
		found = signed(f.text.Value)
	}
	for _, l := range lyingFiles {
		if l.at().MatchString(f.at) {
			return l.format()
		}
		if s := l.format(); found == s.id {
			return s
		}
	}
	return nil
}

// readFiles reads the files that a container finds, each with the lines that it has here. It
// reports whether one of them has several places, which are listed.
func (c *containerReader) readFiles(s *container, at *scope) (apart bool) {
	before, root := len(c.listed), c.root
	c.root = at
	for _, f := range s.files {
		format := lyingFormat(f)
		if format == nil {
			continue
		}
		text, first := f.text.Value, f.text.Line
		if f.text.Style == yaml.LiteralStyle || f.text.Style == yaml.FoldedStyle {
			first++
		}
		if strings.HasPrefix(s.where, "service ") {
			text = strings.ReplaceAll(text, "$$", "$")
		}
		c.in(at, func() { format.read(c.reader, strings.Repeat("\n", first-1)+text) })
	}
	c.root = root
	return len(c.listed) > before
}
