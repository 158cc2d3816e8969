#!/bin/sh
# nginx 1.22.1 and Apache httpd 2.4.71 (Debian 12, packages nginx
# 1.22.1-9+deb12u11 and apache2-bin 2.4.71-1~deb12u1).
#
# Checking a configuration before it is loaded is taken for reading. nginx -t
# makes what the files name: an empty pid file, the logs, and the folders of
# temporary files, of whoever checks and of the user that the files name.
# A reload, logrotate or a watcher of pid files meets an empty one where nginx
# does not run; a log that root's check made stays there if the change is
# dropped. apachectl -t makes nothing.
#
# Seen (files that the check made; size in bytes):
#   nginx -t    access.log 0  body/  error.log 0  nginx.pid 0
#   apache2 -t
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
mkdir of-nginx of-apache
cat >nginx.conf <<CONF
pid $dir/of-nginx/nginx.pid;
error_log $dir/of-nginx/error.log;
events { }
http {
	access_log $dir/of-nginx/access.log;
	client_body_temp_path $dir/of-nginx/body;
	proxy_temp_path $dir/of-nginx/body; fastcgi_temp_path $dir/of-nginx/body;
	uwsgi_temp_path $dir/of-nginx/body; scgi_temp_path $dir/of-nginx/body;
	server { listen 127.0.0.1:1; }
}
CONF
cat >apache.conf <<CONF
ServerRoot $dir
ServerName a
PidFile $dir/of-apache/pid
DefaultRuntimeDir $dir/of-apache
ErrorLog $dir/of-apache/error.log
TransferLog $dir/of-apache/access.log
LoadModule mpm_event_module $dir/usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module $dir/usr/lib/apache2/modules/mod_authz_core.so
Listen 127.0.0.1:1
CONF
made() {
	for f in $(ls "$1"); do
		if [ -d "$1/$f" ]; then printf '  %s/' "$f"; else printf '  %s %s' "$f" "$(stat -c %s "$1/$f")"; fi
	done
}
usr/sbin/nginx -t -q -p "$dir" -c "$dir/nginx.conf" 2>/dev/null
usr/sbin/apache2 -t -f "$dir/apache.conf" 2>/dev/null
nginx="nginx -t  $(made of-nginx)"
apache="apache2 -t$(made of-apache)"
printf '%s\n%s\n' "$nginx" "$apache"
[ "$nginx" = "nginx -t    access.log 0  body/  error.log 0  nginx.pid 0" ] && [ "$apache" = "apache2 -t" ]
