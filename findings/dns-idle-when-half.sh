#!/bin/sh
# Unbound 1.17.1 and NSD 4.6.1 (Debian 12, packages unbound 1.17.1-2+deb12u4 and nsd
# 4.6.1-1).
#
# A client that keeps its TCP connection to a name server has half a minute (Unbound's
# tcp-idle-timeout) or two (NSD's tcp-timeout), until half of the connections are in
# use; from then on a new one has 300 ms, and soon 200 ms. Unbound serves ten at once
# unless incoming-num-tcp says more: the sixth client is cut short on an idle server.
#
# Seen (one query on each connection, then silence; the file sets no limit and no time):
#   unbound  connections 1 to 5 open after 5 s, 6 and 7 closed after 0.3 s, 0.2 s
#   nsd      connections 1 to 50 open after 5 s, 52 and later closed after 0.2 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download unbound=1.17.1-2+deb12u4 nsd=4.6.1-1 libprotobuf-c1=1.4.1-1+b1 libfstrm0=0.6.1-1 libevent-2.1-7=2.1.12-stable-8+deb12u1 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
python3 - "$dir" <<'PY'
import glob, os, select, socket, subprocess, sys, time

dir = sys.argv[1]
env = dict(os.environ, LD_LIBRARY_PATH=os.path.dirname(glob.glob(f"{dir}/usr/lib/*/libfstrm.so.0")[0]))
# version.bind, class CH, with the length in front that TCP has.
query = b"\0\x1e" + b"\0\1\0\0\0\1\0\0\0\0\0\0\7version\4bind\0\0\x10\0\3"
files = {
    "unbound": 'server:\n interface: 127.0.0.1@{port}\n do-daemonize: no\n username: ""\n chroot: ""\n directory: "{dir}"\n use-syslog: no\n pidfile: ""\n',
    "nsd": 'server:\n ip-address: 127.0.0.1@{port}\n username: ""\n zonesdir: "{dir}"\n database: ""\n pidfile: ""\n xfrdfile: "{dir}/x"\n'
           ' zonelistfile: "{dir}/z"\n xfrdir: "{dir}"\nremote-control:\n control-enable: no\n',
}

def run(name, count):
    """When each of so many connections ended after its answer, None where it did not."""
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
    open(f"{dir}/{name}.conf", "w").write(files[name].format(port=port, dir=dir))
    server = subprocess.Popen([f"{dir}/usr/sbin/{name}", "-d", "-c", f"{dir}/{name}.conf"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 5).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        time.sleep(1)  # the connection that looked whether it is there has gone
        open_, ended, answered = {}, [None] * count, [0.0] * count
        for i in range(count):
            s = socket.create_connection(("127.0.0.1", port), 5)
            s.sendall(query)
            if not s.recv(512):
                ended[i] = 0.0
                continue
            answered[i], open_[s] = time.monotonic(), i
        until = time.monotonic() + 5
        while (left := until - time.monotonic()) > 0:
            for s in select.select(list(open_), [], [], left)[0]:
                i = open_.pop(s)
                ended[i] = time.monotonic() - answered[i]
                s.close()
        return ended
    finally:
        server.terminate()
        server.wait()

same = True
for name, count, kept, first in (("unbound", 7, 5, 6), ("nsd", 60, 50, 52)):
    ended = run(name, count)
    told = [f"{i}: {t:.1f} s" for i, t in enumerate(ended, 1) if t is not None]
    print(f"{name:<8} open after 5 s: {ended.count(None)} of {count}; closed: {', '.join(told[:3])}", flush=True)
    same &= all(t is None for t in ended[:kept]) and all(t is not None and t < 3 for t in ended[first - 1:])
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
