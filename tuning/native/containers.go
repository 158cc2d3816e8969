package native

import (
	"slices"
	"strings"

	"example.com/keeptune/tuning"
)

const ownNamespace = "The host's values do not reach it: a container has a network namespace of its own, which begins with the defaults of the kernel."

// safeInPods are the sysctls that Kubernetes lets every pod set from 1.29 on
// (kubernetes:pkg/kubelet/sysctl/safe_sysctls.go).
var safeInPods = []string{"net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"}

// containerFile is a YAML file with what a container is told: the sysctls of a Linux host, and
// the file of its program.
func containerFile(name, use string, body func(*page) error) exportFile {
	return exportFile{
		name: name, use: use, body: body, runs: true, // compose and kubectl take it back themselves
		owns: func(t *target, r *tuning.Row) bool { return isSysctl(r) || mountFor(t, r) != nil },
	}
}

func onLinux(t *target) bool { return t.side.Host.ID == "linux" }

// contained reports whether an endpoint may run in a container. HAProxy in mode tcp is its own
// host in a path.
func contained(t *target) bool { return onLinux(t) || t.side.System.ID == haproxyTCP }

// changes reports whether a condition holds for a changed row of an endpoint.
func (t *target) changes(which func(*tuning.Row) bool) bool {
	return slices.ContainsFunc(t.rows, func(r *tuning.Row) bool { return which(r) && !r.Param.Fixed && t.changed(r) })
}

func docker() *syntax {
	return &syntax{
		id: "docker",
		signs: []string{
			composeSign,
			`(?m)^\s*sysctls:|(docker|podman) (run|create) (.*\s|\\\n)*--?\w`,
		},
		title: "Docker: a compose file with sysctls and the server's file", comment: hash, fits: contained,
		checks: []check{{"", "", "compose-go"}},
		effect: func(t *target) []string {
			text := "docker compose -f compose.yaml -f compose.keeptune.yaml up -d makes the container anew, which ends its connections; docker compose -f compose.yaml up -d takes it back."
			if t.changes(isSysctl) {
				text += " " + ownNamespace + " With network_mode: host Docker refuses it; set them on the host there."
			}
			return []string{text}
		},
		exportFiles: []exportFile{containerFile("compose.keeptune.yaml", "Put the name of your service in place of app.", composeBody)},
		read:        readContainers, inContainers: true, anew: true, bears: containerBears, notes: true,
	}
}

func composeBody(p *page) error {
	m, lines, err := p.mounted()
	if err != nil {
		return err
	}
	told := p.told(m, lines)
	if told || !allGone(p.kernel()) {
		p.add("services:", "  app:")
	}
	flags, err := p.sysctls("    sysctls:", func(key, value string) []string { return []string{key + `: "` + value + `"`} })
	if err != nil {
		return err
	}
	if told {
		p.add("    configs:", "      - source: "+p.mountName(lines), "        target: "+m.path)
		start := m.startScript(lines)
		if start != nil {
			p.add("      - source: "+p.mountName(start), "        target: "+startPath, "        mode: 0555")
		}
		if len(m.args) > 0 {
			p.add("    command: " + flow(m.args))
		}
		p.add("configs:", "  "+p.mountName(lines)+":")
		p.block("    ", "content", doubled(lines))
		if start != nil {
			p.add("  " + p.mountName(start) + ":")
			p.block("    ", "content", doubled(start))
		}
	}
	if p.undo {
		return nil
	}
	if m != nil {
		p.note(m.about("content: needs Compose 2.23.1 or later."))
		p.gap()
		name := m.path[strings.LastIndexByte(m.path, '/')+1:]
		p.say("", "The same in an image of your own, with the text of content: as "+name+" beside its Dockerfile; without these lines it is as before:")
		p.add(p.comment("COPY " + name + " " + m.path))
		if start := m.startScript(lines); start != nil {
			p.add(p.comment("RUN " + strings.TrimPrefix(start[1], "exec ")))
		}
		if len(m.args) > 0 {
			p.add(p.comment("CMD " + flow(m.args)))
		}
	}
	if len(flags) > 0 {
		p.gap()
		p.say("", "The same without compose:")
		p.add(p.comment("docker run --sysctl " + strings.Join(flags, " --sysctl ") + " IMAGE"))
	}
	return nil
}

// told reports whether a file has more than comments, which stand at the top otherwise, as do
// those of sysctls of which nothing is set.
func (p *page) told(m *mounted, lines []string) bool {
	says := m != nil && !saysNothing(lines)
	if !says {
		p.add(lines...)
	}
	if kernel := p.kernel(); allGone(kernel) {
		p.reasons("", kernel...)
	}
	return says
}

// doubled are lines in which compose takes no $NAME for a variable.
func doubled(lines []string) []string {
	out := slices.Clone(lines)
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], "$", "$$")
	}
	return out
}

