package native

import (
	"path"

	"example.com/keeptune/model"
)

// Command reads the options of a running program: the words of its command line, the
// program first. Its contexts are empty where no option of them is known here. Name is
// how messages call it.
func Command(name string, words []string, c *model.Catalog) Import {
	r := newReader(docker(), Source{Name: name}, c)
	r.lastCounts = true
	all := &container{file: name, line: 1}
	for _, w := range words {
		all.words = append(all.words, containerWord{file: name, line: 1, value: w})
	}
	if len(words) > 0 {
		all.image = path.Base(words[0])
	}
	read := &containerReader{reader: r, containers: []*container{all}, perhaps: map[place]string{}}
	read.emit()
	contexts := r.contexts()
	for i := range contexts {
		contexts[i].Hosted = false
	}
	return Import{System: r.root.system, Contexts: contexts, Settings: agreed(contexts, c), Warnings: r.warnings}
}
