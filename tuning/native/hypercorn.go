package native

func hypercorn() *syntax {
	return lineFormat(syntax{
		id:    "hypercorn",
		signs: []string{`(?m)^\s*keep_alive_(timeout|max_requests)\s*=`},
		title: "Hypercorn: a TOML configuration for -c", comment: hash,
		checks:       []check{{"hypercorn", "0.13.2", "hypercorn -c"}},
		inContainers: true,
		effect: func(*target) []string {
			return []string{"A restart reads it: requests at work are finished, idle connections are closed."}
		},
	}, "=", lineFile{
		name: "keeptune_hypercorn.toml", system: "hypercorn",
		use:   "hypercorn -c FILE APP, or copy the lines to your own file, above its first [table]; the same lines stand in a Python file. A flag on the command line wins over it.",
		knobs: bareKnobs("hypercorn.", " = ", "keep_alive_timeout", "keep_alive_max_requests", "read_timeout"),
	})
}
