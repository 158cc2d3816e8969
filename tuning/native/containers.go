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

// containerSheet is a YAML file with the sysctls of a Linux host.
func containerFile(name, use string, body func(*page) error) exportFile {
	return exportFile{
		name: name, use: use, body: body, runs: true, // compose and kubectl take it back themselves
		owns: func(_ *target, r *tuning.Row) bool { return r.Param.ID.System() == "linux" && SysctlKey(r.Param) != "" },
	}
}

func onLinux(t *target) bool { return t.side.Host.ID == "linux" }

func docker() *syntax {
	return &syntax{
		id: "docker",
		signs: []string{
			composeSign,
			`(?m)^\s*sysctls:|(docker|podman) (run|create) (.*\s|\\\n)*--?\w`,
		},
		title: "Docker: a compose file with sysctls, and docker run flags", comment: hash, fits: onLinux,
		unchecked: "The tests have no Docker Engine; the file is parsed as YAML and compared.",
		effect: func(*target) []string {
			return []string{"docker compose -f compose.yaml -f compose.keeptune.yaml up -d makes the container anew, which ends its connections; docker compose -f compose.yaml up -d takes it back. " + ownNamespace + " With network_mode: host Docker refuses it; set them on the host there."}
		},
		exportFiles: []exportFile{containerFile("compose.keeptune.yaml", "Put the name of your service in place of app.", func(p *page) error {
			flags, err := containerLines(p, []string{"services:", "  app:", "    sysctls:"}, "      ", func(key, value string) []string {
				return []string{key + `: "` + value + `"`}
			})
			if err == nil && len(flags) > 0 {
				p.gap()
				p.say("", "The same without compose:")
				p.add(p.comment("docker run --sysctl " + strings.Join(flags, " --sysctl ") + " IMAGE"))
			}
			return err
		})},
		read: readContainers, inContainers: true, bears: containerBears, notes: true,
	}
}

func kubernetes() *syntax {
	return &syntax{
		id: "kubernetes",
		signs: []string{
			podSign,
			`(?m)^\s*securityContext:`,
		},
		title: "Kubernetes: sysctls of a pod", comment: hash, fits: onLinux,
		unchecked: "The tests have no cluster; the file is parsed as YAML and compared.",
		effect: func(*target) []string {
			return []string{"kubectl patch deployment NAME --patch-file keeptune-pod.yaml starts every pod anew; kubectl rollout undo deployment NAME takes it back. " +
				strings.Replace(ownNamespace, "a container", "a pod", 1)}
		},
		exportFiles: []exportFile{containerFile("keeptune-pod.yaml", "A patch for a Deployment, StatefulSet or DaemonSet. The list replaces the one that is there: add what stands in that.", func(p *page) error {
			unsafe := false
			for _, it := range p.items {
				unsafe = unsafe || !slices.Contains(safeInPods, SysctlKey(it.param()))
			}
			if !p.undo {
				p.note("net.ipv4.tcp_keepalive_time, _intvl and _probes are safe sysctls from Kubernetes 1.29 on. Before, the kubelet of each node needs --allowed-unsafe-sysctls for them.")
			}
			if unsafe && !p.undo {
				p.note("The others are unsafe sysctls in every version: without --allowed-unsafe-sysctls of the kubelet the pod does not start.")
			}
			flags, err := containerLines(p, []string{"spec:", "  template:", "    spec:", "      securityContext:", "        sysctls:"}, "          ", func(key, value string) []string {
				return []string{"- name: " + key, `  value: "` + value + `"`}
			})
			if err == nil && unsafe && !p.undo && len(flags) > 0 {
				p.gap()
				p.say("", "Where no kubelet may be told so: the same by a container that begins before the others of the pod, in the place of securityContext.")
				for _, l := range []string{
					"      initContainers:", "      - name: keeptune", "        image: busybox", "        command: [sysctl, -w, " + strings.Join(flags, ", ") + "]",
					"        securityContext: {privileged: true}",
				} {
					p.add(p.comment(l))
				}
			}
			return err
		})},
		read: readContainers, inContainers: true, bears: containerBears, notes: true,
	}
}

// containerLines writes each sysctl below a head, and returns key=value of each.
func containerLines(p *page, head []string, indent string, say func(key, value string) []string) (flags []string, err error) {
	if allGone(p.items) {
		p.reasons("", p.items...)
		return nil, nil
	}
	p.add(head...)
	for _, it := range p.items {
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
