#!/bin/sh
# Linux 6.18.44 and procps 2:4.0.2-3 of Debian 12, network namespace of its own, root.
#
# Every /proc/sys file of one number takes C's notations and looks at the first
# word alone. A leading zero makes the number octal, and a unit behind a space is
# dropped: "5 min" is five seconds. Written together, "300s" is refused. What
# sysctl -p prints is what it was given, not what the kernel made of it.
#
# Seen:
#   tcp_keepalive_time = 0600    prints 0600    is 384
#   tcp_keepalive_time = 060     prints 060     is 48
#   tcp_keepalive_time = 5 min   prints 5 min   is 5
#   tcp_keepalive_time = 9 # x   prints 9 # x   is 9
#   tcp_keepalive_time = 300s    refused        is 9
#
# Exits with 1 where it is otherwise.
set -eu
[ "$(id -u)" = 0 ] || { echo "needs root, for a network namespace"; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download procps=2:4.0.2-3 libproc2-0=2:4.0.2-3 >/dev/null 2>&1 || { echo "procps 2:4.0.2-3 can no longer be had"; exit 1; }
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libproc2.so.0' | head -n 1)")
PATH=$dir/sbin:$dir/bin:$PATH
export LD_LIBRARY_PATH PATH
case $(command -v sysctl) in "$dir"/*) ;; *) echo "the pinned sysctl is not the one that is run"; exit 1 ;; esac
unshare -n sh -s "$dir" <<'SH' | tee "$dir/seen"
for value in 0600 060 '5 min' '9 # x' 300s; do
	echo "net.ipv4.tcp_keepalive_time = $value" >"$1/file.conf"
	said=refused
	if out=$(sysctl -p "$1/file.conf" 2>/dev/null); then said="prints ${out#*= }"; fi
	printf '  tcp_keepalive_time = %-7s %-14s is %s\n' "$value" "$said" "$(cat /proc/sys/net/ipv4/tcp_keepalive_time)"
done
SH
if [ "$(sed 's/.* is //' "$dir/seen" | tr '\n' ' ')" = "384 48 5 9 9 " ] && grep -q '300s.*refused' "$dir/seen"; then
	echo "as seen before"
else
	echo CHANGED
	exit 1
fi
