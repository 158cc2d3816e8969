#!/bin/sh
# OpenSSH 9.2p1 (Debian 12, openssh-server 1:9.2p1) and 10.0p1 (Debian 13,
# openssh-server 1:10.0p1) on Linux (root, Python 3).
#
# Since 9.8 sshd adds up to four seconds, by chance, to LoginGraceTime: a client
# that does not log in is ended after 3 to 7 s where 3 is set, without a word of it
# in sshd_config(5). A time-out of a box or a health check that was laid right above
# LoginGraceTime comes first now and then.
#
# Seen (LoginGraceTime 3, eight clients that say nothing, one after the other begun):
#   bookworm  all after 3.0 s
#   trixie    after 3.2 to 6.9 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf --one-file-system "$dir"' EXIT INT TERM
cd "$dir"
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
both="openssh-server openssh-client libc6 libgcc-s1 libselinux1 libpam0g libaudit1 libcap-ng0 libkrb5support0 libkeyutils1 libpcre2-8-0 libwrap0 zlib1g libzstd1 libcrypt1"
changed=0
for suite in bookworm trixie; do
	case $suite in
	bookworm) version=1:9.2p1 names="$both libssl3 libgssapi-krb5-2 libkrb5-3 libk5crypto3 libcom-err2 libnsl2 libtirpc3 libsystemd0 libcap2 liblz4-1 liblzma5 libgcrypt20 libgpg-error0" ;;
	trixie) version=1:10.0p1 names="$both libssl3t64 libgssapi-krb5-2 libkrb5-3 libk5crypto3 libcom-err2 libsqlite3-0 libwtmpdb0 libnsl2 libtirpc3t64" ;;
	esac
	mkdir -p $suite/lists/partial $suite/cache/archives/partial $suite/debs $suite/root
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >$suite/sources
	set -- -qq -o Dir::Etc::sourcelist="$dir/$suite/sources" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$dir/$suite/lists" -o Dir::Cache="$dir/$suite/cache"
	apt-get "$@" update >/dev/null 2>&1
	(cd $suite/debs && apt-get "$@" download $names >/dev/null 2>&1)
	case $(cd $suite/debs && echo openssh-server_*) in *"_$(echo $version | sed 's/:/%3a/')"*) ;; *) echo "$suite no longer has openssh-server $version"; exit 1 ;; esac
	root=$dir/$suite/root
	for deb in $suite/debs/*.deb; do dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$root"; done
	for name in lib lib64 sbin; do # as a merged /usr has it
		[ ! -d "$root/$name" ] || [ -L "$root/$name" ] || { mkdir -p "$root/usr/$name" && cp -a "$root/$name/." "$root/usr/$name/" && rm -rf "$root/$name"; }
		[ -e "$root/$name" ] || ln -s "usr/$name" "$root/$name"
	done
	mkdir -p "$root/etc" "$root/dev" "$root/run/sshd" "$root/proc" "$root/var/empty"
	printf 'root:x:0:0::/root:/bin/sh\nsshd:x:101:65534::/run/sshd:/bin/false\n' >"$root/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
	python3 - "$suite" "$root" <<'PY' || changed=1
import socket, subprocess, sys, threading, time

suite, root = sys.argv[1:]
free = socket.create_server(("127.0.0.1", 0))
port = free.getsockname()[1]
free.close()
with open(root + "/etc/sshd_config", "w") as f:
    f.write(f"ListenAddress 127.0.0.1:{port}\nHostKey /etc/key\nLoginGraceTime 3\nPidFile none\nMaxStartups 100\nUsePAM no\n")
inside = f"mount --bind /dev {root}/dev && mount -t proc proc {root}/proc && chroot {root} /usr/bin/ssh-keygen -q -t ed25519 -N '' -f /etc/key && exec chroot {root} /usr/sbin/sshd -D -e -f /etc/sshd_config"
sshd = subprocess.Popen(["unshare", "-m", "sh", "-c", inside], stderr=subprocess.DEVNULL)
times = []

def silent():
    c = socket.create_connection(("127.0.0.1", port))
    began = time.monotonic()
    c.settimeout(20)
    try:
        while c.recv(4096):
            pass
    except OSError:
        pass
    times.append(time.monotonic() - began)

try:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.1)
    clients = [threading.Thread(target=silent) for _ in range(8)]
    for c in clients:
        c.start()
        time.sleep(0.2)
    for c in clients:
        c.join()
finally:
    sshd.terminate()
    sshd.wait()
low, high = min(times), max(times)
print(f"{suite:<9} {'all after %.1f s' % low if high - low < 0.5 else 'after %.1f to %.1f s' % (low, high)}", flush=True)
sys.exit(0 if low > 2.5 and (high < 3.9 if suite == "bookworm" else 4 < high < 8.5) else 1)
PY
done
[ $changed -eq 0 ] && echo "as seen before" || echo CHANGED
exit $changed
