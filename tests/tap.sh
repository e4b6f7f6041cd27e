# SPDX-License-Identifier: ISC
# tap.sh: what end-to-end tests are written with. A test begins
#
#	. "$(dirname "$0")/../tap.sh"
#	in_lab "$0" "$@"
#
# and ends with done_testing. POSIX sh. The description always comes first:
#
#	ok DESC COMMAND...       COMMAND exits 0 (its output is shown if not); not_ok: it does not
#	is DESC GOT WANT         equal strings; isnt
#	like DESC GOT ERE        some line of GOT matches; unlike
#	check_exit CODE COMMAND...  COMMAND's exit code; leaves its output in $out, $err and $rc
#	run COMMAND...           the same without a test
#	within SECONDS COMMAND...  tries COMMAND until it exits 0, so long at most; whether it did
#	pass DESC, fail DESC, diag TEXT, plan COUNT, skip COUNT REASON, skip_all REASON
# shellcheck shell=sh

tap_count=0
tap_failed=0
tap_plan=
tap_dir=
tap_runs=0
# A resolver to which no route of the lab leads: what is asked fails at once, as on a machine without a network.
# shellcheck disable=SC2034
lab_no_resolver=100.64.0.1
tap_newline='
'
rc=0
out=
err=

plan() {
	tap_plan=$1
	echo "1..$1"
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# Without a plan, done_testing is what tells a complete run from one that broke off.
done_testing() {
	[ -n "$tap_plan" ] || echo "1..$tap_count"
	[ -z "$tap_dir" ] || rm -rf "$tap_dir"
	[ "$tap_failed" = 0 ]
	exit
}

diag() {
	printf '%s\n' "$*" | sed 's/^/# /' >&2
}

tap_result() { # "" or "not ", DESC
	tap_count=$((tap_count + 1))
	printf '%sok %d - %s\n' "$1" "$tap_count" "$(printf '%s' "$2" | tr '\n#' ' +')"
	[ -z "$1" ] || tap_failed=$((tap_failed + 1))
	[ -z "$1" ]
}

pass() {
	tap_result "" "$1"
}

fail() {
	tap_result "not " "$1"
}

skip() {
	tap_left=$1
	while [ "$tap_left" -gt 0 ]; do
		tap_left=$((tap_left - 1))
		tap_count=$((tap_count + 1))
		echo "ok $tap_count # SKIP $2"
	done
}

# Standard input stays the caller's, so that a test can write: run COMMAND <file. Files are new each time, as something
# may write to the old ones still; nothing is removed by a process of its own, as these cost more than the tests. The
# folder goes with the lab.
run() {
	[ -d "$tap_dir" ] || tap_dir=$(mktemp -d) || exit 1
	tap_runs=$((tap_runs + 1))
	tap_file=$tap_dir/$tap_runs
	rc=0
	"$@" >"$tap_file.out" 2>"$tap_file.err" || rc=$?
	out=
	err=
	[ ! -s "$tap_file.out" ] || out=$(cat "$tap_file.out")
	[ ! -s "$tap_file.err" ] || err=$(cat "$tap_file.err")
	: >"$tap_file.out" >"$tap_file.err"
}

within() {
	tap_turns=$(($1 * 20))
	shift
	until "$@"; do
		[ "$tap_turns" -gt 0 ] || return 1
		tap_turns=$((tap_turns - 1))
		sleep 0.05
	done
}

tap_show_run() { # COMMAND...
	diag "command: $*"
	diag "exit: $rc"
	[ -z "$out" ] || diag "stdout: $out"
	[ -z "$err" ] || diag "stderr: $err"
}

ok() {
	tap_desc=$1
	shift
	run "$@"
	[ "$rc" = 0 ] && { pass "$tap_desc"; return; }
	fail "$tap_desc"
	tap_show_run "$@"
}

not_ok() {
	tap_desc=$1
	shift
	run "$@"
	[ "$rc" != 0 ] && { pass "$tap_desc"; return; }
	fail "$tap_desc"
	tap_show_run "$@"
}

check_exit() {
	tap_want=$1
	shift
	run "$@"
	[ "$rc" = "$tap_want" ] && { pass "exit $tap_want: $*"; return; }
	fail "exit $tap_want: $*"
	tap_show_run "$@"
}

is() {
	[ "$2" = "$3" ] && { pass "$1"; return; }
	fail "$1"
	diag "     got: $2"
	diag "expected: $3"
}

isnt() {
	[ "$2" != "$3" ] && { pass "$1"; return; }
	fail "$1"
	diag "got what was not expected: $2"
}

like() {
	printf '%s\n' "$2" | grep -Eq -e "$3" && { pass "$1"; return; }
	fail "$1"
	diag "     got: $2"
	diag "expected to match: $3"
}

unlike() {
	printf '%s\n' "$2" | grep -Eq -e "$3" || { pass "$1"; return; }
	fail "$1"
	diag "     got: $2"
	diag "expected not to match: $3"
}

# What runs that should not once a command has ended: of sealpost, and daemons that gpg may start. The user's own
# agent is not among them.
running() {
	ps -eo comm= | grep -E '^(sealpost|sealpost-net|gpg|dirmngr|keyboxd|scdaemon)$' || true
}

nothing_runs() {
	[ -z "$(running)" ]
}

# Starts the test again inside a lab of its own, with a fresh HOME; returns when it is there already.
# lab_options, set before, goes to the lab: --caps.
in_lab() {
	[ -z "${LAB-}" ] || return 0
	tap_lab=$(cd "$(dirname "$1")/../lab" && pwd)/run || exit 1
	tap_reason=$("$tap_lab" --check 2>&1) || skip_all "${tap_reason:-no lab}"
	# shellcheck disable=SC2086 # several options are several words
	exec "$tap_lab" ${lab_options-} -- "$@"
}
