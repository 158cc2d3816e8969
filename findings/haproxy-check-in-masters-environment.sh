#!/bin/sh
# HAProxy's master runs itself again to wait (execvp in mworker_reexec), with variables in its
# environment that say so. A check (haproxy -c) that is started with the environment of the
# running master, as a tool that copies /proc/PID/environ does to get the variables that the
# configuration uses, takes itself for that master: it exits 2 and, quiet, says nothing. The
# same check without HAPROXY_MWORKER_WAIT_ONLY exits 0.
#
# Expected before: the file is valid, so haproxy -c exits 0 whatever the environment is.
set -eu
dir=$(mktemp -d)
master=
trap 'if [ -n "$master" ]; then kill "$master" || :; wait "$master" || :; fi; rm -r "$dir"' EXIT
cd "$dir"
apt-get -qq download haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing1=1.6.0-4 libopentracing-c-wrapper0=1.1.3-3+b1 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
export LD_LIBRARY_PATH="$dir/usr/lib/x86_64-linux-gnu" PATH="$dir/usr/sbin:$PATH"
haproxy -v | head -1

cat > "$dir/h.cfg" <<CFG
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend f
  bind unix@$dir/s
  http-request return status 200
CFG

haproxy -W -f "$dir/h.cfg" 2>"$dir/log" &
master=$!
n=0
until tr '\0' '\n' < "/proc/$master/environ" | grep -q '^HAPROXY_MWORKER_WAIT_ONLY=1$'; do
  n=$((n + 1)); [ $n -lt 200 ] || { echo "the master has not run itself again"; exit 1; }
  sleep 0.05
done
tr '\0' '\n' < "/proc/$master/environ" | grep -o '^HAPROXY_MWORKER[A-Z_]*=.*'

check() { code=0; "$@" haproxy -c -q -f "$dir/h.cfg" >/dev/null 2>&1 || code=$?; echo "$code"; }
plain=$(check env)
waiting=$(check env HAPROXY_MWORKER_WAIT_ONLY=1)
echo "haproxy -c -q: exit $plain; with HAPROXY_MWORKER_WAIT_ONLY=1: exit $waiting"
[ "$plain" = 0 ] && [ "$waiting" = 2 ]
