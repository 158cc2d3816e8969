package native

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// dockerRun is a command that starts a container.
var dockerRun = lazily(`(?m)^[^#\n]*\b(?:docker|podman)\s+(?:container\s+)?(?:run|create)\s`)

// dockerValues are the flags of docker run that take a word and that come
// before the image, beside those that are read
// (docker/cli:cli/command/container/opts.go).
var dockerValues = []string{
	"-p", "--publish", "-v", "--volume", "--mount", "--restart", "-w", "--workdir", "-u", "--user", "-l", "--label", "--link", "-m", "--memory", "--cpus", "--log-driver", "--log-opt",
	"-h", "--hostname", "--add-host", "--cap-add", "--cap-drop", "--ulimit", "--expose", "--gpus", "--ip", "--dns", "--device", "--tmpfs", "--shm-size", "--pull", "--platform",
	"--security-opt", "--stop-timeout", "--stop-signal", "--network-alias", "--health-cmd", "--health-interval", "--health-timeout", "--health-retries", "-c", "--cpu-shares",
	"--pid", "--ipc", "--uts", "--userns", "--runtime", "--cidfile", "--label-file", "--memory-swap", "--init-path", "--domainname", "-a", "--attach", "--cgroup-parent",
}

// commands reads docker run in scripts and units.
func (c *containerReader) commands(text string) {
	var words []containerWord
	for n, line := range numbered(text) {
		body, more := strings.CutSuffix(line, `\`)
		for _, w := range splitWords(body) {
			words = append(words, containerWord{file: c.file, line: n, value: w})
		}
		if !more {
			c.dockerRun(words)
			words = nil
		}
	}
	c.dockerRun(words)
}

func (c *containerReader) dockerRun(words []containerWord) {
	begin := slices.IndexFunc(words, func(w containerWord) bool { return w.value == "run" || w.value == "create" })
	if begin < 1 || !slices.ContainsFunc(words[:begin], func(w containerWord) bool {
		return slices.Contains([]string{"docker", "podman"}, path.Base(w.value[strings.LastIndexByte(w.value, '=')+1:]))
	}) {
		return
	}
	s := &container{file: c.file, line: words[0].line}
	var entry []containerWord
	i := begin + 1
	for ; i < len(words) && strings.HasPrefix(words[i].value, "-"); i++ {
		flag := words[i]
		name, value, joined := strings.Cut(flag.value, "=")
		takes := slices.Contains(dockerValues, name) || slices.Contains([]string{"--sysctl", "-e", "--env", "--name", "--entrypoint", "--network", "--net", "--env-file"}, name)
		if takes && !joined && i+1 < len(words) {
			i++
			value = words[i].value
		}
		key, text, _ := strings.Cut(value, "=")
		said := containerWord{flag.file, words[i].line, flag.line, key, text}
		switch name {
		case "--sysctl":
			s.sysctls = append(s.sysctls, said)
		case "-e", "--env":
			s.env = append(s.env, said)
		case "--name":
			s.where = "container " + value
		case "--entrypoint":
			entry = append(entry, containerWord{file: flag.file, line: words[i].line, value: value})
		case "--network", "--net":
			if value == "host" {
				s.host = "with --network host Docker refuses it; the host's own sysctls hold"
			}
		case "--env-file":
			s.doubts = append(s.doubts, c.envFile(flag.line, value, s)...)
		}
	}
	if i < len(words) {
		s.image = words[i].value
		s.words = append(entry, words[i+1:]...)
	}
	s.where = cmp.Or(s.where, strings.TrimSpace("container of "+s.image))
	c.containers = append(c.containers, s)
}
