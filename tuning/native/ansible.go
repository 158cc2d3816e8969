package native

import (
	"slices"
	"strings"

	"example.com/keeptune/tuning"
)

// A rollout is how a playbook brings one format's file to a host, as Debian
// lays the product out.
type rollout struct {
	format  *syntax
	path    string
	check   string   // a command that refuses a wrong file
	apply   string   // a command that makes it count at once
	service string   // reloaded afterwards; empty: nothing is
	ask     []string // a module, with its arguments, that asks whether the service serves
	serves  string   // is true of what that returned where it does
}

// asksPage asks a web server for a page, whose address is a variable; any answer that is no
// fault of the server will do.
func asksPage(variable string) []string {
	return []string{
		"ansible.builtin.uri:", `  url: "{{ ` + variable + ` | default('http://127.0.0.1/') }}"`,
		"  follow_redirects: none", "  validate_certs: false", "  timeout: 5",
	}
}

// The conditions on what uri and wait_for return: where nobody answers the status is -1, and
// there is no state.
const (
	pageServes   = ".status | default(-1) | int in range(200, 500)"
	bannerServes = ".state is defined"
)

// rollouts are the formats whose file a product reads from a folder.
func rollouts() []rollout {
	return []rollout{
		{format: sysctl(), path: "/etc/sysctl.d/60-keeptune.conf", apply: "sysctl -p /etc/sysctl.d/60-keeptune.conf"},
		{format: nginx(), path: "/etc/nginx/conf.d/keeptune.conf", check: "nginx -t", service: "nginx", ask: asksPage("keeptune_nginx_url"), serves: pageServes},
		{format: apache(), path: "/etc/apache2/conf-enabled/keeptune.conf", check: "apache2ctl configtest", service: "apache2", ask: asksPage("keeptune_apache_url"), serves: pageServes},
		{
			format: sshd(), path: "/etc/ssh/sshd_config.d/10-keeptune.conf", check: "sshd -t", service: "ssh", serves: bannerServes,
			ask: []string{"ansible.builtin.wait_for:", "  host: 127.0.0.1", `  port: "{{ ansible_port | default(22) }}"`, "  search_regex: ^SSH-", "  timeout: 5"},
		},
		{format: ssh(), path: "/etc/ssh/ssh_config.d/10-keeptune.conf", check: "ssh -G localhost"},
	}
}

// exportFileFor is the first file of the format that writes a row; what a second
// one says (the options of nginx's listen line), or a block of an example, has no
// file of its own.
func (o *rollout) exportFileFor(t *target, row *tuning.Row) *exportFile {
	if !o.format.fits(t) || !o.format.exportFiles[0].owns(t, row) || addsNothing(row.Param) {
		return nil
	}
	return &o.format.exportFiles[0]
}

func ansible() *syntax {
	all := rollouts()
	return &syntax{
		id:    "ansible",
		signs: []string{`(?m)^\s*(- )?(ansible\.(builtin|posix)\.\w+|sysctl|lineinfile|blockinfile):|^- hosts:`},
		title: "Ansible: a playbook for Linux hosts", comment: hash, fits: onLinux,
		checks: []check{{"", "", "ansible-playbook --syntax-check"}},
		effect: func(*target) []string {
			return []string{"ansible-playbook -i INVENTORY FILE --check --diff shows what would change; without --check it is done. What a product refuses, or what a server does not answer with that answered before, is taken back. A web server is asked at http://127.0.0.1/, or at the variable keeptune_nginx_url or keeptune_apache_url."}
		},
		exportFiles: []exportFile{{
			name: "keeptune-playbook.yml", runs: true, use: "Its hosts are the group of that name in your inventory; paths and services are Debian's. ansible-core is enough, no collection is needed.",
			owns: func(t *target, r *tuning.Row) bool {
				return slices.ContainsFunc(all, func(o rollout) bool { return o.exportFileFor(t, r) != nil })
			},
			body: func(p *page) error { return ansibleBody(p, all) },
		}},
		read: readAnsible, bears: ansibleBears,
	}
}

