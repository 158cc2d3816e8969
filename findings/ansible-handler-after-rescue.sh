#!/bin/sh
# ansible-core 2.14.18 (Debian 12, package ansible-core 2.14.18-0+deb12u2; no host but this
# one, no root).
#
# A playbook that writes a server's file in a block and reloads the server by a handler
# (notify) looks as if its rescue took the file back where the reload fails. It does not:
# handlers run after the block, so a reload that fails leaves the new file in place, and
# rescue is never entered. With "meta: flush_handlers" in the block rescue runs, but the
# recap still counts a failure and no rescue. A task that reloads, in the block, is
# rescued as one expects.
#
# Seen (the reload is a command that fails):
#   handler  exit code 2, rescue did not run, failed=1 rescued=0
#   flushed  exit code 0, rescue ran,         failed=1 rescued=0
#   task     exit code 0, rescue ran,         failed=0 rescued=1
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
cd "$dir"
export ANSIBLE_LOCAL_TEMP="$dir/tmp" ANSIBLE_NOCOLOR=1 LC_ALL=C.UTF-8
ansible-playbook --version | sed -n 1p

# play NAME: a play whose block ends with the lines of standard input.
play() {
	{
		cat <<'Y'
- hosts: localhost
  gather_facts: false
  tasks:
    - block:
        - ansible.builtin.command: "true"
Y
		cat
		cat <<Y
      rescue:
        - ansible.builtin.command: touch $dir/$1.rescued
  handlers:
    - name: Reload
      ansible.builtin.command: "false"
Y
	} >"$1.yml"
	code=0
	ansible-playbook -i localhost, -c local "$1.yml" >"$1.log" 2>&1 || code=$?
	ran="did not run"
	[ ! -e "$1.rescued" ] || ran=ran
	echo "$1 exit code $code, rescue $ran, $(grep -o 'failed=[0-9]*' "$1.log") $(grep -o 'rescued=[0-9]*' "$1.log")" | tee -a seen
}

play handler <<'Y'
          notify: Reload
Y
play flushed <<'Y'
          notify: Reload
        - ansible.builtin.meta: flush_handlers
Y
play task <<'Y'
        - ansible.builtin.command: "false"
Y
diff - seen <<'E'
handler exit code 2, rescue did not run, failed=1 rescued=0
flushed exit code 0, rescue ran, failed=1 rescued=0
task exit code 0, rescue ran, failed=0 rescued=1
E
