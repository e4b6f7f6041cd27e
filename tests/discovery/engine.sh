# SPDX-License-Identifier: ISC
# engine.sh: what the discovery cases are written with, after tap.sh and in_lab. POSIX sh.
#
#	case_ NUMBER TITLE ADDRESS STATUS [KEY=VALUE...]
#	cases_run
#
# case_ only declares. cases_run asks about every address declared since the last one, several at once, each
# with a HOME of its own, and tells of each whether STATUS (usable, absent, unusable, unknown, conflict) and
# the exit code came within the time; then one test more for each of
#
#	method= dnssec= tls= absence=   exactly so ("-": null)
#	reason=ERE      a match in the reason
#	fpr=ADDRESS     the lab's key of that address; or a fingerprint
#	urls=N          as many URLs were asked
#	jq=FILTER       is true of the answer
#	stderr=ERE      a match in what was said on standard error
#
# and without a test of their own
#
#	exit=CODE       instead of the one that goes with STATUS
#	or=STATUS       is right as well, with its exit code
#	max=SECONDS     all the time it may take (15); far more than it should
#	timeout=SECONDS sealpost's own, where a case waits for it to pass
#	opts=WORDS      more options for lookup
#	global=WORDS    options before the verb
#	before=WORDS    a command that runs sealpost
#	pin=ADDRESS     pinned before, under its own name, to the certificate that is published now
#	skip=REASON     not run
#	note=TEXT       for the summary
#
# cases_key ADDRESS... makes a key with a User ID for each address; cases_publish METHOD ADDRESS... puts each one's
# key where METHOD (advanced, direct) has it.
#
# cases_start PROGRAM... starts a server and waits until it says "ready". It ends with the lab.
#
# With CASES_SUMMARY=1 cases_run writes one line for each case instead, without asking more of it than to end:
# number, title, sealpost's verdict, gpg's, sq's, note, separated by tabs. CASES_JOBS: how many at once (8).
# CASES_ONLY="21 22": only these. CASES_KEEP=FOLDER: everything that was said is copied there. All of them are
# given inside the lab: tests/lab/run env CASES_ONLY="21 22" tests/e2e/1010-lookup-host.t
# Another verb than lookup: cases_verb=check, before the cases. STATUS is then the protection (dane, mta-sts, none,
# unknown), and the address may be a domain.
# shellcheck shell=sh

cases_verb=lookup
cases_dir=$(mktemp -d "$LAB/tmp/cases.XXXXXX") || exit 1
cases_count=0
cases_done=0

cases_exit_of() { # STATUS
	case $1 in
	usable | dane | mta-sts) echo 0 ;;
	absent | none) echo 1 ;;
	unusable) echo 69 ;;
	unknown) echo 75 ;;
	conflict) echo 77 ;;
	*) echo "engine: no such status: $1" >&2; exit 2 ;;
	esac
}

cases_key() { # ADDRESS...
	cases_home=$LAB/tmp/cases-gnupg
	mkdir -p "$cases_home"
	chmod 700 "$cases_home"
	cases_gpg="gpg --homedir $cases_home --batch --quiet --no-tty"
	cases_fpr=$($cases_gpg --passphrase '' --status-fd 1 --quick-generate-key "$1" future-default default never 2>/dev/null |
		awk '/KEY_CREATED/ { print $4 }')
	for cases_address in "$@"; do
		[ "$cases_address" = "$1" ] || $cases_gpg --passphrase '' --quick-add-uid "$cases_fpr" "$cases_address"
	done
	for cases_address in "$@"; do
		$cases_gpg --export "$cases_fpr" >"$LAB/keys/$cases_address.pub"
		echo "$cases_fpr" >"$LAB/keys/$cases_address.fpr"
	done
	gpgconf --homedir "$cases_home" --kill all
}

