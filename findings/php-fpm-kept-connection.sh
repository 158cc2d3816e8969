#!/bin/sh
# PHP-FPM 8.2.36 behind nginx 1.22.1 (Debian 12, packages php8.2-fpm 8.2.36-1~deb12u1
# and nginx 1.22.1-9+deb12u11).
#
# With fastcgi_keep_conn and keepalive in the upstream, as guides advise for speed:
# 1. A connection that nginx keeps holds one of pm.max_children, idle or not. Other
#    requests (of another worker of nginx, another upstream of the same pool) wait until
#    nginx lets go of it, 60 s by default, while every child does nothing.
# 2. request_terminate_timeout, which is for scripts that run too long, counts the wait
#    for the next request, too: children are killed for being idle, and the log tells of
#    a script with an empty name.
#
# Seen (two children, two idle connections of one upstream kept for 4 s; time to the
# answer of a request through another upstream):
#   no limit                        answered after 4 s
#   request_terminate_timeout 2s    answered after 2 to 3 s, 2 children killed, script ''
#   without fastcgi_keep_conn       answered at once
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
chmod 755 "$dir"
apt-get -qq download nginx=1.22.1-9+deb12u11 php8.2-fpm=8.2.36-1~deb12u1 php8.2-common=8.2.36-1~deb12u1 \
	libapparmor1 libargon2-1 libxml2 libsodium23 libicu72 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$dir/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH
python3 - "$dir" <<'PY'
import os, re, socket, subprocess, sys, threading, time, urllib.request

dir = sys.argv[1]
os.mkdir(f"{dir}/tmp")
open(f"{dir}/a.php", "w").write("<?php usleep(300000); echo 'ok';")
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
web, fpm = (s.getsockname()[1] for s in held)
for s in held:
    s.close()

def start(*command):
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

def up(port):
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port), 5).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
    sys.exit("not up")

def get(path):
    with urllib.request.urlopen(f"http://127.0.0.1:{web}{path}", timeout=30) as answer:
        return answer.read()

def run(keep, limit):
    log = f"{dir}/fpm-{keep}-{limit}.log"
    user = "" if os.getuid() else "user = nobody\ngroup = nogroup\n"
    open(f"{dir}/fpm.conf", "w").write(f"""[global]
error_log = {log}
[www]
{user}listen = 127.0.0.1:{fpm}
pm = static
pm.max_children = 2
request_terminate_timeout = {limit}
""")
    location = f"fastcgi_keep_conn {keep}; fastcgi_param SCRIPT_FILENAME {dir}/a.php; fastcgi_param REQUEST_METHOD GET;"
    open(f"{dir}/nginx.conf", "w").write(f"""daemon off; master_process off; pid {dir}/nginx.pid; error_log {dir}/nginx.log;
events {{}}
http {{
 access_log off; client_body_temp_path {dir}/tmp; proxy_temp_path {dir}/tmp; fastcgi_temp_path {dir}/tmp;
 uwsgi_temp_path {dir}/tmp; scgi_temp_path {dir}/tmp;
 upstream one {{ server 127.0.0.1:{fpm}; keepalive 8; keepalive_timeout 4s; }}
 upstream two {{ server 127.0.0.1:{fpm}; keepalive 8; keepalive_timeout 4s; }}
 server {{ listen 127.0.0.1:{web};
  location /one {{ fastcgi_pass one; {location} }}
  location /two {{ fastcgi_pass two; {location} }}
 }}
}}
""")
    running = [start(f"{dir}/usr/sbin/php-fpm8.2", "-n", "-F", "-y", f"{dir}/fpm.conf"),
               start(f"{dir}/usr/sbin/nginx", "-c", f"{dir}/nginx.conf", "-p", dir, "-e", f"{dir}/nginx.log")]
    try:
        up(fpm), up(web)
        both = [threading.Thread(target=get, args=("/one",)) for _ in range(2)]
        for t in both:
            t.start()
        for t in both:
            t.join()
        began = time.monotonic()
        get("/two")
        took = time.monotonic() - began
    finally:
        for p in reversed(running):
            p.terminate()
            p.wait()
    killed = len(re.findall(r"script ''.* execution timed out .*terminating", open(log).read()))
    return took, killed

seen = [run("on", "0"), run("on", "2s"), run("off", "0")]
for name, (took, killed) in zip(("no limit", "request_terminate_timeout 2s", "without fastcgi_keep_conn"), seen):
    print(f"{name:30}  answered after {took:.1f} s, {killed} killed")
(a, ka), (b, kb), (c, kc) = seen
same = 3.3 < a < 6 and ka == 0 and 1.3 < b < 3.9 and kb == 2 and c < 1.5 and kc == 0
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
