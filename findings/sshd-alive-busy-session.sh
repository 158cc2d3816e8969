#!/bin/sh
# OpenSSH 9.2p1 (Debian 12, packages openssh-server and openssh-client
# 1:9.2p1-2+deb12u10; root, two network namespaces and users of its own).
#
# ClientAliveInterval and ClientAliveCountMax end a session whose client is
# gone, but only a quiet one: one that prints more often than the interval stays,
# with a shell and its command, until TCP gives up (by default after a quarter of
# an hour). The quiet one ends well after 2 x 2 s, too.
#
# Seen (ClientAliveInterval 2, ClientAliveCountMax 2, the link cut):
#   quiet     ended after 10.6 s
#   printing  open after 30 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
chmod 755 "$dir"
here=near$$ there=far$$
end() {
	for ns in "$here" "$there"; do # the sessions outlive the sshd that took them
		for pid in $(ip netns pids "$ns" 2>/dev/null); do kill "$pid" 2>/dev/null || true; done
	done
	ip netns del "$here" 2>/dev/null || true
	ip netns del "$there" 2>/dev/null || true
	rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM
cd "$dir"
apt-get -qq download openssh-server=1:9.2p1-2+deb12u10 openssh-client=1:9.2p1-2+deb12u10 libwrap0=7.6.q-32 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libwrap.so.0' | head -n 1)")
export LD_LIBRARY_PATH
usr/bin/ssh-keygen -q -t ed25519 -N "" -f host
usr/bin/ssh-keygen -q -t ed25519 -N "" -f user
cp user.pub authorized
cat >sshd_config <<CONFIG
ListenAddress 192.0.2.1
HostKey $dir/host
AuthorizedKeysFile $dir/authorized
StrictModes no
UsePAM no
PidFile none
PermitRootLogin prohibit-password
ClientAliveInterval 2
ClientAliveCountMax 2
CONFIG
# Users for sshd alone, seen in its own mount namespace.
printf 'root:x:0:0:root:/:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n' >passwd
printf 'root:*:19000:0:99999:7:::\n' >shadow
ip netns add "$here"
ip netns add "$there"
ip link add near netns "$here" type veth peer name far netns "$there"
ip -n "$here" addr add 192.0.2.1/24 dev near
ip -n "$there" addr add 192.0.2.2/24 dev far
ip -n "$here" link set near up
ip -n "$there" link set far up
python3 - "$dir" "$here" "$there" <<'PY'
import subprocess, sys, time

dir, here, there = sys.argv[1:]
enter = f"mount -t tmpfs none /run && mkdir /run/sshd && mount --bind {dir}/passwd /etc/passwd && mount --bind {dir}/shadow /etc/shadow && exec "
servers, clients, logs = [], [], {}
try:
    for name, port, command in (("quiet", 9000, "echo x; sleep 60"), ("printing", 9001, "while :; do echo x; sleep 0.3; done")):
        logs[name] = f"{dir}/{name}.log"
        servers.append(subprocess.Popen(["ip", "netns", "exec", here, "sh", "-c", f"{enter}{dir}/usr/sbin/sshd -D -p {port} -f {dir}/sshd_config -E {logs[name]}"]))
        for _ in range(50):
            ssh = subprocess.Popen(["ip", "netns", "exec", there, f"{dir}/usr/bin/ssh", "-F", "none", "-n", "-p", str(port), "-i", f"{dir}/user", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={dir}/known", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=5", "root@192.0.2.1", command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            if ssh.stdout.read(1):
                break
            ssh.wait()
            time.sleep(0.2)
        clients.append(ssh)
    subprocess.run(["ip", "-n", there, "link", "set", "far", "down"], check=True)
    began, ended = time.monotonic(), {}
    while time.monotonic() < began + 30:
        for name, log in logs.items():
            if name not in ended and "Timeout, client not responding" in open(log).read():
                ended[name] = time.monotonic() - began
        time.sleep(0.1)
    for name, log in logs.items():
        print(f"{name:<10}{'ended after %.1f s' % ended[name] if name in ended else 'open after 30 s'}")
    same = 3 < ended.get("quiet", 99) < 14 and "printing" not in ended
    print("as seen before" if same else "CHANGED")
finally:
    for p in clients + servers:
        p.terminate()
        p.wait()
sys.exit(0 if same else 1)
PY
