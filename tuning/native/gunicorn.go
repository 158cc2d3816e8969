package native

func gunicorn() *syntax {
	return lineSyntax(syntax{
		id: "gunicorn", title: "Gunicorn: lines of gunicorn.conf.py", comment: hash,
		checks: []check{{"gunicorn", "20.1.0", "gunicorn --check-config"}},
		effect: func(*target) []string {
			return []string{
				"gunicorn --check-config -c FILE APP, then HUP to the master: new workers start, the old ones finish their requests and close their connections.",
				"The sync worker, which is the usual one, closes after each answer whatever is set here; gthread and gevent keep connections.",
			}
		},
	}, "=", lineSheet{
		name: "keeptune_gunicorn.py", system: "gunicorn",
		use:   "Copy the lines to the end of your gunicorn.conf.py, or use the file alone: gunicorn -c FILE APP. A flag on the command line wins over it.",
		knobs: bareKnobs("gunicorn.", " = ", "keepalive", "worker_connections"),
	}, lineSheet{
		name: "keeptune_gunicorn.py", system: "gunicorn-uvicorn",
		use:   "Copy the line to the end of your gunicorn.conf.py. The UvicornWorker takes it as its timeout_keep_alive.",
		knobs: bareKnobs("gunicorn-uvicorn.", " = ", "keepalive"),
	})
}