cases_publish() { # METHOD ADDRESS...
	cases_method=$1
	shift
	for cases_address in "$@"; do
		lab-wkd-put "$cases_address" "$LAB/keys/$cases_address.pub" "$cases_method"
	done
}

cases_start() { # PROGRAM...
	cases_log=$(mktemp "$LAB/log/${1##*/}.XXXXXX") || exit 1
	"$@" >"$cases_log" 2>&1 &
	cases_tries=0
	until grep -q '^ready' "$cases_log"; do
		cases_tries=$((cases_tries + 1))
		[ "$cases_tries" -lt 200 ] || { diag "$1: $(cat "$cases_log")"; exit 1; }
		sleep 0.05
	done
}

# What is declared is one file for each word: $cases_dir/COUNT/KEY.
case_() {
	[ $# -ge 4 ] || { echo "engine: case_ wants NUMBER TITLE ADDRESS STATUS" >&2; exit 2; }
	case " ${CASES_ONLY-$1} " in *" $1 "*) ;; *) return 0 ;; esac
	cases_count=$((cases_count + 1))
	cases_at=$cases_dir/$cases_count
	mkdir "$cases_at" "$cases_at/home" || exit 1
	printf %s "$1" >"$cases_at/number"
	printf %s "$2" >"$cases_at/title"
	printf %s "$3" >"$cases_at/address"
	printf %s "$4" >"$cases_at/status"
	cases_exit_of "$4" >"$cases_at/exit" || exit 2
	echo 15 >"$cases_at/max"
	shift 4
	for cases_word in "$@"; do
		case $cases_word in
		method=* | dnssec=* | tls=* | absence=* | reason=* | fpr=* | exit=* | urls=* | max=* | opts=* | note=* | \
			jq=* | stderr=* | global=* | before=* | pin=* | skip=* | or=* | timeout=*)
			printf %s "${cases_word#*=}" >"$cases_at/${cases_word%%=*}"
			;;
		*) echo "engine: no such key: $cases_word" >&2; exit 2 ;;
		esac
	done
}

# Without a process of its own, as there are thousands; the first line of a value.
cases_get() { # KEY: of the case in $cases_at; "" if it has none
	[ -e "$cases_at/$1" ] || return 0
	cases_value=
	read -r cases_value <"$cases_at/$1" || :
	printf %s "$cases_value"
}

cases_json() { # FILTER
	jq -r "$1" <"$cases_at/out" 2>/dev/null
}

# Runs a command with the HOME of the case in $cases_at, for SECONDS at most; output and code go to NAME.*
cases_bounded() { # SECONDS NAME COMMAND...
	cases_seconds=$1
	cases_name=$2
	shift 2
	cases_rc=0
	env "HOME=$cases_at/home" timeout -k 2 "$cases_seconds" "$@" >"$cases_at/$cases_name.out" 2>"$cases_at/$cases_name.err" \
		</dev/null || cases_rc=$?
	echo "$cases_rc" >"$cases_at/$cases_name.rc"
}

cases_ask_sealpost() {
	if [ -e "$cases_at/timeout" ]; then
		mkdir -p "$cases_at/home/.config/sealpost"
		printf '[sealpost]\ntimeout = %s\n' "$(cases_get timeout)" >"$cases_at/home/.config/sealpost/config"
	fi
	if [ -e "$cases_at/pin" ]; then
		cases_bounded 15 pinned sealpost lookup --pin -- "$(cases_get pin)"
	fi
	# shellcheck disable=SC2046 # words
	cases_bounded "$(cases_get max)" sealpost $(cases_get before) sealpost $(cases_get global) $cases_verb --json \
		$(cases_get opts) -- "$(cases_get address)"
	ln "$cases_at/sealpost.out" "$cases_at/out"
	cases_read_answer
}

