package contract

import "example.com/keeptune/model"

// A Namespace is a network namespace of this host that can be chosen.
type Namespace struct {
	Name      string // by which it is named; empty for this host's own
	Whose     string // container engine and container; empty for none
	Processes int
	First     string // its first process, with its number; empty for none
}

// AskNamespace asks in which network namespace this host is read, counted and changed; Then
// follows the answer.
type AskNamespace struct{ Then Action }

// ChooseNamespace reads, counts and changes what is in a network namespace from now on, "" for
// this host's own.
type ChooseNamespace struct {
	Name string
	Then Action
}

func (AskNamespace) action()    {}
func (ChooseNamespace) action() {}

// Where is what is read, counted and changed.
func (c *Context) Where() string { return NamespaceText(c.Netns) }

// NamespaceText is this host, or a network namespace of it.
func NamespaceText(name string) string {
	if name == "" {
		return "this host"
	}
	return "network namespace " + model.Clean(name, 60)
}
