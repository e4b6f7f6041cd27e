#!/bin/sh
# SPDX-License-Identifier: ISC
# The mail programs themselves, each with its snippet of contrib/: a mail goes out sealed, with a hidden recipient; a refusal
# is told where the program tells such things, and "why" has it in any case.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

# shellcheck source=tests/callers.sh
. "$(dirname "$0")/../callers.sh"
lab-import-sender
x=x@bogus.example
# What it is called with, a call a line; the second call is refused while $t/no is there.
cat >"$t/mta" <<'MTA'
#!/bin/sh
echo "$*" >>"$LAB/tmp/argv"
n=$(wc -l <"$LAB/tmp/argv")
cat >"$LAB/tmp/got.$n"
[ "$n" != 2 ] || [ ! -e "$LAB/tmp/no" ] || { echo 'no room here' >&2; exit 73; }
MTA
chmod 755 "$t/mta"
printf '[sealpost]\nmta = %s\n' "$t/mta" >"$HOME/.config/sealpost/config"
printf '#!/bin/sh\necho "the body" >>"$1"\n' >"$t/editor"
chmod 755 "$t/editor"

refusals() {
	$s why -n 100 --json 2>/dev/null | wc -l
}
fresh() {
	rm -f "$t/argv" "$t"/got.*
	mark=$(refusals)
}
refused() { # NAME
	not_ok "$1: nothing went out" test -e "$t/argv"
	is "$1: why has it" "$(refusals)" $((mark + 1))
	like "$1: and says whom" "$($s why -n 1)" "$x: cannot tell"
}

for m in mutt neomutt; do
	have $m 9 || continue
	muttrc $m
	fresh
	check_exit 0 sh -c "$m -F $HOME/.${m}rc -s subj -b $b -- $a <$t/body"
	sealed_copies $m "-i -f $me"
	fresh
	run sh -c "$m -F $HOME/.${m}rc -s subj -- $x <$t/body"
	is "$m: tells of a refusal" "$rc $(printf '%s' "$err" | grep -c "^sealpost: not sent: $x: cannot tell")" "1 1"
	refused $m
done

if have s-nail 9; then
	contrib s-nail/mailrc >"$HOME/.mailrc"
	fresh
	check_exit 0 snail -b $b $a
	sealed_copies s-nail "-i -f $me"
	fresh
	run snail $x
	is "s-nail: tells of a refusal" "$rc $(printf '%s' "$err" | grep -c "^sealpost: not sent: $x: cannot tell")" "4 1"
	refused s-nail
fi

if have bsd-mailx 9; then
	contrib bsd-mailx/mailrc >"$HOME/.mailrc"
	fresh
	check_exit 0 sh -c "bsd-mailx -s subj -r $me -b $b $a <$t/body"
	sealed_copies bsd-mailx "-i -f $me"
	fresh
	run sh -c "bsd-mailx -s subj -r $me $x <$t/body"
	is "bsd-mailx: tells of a refusal" "$rc $(printf '%s' "$err" | grep -c "^sealpost: not sent: $x: cannot tell")" "1 1"
	refused bsd-mailx
fi
rm -f "$HOME/.mailrc"

if have_send_email 9; then
	patch() {
		(cd "$t/repo" && git send-email --confirm=never --suppress-cc=all -1 "$@")
	}
	fresh
	check_exit 0 patch --to $a --bcc $b
	text='^Subject: \[PATCH\] the body'
	sealed_copies 'git send-email' "-i"
	text=
	fresh
	run patch --to $x
	is "git send-email: tells of a refusal" "$rc $(printf '%s' "$err" | grep -c "^sealpost: not sent: $x: cannot tell")" "75 1"
	refused 'git send-email'
fi

if have emacs 9; then
	contrib emacs/sealpost.el >"$t/sealpost.el"
	cat >"$t/mail.el" <<EL
(setq user-mail-address "$me" user-full-name "Me")
(load "$t/sealpost.el" nil t)
(require 'message)
(defun try (to bcc)
  (message-mail to "subj" (and bcc (list (cons "Bcc" bcc))))
  (message-goto-body)
  (insert "the body\n")
  (message-send-mail))
EL
	emacs_sends() { # TO BCC
		emacs -Q --batch -l "$t/mail.el" --eval "(condition-case e (try \"$1\" $2) (error (dolist (b (buffer-list)) (when (string-match \"sendmail errors\" (buffer-name b)) (princ (with-current-buffer b (buffer-string))))) (kill-emacs 3)))"
	}
	fresh
	check_exit 0 emacs_sends $a "\"$b\""
	sealed_copies emacs "-i -f $me"
	fresh
	run emacs_sends $x nil
	is "emacs: tells of a refusal" "$rc $(printf '%s' "$out" | grep -c "^sealpost: not sent: $x: cannot tell")" "3 1"
	refused emacs
fi

# Programs that want a terminal.
why_changed() {
	[ "$(refusals)" != "$mark" ]
}

if have aerc 7 && have script 7; then
	aerc_account
	sent_both() { aerc_sends calls_are 2; }
	was_refused() { aerc_sends why_changed; }
	fresh
	on_terminal sent_both "aerc 'mailto:$a?subject=subj&bcc=$b'"
	sealed_copies aerc "-i"
	fresh
	on_terminal was_refused "aerc 'mailto:$x?subject=subj'"
	refused aerc
fi

# mutt and NeoMutt renew Date and boundary when they send again: it is the same mail all the same.
echo attached >"$t/file.bin"
retry() {
	within 60 on_screen 'Attachments'
	press_until y calls_are 2
	within 60 on_screen 'no room here'
	printf q
	press_until y calls_are 3
}
for m in mutt neomutt; do
	have $m 2 || continue
	have script 2 || continue
	printf 'set editor=%s autoedit edit_headers fast_reply\n' "$t/editor" >>"$HOME/.${m}rc"
	fresh
	: >"$t/no"
	on_terminal retry "$m -F $HOME/.${m}rc -s subj -b $b -a $t/file.bin -- $a"
	is "$m sends again: only what is missing" "$(cat "$t/argv")" "-i -f $me -- $a
-i -f $me -- $b
-i -f $me -- $b"
	lab-decrypt "$t/got.3" >"$t/plain" 2>/dev/null
	like "$m sends again: the mail" "$(cat "$t/plain")" 'file\.bin'
	rm -f "$t/no"
done
done_testing
