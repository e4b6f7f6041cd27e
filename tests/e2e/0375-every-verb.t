#!/bin/sh
# SPDX-License-Identifier: ISC
# Every verb with wrong arguments, and where the machine lacks something: the exit status, one line that says what is
# wrong, and one hint.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

work=$LAB/tmp/work
mkdir -p "$work/keys" "$work/alone" "$work/path" "$HOME/.config/sealpost"
cd "$work" || exit 1
lab-import-sender 2>/dev/null
printf 'From: me@sender.example\nTo: alice@advanced.example\nSubject: x\n\nhello\n' >mail
printf '[domain]\nname = publish.example\nkeys = keys/\nweb = 192.0.2.81\n' >site
lab-new-key ann@publish.example keys/ann.pgp >/dev/null
sealpost lookup --pin alice@advanced.example >pinned
alone=$work/alone/sealpost
cp "$(command -v sealpost)" "$alone"
# What is printed of each is more than standard output gathers.
mkdir -p spoilt/cur spoilt/new nothing/cur nothing/new
{ printf 'Autocrypt: addr=me@sender.example\nDate: %s\n' "$(date -R)" && cat mail; } >spoilt/cur/1
for i in $(seq 2 60); do ln spoilt/cur/1 "spoilt/cur/$i"; done
ln -s "$(command -v sealpost)" sh path/ 2>/dev/null
ln -s "$(command -v true)" path/sendmail
printf '[sealpost]\nencypt = require\n' >mistyped

# Wrong arguments: what follows "sealpost", the exit status, the message, the hint (- where there is none to give).
while IFS='|' read -r words want message hint; do
	run sh -c "exec sealpost $words" <mail
	[ "$hint" = - ] && lines=1 || lines=2
	said=$(printf '%s\n' "$err" | grep -c .)
	[ "$rc" = "$want" ] && [ "$said" = "$lines" ] && [ -z "$out" ] &&
		printf '%s\n' "$err" | head -n 1 | grep -Eq -e "^sealpost: $message" &&
		{ [ "$hint" = - ] || printf '%s\n' "$err" | sed -n 2p | grep -Eq -e "^hint: $hint"; }
	# shellcheck disable=SC2181
	if [ $? = 0 ]; then pass "sealpost $words: $want"; else
		fail "sealpost $words: $want"
		tap_show_run sealpost "$words"
	fi
done <<'ROWS'
|64|no verb is given|sealpost --help$
lokup x|64|lokup: no such verb|perhaps: sealpost lookup$
-x lookup|64|-x: no such option|sealpost --help$
-C|64|-C: needs an argument|sealpost --help$
-C /nonexistent config|78|/nonexistent: No such file|.*sealpost doctor$
-C / config|78|/: is not a regular file|.*sealpost doctor$
-C mistyped config|78|.*:2: 'encypt'|perhaps it is encrypt$
lookup|64|no address is given|sealpost lookup --help$
lookup --bogus a@b.example|64|--bogus: no such option|sealpost lookup --help$
lookup ''|64|"": the local part is empty|sealpost lookup --help$
lookup a@b@c|64|a@b@c: |sealpost lookup --help$
send|64|not sent: no recipient is given|name recipients
send --bogus|64|not sent: --bogus: no such option|sealpost send --help; options of your mail transfer agent
send -f|64|not sent: option -f needs an argument|sealpost send --help$
send --encrypt=foo a@b.example|64|not sent: .*one of: require, prefer, never|sealpost send --help$
filter --bogus|64|not sent: --bogus: no such option|sealpost filter --help$
why extra|64|why: takes no arguments|sealpost why --help$
why -n 0|64|why -n: needs a number|sealpost why --help$
queue bogus|64|bogus: no such command|sealpost queue --help$
queue show|64|queue show: needs one number|sealpost queue --help$
queue drop 99|1|99: |-
pins|64|pins: list, show|sealpost pins --help$
pins bogus|64|bogus: no such command|sealpost pins --help$
pins lst|64|lst: no such command|perhaps: sealpost pins list$
pins show|64|pins show: an address is missing|sealpost pins --help$
pins show x@nowhere.example|1|x@nowhere.example: there is no pin|-
pins accept --last|1|nothing is held|-
pins accept alice@advanced.example ZZ|64|ZZ: is not a fingerprint|sealpost pins --help$
pins verify alice@advanced.example 0123|64|4 digits are not a whole fingerprint|sealpost pins --help$
pins forget|64|pins forget: an address is missing|sealpost pins --help$
pins allow-clear "*@absent.example"|64|\*@absent.example: is not a pattern|.*: sealpost pins allow-clear absent.example$
pins allow-clear z@absent.example "*@absent.example"|64|\*@absent.example: is not a pattern|.*: sealpost pins allow-clear absent.example$
pins export --cert-d|64|--cert-d: needs an argument|sealpost pins --help$
pins export --cert-d /nonexistent/a|73|cannot make /nonexistent/a: No such file|name a folder
pins import|64|pins import: name one file|sealpost pins --help$
pins import /nonexistent|74|/nonexistent: No such file|sealpost pins import --help$
pins import mail|65|mail: is neither|nothing was imported
refresh --all a@b.example|64|--all and an address|sealpost refresh --help$
refresh x@nowhere.example|1|x@nowhere.example: there is no pin|-
check|64|no domain is given|sealpost check --help$
check ''|64|"": the domain |sealpost check --help$
check a..b|64|a..b: |sealpost check --help$
check --json --csv a.example|64|only one of|sealpost check --help$
check --live=0 a.example|64|--live=0: is not a port|sealpost check --help$
check --history x.example|1|x.example: |-
reports|64|no file is given|sealpost reports --help$
reports --since x mail|64|--since: x is not a date|sealpost reports --help$
learn --bogus|64|--bogus: no such option|sealpost learn --help$
learn /nonexistent|1|/nonexistent: No such file|-
learn keys|1|keys: is not a Maildir|-
learn nothing|1|there is no mail|-
config bogus|64|bogus: no such setting|sealpost config --help$
publish|64|plan, write or verify is missing|sealpost publish --help$
publish bogus|64|bogus: |sealpost publish --help$
publish plan|64|plan: FILE is expected|sealpost publish --help$
publish plan /nonexistent|78|/nonexistent: No such file|man sealpost-publish$
publish write out|64|write: DIR and FILE are expected|sealpost publish --help$
publish write --offline /nonexistent/a site|73|/nonexistent/a: No such file|name a folder
publish write --force=bogus out site|64|--force=bogus: is not a step|sealpost publish --help$
publish verify -d other.example site|64|other.example: is not a domain of site|sealpost publish --help$
doctor a b|64|more than one file is given|sealpost doctor --help$
help bogus|64|bogus: no such verb|sealpost --help$
ROWS

