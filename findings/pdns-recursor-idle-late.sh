#!/bin/sh
# PowerDNS Recursor 4.8.8 (Debian 12, package pdns-recursor 4.8.8-1+deb12u1).
#
# client-tcp-timeout, two seconds by default, is how long a client may be silent. It is
# looked at in steps that grow the less a resolver has to do: without other work
# connections end 2 to 86 s after their answers, all that are due together.
#
# Seen (client-tcp-timeout 2; eight connections a second apart, from answer to end):
#   2.5 to 28.8 s, in other runs 9.3 to 16.3 s, 43.2 to 50.2 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download pdns-recursor=4.8.8-1+deb12u1 libboost-context1.74.0=1.74.0+ds1-21 libfstrm0=0.6.1-1 libsnmp40=5.9.3+dfsg-2+deb12u1 libsensors5=1:3.6.0-7.1 \
	libluajit-5.1-2=2.1.0~beta3+git20220320+dfsg-4.1+deb12u1 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
mkdir run
python3 - "$dir" <<'PY'
import glob, os, select, socket, subprocess, sys, time

dir = sys.argv[1]
env = dict(os.environ, LD_LIBRARY_PATH=os.path.dirname(glob.glob(f"{dir}/usr/lib/*/libfstrm.so.0")[0]))
with socket.create_server(("127.0.0.1", 0)) as s:
    port = s.getsockname()[1]
server = subprocess.Popen([f"{dir}/usr/sbin/pdns_recursor", f"--config-dir={dir}/run", f"--socket-dir={dir}/run", "--local-address=127.0.0.1", f"--local-port={port}",
                           "--client-tcp-timeout=2", "--daemon=no"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
# version.bind, class CH, which it answers itself.
query = b"\0\1\0\0\0\1\0\0\0\0\0\0\7version\4bind\0\0\x10\0\3"

def connect():
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port), 10)
        except ConnectionRefusedError:
            time.sleep(0.1)

def idle():
    """How long the first and the last of them to end was kept."""
    answered, kept, until = {}, [], time.monotonic() + 80
    while len(kept) < 8 and time.monotonic() < until:
        if len(answered) + len(kept) < 8:
            s = connect()
            s.sendall(b"\0\x1e" + query)
            s.recv(512)
            answered[s] = time.monotonic()
        wait = time.monotonic() + 1
        while (left := wait - time.monotonic()) > 0:
            for s in select.select(list(answered), [], [], left)[0]:
                kept.append(time.monotonic() - answered.pop(s))
                s.close()
    kept += [time.monotonic() - t for t in answered.values()]
    return min(kept), max(kept)

try:
    quiet = idle()
    print(f"{quiet[0]:.1f} to {quiet[1]:.1f} s", flush=True)
finally:
    server.terminate()
    server.wait()
same = quiet[1] > 6
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
