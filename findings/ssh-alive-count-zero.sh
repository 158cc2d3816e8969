#!/bin/sh
# OpenSSH 9.2p1 (Debian 12, packages openssh-server and openssh-client
# 1:9.2p1-2+deb12u10; root, a mount namespace of its own for its users).
#
# A count of 0 beside an interval, in one program's two halves:
# 1. ssh: ServerAliveCountMax 0 ends the session at the first question, before the server,
#    which is there, could answer. The manual says what a count is, not what 0 is.
# 2. sshd: ClientAliveCountMax 0 never ends one, as its manual says, so that a client that
#    is gone stays as well.
# Who copies the pair of lines from sshd_config to ssh_config to "switch it off" loses each
# session after one interval.
#
# Seen (interval 2 s, both ends alive and reachable, a session that is quiet):
#   ServerAliveCountMax 0   ended after 1.3 s
#   ClientAliveCountMax 0   open after 12 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download openssh-server=1:9.2p1-2+deb12u10 openssh-client=1:9.2p1-2+deb12u10 libwrap0=7.6.q-32 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libwrap.so.0' | head -n 1)")
export LD_LIBRARY_PATH
usr/bin/ssh-keygen -q -t ed25519 -N "" -f host
usr/bin/ssh-keygen -q -t ed25519 -N "" -f user
cp user.pub authorized
# Users for sshd alone, seen in its own mount namespace.
printf 'root:x:0:0:root:/:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n' >passwd
printf 'root:*:19000:0:99999:7:::\n' >shadow
python3 - "$dir" <<'PY'
import socket, subprocess, sys, time

dir = sys.argv[1]
enter = f"mount -t tmpfs none /run && mkdir /run/sshd && mount --bind {dir}/passwd /etc/passwd && mount --bind {dir}/shadow /etc/shadow && exec "

def session(name, server, client):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    open(f"{dir}/{name.split()[0]}.conf", "w").write(f"""ListenAddress 127.0.0.1
Port {port}
HostKey {dir}/host
AuthorizedKeysFile {dir}/authorized
StrictModes no
UsePAM no
PidFile none
PermitRootLogin prohibit-password
{server}
""")
    sshd = subprocess.Popen(["unshare", "-m", "sh", "-c", f"{enter}{dir}/usr/sbin/sshd -D -f {dir}/{name.split()[0]}.conf -E {dir}/log"])
    ssh = None
    try:
        for _ in range(50):
            ssh = subprocess.Popen([f"{dir}/usr/bin/ssh", "-F", "none", "-n", "-p", str(port), "-i", f"{dir}/user", "-o", "StrictHostKeyChecking=no",
                                    "-o", f"UserKnownHostsFile={dir}/known", "-o", "LogLevel=ERROR", *client, "root@127.0.0.1", "echo x; exec sleep 14"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            if ssh.stdout.read(1):
                break
            ssh.wait()
            time.sleep(0.2)
        began = time.monotonic()
        try:
            ssh.wait(12)
            took = time.monotonic() - began
        except subprocess.TimeoutExpired:
            took = 99
        print(f"{name}   {f'ended after {took:.1f} s' if took < 99 else 'open after 12 s'}", flush=True)
        return took
    finally:
        for p in (ssh, sshd):
            if p:
                p.terminate()
                p.wait()

ends = session("ServerAliveCountMax 0", "", ["-o", "ServerAliveInterval=2", "-o", "ServerAliveCountMax=0"])
stays = session("ClientAliveCountMax 0", "ClientAliveInterval 2\nClientAliveCountMax 0", [])
same = 1 < ends < 6 and stays == 99
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