func ansibleBody(p *page, all []rollout) error {
	var before, tasks, rescue, reloads []string
	for i := range all {
		o := &all[i]
		var mine []item
		for _, it := range p.items {
			if o.exportFileFor(p.target, it.row) != nil {
				mine = append(mine, it)
			}
		}
		if len(mine) == 0 {
			continue
		}
		lines, err := p.contents(&o.format.exportFiles[0], mine)
		if err != nil {
			return err
		}
		tasks = append(tasks, o.tasks(lines)...)
		rescue = append(rescue, o.rescue()...)
		if o.apply != "" {
			before = append(readSysctls(mine), before...)
			rescue = append(rescue, "        - name: Set back what was in force", `          ansible.builtin.command: "sysctl -w {{ item | replace(' ', '') }}"`,
				`          loop: "{{ keeptune_before.stdout_lines }}"`, "          changed_when: true")
		}
		if o.service != "" {
			before = append(before, o.asks("    ", "Ask "+o.service+" before", o.register()+"_before", "failed_when: false")...)
			reloads = append(reloads, o.reload("        ", " with the former file", o.register()+"_reload is defined and "+o.register()+"_reload is not skipped")...)
		}
	}
	p.add("- name: Connection keep-alive", "  hosts: "+string(p.endpoint.ID), "  become: true", "  gather_facts: false", "  tasks:")
	p.add(before...)
	p.add("    - name: Settings, taken back where they are refused", "      block:")
	p.add(tasks...)
	p.add("      rescue:")
	p.add(rescue...)
	p.add(reloads...)
	p.add("        - name: Say that nothing was changed", "          ansible.builtin.fail:", "            msg: The settings were refused, or a server did not answer with them; what was there before is back.")
	return nil
}

// readSysctls is the task that keeps what is in force before.
func readSysctls(items []item) []string {
	words := []string{"sysctl"}
	for _, it := range items {
		words = append(words, SysctlKey(it.param()))
	}
	return []string{
		"    - name: Read the values that are in force", "      ansible.builtin.command: " + strings.Join(words, " "),
		"      register: keeptune_before", "      changed_when: false", "      check_mode: false",
	}
}

// register is the variable that holds what became of the file.
func (o *rollout) register() string { return "keeptune_" + o.format.id }

func (o *rollout) tasks(lines []string) []string {
	list := []string{
		"        - name: Write " + o.path, "          ansible.builtin.copy:", "            dest: " + o.path, `            mode: "0644"`, "            backup: true",
		"            content: |",
	}
	for _, l := range lines {
		list = append(list, "              "+l)
	}
	list = append(list, "          register: "+o.register())
	for _, c := range []struct{ name, command string }{{"Check", o.check}, {"Apply", o.apply}} {
		if c.command != "" {
			list = append(list, "        - name: "+c.name+" "+o.path, "          ansible.builtin.command: "+c.command, "          changed_when: false")
		}
	}
	if o.service == "" {
		return list
	}
	v := o.register()
	list = append(list, o.reload("        ", "", v+" is changed", "register: "+v+"_reload")...)
	return append(list, o.asks("        ", "Ask "+o.service+" after its reload", v+"_after",
		"failed_when: not ("+v+"_after"+o.serves+")", "until: "+v+"_after"+o.serves, "retries: 3", "delay: 1", "when: "+v+" is changed and "+v+"_before"+o.serves)...)
}

// reload is the task that makes a service load its files.
func (o *rollout) reload(indent, how, when string, more ...string) []string {
	list := []string{"- name: Reload " + o.service + how, "  ansible.builtin.service:", "    name: " + o.service, "    state: reloaded"}
	for _, l := range append(more, "when: "+when) {
		list = append(list, "  "+l)
	}
	return shifted(indent, list)
}

// asks is the task that asks a service whether it serves.
func (o *rollout) asks(indent, name, register string, more ...string) []string {
	list := []string{"- name: " + name}
	for _, l := range slices.Concat(o.ask, []string{"register: " + register}, more) {
		list = append(list, "  "+l)
	}
	return shifted(indent, list)
}

func shifted(indent string, lines []string) []string {
	out := slices.Clone(lines)
	for i := range out {
		out[i] = indent + out[i]
	}
	return out
}

func (o *rollout) rescue() []string {
	v := o.register()
	return []string{
		"        - name: Put back the former " + o.path, "          ansible.builtin.copy:", `            src: "{{ ` + v + `.backup_file }}"`, "            dest: " + o.path,
		`            mode: "0644"`, "            remote_src: true", "          when: " + v + " is defined and " + v + ".backup_file is defined",
		"        - name: Take away the new " + o.path, "          ansible.builtin.file:", "            path: " + o.path, "            state: absent",
		"          when: " + v + " is defined and " + v + " is changed and " + v + ".backup_file is not defined",
	}
}
