#!/bin/sh
# Varnish 7.1.1 and Uvicorn 0.17.6 (Debian 12, packages varnish 7.1.1-2+deb12u1
# and python3-uvicorn 0.17.6-1), beside Gunicorn 20.1.0; needs gcc for Varnish.
#
# Zero as an idle time reads like "keep-alive off". Varnish and Uvicorn close after
# each answer then, but the answer says that the connection stays: Varnish in so
# many words, Uvicorn by saying nothing, which means the same in HTTP/1.1. A client
# that believes it loses its next request. Gunicorn's says Connection: close.
#
# Seen (the answer's Connection header, and when the connection ended):
#   varnish  timeout_idle=0            keep-alive  after 0.0 s
#   varnish  timeout_idle=2            keep-alive  after 2.0 s
#   uvicorn  --timeout-keep-alive 0    none        after 0.0 s
#   uvicorn  --timeout-keep-alive 2    none        after 2.0 s
#   gunicorn --keep-alive 0            close       after 0.0 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download varnish=7.1.1-2+deb12u1 libvarnishapi3=7.1.1-2+deb12u1 python3-uvicorn=0.17.6-1 python3-h11=0.14.0-1.1~deb12u1 python3-click=8.1.3-2 python3-asgiref=3.6.0-1 python3-gunicorn=20.1.0-6+deb12u1 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
cat >program.py <<'PY'
async def asgi(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})

def wsgi(env, start):
    start("200 OK", [("Content-Length", "2")])
    return [b"ok"]
PY
echo 'vcl 4.1; backend none none; sub vcl_recv { return (synth(200)); }' >main.vcl
python3 - "$dir" <<'PY'
import glob, os, socket, subprocess, sys, time

dir = sys.argv[1]
lib = os.path.dirname(glob.glob(f"{dir}/usr/lib/*/libvarnishapi.so.3")[0])
env = dict(os.environ, LD_LIBRARY_PATH=f"{lib}:{lib}/varnish", PYTHONPATH=f"{dir}/usr/lib/python3/dist-packages:{dir}")
python = ["/usr/bin/python3", "-m"]

def varnish(port, idle):
    return [f"{dir}/usr/sbin/varnishd", "-F", "-j", "none", "-n", f"{dir}/{idle}", "-a", f"127.0.0.1:{port}", "-f", f"{dir}/main.vcl",
            "-s", "malloc,10m", "-p", f"timeout_idle={idle}", "-p", "cc_command=exec gcc -fpic -shared -o %o %s"]

def uvicorn(port, idle):
    return python + ["uvicorn", "--log-level", "error", "--port", str(port), "--timeout-keep-alive", str(idle), "program:asgi"]

def gunicorn(port, idle):
    return python + ["gunicorn", "--log-level", "error", "-k", "gthread", "-b", f"127.0.0.1:{port}", "--keep-alive", str(idle), "program:wsgi"]

def ask(name, command, idle):
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
    program = subprocess.Popen(command(port, idle), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                s = socket.create_connection(("127.0.0.1", port), 10)
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
        print(f"{name:<34} {said:<11} after {took:.1f} s", flush=True)
        return said, took
    finally:
        program.terminate()
        program.wait()

seen = [
    ask("varnish  timeout_idle=0", varnish, 0), ask("varnish  timeout_idle=2", varnish, 2),
    ask("uvicorn  --timeout-keep-alive 0", uvicorn, 0), ask("uvicorn  --timeout-keep-alive 2", uvicorn, 2),
    ask("gunicorn --keep-alive 0", gunicorn, 0),
]
same = [s for s, _ in seen] == ["keep-alive", "keep-alive", "none", "none", "close"]
same = same and all((t < 1) == (i % 2 == 0) for i, (_, t) in enumerate(seen))
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
