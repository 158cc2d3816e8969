#!/bin/sh
# nginx 1.22.1 and Apache httpd 2.4.71 (Debian 12, packages nginx
# 1.22.1-9+deb12u11 and apache2-bin 2.4.71-1~deb12u1).
#
# A reload spares requests, not idle connections: nginx (SIGHUP) and Apache's
# event MPM (SIGUSR1, "graceful") end each of them at once, whatever hint they
# gave. A client that is about to use one loses the race, at each renewal of a
# certificate. Apache's worker and prefork MPMs keep them for their whole time,
# 4 s here; Debian's default is event.
#
# Seen (three idle connections each, seconds from the reload to the close):
#   nginx    keepalive_timeout 60 60   0.1 0.1 0.1
#   event    KeepAliveTimeout 4        0.0 0.0 0.0
#   worker   KeepAliveTimeout 4        4.0 4.0 4.0
#   prefork  KeepAliveTimeout 4        4.0 4.0 4.0
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download nginx=1.22.1-9+deb12u11 apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libapr-1.so.0' | head -n 1)")
export LD_LIBRARY_PATH
python3 - "$dir" <<'PY'
import os, signal, socket, subprocess, sys, time

dir = sys.argv[1]

def idle(name, says, reload, command, text):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    open(f"{dir}/{name}.conf", "w").write(text.replace("PORT", str(port)))
    server = subprocess.Popen([*command, f"{dir}/{name}.conf"], stderr=subprocess.DEVNULL, start_new_session=True)  # Apache ends its whole process group
    try:
        clients, took = [], []
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        for _ in range(3):
            c = socket.create_connection(("127.0.0.1", port), 20)
            c.sendall(b"GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n")
            while b"\r\n\r\nok" not in c.recv(65536):
                pass
            clients.append(c)
        server.send_signal(reload)
        began = time.monotonic()
        for c in clients:
            while c.recv(65536):
                pass
            took.append(round(time.monotonic() - began, 1))
        print(f"{name:<8} {says:<23}", *took, flush=True)
        return took
    finally:
        server.terminate()
        server.wait()

root = os.geteuid() == 0
temp = "".join(f"{m}_temp_path {dir}/t_{m};" for m in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
quick = idle("nginx", "keepalive_timeout 60 60", signal.SIGHUP, [f"{dir}/usr/sbin/nginx", "-c"], f"""
daemon off; pid {dir}/pid; error_log {dir}/log; events {{}} {"user nobody nogroup;" if root else ""}
http {{ access_log off; {temp} keepalive_timeout 60 60; server {{ listen 127.0.0.1:PORT; return 200 ok; }} }}""")
slow = []
open(f"{dir}/index.html", "w").write("ok")
for mpm in "event", "worker", "prefork":
    took = idle(mpm, "KeepAliveTimeout 4", signal.SIGUSR1, [f"{dir}/usr/sbin/apache2", "-DFOREGROUND", "-f"], "\n".join([
        f"ServerRoot {dir}", "ServerName a", "Listen 127.0.0.1:PORT", "KeepAliveTimeout 4", f"DocumentRoot {dir}",
        f"PidFile {dir}/pid.{mpm}", f"ErrorLog {dir}/log", f"DefaultRuntimeDir {dir}", "User nobody\nGroup nogroup" if root else "",
        *(f"LoadModule {m}_module usr/lib/apache2/modules/mod_{m}.so" for m in ("mpm_" + mpm, "authz_core"))]))
    (quick if mpm == "event" else slow).extend(took)
same = max(quick) < 2 and min(slow) > 3
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
