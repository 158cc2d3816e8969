package host

// Within runs f in a network namespace, on a thread that ends with it. The namespace is a
// name of ip netns, the number of a process in it or a file; "" is this one.
func Within(namespace string, f func() error) error { return within(namespace, f) }
