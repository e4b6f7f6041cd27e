#!/bin/sh
# SPDX-License-Identifier: ISC
# config says what is in force and where it comes from; help, and what was perhaps meant.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

conf=$HOME/.config/sealpost/config
mkdir -p "${conf%/*}"
cp "$conf" "$LAB/tmp/before" 2>/dev/null || : >"$LAB/tmp/before"
cat >"$conf" <<'CONF'
[sealpost]
encrypt = require
never-ask = a-domain-that-publishes-nothing.example, another-one-that-does-not.example, *.local.example
[policy bank]
to = *@Bank.example
tls = require
[identity work]
from = me@work.example
mta = /bin/true -a work
CONF
chmod 600 "$conf"

run sealpost config
is "config" "$rc" 0
like "what a file sets, and where" "$out" "^encrypt = require +; $conf:2, default: prefer\$"
like "a default" "$out" '^; sign = encrypted$'
like "none" "$out" '^; sent =$'
like "the MTA that was found" "$out" '^; mta = /.* ; found on this machine$'
like "a policy" "$out" "^to = \*@bank.example +; $conf:5\$"
like "an identity" "$out" "^mta = /bin/true -a work +; $conf:9\$"
printf '%s\n' "$out" >"$LAB/tmp/shown"
chmod 600 "$LAB/tmp/shown"
sealpost -C "$LAB/tmp/shown" config --json | jq -c '[.section, .name, .setting, .value]' >"$LAB/tmp/again"
is "what is shown is a configuration that says the same" "$(cat "$LAB/tmp/again")" \
	"$(sealpost config --json | jq -c '[.section, .name, .setting, .value]')"
is "only what is named" "$(sealpost config encrypt tls | grep -vc '^\[')" 4
is "JSON" "$(sealpost config --json encrypt | jq -c .)" \
	'{"version":1,"section":"sealpost","name":null,"setting":"encrypt","value":"require","default":"prefer","file":"'"$conf"'","line":2}'
is "JSON of a default" "$(sealpost config --json sent | jq -c '[.value, .default, .file, .line]')" '[null,null,null,null]'
sealpost config >"$LAB/tmp/all"
missing=
for key in $(sed -n '/^\.Ss \[sealpost\]/,/^\.Ss \[policy/s/^\.It Cm \([a-z-]*\) = .*/\1/p' "$LAB_SRC/src/man/sealpost.conf.5"); do
	grep -qE "^(; )?$key =" "$LAB/tmp/all" || missing="$missing $key"
done
is "every setting that the manual has" "$missing" ''
screen=$(TERM=xterm script -qec "sealpost config" /dev/null </dev/null | tr -d '\r' | sed 's/\x1b\[[0-9;]*m//g')
like "on a terminal a long one has its place above it" "$screen" "^; $conf:3\$"
is "and nothing that can be broken is beyond 80 columns" "$(printf '%s\n' "$screen" | grep -v '^never-ask' | awk 'length > 80')" ''

check_exit 64 sealpost config encypt
like "a mistyped setting" "$err" '^hint: perhaps: sealpost config encrypt$'
printf '[sealpost]\nencypt = require\n' >"$conf"
check_exit 78 sealpost config
like "a broken configuration" "$err" "$conf:2"
check_exit 0 sealpost config --help
check_exit 0 sealpost help why
cp "$LAB/tmp/before" "$conf"

# Help.
for verb in $(sealpost --help | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p'); do
	sealpost "$verb" --help >"$LAB/tmp/help"
	is "help $verb" "$(sealpost help "$verb")" "$(cat "$LAB/tmp/help")"
	is "$verb -h" "$(sealpost "$verb" -h)" "$(cat "$LAB/tmp/help")"
done
is "-h" "$(sealpost -h)" "$(sealpost --help)"
is "help" "$(sealpost help)" "$(sealpost --help)"
check_exit 64 sealpost help frobnicate
check_exit 64 sealpost help why send
printf 'To: nobody@absent.example\n\nx\n' >"$LAB/tmp/mail"
check_exit 0 sealpost send -h 5 -i nobody@absent.example <"$LAB/tmp/mail"
is "sendmail's -h takes a number" "$(lab-mails | wc -l)" 1

# What was perhaps meant.
for words in 'lokup:lookup' 'sned:send' 'pin list:pins' 'pins lst:pins list' 'pins aceppt:pins accept' 'pins exprt:pins export'; do
	# shellcheck disable=SC2086 # words
	check_exit 64 sealpost ${words%:*}
	is "${words%:*}" "$(printf '%s\n' "$err" | tail -n 1)" "hint: perhaps: sealpost ${words#*:}"
done
check_exit 64 sealpost frobnicate
is "nothing is near" "$(printf '%s\n' "$err" | tail -n 1)" 'hint: sealpost --help'

# An address as people have it.
alice=alice@advanced.example
key=$(lab-key $alice)
fpr() {
	jq -r '.address + " " + .fingerprint'
}
is "with a name" "$(sealpost lookup --json "Alice <$alice>" | fpr)" "$alice $key"
is "with quotes" "$(sealpost lookup --json "\"Liddell, Alice\" <$alice>" | fpr)" "$alice $key"
is "from standard input" "$(printf 'Alice <%s>\n%s # a comment\n' $alice $alice | sealpost lookup --json - | fpr)" \
	"$alice $key
$alice $key"
sealpost lookup --pin $alice >/dev/null
is "pins show" "$(sealpost pins show --json "Alice <$alice>" | fpr)" "$alice $key"
check_exit 0 sealpost refresh "Alice <$alice>"
check_exit 64 sealpost lookup "Alice <$alice>, Bob <bob@direct.example>"
# Help fits a terminal of 80 columns.
wide=
for verb in help $(sealpost --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p'); do
	wide="$wide$(sealpost "$verb" --help 2>&1 | awk 'length > 80')"
done
is "help of all verbs in 80 columns" "$wide$(sealpost --help | awk 'length > 80')" ''
done_testing
