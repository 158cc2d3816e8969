#!/bin/sh
# Tornado 6.2, Twisted 22.4.0 and Eventlet 0.33.1 on Python 3.11 (Debian 12,
# packages python3-tornado 6.2.0-3+deb12u4, python3-twisted 22.4.0-4+deb12u1,
# python3-eventlet 0.33.1-4).
#
# One time bounds the wait for a request in each of them, and 0 is three things:
# 1. Tornado's idle_connection_timeout=0 is its default, an hour, seen here by the
#    timers that it asks for.
# 2. Twisted's Site(timeout=0) ends each connection before it is answered.
# 3. Eventlet's socket_timeout=0 answers, says Connection: keep-alive where it was
#    asked for, and ends the connection.
#
# Seen:
#   tornado   200, open after 5 s; timers of 3600 s
#   twisted   no answer, closed after 0.0 s
#   eventlet  200, Connection: keep-alive, closed after 0.0 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download python3-tornado=6.2.0-3+deb12u4 python3-twisted=22.4.0-4+deb12u1 python3-attr=22.2.0-1 python3-automat=22.10.0-1 python3-constantly=15.1.0-4 python3-hyperlink=21.0.0-5 python3-idna=3.3-1+deb12u1 python3-incremental=21.3.0-2 python3-typing-extensions=4.4.0-1 python3-zope.interface=5.5.2-1+b1 python3-eventlet=0.33.1-4 python3-dnspython=2.3.0-1+deb12u1 python3-greenlet=2.0.2-1 python3-six=1.16.0-4 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
export PYTHONPATH="$dir/usr/lib/python3/dist-packages"
cat >server.py <<'PY'
import sys

name, port = sys.argv[1], int(sys.argv[2])
if name == "tornado":
    import tornado.ioloop, tornado.web
    class Answer(tornado.web.RequestHandler):
        def get(self):
            self.write("ok")
    tornado.web.Application([("/", Answer)]).listen(port, "127.0.0.1", idle_connection_timeout=0)
    loop = tornado.ioloop.IOLoop.current()
    add = loop.add_timeout
    def told(when, *more, **rest):
        print(f"timers of {when - loop.time():.0f} s", flush=True)
        return add(when, *more, **rest)
    loop.add_timeout = told
    loop.start()
elif name == "twisted":
    from twisted.internet import reactor
    from twisted.web import resource, server
    class Answer(resource.Resource):
        isLeaf = True
        def render_GET(self, request):
            return b"ok"
    reactor.listenTCP(port, server.Site(Answer(), timeout=0), interface="127.0.0.1")
    reactor.run()
else:
    import eventlet
    from eventlet import wsgi
    def answer(environ, start):
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]
    wsgi.server(eventlet.listen(("127.0.0.1", port)), answer, socket_timeout=0, log_output=False)
PY
/usr/bin/python3 - <<'PY'
import socket, subprocess, sys, time

seen = []
for name in "tornado", "twisted", "eventlet":
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(["/usr/bin/python3", "server.py", name, str(port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        for _ in range(300):
            try:
                c = socket.create_connection(("127.0.0.1", port), 5)
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        began, got, end = time.monotonic(), b"", None
        try:
            c.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
            while more := c.recv(65536):
                got, began = got + more, time.monotonic()
            end = "closed after %.1f s" % (time.monotonic() - began)
        except TimeoutError:
            end = "open after 5 s"
        except ConnectionError:
            end = "closed after %.1f s" % (time.monotonic() - began)
    finally:
        server.terminate()
        timers = sorted(set(server.communicate()[0].splitlines()))
    said = [h for h in got.decode().split("\r\n") if h.lower().startswith("connection:")]
    seen.append(", ".join(["200" if b" 200 " in got else "no answer", *said, end]) + "".join("; " + t for t in timers if name == "tornado"))
    print(f"{name:<9} {seen[-1]}", flush=True)
same = "open" in seen[0] and "timers of 3600 s" in seen[0] and seen[1].startswith("no answer, closed after 0") and "keep-alive, closed after 0" in seen[2].lower()
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
