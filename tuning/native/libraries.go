package native

// librarySyntaxes are source snippets and flags: of programs that serve, and of
// clients.
func librarySyntaxes() []*syntax {
	return []*syntax{
		node(), goServer(), goClient(), curl(),
		undici(), nodeClient(), java(), dotnet(), python(), guzzle(), ruby(), rust(), cowboy(), grpc(),
	}
}
