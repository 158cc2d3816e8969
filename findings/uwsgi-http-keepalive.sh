#!/bin/sh
# uWSGI 2.0.21 (Debian 12, packages uwsgi-core and uwsgi-plugin-python3
# 2.0.21-5.1).
#
# 1. The HTTP router without --http-keepalive closes after each answer, and does
#    not say so: in HTTP/1.1 an answer without Connection: close promises that the
#    connection stays.
# 2. --http-keepalive is listed as a switch. Its value is the idle time in
#    seconds, above --http-timeout as well as below; without one, and with 1, it is
#    http-timeout.
#
# Seen (http-timeout 6; the answer's Connection header, when the connection ended):
#   --http                      none   after 0.0 s
#   --http --http-keepalive     none   after 6.0 s
#   --http --http-keepalive=1   none   after 6.0 s
#   --http --http-keepalive=2   none   after 2.0 s
#   --http --http-keepalive=10  none   after 10.0 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download uwsgi-core=2.0.21-5.1 uwsgi-plugin-python3=2.0.21-5.1 libpython3.11=3.11.2-6+deb12u9 libyajl2=2.1.0-3+deb12u2 libmatheval1=1.1.11+dfsg-5 libjansson4=2.14-2 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
cat >program.py <<'PY'
def application(env, start):
    start("200 OK", [("Content-Length", "2")])
    return [b"ok"]
PY
python3 - "$dir" <<'PY'
import glob, os, socket, subprocess, sys, time

dir = sys.argv[1]
env = dict(os.environ, LD_LIBRARY_PATH=os.path.dirname(glob.glob(f"{dir}/usr/lib/*/libyajl.so.2")[0]))

def run(*options):
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
    uwsgi = subprocess.Popen([f"{dir}/usr/bin/uwsgi-core", "--plugin-dir", f"{dir}/usr/lib/uwsgi/plugins", "--plugin", "http,python311", "--die-on-term",
                              "--http", f"127.0.0.1:{port}", "--http-timeout", "6", "--wsgi-file", f"{dir}/program.py", *options],
                             env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                s = socket.create_connection(("127.0.0.1", port), 20)
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        got, answered = b"", time.monotonic()
        while more := s.recv(65536):
            got, answered = got + more, time.monotonic()
        took = time.monotonic() - answered
        said = [h[12:] for h in got.decode().split("\r\n\r\n")[0].split("\r\n") if h.lower().startswith("connection: ")]
        said = said[0] if said else "none"
        print(f"{' '.join(('--http',) + options):<27} {said:<6} after {took:.1f} s", flush=True)
        return said, round(took)
    finally:
        uwsgi.terminate()
        uwsgi.wait()

seen = [run(), run("--http-keepalive"), run("--http-keepalive=1"), run("--http-keepalive=2"), run("--http-keepalive=10")]
same = all(said == "none" for said, _ in seen) and all(abs(t - want) <= 1 for (_, t), want in zip(seen, (0, 6, 6, 2, 10)))
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
