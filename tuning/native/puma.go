package native

const pumaFace = "puma."

func puma() *syntax {
	return lineFormat(syntax{
		id:    "puma",
		signs: []string{`(?m)^\s*(persistent_timeout|first_data_timeout|preload_app!|plugin :|threads\s+\S+,)`},
		title: "Puma: lines of puma.rb", comment: hash,
		checks: []check{{"puma", "5.6.5", "puma -C"}},
		effect: func(*target) []string {
			return []string{"A restart reads the file. Requests at work are finished; idle connections are closed."}
		},
	}, "()", lineFile{
		name: "keeptune_puma.rb", system: "puma",
		use: "Copy the lines to the end of config/puma.rb; of a name that is set twice the last one counts.",
		knobs: append(bareKnobs(pumaFace, " ", "persistent_timeout", "first_data_timeout", "max_keep_alive"),
			knob{param: pumaFace + "enable_keep_alives", line: "enable_keep_alives %s", on: "true", off: "false"}),
	})
}
