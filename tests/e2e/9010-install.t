#!/bin/sh
# SPDX-License-Identifier: ISC
# make install: any PREFIX, any umask, a DESTDIR with a blank; what is installed names what is installed. Needs no network.
# shellcheck source=../tap.sh
. "$(dirname "$0")/../tap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
build=${LAB_BUILD:-$top/build}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$top" || exit 1
[ -d "$build/obj" ] || skip_all "$build is not built here"

# The tree that other tests run from stays as it is. What depends on PREFIX is compiled again in a copy.
mkdir -p "$work/build/obj"
cp -a "$build"/*.a "$build/bin" "$build/libexec" "$build/places" "$work/build"
cp -a "$build/obj/src" "$build/obj/wkd" "$build/obj/pgp" "$work/build/obj"
developer=
case $build in */developer) developer=DEVELOPER=1 ;; esac
make_quietly() {
	env -u MAKEFLAGS -u MAKELEVEL make -s B="$work/build" $developer "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; return 1; }
}

# row NAME UMASK PREFIX DESTDIR [MAKE_ARGUMENT...]
row() {
	name=$1 mask=$2 prefix=$3 dest=$4
	shift 4
	(umask "$mask" && make_quietly install PREFIX="$prefix" DESTDIR="$dest" "$@")
	is "$name: make install" $? 0
	(cd "$dest$prefix" && find . ! -type d | sort) >"$work/list.$name"
	is "$name: everybody can read it" "$(find "$dest$prefix" ! -type l ! -perm -a+r)" ''
	is "$name: and enter its folders" "$(find "$dest$prefix" -type d ! -perm 755)" ''
	helper=$(find "$dest$prefix" -name sealpost-net)
	is "$name: the programs start" "$("$dest$prefix/bin/sealpost" --version) $("$helper" --version)" \
		"sealpost $version sealpost-net $version"
	libexec=$(dirname "${helper#"$dest"}")
	ok "$name: the program knows where its helper is" grep -qaF "$libexec" "$dest$prefix/bin/sealpost"
	is "$name: sendmail leads to it" "$(readlink "$dest$libexec/sendmail")" "$prefix/bin/sealpost"
	is "$name: no other prefix is named" \
		"$(grep -rIlE '/usr/local/(bin|libexec|share)' "$dest$prefix" | grep -v 'README\.md$')" ''
	ok "$name: the unit starts it" grep -qxF "ExecStart=$prefix/bin/sealpost refresh" \
		"$dest$prefix/lib/systemd/user/sealpost-refresh.service"
	ok "$name: mutt calls it" grep -qF "\"$prefix/bin/sealpost send" "$dest$prefix/share/doc/sealpost/mutt/muttrc"
	ok "$name: aerc calls it" grep -qF "= $libexec/sendmail" "$dest$prefix/share/doc/sealpost/aerc/accounts.conf"
	ok "$name: the manual names it" grep -qF "$libexec/sealpost-net" "$dest$prefix/share/man/man1/sealpost.1"
	make_quietly uninstall PREFIX="$prefix" DESTDIR="$dest" "$@"
	is "$name: make uninstall" $? 0
	is "$name: leaves no file" "$(find "$dest$prefix" ! -type d)" ''
}

version=$(sed -n 's/^VERSION = //p' Makefile)
dest="$work/a folder"
row 1-usr 022 /usr "$dest"
row 2-umask 077 /usr "$dest"
row 3-opt 027 /opt/sealpost-1 "$dest"
row 4-libexec 022 /usr "$dest" LIBEXECDIR=/usr/lib
row 5-no-destdir 077 "$work/own" ''
for row in 2-umask 3-opt 5-no-destdir; do
	is "$row: the same files as 1" "$(diff "$work/list.1-usr" "$work/list.$row")" ''
done

# All of contrib that is for users is there.
find contrib -type f ! -path '*/packaging/*' ! -path '*/completions/*' ! -path '*/systemd/*' >"$work/contrib"
missing=
while read -r file; do
	grep -qxF "./share/doc/sealpost/${file#contrib/}" "$work/list.1-usr" || missing="$missing $file"
done <"$work/contrib"
is 'all of contrib is installed' "$missing" ''

# Carried over to a system that lacks one of its libraries.
mkdir -p "$work/old/bin" "$work/old/libexec/sealpost" "$work/home"
cp "$build/bin/sealpost" "$work/old/bin"
echo 'int gone(void) { return 0; }' | ${CC:-cc} -shared -x c -o "$work/libgone.so" -
echo 'int gone(void); int main(void) { return gone(); }' |
	${CC:-cc} -x c -o "$work/old/libexec/sealpost/sealpost-net" - -L"$work" -lgone
rm "$work/libgone.so"
run env HOME="$work/home" "$work/old/bin/sealpost" doctor
is 'a library is missing: doctor finds it' "$rc" 1
like 'and says which' "$out" '^BAD  *network helper: .* libgone\.so: cannot open'
like 'and what to do' "$out" 'built for another system: build it here'
# One that it loads later: it says itself what helps.
version=$("$build/libexec/sealpost/sealpost-net" --version)
printf '#!/bin/sh\n[ "$1" = --try-sandbox ] || exec echo "%s"\nprintf "it needs a library\\ninstall it\\n"\nexit 71\n' "$version" \
	>"$work/old/libexec/sealpost/sealpost-net"
run env HOME="$work/home" "$work/old/bin/sealpost" doctor
like 'one that is loaded late is missing' "$out" '^BAD  *network helper: no lookup can work: it needs a library$'
like 'what helps is what it says' "$out" '^ *fix: install it$'

done_testing
