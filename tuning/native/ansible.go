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
	check   string // a command that refuses a wrong file
	apply   string // a command that makes it count at once
	service string // reloaded afterwards; empty: nothing is
}

// rollouts are the formats whose file a product reads from a folder.
func rollouts() []rollout {
	return []rollout{
		{format: sysctl(), path: "/etc/sysctl.d/60-keeptune.conf", apply: "sysctl -p /etc/sysctl.d/60-keeptune.conf"},
		{format: nginx(), path: "/etc/nginx/conf.d/keeptune.conf", check: "nginx -t", service: "nginx"},
		{format: apache(), path: "/etc/apache2/conf-enabled/keeptune.conf", check: "apache2ctl configtest", service: "apache2"},
		{format: sshd(), path: "/etc/ssh/sshd_config.d/10-keeptune.conf", check: "sshd -t", service: "ssh"},
		{format: ssh(), path: "/etc/ssh/ssh_config.d/10-keeptune.conf", check: "ssh -G localhost"},
	}
}

// exportFileFor is the first file of the format that writes a row; what a second
// one says (the options of nginx's listen line) has no file of its own.
func (o *rollout) exportFileFor(t *target, row *tuning.Row) *exportFile {
	if !o.format.fits(t) || !o.format.exportFiles[0].owns(t, row) {
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
			return []string{"ansible-playbook -i INVENTORY FILE --check --diff shows what would change; without --check it is done. A file that the product refuses is taken back."}
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
	var before, tasks, rescue, handlers []string
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
		lines, err := o.contents(p, mine)
		if err != nil {
			return err
		}
		tasks = append(tasks, o.tasks(lines)...)
		rescue = append(rescue, o.rescue()...)
		if o.apply != "" {
			before = readSysctls(mine)
			rescue = append(rescue, "        - name: Set back what was in force", `          ansible.builtin.command: "sysctl -w {{ item | replace(' ', '') }}"`,
				`          loop: "{{ keeptune_before.stdout_lines }}"`, "          changed_when: true")
		}
		if o.service != "" {
			handlers = append(handlers, "    - name: Reload "+o.service, "      ansible.builtin.service:", "        name: "+o.service, "        state: reloaded")
		}
	}
	p.add("- name: Connection keep-alive", "  hosts: "+string(p.endpoint.ID), "  become: true", "  tasks:")
	p.add(before...)
	p.add("    - name: Settings, taken back where they are refused", "      block:")
	p.add(tasks...)
	p.add("      rescue:")
	p.add(rescue...)
	p.add("        - name: Say that nothing was changed", "          ansible.builtin.fail:", "            msg: The settings were refused; what was there before is back.")
	if len(handlers) > 0 {
		p.add("  handlers:")
		p.add(handlers...)
	}
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

// contents are the lines of the file.
func (o *rollout) contents(p *page, mine []item) ([]string, error) {
	sh := &o.format.exportFiles[0]
	if p.undo {
		mine = p.target.undo(mine, sh.reset)
	}
	in := page{target: p.target, items: mine, comment: hash, undo: p.undo}
	err := sh.body(&in)
	p.notes = append(p.notes, in.notes...)
	return in.lines, err
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
	if o.service != "" {
		list = append(list, "          notify: Reload "+o.service)
	}
	for _, c := range []struct{ name, command string }{{"Check", o.check}, {"Apply", o.apply}} {
		if c.command != "" {
			list = append(list, "        - name: "+c.name+" "+o.path, "          ansible.builtin.command: "+c.command, "          changed_when: false")
		}
	}
	return list
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
