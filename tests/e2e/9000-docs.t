#!/bin/sh
# SPDX-License-Identifier: ISC
# The manuals, README, --help, completion and contrib/ agree with the program and with each other. Needs no network.
# shellcheck source=../tap.sh
. "$(dirname "$0")/../tap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
bin=${LAB_BUILD:-$top/build}/bin/sealpost
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
man=$top/src/man/sealpost.1

cd "$top" || exit 1
[ -x "$bin" ] || skip_all "$bin is not built"

# In an empty home, with an MTA that takes everything.
mkdir -p "$work/home/.config/sealpost" "$work/run"
chmod 700 "$work/run"
printf '[sealpost]\nmta = /bin/true\ntimeout = 1\nresolver = 127.0.0.1@1\n' >"$work/home/.config/sealpost/config"
sealpost() {
	env -i HOME="$work/home" PATH="$PATH" XDG_RUNTIME_DIR="$work/run" "$bin" "$@"
}

have() {
	command -v "$1" >/dev/null
}

has_line() { # TEXT LINE
	printf '%s\n' "$1" | grep -qxF -e "$2"
}

# Of text: the long options in it, sorted, on one line.
long_options() {
	grep -oE -e '(^|[^[:alnum:]-])--[a-z][a-z-]*' | sed 's/^[^-]*//' | sort -u | tr '\n' ' '
}

# Of the manual: a verb's part of SYNOPSIS and its part of OPTIONS, as mdoc.
manual_of() {
	awk -v verb="$1" '
		/^\.Sh/ { section = $2; sub_section = ""; in_verb = 0 }
		/^\.Ss/ { sub_section = $2 }
		section == "SYNOPSIS" && /^\.Nm/ { in_verb = 0 }
		section == "SYNOPSIS" && /^\.Cm/ && $2 == verb { in_verb = 1 }
		section == "SYNOPSIS" && in_verb
		section == "OPTIONS" && sub_section == verb' "$man"
}

# Of mdoc: each option as it is typed. "Fl -" alone is "--".
manual_options() {
	grep -oE 'Fl [-A-Za-z][-a-z]*' | sed 's/^Fl /-/' | sort -u
}

verbs=$(sealpost --help | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p')
like 'help lists verbs' "$verbs" '^send$'

for page in src/man/sealpost.1 src/man/sealpost.conf.5 src/man/sealpost-json.5 src/man/sealpost-publish.5; do
	if have mandoc; then
		run mandoc -T lint -W warning "$page"
		is "$page: mandoc has nothing to say" "$rc $out" '0 '
	else
		skip 1 'mandoc is not installed'
	fi
	sections=$(sed -n 's/^\.Sh //p' "$page" | tr '\n' ',')
	order=$(printf '%s\n' NAME SYNOPSIS DESCRIPTION OPTIONS ENVIRONMENT FILES 'EXIT STATUS' EXAMPLES DIAGNOSTICS 'SEE ALSO' \
		STANDARDS CAVEATS | while read -r name; do
		case ,$sections in *",$name,"*) printf '%s,' "$name" ;; esac
	done)
	is "$page: sections in their order" "$sections" "$order"
done

version=$(sed -n 's/^VERSION = //p' Makefile)
is '--version' "$(sealpost --version)" "sealpost $version"
is 'NEWS begins with this version' "$(grep -m1 -E '^[0-9]' NEWS)" "$version"

for verb in $verbs; do
	run sealpost "$verb" --help
	is "$verb --help: exit status" "$rc" 0
	help=$out
	manual_of "$verb" | manual_options >"$work/manual"
	printf -- '--help\n' >>"$work/manual"
	is "$verb: long options of help and manual" "$(printf '%s --help' "$help" | long_options)" \
		"$(grep -E '^--[a-z]' "$work/manual" | long_options)"

	# Documented options exist: those that take an argument get one that does for all.
	unknown=
	while read -r option; do
		case $option in
		-- | -bs | -bd) continue ;;
		-[AefhnoOrVX] | -F) argument=1 ;;
		-B) argument=8BITMIME ;;
		-N) argument=failure ;;
		-R) argument=hdrs ;;
		*) argument= ;;
		esac
		[ "$option" = -C ] || run sealpost "$verb" "$option" ${argument:+"$argument"} --help
		case $err in *'no such option'* | *'unknown option'* | *'does not take'*) unknown="$unknown $option" ;; esac
	done <"$work/manual"
	is "$verb: every documented option is known" "$unknown" ''

	# Short options of help: "  -t   ...", "  -i, -oi  ...", "[-n N]".
	missing=
	for option in $(printf '%s\n' "$help" | grep -oE '(^  |, |\[)-[A-Za-z]{1,2}\b' | sed 's/^[^-]*//' | sort -u); do
		grep -qxF -e "$option" "$work/manual" || missing="$missing $option"
	done
	is "$verb: every short option of help is documented" "$missing" ''
	run sealpost "$verb" --no-such-option
	is "$verb: an unknown option is wrong usage" "$rc" 64
