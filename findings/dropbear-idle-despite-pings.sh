#!/bin/sh
# Dropbear 2022.83 (Debian 12, package dropbear-bin 2022.83-1+deb12u3; OpenSSH's client
# 1:9.2p1-2+deb12u10; root, a mount namespace of its own for its users).
#
# -I is documented to disconnect where no traffic is transmitted or received for so long.
# Traffic that keeps a session alive is none: with -K the server asks each second and is
# answered, with ServerAliveInterval the client asks each second and is answered, and a
# quiet session ends after -I all the same. Whoever sets one of them so that idle shells
# stay, as with OpenSSH behind a firewall, finds them gone.
#
# Seen (-I 5, a quiet session; seconds to its end):
#   no questions                      5 to 6
#   server asks (-K 1)                5 to 6
#   client asks (ServerAliveInterval 1)  5 to 6
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download dropbear-bin=2022.83-1+deb12u3 libtomcrypt1 libtommath1 openssh-client=1:9.2p1-2+deb12u10 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libtomcrypt.so.1' | head -n 1)")
export LD_LIBRARY_PATH
usr/bin/dropbearkey -t ed25519 -f host >/dev/null 2>&1
usr/bin/ssh-keygen -q -t ed25519 -N "" -f user
mkdir -m 700 home home/.ssh
cp user.pub home/.ssh/authorized_keys
chmod 600 home/.ssh/authorized_keys
# A user for dropbear alone, seen in its own mount namespace.
printf 'root:x:0:0:root:/root:/bin/sh\n' >passwd
printf 'root:*:19000:0:99999:7:::\n' >shadow
python3 - "$dir" <<'PY'
import socket, subprocess, sys, time

dir = sys.argv[1]
enter = f"mount --bind {dir}/home /root && mount --bind {dir}/passwd /etc/passwd && mount --bind {dir}/shadow /etc/shadow && exec "

def session(name, server, client):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    dropbear = subprocess.Popen(["unshare", "-m", "sh", "-c", f"{enter}{dir}/usr/sbin/dropbear -F -E -s -P {dir}/pid -r {dir}/host -p 127.0.0.1:{port} {server}"], stderr=subprocess.DEVNULL)
    ssh = None
    try:
        for _ in range(50):
            ssh = subprocess.Popen([f"{dir}/usr/bin/ssh", "-F", "none", "-n", "-p", str(port), "-i", f"{dir}/user", "-o", "StrictHostKeyChecking=no",
                                    "-o", f"UserKnownHostsFile={dir}/known", "-o", "LogLevel=ERROR", *client, "root@127.0.0.1", "echo x; exec sleep 20"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            if ssh.stdout.read(1):
                break
            ssh.wait()
            time.sleep(0.2)
        began = time.monotonic()
        try:
            ssh.wait(16)
            took = time.monotonic() - began
        except subprocess.TimeoutExpired:
            took = 99
        print(f"{name:<36} {took:.1f} s", flush=True)
        return took
    finally:
        for p in (ssh, dropbear):
            if p:
                p.terminate()
                p.wait()

seen = [session("no questions", "-I 5", []),
        session("server asks (-K 1)", "-I 5 -K 1", []),
        session("client asks (ServerAliveInterval 1)", "-I 5", ["-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=100"])]
same = all(4 < took < 9 for took in seen)
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
