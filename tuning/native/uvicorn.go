package native

import (
	"strings"

	"example.com/keeptune/model"
)

const uvicornIdle model.ParamID = "uvicorn.timeout_keep_alive"

func uvicorn() *syntax {
	return lineFormat(syntax{
		id:    "uvicorn",
		signs: []string{`UVICORN_[A-Z_]+=|--timeout-keep-alive`},
		title: "Uvicorn: its environment, and the same as a flag", comment: hash,
		checks: []check{{"uvicorn", "0.17.6", "uvicorn with this environment"}},
		effect: func(*target) []string {
			return []string{"A restart reads it: requests at work are finished, idle connections are closed."}
		},
		read: readUvicorn, inContainers: true,
	}, "=", lineFile{
		name: "keeptune-uvicorn.env", system: "uvicorn",
		use:   "Name it as EnvironmentFile= in the systemd unit, or add the flag at its end to the command. A flag wins over the environment; a program that calls uvicorn.run itself reads neither and takes timeout_keep_alive=.",
		knobs: []knob{{param: uvicornIdle, line: "UVICORN_TIMEOUT_KEEP_ALIVE=%s"}},
		body:  uvicornBody,
	})
}

func uvicornBody(p *page, sh *lineFile) error {
	if err := lineBody(p, sh); err != nil {
		return err
	}
	for _, it := range p.has(uvicornIdle) {
		text, err := p.knobValue(it, sh.knob(uvicornIdle))
		if err != nil || it.gone {
			return err
		}
		p.gap()
		p.say("", "The same on the command line:")
		p.add(p.comment("uvicorn --timeout-keep-alive " + text + " APP"))
	}
	return nil
}

var uvicornSetting = lazily(`(?:UVICORN_TIMEOUT_KEEP_ALIVE=|--timeout-keep-alive[= ]+)([^\s"']+)`)

// readUvicorn reads an environment, and the flag in a unit or a script.
func readUvicorn(r *reader, text string) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, m := range uvicornSetting().FindAllStringSubmatch(line, -1) {
			r.set(n, uvicornIdle, m[1])
		}
	}
}