done

# Every command in the texts: "$ sealpost [-C FILE] [-v] VERB --option ...", with a verb and options that exist.
commands() {
	grep -hE '^(\.Dl )?\$ (sudo )?sealpost |sealpost (lookup|send|filter|why|queue|pins|refresh|config|doctor)[] )"`.]' "$@" |
		grep -oE 'sealpost( -v)? [a-z]+( [^|<"`.);]*)?' | sort -u
}
bad=
# shellcheck disable=SC2046 # names without blanks
commands README.md src/man/*.1 src/man/*.5 $(find contrib -type f) >"$work/commands"
while read -r line; do
	# shellcheck disable=SC2086
	set -- $line
	shift
	[ "$1" = -v ] && shift
	verb=$1
	printf '%s\n' "$verbs" | grep -qx -e "$verb" || { bad="$bad; $line"; continue; }
	help=$(sealpost "$verb" --help)
	for option in $(printf '%s' "$line" | long_options); do
		printf '%s' "$help" | grep -qF -e "$option" || bad="$bad; $line"
	done
done <"$work/commands"
is 'commands in the texts exist' "$bad" ''
ok 'there were some' test "$(wc -l <"$work/commands")" -ge 8

missing=
for target in $(grep -oE '`?make [a-z]+' README.md | awk '{ print $2 }' | sort -u); do
	grep -qE "^([a-z]+ )*$target( [a-z]+)*:" Makefile || missing="$missing $target"
done
is "README's make targets exist" "$missing" ''
missing=
for folder in $(grep -oE '^\| [^|]*/` \|' README.md | grep -oE '`[a-z/]+/`' | tr -d '`'); do
	[ -d "$folder" ] || missing="$missing $folder"
done
is "README's folders exist" "$missing" ''

# Examples, as they are printed.
sed -n 's/^\$ \(sealpost pins [a-z-]* [^ ]*\)$/\1/p' "$man" >"$work/examples"
while read -r line; do
	# shellcheck disable=SC2086
	ok "example: $line" $line
done <"$work/examples"
ok 'there were some' test "$(wc -l <"$work/examples")" -ge 2
mkdir "$work/anew"
run env -i HOME="$work/anew" PATH="$PATH" XDG_RUNTIME_DIR="$work/run" "$bin" why
is 'example: sealpost why, with nothing to say' "$rc" 1
printf 'From: me@example.org\nTo: alice@example.org\nSubject: x\n\nx\n' >"$work/mail"
send_explain() {
	sealpost send --explain alice@example.org <"$work/mail"
}
run send_explain
is 'example: sealpost send --explain cannot tell without asking' "$rc" 75
unlike 'and has nothing against its arguments' "$err" 'option'

# Configurations that are shown parse.
awk -v out="$work/conf" '/^\.Sh/ { on = $2 == "EXAMPLES" } /^\.Ed/ { in_block = 0 }
	in_block { print >(out n) } on && /^\.Bd/ { in_block = 1; n++ }' src/man/sealpost.conf.5
cp contrib/msmtp/config "$work/conf-msmtp"
chmod 644 "$work"/conf*
for file in "$work"/conf*; do
	run sealpost -C "$file" pins list
	is "configuration ${file##*/}: parses" "$rc $out" '1 '
done
ok 'there were three' test -e "$work/conf2" -a -e "$work/conf-msmtp"

# contrib: what each program makes of its file, beside one with nothing in it (neomutt 2025 always exits 1, and misses gpgsm).
: >"$work/nothing"
ask() { # PROGRAM FILE
	env HOME="$work/home" "$1" -n -F "$2" -Q sendmail -Q sendmail_wait -Q record
}
for program in mutt neomutt; do
	if have "$program"; then
		run ask "$program" "$work/nothing"
		as_always="$rc $err"
		run ask "$program" "contrib/$program/${program}rc"
		is "$program: says nothing against its file" "$rc $err" "$as_always"
		like "$program: calls sealpost" "$out" 'sendmail ?= ?"/usr/local/bin/sealpost send -oi"'
		like "$program: waits" "$out" 'sendmail_wait ?= ?0'
		like "$program: keeps no clear copy" "$out" 'record ?= ?""'
	else
		skip 4 "$program is not installed"
	fi