# What the machine lacks. Each cell is the exit status; from 64 on stderr is one line and one hint (a refusal to send
# has no more either). state: the state folder cannot be made. gpg: none in PATH. net: sealpost-net is not installed.
# conf: the configuration is wrong. full: standard output takes nothing. closed: it is closed.
lack() { # WHAT WORDS
	case $1 in
	state) run sh -c "HOME=/proc/sys; exec sealpost $2" <mail ;;
	gpg) run sh -c "PATH=$work/path; exec sealpost $2" <mail ;;
	net) run sh -c "XDG_CACHE_HOME=$work/alone; exec $alone $2" <mail ;;
	conf) run sh -c "exec sealpost -C mistyped $2" <mail ;;
	full) run sh -c "exec sealpost $2 >/dev/full" <mail ;;
	closed) run sh -c "exec sealpost $2 >&-" <mail ;;
	esac
}

while read -r state gpg net conf full closed words; do
	bad=
	for what in state gpg net conf full closed; do
		case $what in
		state) want=$state ;; gpg) want=$gpg ;; net) want=$net ;; conf) want=$conf ;;
		full) want=$full ;; closed) want=$closed ;;
		esac
		lack $what "$words"
		[ "$rc" = "$want" ] || { bad="$bad $what:$rc"; diag "$what: exit $rc, not $want: $err"; }
		{ [ "$rc" -lt 64 ] || [ -n "$out" ]; } && continue
		[ "$(printf '%s\n' "$err" | grep -c '^sealpost: .')" = 1 ] &&
			[ "$(printf '%s\n' "$err" | grep -c '^hint: .')" = 1 ] && [ "$(printf '%s\n' "$err" | grep -c .)" = 2 ] && continue
		bad="$bad $what:words"
		diag "$what: $err"
	done
	is "lacking something: sealpost $words" "$bad" ''
done <<'ROWS'
1 78 78 78 74 74 lookup nobody@absent.example
73 78 78 78 74 74 lookup --pin bob@direct.example
73 78 0 78 74 74 filter alice@advanced.example
75 0 0 78 74 74 send --explain alice@advanced.example
73 78 78 78 75 75 send x@bogus.example
1 0 0 78 74 74 why
0 0 0 78 0 0 queue
0 0 0 78 0 0 queue run
1 0 0 78 74 74 pins list
1 0 0 78 74 74 pins show alice@advanced.example
73 0 0 78 74 74 pins allow-clear z@absent.example
1 0 0 78 74 74 pins export
73 78 0 78 74 74 pins import keys/ann.pgp
73 78 78 78 74 74 refresh --all
1 1 78 78 74 74 check absent.example
1 1 78 78 74 74 check --postfix absent.example
73 78 0 78 74 74 learn --json mail
73 78 0 78 74 74 learn --json spoilt/
1 1 1 1 74 74 doctor --json
0 0 0 78 74 74 config --json
1 1 78 78 74 74 check --json absent.example
1 1 1 78 74 74 lookup --json nobody@absent.example
0 0 0 78 74 74 config
73 78 78 78 74 74 publish plan site
73 78 0 78 74 74 publish write --offline out site
1 1 1 1 74 74 doctor
0 0 0 0 74 74 help
ROWS
is "nothing was sent by any of it" "$(lab-mails | wc -l)" 0
check_exit 0 sealpost pins show z@absent.example
ok "and what is published was made in spite of the full disk" test -s out/dns/publish.example.zone

# -q hides no error.
printf 'z@absent.example\nx@\n' >names
check_exit 65 sealpost -q lookup --json - <names
like "-q: a bad line is told" "$err" '^sealpost: standard input, line 2: x@: '

# A closed standard output is not taken by a file that is opened later, and a mail needs none.
check_exit 0 sh -c 'exec sealpost send alice@advanced.example <mail >&-'
is "sent without a standard output" "$(lab-mails | wc -l)" 1
check_exit 65 sh -c 'exec sealpost send alice@advanced.example <&-'
like "no standard input is no mail" "$err" '^sealpost: not sent: '
check_exit 0 sh -c 'exec sealpost lookup alice@advanced.example <&- 2>&-'

done_testing