# All that a report asks of the answer, a line each, in one run of jq, which takes longer to start than sealpost to answer.
cases_read_answer() {
	cases_filter=null
	[ ! -e "$cases_at/jq" ] || cases_filter=$(cat "$cases_at/jq") # perhaps several lines
	jq -r '(.status // .protection // ""), (.method, .dnssec, .tls, .absence | . // "-"), .fingerprint,
		(.evidence | if type == "object" then .urls // [] else [] end | length),
		(try ('"$cases_filter"') catch "error"), .reason' \
		<"$cases_at/out" >"$cases_at/facts" 2>/dev/null
}

cases_ask_gpg() {
	mkdir -m 700 "$cases_at/home/gpg"
	cases_bounded 45 gpg env "GNUPGHOME=$cases_at/home/gpg" gpg --batch --no-tty --with-colons --trust-model always \
		--auto-key-locate clear,wkd,dane --locate-external-keys -- "$(cases_get address)"
	GNUPGHOME=$cases_at/home/gpg gpgconf --kill all 2>/dev/null
}

cases_ask_sq() {
	cases_bounded 45 sq env SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt sq wkd get "$(cases_get address)"
}

cases_ask() {
	[ ! -e "$cases_at/skip" ] || return 0
	cases_ask_sealpost
	[ -n "${CASES_SUMMARY-}" ] || return 0
	! command -v dirmngr >/dev/null || cases_ask_gpg
	! command -v sq >/dev/null || cases_ask_sq
}

# Every so many cases, beginning with the FIRST.
cases_work() { # FIRST
	cases_i=$1
	while [ "$cases_i" -le "$cases_count" ]; do
		cases_at=$cases_dir/$cases_i
		cases_ask
		cases_i=$((cases_i + cases_jobs))
	done
}

# As many workers as run at once; another background process of the test is not waited for.
cases_ask_all() {
	cases_jobs=${CASES_JOBS:-8}
	cases_workers=
	cases_worker=0
	while [ "$cases_worker" -lt "$cases_jobs" ]; do
		cases_worker=$((cases_worker + 1))
		cases_work "$((cases_done + cases_worker))" &
		cases_workers="$cases_workers $!"
	done
	# shellcheck disable=SC2086 # process numbers
	wait $cases_workers
}

# The name of the next test.
cases_name() { # WHAT
	cases_desc="case $(cases_get number): $(cases_get title): $1"
}

cases_verdict() {
	cases_name "$(cases_get status)"
	case $(cases_get sealpost.rc) in
	124 | 137) cases_got="nothing within $(cases_get max) s" ;;
	*)
		cases_got="$cases_is_status exit $(cases_get sealpost.rc)"
		;;
	esac
	cases_want="$(cases_get status) exit $(cases_get exit)"
	if [ -e "$cases_at/or" ]; then
		cases_or="$(cases_get or) exit $(cases_exit_of "$(cases_get or)")"
		[ "$cases_got" != "$cases_or" ] || cases_want=$cases_or
	fi
	is "$cases_desc" "$cases_got" "$cases_want" || {
		diag "reason: $(cases_json .reason)"
		diag "stderr: $(head -c 1000 "$cases_at/sealpost.err")"
	}
}

cases_fingerprint() {
	cases_want=$(cases_get fpr)
	case $cases_want in *@*) cases_want=$(lab-key "$cases_want") ;; esac
	cases_name "fingerprint"
	is "$cases_desc" "$cases_is_fingerprint" "$cases_want"
}