done
if have git; then
	is 'git: calls sealpost' "$(git config -f contrib/git/gitconfig sendemail.sendmailCmd)" '/usr/local/bin/sealpost send -oi'
else
	skip 1 'git is not installed'
fi

# And what doctor makes of them.
for program in mutt neomutt; do
	if have "$program"; then
		sed "s|/usr/local/bin/sealpost|$bin|" "contrib/$program/${program}rc" >"$work/${program}rc"
		run sealpost doctor "$work/${program}rc"
		about_mutt=$(printf '%s\n' "$out" | grep -E '^(ok|WARN|BAD) +(muttrc|smtp_url|sendmail|sendmail_wait|record|encryption by mutt):')
		like "doctor: $program has read it" "$about_mutt" "^ok +muttrc: .*/$program,"
		like "doctor: $program calls sealpost" "$about_mutt" '^ok +sendmail:'
		unlike "doctor: has nothing against $program" "$about_mutt" '^(WARN|BAD)'
	else
		skip 3 "$program is not installed"
	fi
done

# Completion offers what help lists. SHELL WORD...: the last word is being typed.
complete_words() {
	shell=$1
	shift
	case $shell in
	bash) bash -c '. contrib/completions/sealpost.bash; COMP_WORDS=(sealpost "$@"); COMP_CWORD=$#; _sealpost
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@" ;;
	# The functions that offer something write down what they were told to.
	zsh) zsh -f -c 'setopt extended_glob
		_arguments() { [[ $1 != -C ]] || { state=verb; (( CURRENT > 2 )) && state=argument && shift words && (( CURRENT-- )); return }
			print -rl -- ${${(M)@:#(*\)|)-*}#\([^\)]#\)} }
		_describe() { print -rl -- ${${(P)@[-1]}%%:*} }
		. contrib/completions/sealpost.zsh
		words=(sealpost "$@"); CURRENT=$#words; _sealpost' zsh "$@" 2>&1 ;;
	fish) fish --no-config -c '. contrib/completions/sealpost.fish; complete -C "sealpost $argv"' -- "$*" | cut -f 1 ;;
	esac
}
for shell in bash zsh fish; do
	have $shell || { skip 17 "$shell is not installed"; continue; }
	: >"$work/complaints"
	for verb in $verbs; do
		ok "completion in $shell: $verb" has_line "$(complete_words $shell "$(printf '%.3s' "$verb")")" "$verb"
		set -- "$verb"
		[ "$verb" != pins ] || set -- pins 'pins list' 'pins allow-clear' 'pins accept' 'pins export' 'pins import'
		for words in "$@"; do
			# shellcheck disable=SC2086 # words
			complete_words $shell $words --
		done >"$work/offered" 2>>"$work/complaints"
		is "completion in $shell: options of $verb" "$(long_options <"$work/offered")" \
			"$(printf '%s --help' "$(sealpost "$verb" --help)" | long_options)"
	done
	is "completion in $shell: says nothing itself, though no sealpost is in PATH" "$(cat "$work/complaints")" ''
done

# The wrapper for msmtp starts it only after the filter has succeeded.
mkdir "$work/bin"
printf '#!/bin/sh\n[ ! -e %s/refuse ] || exit 69\necho "filter $*"; cat\n' "$work" >"$work/bin/sealpost"
printf '#!/bin/sh\n{ echo "msmtp $*"; cat; } >%s/sent\n' "$work" >"$work/bin/msmtp"
chmod 755 "$work/bin/sealpost" "$work/bin/msmtp"
wrapper() {
	echo body | PATH=$work/bin:$PATH XDG_RUNTIME_DIR=$work/run contrib/msmtp/sealpost-msmtp "$@"
}
check_exit 0 wrapper -a work -- a@example.org b@example.org
is 'wrapper: what msmtp got' "$(cat "$work/sent")" 'msmtp -a work -- a@example.org b@example.org
filter filter -i -- a@example.org b@example.org
body'
rm -f "$work/sent"
check_exit 64 wrapper -t -- a@example.org
check_exit 64 wrapper a@example.org
touch "$work/refuse"
check_exit 69 wrapper -- a@example.org
ok 'wrapper: msmtp was not started' test ! -e "$work/sent"
is 'wrapper: nothing is left behind' "$(ls "$work/run")" ''

done_testing
