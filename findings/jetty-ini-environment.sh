#!/bin/sh
# Jetty 12.0.17 (Debian 13, jetty12 12.0.17-3.1) on Java 17.
#
# What stands below a --module line in start.ini belongs, from Jetty 12 on, to the
# environment of that line's last module. Behind --module=server,http,core-deploy
# (or ee10-deploy) jetty.http.idleTimeout and jetty.http.port are properties of
# that environment: no error, and the connector keeps its defaults, 30 s and 8080.
# Jetty 9 to 11 took them.
#
# Seen (of whom --list-config says that jetty.http.idleTimeout is):
#   --module=server,http,core-deploy, the property below           core
#   --module=server,http, the property, --module=core-deploy       Jetty
#   --module=core-deploy, --module=server,http, the property       Jetty
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
mkdir -p lists/partial cache/archives/partial debs
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >sources
set -- -qq -o Dir::Etc::sourcelist="$dir/sources" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$dir/lists" -o Dir::Cache="$dir/cache"
apt-get "$@" update >/dev/null 2>&1
(cd debs && apt-get "$@" download jetty12 libjetty12-java libjetty12-extra-java >/dev/null 2>&1)
ls debs | grep -q '^jetty12_12\.0\.17-3\.1' || { echo "trixie no longer has jetty12 12.0.17-3.1"; exit 1; }
for deb in debs/*.deb; do dpkg-deb -x "$deb" root; done
find root -type l | while read -r link; do # those of Debian's packages lead from /
	case $(readlink "$link") in /*) ln -sfn "$dir/root$(readlink "$link")" "$link" ;; esac
done
changed=0
told() {
	mkdir -p base/webapps
	printf '%s\n' "$2" | tr ' ' '\n' >base/start.ini
	got=$(cd base && java -cp "$dir/root/usr/share/java/*" org.eclipse.jetty.start.Main jetty.home="$dir/root/usr/share/jetty12" jetty.base="$dir/base" --list-config 2>/dev/null |
		awk '/^Properties: /{of = $2} /jetty.http.idleTimeout = 3000/{print of}')
	printf '%-62s %s\n' "$1" "${got:-nobody}"
	[ "$got" = "$3" ] || changed=1
}
value=jetty.http.idleTimeout=3000
told "--module=server,http,core-deploy, the property below" "--module=server,http,core-deploy $value" core
told "--module=server,http, the property, --module=core-deploy" "--module=server,http $value --module=core-deploy" Jetty
told "--module=core-deploy, --module=server,http, the property" "--module=core-deploy --module=server,http $value" Jetty
[ $changed -eq 0 ] && echo "as seen before" || echo CHANGED
exit $changed
