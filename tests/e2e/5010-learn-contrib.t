#!/bin/sh
# SPDX-License-Identifier: ISC
# The lines of contrib that call learn, in the programs that they are for: procmail, Sieve, notmuch, mutt and NeoMutt.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
contrib=$LAB_SRC/contrib/learn
db=$HOME/.local/share/sealpost/pins.db
mkdir -m 700 "$LAB/tmp/other"
GNUPGHOME=$LAB/tmp/other gpg --batch --quiet --passphrase '' --quick-gen-key '<x@absent.example>' future-default 2>/dev/null
for n in p s n m v; do
	GNUPGHOME=$LAB/tmp/other gpg --batch --quiet --passphrase '' --quick-add-uid x@absent.example "<$n@absent.example>" 2>/dev/null
done
GNUPGHOME=$LAB/tmp/other gpg --batch --export | base64 | sed 's/^/ /' >"$LAB/tmp/key"
mail_of() { # LOCAL-PART
	printf 'From: %s@absent.example\nTo: me@sender.example\nDate: Wed, 25 Nov 2026 10:00:00 +0000\nSubject: s\n' "$1"
	printf 'Message-ID: <%s@absent.example>\nAutocrypt: addr=%s@absent.example; prefer-encrypt=mutual; keydata=\n' "$1" "$1"
	cat "$LAB/tmp/key"
	printf '\nhello\n'
}
candidates() { # LOCAL-PART: how many
	sqlite3 "$db" "SELECT count(*) FROM candidate WHERE address = '$1@absent.example'"
}
has_one() { # LOCAL-PART
	[ "$(candidates "$1")" = 1 ]
}
learnt() { # NAME LOCAL-PART
	is "$1: learnt" "$(candidates "$2")" 1
}
sealpost pins list >/dev/null 2>&1
mail_of x >"$LAB/tmp/first"
check_exit 0 sealpost learn "$LAB/tmp/first"

# procmail: learnt, and delivered; a sealpost that fails keeps no mail back
if command -v procmail >/dev/null; then
	mail_of p >"$LAB/tmp/mail"
	check_exit 0 procmail "HOME=$HOME" "MAILDIR=$LAB/tmp" "DEFAULT=$LAB/tmp/inbox" "PATH=$PATH" "$contrib/procmailrc" <"$LAB/tmp/mail"
	ok "procmail: delivered" grep -q '^hello' "$LAB/tmp/inbox"
	within 5 has_one p
	learnt "procmail" p
	mkdir "$LAB/tmp/broken"
	printf '#!/bin/sh\nexit 75\n' >"$LAB/tmp/broken/sealpost"
	chmod 755 "$LAB/tmp/broken/sealpost"
	rm -f "$LAB/tmp/inbox"
	check_exit 0 procmail "HOME=$HOME" "MAILDIR=$LAB/tmp" "DEFAULT=$LAB/tmp/inbox" "PATH=$LAB/tmp/broken:$PATH" "$contrib/procmailrc" <"$LAB/tmp/mail"
	ok "procmail: delivered all the same" grep -q '^hello' "$LAB/tmp/inbox"
else
	skip 5 "procmail is missing"
fi

# Sieve: the script compiles, and what it pipes to reads a mail
if command -v sievec >/dev/null; then
	cat >"$LAB/tmp/dovecot.conf" <<DOVECOT
mail_location = maildir:$LAB/tmp/sieve-mail
base_dir = $LAB/tmp
log_path = $LAB/tmp/dovecot.log
plugin {
  sieve_plugins = sieve_extprograms
  sieve_extensions = +vnd.dovecot.pipe
  sieve_pipe_bin_dir = $contrib
}
DOVECOT
	cp "$contrib/sealpost.sieve" "$LAB/tmp/sealpost.sieve"
	check_exit 0 sievec -c "$LAB/tmp/dovecot.conf" "$LAB/tmp/sealpost.sieve" "$LAB/tmp/sieve.bin"
	program=$(sieve-dump -c "$LAB/tmp/dovecot.conf" "$LAB/tmp/sieve.bin" - | sed -n 's/.*program-name: .*"\(.*\)"/\1/p')
	is "Sieve: calls" "$program" sealpost-learn
else
	skip 2 "sievec is missing"
fi
mail_of s >"$LAB/tmp/mail"
run "$contrib/sealpost-learn" <"$LAB/tmp/mail"
is "Sieve's program: silent" "$rc $out$err" "0 "
learnt "Sieve's program" s

# notmuch
if command -v notmuch >/dev/null; then
	box=$LAB/tmp/mailbox
	mkdir -p "$box/cur" "$box/new" "$box/tmp"
	printf '[database]\npath=%s\n[user]\nname=Me\nprimary_email=me@sender.example\n[new]\ntags=new;inbox\n' "$box" >"$LAB/tmp/notmuch"
	export NOTMUCH_CONFIG="$LAB/tmp/notmuch"
	run notmuch new
	mkdir -p "$box/.notmuch/hooks"
	install -m 755 "$contrib/post-new" "$box/.notmuch/hooks/post-new"
	mail_of n >"$box/new/1"
	check_exit 0 notmuch new
	learnt "notmuch" n
	is "notmuch: once" "$(notmuch search --output=files tag:new | wc -l)" 0
	unset NOTMUCH_CONFIG
else
	skip 3 "notmuch is missing"
fi

# mutt and NeoMutt: the key that is bound
command -v script >/dev/null || skip_all "script is missing"
for m in mutt neomutt; do
	who=$(printf '%s' $m | cut -c 1)
	[ $m = mutt ] || who=v
	command -v $m >/dev/null || {
		skip 1 "$m is missing"
		continue
	}
	{
		printf 'From %s@absent.example Wed Nov 25 10:00:00 2026\n' "$who"
		mail_of "$who"
		echo
	} >"$LAB/tmp/mbox"
	{
		cat "$contrib/muttrc"
		printf '%s\n' 'set from=me@sender.example wait_key=no quit=yes' "set folder=$LAB/tmp" 'push "<first-entry>\eK<quit>"'
	} >"$LAB/tmp/muttrc"
	TERM=xterm timeout 60 script -qefc "stty rows 40 cols 100; $m -n -F $LAB/tmp/muttrc -f $LAB/tmp/mbox" /dev/null >"$LAB/tmp/screen" 2>&1 </dev/null
	learnt "$m" "$who"
done

done_testing
