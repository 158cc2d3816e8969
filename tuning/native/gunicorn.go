package native

import (
	"slices"
	"strings"

	"example.com/keeptune/model"
)

// gunicornUvicorn is Gunicorn with workers that take only its keepalive.
const gunicornUvicorn model.SystemID = "gunicorn-uvicorn"

func gunicorn() *syntax {
	const use = "Copy the lines to the end of your gunicorn.conf.py, or use the file alone: gunicorn -c FILE APP. A flag on the command line wins over it."
	threads := lineFile{
		name: "keeptune_gunicorn.py", system: "gunicorn", use: use,
		knobs: bareKnobs("gunicorn.", " = ", "keepalive", "worker_connections"),
	}
	uvicorns := lineFile{
		name: threads.name, system: gunicornUvicorn,
		use:   "For worker_class UvicornWorker, which takes it as timeout_keep_alive. " + use,
		knobs: bareKnobs(model.ParamID(gunicornUvicorn)+".", " = ", "keepalive"),
	}
	return lineFormat(syntax{
		id:    "gunicorn",
		signs: []string{`(?m)^\s*(worker_class|worker_connections|workers|keepalive)\s*=`},
		title: "Gunicorn: lines of gunicorn.conf.py", comment: hash,
		checks: []check{{"gunicorn", "20.1.0", "gunicorn --check-config"}},
		effect: func(t *target) []string {
			list := []string{"gunicorn --check-config -c FILE APP, then HUP to the master: new workers start, the old ones finish their requests and close their connections."}
			if t.side.System.ID == "gunicorn" {
				list = append(list, "The sync worker, which is the usual one, closes after each answer whatever is set here; gthread and gevent keep connections.")
			}
			return list
		},
		inContainers: true,
		read: func(r *reader, text string) {
			file := threads
			if r.forUvicornWorker(text) {
				file = uvicorns
			}
			r.assignments(text, &file)
		},
	}, "=", threads, uvicorns)
}

// assignments reads what a program in Python assigns to the names of a file.
func (r *reader) assignments(text string, file *lineFile) {
	p := newProgram(blankComments(text, "#"))
	for n, line := range numbered(p.text) {
		name, rest, ok := strings.Cut(line, "=")
		k := slices.IndexFunc(file.knobs, func(k knob) bool { return k.param.Name() == strings.TrimSpace(name) })
		if !ok || k < 0 {
			continue
		}
		id, x := file.knobs[k].param, expression(strings.TrimSpace(rest))
		if v, known := p.value(x); known {
			r.set(n, id, decimal(v))
			continue
		}
		r.unknown(n, id, "%s is %s, which is not a number", id, x)
	}
}

// uvicornWorker is the class as a file names it.
var uvicornWorker = lazily(`worker_class\b.*UvicornWorker`)

// forUvicornWorker tells whose keepalive a file sets: from the session that it
// carries, or from the class that it names.
func (r *reader) forUvicornWorker(text string) bool {
	if r.document != nil {
		return slices.ContainsFunc(r.document.Path.Endpoints, func(e model.Endpoint) bool { return e.System == gunicornUvicorn })
	}
	return uvicornWorker().MatchString(text)
}
