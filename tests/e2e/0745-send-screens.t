#!/bin/sh
# SPDX-License-Identifier: ISC
# What a person sees who has no shell before them: the friend's key is another. mutt and NeoMutt show it on the screen, with
# what to do; aerc shows nothing, but the program of contrib that notify names does.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

# shellcheck source=tests/callers.sh
. "$(dirname "$0")/../callers.sh"
command -v script >/dev/null || skip_all "script is missing"
lab-import-sender
friend=grace@advanced.example
printf '#!/bin/sh\necho "$*" >>"$LAB/tmp/argv"\ncat >/dev/null\n' >"$t/mta"
# For contrib's program: the desktop.
printf '#!/bin/sh\nprintf "%%s\\n" "$@" >"$LAB/tmp/desktop"\n' >"$t/notify-send"
printf '#!/bin/sh\necho "the body" >>"$1"\n' >"$t/editor"
chmod 755 "$t/mta" "$t/notify-send" "$t/editor"
PATH=$t:$PATH
printf '[sealpost]\nmta = %s\nnotify = %s/contrib/notify/sealpost-notify\n' "$t/mta" "$LAB_SRC" >"$HOME/.config/sealpost/config"
$s lookup --pin $friend >"$t/pinned" 2>&1
lab-new-key $friend "$t/new" >"$t/fpr"
lab-wkd-put $friend "$t/new"
$s refresh $friend >"$t/refreshed" 2>&1
like "another key is held" "$($s pins list 2>/dev/null)" "^$friend .*HELD"

refusal_shown() {
	within 60 on_screen 'Attachments'
	press_until y on_screen 'hint: '
	press_until q test -e "$t/ended"
}
as_lines() { # what is written between the terminal's commands, each a line
	tr '\033\r' '\n\n' <"$t/screen" | sed 's/^\[[0-9;?]*[A-Za-z]//'
}
for m in mutt neomutt; do
	have $m 4 || continue
	muttrc $m
	printf 'set editor=%s autoedit edit_headers fast_reply postpone=no\n' "$t/editor" >>"$HOME/.${m}rc"
	rm -f "$t/ended"
	on_terminal refusal_shown "$m -F $HOME/.${m}rc -s subj -- $friend; touch $t/ended"
	screen=$(as_lines)
	ok "$m: whom, and why" [ "$(printf '%s' "$screen" | grep -c "^sealpost: not sent: $friend: a different key is published")" -ge 1 ]
	ok "$m: and what to do" [ "$(printf '%s' "$screen" | grep -c "^hint: sealpost pins show $friend")" -ge 1 ]
	ok "$m: in the program's own words" [ "$(printf '%s' "$screen" | grep -c 'child exited 77')" -ge 1 ]
	not_ok "$m: nothing went out" test -e "$t/argv"
done

if have aerc 3; then
	aerc_account
	on_desktop() {
		[ -s "$t/desktop" ]
	}
	was_refused() { aerc_sends on_desktop; }
	on_terminal was_refused "aerc 'mailto:$friend?subject=subj'"
	shown=$(cat "$t/desktop" 2>/dev/null)
	like "aerc: whom, and why, on the desktop" "$shown" "not sent: $friend: a different key is published"
	like "aerc: and what to do" "$shown" "sealpost pins show $friend"
	not_ok "aerc: nothing went out" test -e "$t/argv"
fi
done_testing
