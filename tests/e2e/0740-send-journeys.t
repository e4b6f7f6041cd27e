#!/bin/sh
# SPDX-License-Identifier: ISC
# The same journeys with each mail program and its snippet of contrib/: the friend without a key, the friend whose key is gone,
# revoked or another, no connection, oneself, an answer to a sealed mail. What the program shows is looked at.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

# shellcheck source=tests/callers.sh
. "$(dirname "$0")/../callers.sh"
lab-import-sender
keyless=nobody@absent.example
lost=frank@advanced.example
revoked=r@advanced.example
changed=grace@advanced.example
unasked=x@bogus.example
catching_mta
conf=$HOME/.config/sealpost/config
connected() { # yes or no
	printf '[sealpost]\nmta = %s\ntimeout = 2\n' "$t/mta" >"$conf"
	[ "$1" = yes ] || echo 'resolver = 127.0.0.1@1' >>"$conf"
}

# What has happened before: all are pinned; then one key is gone, one revoked, one is another.
connected yes
export GNUPGHOME="$HOME/.gnupg"
theirs() {
	gpg --homedir "$t/theirs" --batch --quiet --no-tty --pinentry-mode loopback --passphrase '' "$@" 2>/dev/null
}
mkdir -m 700 "$t/theirs"
theirs --status-fd 1 --quick-generate-key "R <$revoked>" future-default default never >"$t/made"
fpr=$(awk '/KEY_CREATED/ { print $4 }' "$t/made")
theirs --export >"$t/r.pub"
lab-wkd-put $revoked "$t/r.pub"
$s lookup --pin $a $lost $revoked $changed >"$t/pinned" 2>&1
is "all are pinned" "$($s pins list --json 2>/dev/null | wc -l)" 4
lab-wkd-rm $lost
sed 's/^:-----BEGIN/-----BEGIN/' "$t/theirs/openpgp-revocs.d/$fpr.rev" | theirs --import
theirs --export >"$t/r.pub"
lab-wkd-put $revoked "$t/r.pub"
lab-new-key $changed "$t/new" >"$t/fpr"
lab-wkd-put $changed "$t/new"
$s refresh --all >"$t/refreshed" 2>&1
printf 'From: %s\nTo: %s\nMessage-ID: <sealed@sender.example>\nSubject: s\n\nx\n' $me $a | $s send $a
ok "a mail was sealed" test -s "$t/got.1"

# PROGRAM TO ID: writes a mail to these, answering ID unless it is empty.
by_mutt() {
	printf 'my_hdr In-Reply-To: %s\n' "$3" >"$t/answer"
	# shellcheck disable=SC2086 # one word each
	"$1" -F "$HOME/.${1}rc" ${3:+-e "source $t/answer"} -s subj -- $2 <"$t/body"
}
by_snail() {
	{
		printf 'To: %s\nSubject: subj\n' "$(echo "$2" | sed 's/ /, /g')"
		[ -z "$3" ] || printf 'In-Reply-To: %s\n' "$3"
		printf '\nthe body\n'
	} >"$t/draft"
	env MAILRC="$HOME/.mailrc" XDG_CONFIG_HOME="$HOME/.config" XDG_DATA_HOME="$HOME/.local/share" \
		XDG_CACHE_HOME="$HOME/.cache" s-nail -t -r $me <"$t/draft"
}
by_mailx() {
	# shellcheck disable=SC2086 # one word each
	if [ -z "$3" ]; then bsd-mailx -s subj -r $me $2; else bsd-mailx -s subj -r $me -a "In-Reply-To: $3" $2; fi <"$t/body"
}
by_git() {
	set -- "$(echo "$2" | sed 's/ /,/g')" "$3"
	cd "$t/repo" && git send-email --quiet --confirm=never --suppress-cc=all -1 --to "$1" ${2:+--in-reply-to="$2"}
}
by_emacs() {
	emacs -Q --batch -l "$t/mail.el" --eval "(condition-case e (try \"$(echo "$2" | sed 's/ /, /g')\" \"$3\")
		(error (dolist (b (buffer-list)) (when (string-match \"sendmail errors\" (buffer-name b))
			(princ (with-current-buffer b (buffer-string))))) (kill-emacs 3)))"
}

write_to() { # TO [ID]
	rm -f "$t/argv" "$t"/got.*
	run "$by" "$p" "$1" "${2-}"
	said="$out
$err"
	code=$rc
}
goes_sealed() { # JOURNEY
	is "$p: $1: it is sent" "$code $(cat "$t/argv" 2>/dev/null | wc -l)" '0 1'
	unlike "$p: $1: nothing is said" "$said" 'sealpost|not sent|hint'
	like "$p: $1: sealed" "$(cat "$t/got.1" 2>/dev/null)" 'BEGIN PGP MESSAGE'
}
is_refused() { # JOURNEY REASON HINT
	not_ok "$p: $1: nothing goes out" test -e "$t/argv"
	isnt "$p: $1: the program knows" "$code" 0
	like "$p: $1: it shows why" "$said" "^sealpost: not sent: $2"
	like "$p: $1: and what to do" "$said" "^hint: .*$3"
}
journeys() { # FUNCTION PROGRAM
	by=$1
	p=$2
	write_to $a
	goes_sealed 'a friend with a key'
	write_to $me
	goes_sealed oneself
	write_to $lost
	goes_sealed 'the key is published no more'
	write_to "$a $keyless"
	is_refused 'one friend without a key' "$keyless: is to get clear text, and others of this mail have a key" '--mixed=split'
	write_to $revoked
	is_refused 'the key is revoked' "$revoked: .*revoked" ''
	write_to $changed
	is_refused 'another key' "$changed: " "sealpost pins (show|accept) $changed"
	write_to $unasked
	is_refused 'nobody can tell' "$unasked: cannot tell" ''
	write_to $keyless '<sealed@sender.example>'
	is_refused 'an answer to a sealed mail' "$keyless: " 'sealed@sender.example'
	write_to $keyless
	is "$p: a friend without a key: in clear" "$code $(grep -c 'the body' "$t/got.1" 2>/dev/null)" '0 1'
	connected no
	write_to $a
	goes_sealed 'no connection, pinned'
	write_to $b
	is_refused 'no connection' "$b: cannot tell" 'send it again when this machine is connected'
	connected yes
}

for m in mutt neomutt; do
	have $m 37 || continue
	muttrc $m
	journeys by_mutt $m
done
if have s-nail 37; then
	contrib s-nail/mailrc >"$HOME/.mailrc"
	journeys by_snail s-nail
fi
if have bsd-mailx 37; then
	contrib bsd-mailx/mailrc >"$HOME/.mailrc"
	journeys by_mailx bsd-mailx
fi
if have_send_email 37; then
	journeys by_git git
fi
if have emacs 37; then
	contrib emacs/sealpost.el >"$t/sealpost.el"
	cat >"$t/mail.el" <<EL
(setq user-mail-address "$me" user-full-name "Me")
(load "$t/sealpost.el" nil t)
(require 'message)
(defun try (to id)
  (message-mail to "subj" (unless (string= id "") (list (cons "In-Reply-To" id))))
  (message-goto-body)
  (insert "the body\n")
  (message-send-mail))
EL
	journeys by_emacs emacs
fi
done_testing
