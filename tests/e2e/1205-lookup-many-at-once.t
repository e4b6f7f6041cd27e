#!/bin/sh
# SPDX-License-Identifier: ISC
# lookup of many: each finding is the one that the address has alone, whoever stands beside it.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

# What does not tell when, how quickly or in which company it was asked.
same='del(.cached, .asked, .evidence.time, .evidence.ms, .evidence.dns, .evidence.urls)'

# Good ones, and what is wrong in every way, in turn.
good=
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	a=many$i@advanced.example
	gpg --batch --quiet --passphrase '' --quick-generate-key "Nr. $i <$a>" future-default default 1y 2>/dev/null
	gpg --batch --export "<$a>" >"$LAB/tmp/key"
	lab-wkd-put $a "$LAB/tmp/key"
	good="$good $a"
done
# One's certificate where another's should be; and both in one answer.
gpg --batch --export '<many2@advanced.example>' >"$LAB/tmp/key"
lab-wkd-put many3@advanced.example "$LAB/tmp/key"
gpg --batch --export '<many4@advanced.example>' '<many5@advanced.example>' >"$LAB/tmp/key"
lab-wkd-put many4@advanced.example "$LAB/tmp/key"
# Cut short; and behind it what would take in whatever follows.
gpg --batch --export '<many6@advanced.example>' | head -c 200 >"$LAB/tmp/key"
lab-wkd-put many6@advanced.example "$LAB/tmp/key"
{
	gpg --batch --export '<many7@advanced.example>'
	printf '\302\377\000\000\100\000'
} >"$LAB/tmp/key"
lab-wkd-put many7@advanced.example "$LAB/tmp/key"
{
	for a in $good; do
		echo $a
		echo nokey@advanced.example
	done
	for a in revoked expired signonly wronguid multi garbage alice; do
		echo $a@advanced.example
	done
	echo carol@dane.example
	echo x@bogus.example
	echo nobody@unsigned.example
} >"$LAB/tmp/list"

sealpost lookup --fresh --json - <"$LAB/tmp/list" >"$LAB/tmp/together"
is "the highest exit status" "$?" 75
is "all of them, in their order" "$(jq -r .address "$LAB/tmp/together")" "$(cat "$LAB/tmp/list")"
for a in $(sort -u "$LAB/tmp/list"); do
	is "$a: as it is alone" "$(jq -c "select(.address == \"$a\") | $same" "$LAB/tmp/together" | sort -u)" \
		"$(sealpost lookup --fresh --json "$a" | jq -c "$same")"
done
is "the good ones are usable" \
	"$(jq -r 'select(.status == "usable" and (.address | startswith("many"))) | .address' "$LAB/tmp/together" | wc -l)" 9
for a in many3 many6 many7; do
	is "$a is not" "$(jq -r "select(.address == \"$a@advanced.example\") | .status" "$LAB/tmp/together")" unusable
done
sealpost lookup --json - <"$LAB/tmp/list" >"$LAB/tmp/cached"
is "the same from the cache" "$(jq -c "$same" "$LAB/tmp/cached" | sort)" "$(jq -c "$same" "$LAB/tmp/together" | sort)"
is "all of it" "$(jq -r .cached "$LAB/tmp/cached" | sort -u)" true
sealpost lookup --export - <"$LAB/tmp/list" >"$LAB/tmp/certs" 2>/dev/null
is "their certificates, each with its own User ID" \
	"$(gpg --batch --with-colons --show-keys "$LAB/tmp/certs" 2>/dev/null | awk -F: '/^uid/ { print $10 }' | sort -u | grep -c many)" 9

# More than are asked about at the same time.
for i in $(seq 1100); do
	echo "u$i@never.example"
done >"$LAB/tmp/list"
mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\nnever-ask = never.example\n' >"$HOME/.config/sealpost/config"
sealpost lookup --json - <"$LAB/tmp/list" >"$LAB/tmp/together"
is "eleven hundred: absent" "$?" 1
is "in their order" "$(jq -r .address "$LAB/tmp/together" | cmp - "$LAB/tmp/list" && echo same)" same
is "nothing is left running" "$(running)" ""
is "nothing is left lying" "$(find "$XDG_RUNTIME_DIR" "$LAB/tmp" -name 'sealpost*')" ""
done_testing