cases_report() {
	if [ -e "$cases_at/skip" ]; then
		skip 1 "case $(cases_get number): $(cases_get title): $(cases_get skip)"
		return
	fi
	cases_is_status=
	{
		read -r cases_is_status
		read -r cases_is_method
		read -r cases_is_dnssec
		read -r cases_is_tls
		read -r cases_is_absence
		read -r cases_is_fingerprint
		read -r cases_is_urls
		read -r cases_is_jq
		read -r cases_is_reason
	} <"$cases_at/facts" || :
	cases_verdict
	for cases_key in method dnssec tls absence; do
		[ -e "$cases_at/$cases_key" ] || continue
		cases_name "$cases_key"
		eval "cases_value=\$cases_is_$cases_key"
		is "$cases_desc" "$cases_value" "$(cases_get $cases_key)"
	done
	if [ -e "$cases_at/reason" ]; then
		cases_name "reason"
		like "$cases_desc" "$cases_is_reason" "$(cases_get reason)"
	fi
	[ ! -e "$cases_at/fpr" ] || cases_fingerprint
	if [ -e "$cases_at/urls" ]; then
		cases_name "URLs asked"
		is "$cases_desc" "$cases_is_urls" "$(cases_get urls)"
	fi
	if [ -e "$cases_at/jq" ]; then
		cases_name "$(cases_get jq)"
		is "$cases_desc" "$cases_is_jq" true || diag "$(cat "$cases_at/out")"
	fi
	if [ -e "$cases_at/stderr" ]; then
		cases_name "said"
		like "$cases_desc" "$(cat "$cases_at/sealpost.err")" "$(cases_get stderr)"
	fi
}

# One line of what a program said, without control characters.
cases_last_words() { # FILE
	grep -v '^$' "$1" | tail -n 1 | tr -d '\000-\037\177' | cut -c 1-60
}

# gpg says of each method how it failed.
cases_gpg_reasons() {
	sed -n "s/^gpg: error retrieving .* via \([A-Z]*\): \(.*\)/\1: \2/p" "$cases_at/gpg.err" | paste -sd ';' | sed 's/;/; /g' |
		tr -d '\000-\037\177' | cut -c 1-70
}

cases_gpg_verdict() {
	[ -e "$cases_at/gpg.rc" ] || { echo -; return; }
	case $(cases_get gpg.rc) in
	0)
		awk -F: '/^pub/ { n++; if ($2 ~ /[rei]/) bad = " (" ($2 == "r" ? "revoked" : $2 == "e" ? "expired" : "invalid") ")" }
			END { print (n ? "key" : "none") (n > 1 ? "s: " n : "") bad }' "$cases_at/gpg.out"
		;;
	124 | 137) echo "nothing in 45 s" ;;
	*) printf 'no: %s\n' "$(cases_gpg_reasons)" ;;
	esac
}

cases_sq_verdict() {
	[ -e "$cases_at/sq.rc" ] || { echo -; return; }
	case $(cases_get sq.rc) in
	0) printf 'key%s\n' "$(grep -c 'BEGIN PGP PUBLIC' "$cases_at/sq.out" | sed 's/^1$//; s/^\(.\)/s: \1/')" ;;
	124 | 137) echo "nothing in 45 s" ;;
	*) printf 'no: %s\n' "$(cases_last_words "$cases_at/sq.err" | sed 's/^ *[0-9]*: *//; s/^ *//; s/^Error: //; s/^failed to lookup address information: //')" ;;
	esac
}

cases_sealpost_verdict() {
	case $(cases_get sealpost.rc) in
	'') echo "not run: $(cases_get skip)" ;;
	124 | 137) echo "nothing in $(cases_get max) s" ;;
	*) cases_json '.status + (if .absence then ", " + .absence else "" end)' ;;
	esac
}

cases_row() {
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$(cases_get number)" "$(cases_get title)" "$(cases_sealpost_verdict)" \
		"$(cases_gpg_verdict)" "$(cases_sq_verdict)" "$(cases_get note)"
}

cases_run() {
	cases_ask_all
	while [ "$cases_done" -lt "$cases_count" ]; do
		cases_done=$((cases_done + 1))
		cases_at=$cases_dir/$cases_done
		if [ -n "${CASES_SUMMARY-}" ]; then cases_row; else cases_report; fi
	done
	[ -z "${CASES_KEEP-}" ] || cp -r "$cases_dir" "$CASES_KEEP"
}
