#!/bin/sh
# SPDX-License-Identifier: ISC
# make dist: the same bytes whoever packs them; the Debian package is of the same version. Needs no network.
# shellcheck source=../tap.sh
. "$(dirname "$0")/../tap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$top" || exit 1

version=$(sed -n 's/^VERSION = //p' Makefile)
name=sealpost-$version
ok '1 packed' contrib/packaging/make-dist "$work/1"
(umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 contrib/packaging/make-dist "$work/2")
ok '2 with another umask, time zone and locale: equal' cmp "$work/1/$name.tar.gz" "$work/2/$name.tar.gz"
mkdir "$work/a folder"
tar -x -f "$work/1/$name.tar.gz" -C "$work/a folder"
"$work/a folder/$name/contrib/packaging/make-dist" "$work/3"
ok '3 from what was packed, without git: equal' cmp "$work/1/$name.tar.gz" "$work/3/$name.tar.gz"
tar -t -f "$work/1/$name.tar.gz" >"$work/list"
is '4 all in one folder' "$(grep -vc "^$name/" "$work/list")" 0
missing=
for file in Makefile README.md NEWS LICENSE SECURITY.md src/main.c contrib/packaging/debian/rules tests/lab/run; do
	grep -qxF "$name/$file" "$work/list" || missing="$missing $file"
done
is '5 what it takes to build, test and package is in it' "$missing" ''
is '6 nothing that was built, nor of git' "$(grep -E "^$name/(build/|\.git|\.ci/)" "$work/list")" ''
is '7 the Debian package is of this version' \
	"$(sed -n '1s/^sealpost (\(.*\)-[0-9]*) .*/\1/p' contrib/packaging/debian/changelog)" "$version"

done_testing