func kubernetes() *syntax {
	pod := containerFile("keeptune-pod.yaml", "A patch for a Deployment, StatefulSet or DaemonSet. A list of sysctls or args replaces the one that is there: add what stands in that.", podBody)
	return &syntax{
		id: "kubernetes",
		signs: []string{
			podSign,
			`(?m)^\s*securityContext:`,
		},
		title: "Kubernetes: sysctls of a pod, and a ConfigMap with the server's file", comment: hash, fits: contained,
		checks: []check{{"", "", "k8s.io/apimachinery, as kubectl patch does"}},
		effect: func(t *target) []string {
			text, back := "", "kubectl rollout undo deployment NAME takes it back."
			if t.changes(func(r *tuning.Row) bool { return mountFor(t, r) != nil }) {
				text = "First kubectl apply -f keeptune-configmap.yaml. "
				back = "kubectl rollout undo deployment NAME takes it back; after it, kubectl delete -f keeptune-configmap.yaml."
			}
			text += "kubectl patch deployment NAME --patch-file keeptune-pod.yaml starts every pod anew; " + back
			if t.changes(isSysctl) {
				text += " " + strings.Replace(ownNamespace, "a container", "a pod", 1)
			}
			return []string{text}
		},
		exportFiles: []exportFile{{
			name: "keeptune-configmap.yaml", use: "It belongs into the namespace of the pods; keeptune-pod.yaml mounts it.", body: configMapBody, runs: true,
			owns: func(t *target, r *tuning.Row) bool { return mountFor(t, r) != nil },
		}, pod},
		read: readContainers, inContainers: true, anew: true, bears: containerBears, notes: true,
	}
}

// configMapBody writes the program's file as an object of the cluster.
func configMapBody(p *page) error {
	m, lines, err := p.mounted()
	if err != nil || m == nil {
		return err
	}
	if saysNothing(lines) {
		p.add(lines...)
		return nil
	}
	if !p.undo {
		p.note(m.about(""))
	}
	p.add("apiVersion: v1", "kind: ConfigMap", "metadata:", "  name: "+p.mountName(lines), "data:")
	p.block("  ", m.key(), lines)
	if start := m.startScript(lines); start != nil {
		p.block("  ", startKey, start)
	}
	return nil
}

// startScript is the script of lines, or nil.
func (m *mounted) startScript(lines []string) []string {
	if m.start == nil {
		return nil
	}
	return m.start(lines)
}

// key is what the file is called in the data of a ConfigMap.
func (m *mounted) key() string { return "keeptune-" + m.format.id + ".conf" }

func podBody(p *page) error {
	kernel := p.kernel()
	unsafe := slices.ContainsFunc(kernel, func(it item) bool { return !slices.Contains(safeInPods, SysctlKey(it.param())) })
	if len(kernel) > 0 && !p.undo {
		p.note("net.ipv4.tcp_keepalive_time, _intvl and _probes are safe sysctls from Kubernetes 1.29 on. Before, the kubelet of each node needs --allowed-unsafe-sysctls for them.")
	}
	if unsafe && !p.undo {
		p.note("The others are unsafe sysctls in every version: without --allowed-unsafe-sysctls of the kubelet the pod does not start.")
	}
	notes := p.notes
	m, lines, err := p.mounted()
	p.notes = notes // keeptune-configmap.yaml has them
	if err != nil {
		return err
	}
	told := p.told(m, lines)
	if told || !allGone(kernel) {
		p.add("spec:", "  template:", "    spec:")
	}
	if !allGone(kernel) {
		p.add("      securityContext:")
	}
	flags, err := p.sysctls("        sysctls:", func(key, value string) []string {
		return []string{"- name: " + key, `  value: "` + value + `"`}
	})
	if err != nil {
		return err
	}
	if told {
		if !p.undo {
			p.note("Put the name of your container in place of app.")
		}
		p.add("      containers:", "        - name: app")
		if len(m.args) > 0 {
			p.add("          args: " + flow(m.args))
		}
		p.add("          volumeMounts:", "            - name: keeptune", "              mountPath: "+m.path, "              subPath: "+m.key())
		volume := []string{"      volumes:", "        - name: keeptune", "          configMap:", "            name: " + p.mountName(lines)}
		if m.startScript(lines) != nil {
			p.add("            - name: keeptune", "              mountPath: "+startPath, "              subPath: "+startKey)
			volume = append(volume, "            defaultMode: 0555")
		}
		p.add(volume...)
	}
	if unsafe && !p.undo && len(flags) > 0 {
		p.gap()
		p.say("", "Where no kubelet may be told so: the same by a container that begins before the others of the pod, in the place of securityContext.")
		for _, l := range []string{
			"      initContainers:", "      - name: keeptune", "        image: busybox", "        command: [sysctl, -w, " + strings.Join(flags, ", ") + "]",
			"        securityContext: {privileged: true}",
		} {
			p.add(p.comment(l))
		}
	}
	return nil
}

// sysctls writes each of them that is set below a head, and returns key=value of each.
func (p *page) sysctls(head string, say func(key, value string) []string) (flags []string, err error) {
	items := p.kernel()
	if allGone(items) {
		return nil, nil
	}
	p.add(head)
	indent := head[:strings.IndexByte(head, 's')] + "  "
	for _, it := range items {
		text, err := p.number(it, subject(p.side.Host, p.side.HostAt), ownStep(it.param()))
		if err != nil {
			return nil, err
		}
		p.reasons(indent, it)
		if it.gone {
			continue
		}
		for _, l := range say(SysctlKey(it.param()), text) {
			p.add(indent + l)
		}
		flags = append(flags, SysctlKey(it.param())+"="+text)
	}
	return flags, nil
}
