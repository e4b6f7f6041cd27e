#!/bin/sh
# SPDX-License-Identifier: ISC
# A small firm: Postfix with the content filter of contrib/postfix, for many senders. 40 mails at once from 10 of them, what is
# refused and what is tried again, each sender's pins and key, and the administrator's digest.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
lab_options=--caps
in_lab "$0" "$@"

# shellcheck source=tests/postfix.sh
. "$(dirname "$0")/../postfix.sh"
postfix_or_skip

contrib=$LAB_SRC/contrib/postfix
home=$LAB/tmp/sealpost
mkdir -p "$p/bin"
chmod 755 "$p/bin"
cp -r /etc/postfix "$p/etc"
postfix_configure 'myhostname = mail.firm.example' 'mynetworks = 127.0.0.0/8' 'relayhost = [198.51.100.1]:25' \
	"import_environment = MAIL_CONFIG TZ LANG=C SEALPOST=$p/bin/sealpost-here" 'export_environment = TZ LANG SEALPOST' \
	'minimal_backoff_time = 1000s'

# The user and the folder that master.cf asks for.
sed '/^sealpost:/d' /etc/passwd >"$p/passwd"
sed '/^sealpost:/d' /etc/group >"$p/group"
echo "sealpost:x:64321:64321::$home:/bin/sh" >>"$p/passwd"
echo "sealpost:x:64321:" >>"$p/group"
mount --bind "$p/passwd" /etc/passwd && mount --bind "$p/group" /etc/group && mount --bind "$p/etc" /etc/postfix ||
	skip_all 'nothing can be mounted here'
is 'master.cf: the folder' "$(grep -c '^#  *install -d -m 700 -o sealpost' "$contrib/master.cf")" 1
install -d -m 700 -o sealpost -g sealpost "$home"
ln -s "$LAB_BUILD/bin/sealpost" "$p/bin/sealpost"
install -m 755 "$contrib"/sealpost-[ted]* "$contrib/sealpost-filter" "$p/bin"
setpriv --reuid=sealpost --regid=sealpost --clear-groups test -x "$p/bin/sealpost" ||
	skip_all 'another user cannot run this build'

# Its own settings, through /etc/sealpost.conf's stand-in: the program is told by a wrapper.
sed -n 's/^#   \(\[sealpost\]\)$/\1/p; s/^#   \([a-z-]* = .*\)/\1/p' "$contrib/master.cf" |
	sed "s|/usr/sbin/sendmail|$LAB/postfix/sendmail|; s|/var/lib/sealpost|$home|; /^from/d; /^sign-key/d" >"$p/sealpost.conf"
is 'master.cf: the configuration' "$(grep -c = "$p/sealpost.conf")" 4
printf '[policy strict]\nto = nokey@advanced.example\nencrypt = require\n' >>"$p/sealpost.conf"
printf '[policy slow]\nto = x@dead.example\nencrypt = require\n' >>"$p/sealpost.conf"
sed -i '1a timeout = 3' "$p/sealpost.conf"
printf '#!/bin/sh\nexec %s -C %s "$@"\n' "$p/bin/sealpost" "$p/sealpost.conf" >"$p/bin/sealpost-here"
chmod 755 "$p/bin/sealpost-here"
chmod 644 "$p/sealpost.conf"
as_sealpost() {
	setpriv --reuid=sealpost --regid=sealpost --clear-groups env -i PATH="$PATH" HOME="$home" LAB="$LAB" \
		SEALPOST="$p/bin/sealpost-here" DIGEST_MAIL="$p/bin/mail" "$@"
}

# Two of the ten have a key here.
for who in u1 u2; do
	as_sealpost gpg --batch --quiet --passphrase '' --quick-generate-key "$who@firm.example" ed25519 sign never 2>/dev/null
done
as_sealpost gpg --batch --with-colons -k u1@firm.example 2>/dev/null | awk -F : '$1 == "fpr" { print $10; exit }' >"$p/u1"

# sender_login and TLS would need passwords and certificates of the lab's own.
grep -Ev '^(#|smtp_dns|smtp_tls|smtpd_sender_login_maps|$)' "$contrib/main.cf" >>"$p/etc/main.cf"
sed "/^#/d; s/^submission inet n       -       y/127.0.0.1:587 inet n - n/; s|/usr/local/bin|$p/bin|
	s/security_level=encrypt/security_level=none/; s/auth_enable=yes/auth_enable=no/
	s/permit_sasl_authenticated/permit_mynetworks/; /reject_sender_login_mismatch/d" "$contrib/master.cf" >>"$p/etc/master.cf"
postfix_start || skip_all "Postfix does not start here: $(tail -n 1 "$LAB/log/postfix")"

submit() { # FROM ID SUBJECT RECIPIENT...: To names all but those that begin with "bcc:"
	from=$1
	id=$2
	subject=$3
	shift 3
	to=
	for rcpt; do
		shift
		case $rcpt in
		bcc:*) ;;
		*) to="$to${to:+, }$rcpt" ;;
		esac
		set -- "$@" --mail-rcpt "${rcpt#bcc:}"
	done
	printf 'From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@firm.example>\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\n\r\nSECRETTEXT %s\r\n' \
		"${HEADER_FROM:-$from}" "$to" "$subject" "$id" "$id" >"$p/mail.$id"
	curl -sS --url smtp://127.0.0.1:587/mail.firm.example --mail-from "$from" "$@" --upload-file "$p/mail.$id"
}
have_left() { # COUNT
	[ "$(grep -c 'relay=sealpost.*status=' "$LAB/log/postfix")" -ge "$1" ]
}
settled() { # COUNT: so many mails have left the filter, whichever way
	within 60 have_left "$1"
}
in_sink() { # ERE COUNT
	[ "$(grep -lE "$1" "$LAB"/sink/* 2>/dev/null | wc -l)" -ge "$2" ]
}
arrived() { # ERE COUNT: so many mails that match have arrived
	within 20 in_sink "$@"
}
a=alice@advanced.example
b=bob@direct.example
e=erin@advanced.example

# 10 senders, 4 mails of each, all at once.
sending=
for who in 1 2 3 4 5 6 7 8 9 10; do
	for kind in "a $a" "b $b" "c $a $b" "d $a bcc:$e"; do
		# shellcheck disable=SC2086 # words
		submit "u$who@firm.example" "$who${kind%% *}" s ${kind#* } &
		sending="$sending $!"
	done
done
bad=0
for pid in $sending; do wait "$pid" || bad=$((bad + 1)); done
is 'Postfix takes 40 mails at once' "$bad" 0
ok 'sealpost has decided on each' settled 60
is 'all of them are sealed: no recipient is refused or waits' \
	"$(grep 'relay=sealpost' "$LAB/log/postfix" | grep -vc 'status=sent')" 0
ok 'and all have arrived: a hidden recipient has a copy of its own' arrived '^Message-ID' 50
many=$(for kind in a b c d; do
	for who in 1 2 3 4 5 6 7 8 9 10; do
		grep -l "^Message-ID: <$who$kind@" "$LAB"/sink/* | wc -l
	done | sort | uniq -c | tr -s ' \n' ' '
done | tr -s ' ')
is 'each exactly once' "$many" ' 10 1 10 1 10 1 10 2 '
is 'nothing in clear' "$(grep -l SECRETTEXT "$LAB"/sink/* | wc -l)" 0
good=0
for file in $(grep -lE '^Message-ID: <(1|7|10)[acd]@' "$LAB"/sink/*); do
	lab-decrypt "$file" 2>/dev/null | grep -q SECRETTEXT && good=$((good + 1))
done
is 'and whole' "$good" 12
is 'the hidden recipient is in nobody'\''s header' "$(grep -lE '^(To|Cc|Bcc):.*erin' "$LAB"/sink/* | wc -l)" 0

# Whose pins, whose key.
is 'each sender has pins of their own' "$(as_sealpost "$p/bin/sealpost-each" -l | wc -l) $(as_sealpost "$p/bin/sealpost-here" \
	-f u3@firm.example pins list | cut -d ' ' -f 1 | tr '\n' ' ')" "10 $a $b $e "
is 'of mode 700' "$(stat -c %a "$home/senders" "$home/senders/u3@firm.example" | tr '\n' ' ')" '700 700 '
run as_sealpost "$p/bin/sealpost-here" pins list
is 'who is not named has none' "$rc" 64
like 'and the hint says how' "$err" '^hint: .*sealpost -f ADDRESS'
signed() { # ID: the key that has signed it
	lab-decrypt "$(grep -l "^Message-ID: <$1@" "$LAB"/sink/* | head -n 1)" 2>&1 >/dev/null |
		grep -aoE '(ERRSIG|NO_PUBKEY) [0-9A-F]+' | head -n 1 | cut -d ' ' -f 2
}
fpr=$(cat "$p/u1")
is 'u1'\''s mail is signed with u1'\''s key' "$(signed 1a)" "$(printf '%s' "$fpr" | cut -c 25-)"
is 'u3 has none' "$(signed 3a)" ''
HEADER_FROM=u1@firm.example submit u3@firm.example 3forged s $a
HEADER_FROM=u3@firm.example submit u1@firm.example 1other s $a
ok 'mail with another From' settled 62
ok 'arrives' arrived '^Message-ID: <(3forged|1other)@' 2
is 'From gives nobody another'\''s key' "$(signed 3forged)" ''
is 'it is the sender'\''s that signs' "$(signed 1other)" "$(printf '%s' "$fpr" | cut -c 25-)"

# Whoever the sender claims to be, the folder stays inside.
submit '"../../../tmp/x"@firm.example' up s $a
submit '"a/b c"@firm.example' slash s $a
submit "$(printf %070d 0)@firm.example" long s $a
ok 'odd senders' settled 65
ok 'get their mail sent' arrived '^Message-ID: <(up|slash)@' 2
is 'each into a folder of its own' "$(cd "$home/senders" && find . -mindepth 1 -maxdepth 1 -name '%*' | sort | tr '\n' ' ')" \
	'./%22..%2F..%2F..%2Ftmp%2Fx%22@firm.example ./%22a%2Fb%20c%22@firm.example '
is 'and nothing lies elsewhere' "$(ls "$home" | tr '\n' ' ')" 'cache senders '
like 'one that is no address is refused' "$(grep '00000@firm' "$LAB/log/postfix" | tail -n 30; tail -n 30 "$LAB/log/postfix")" 'status=bounced .*sender'

# What is refused goes back, without the text; what cannot be told waits.
submit u4@firm.example 4no NOKEYSUBJECT nokey@advanced.example
ok 'refused by policy' settled 66
like 'goes back: 69' "$(grep nokey@ "$LAB/log/postfix")" 'dsn=5.*status=bounced .*not sent: nokey@advanced.example'
ok 'a bounce arrives' arrived '^To: u4@firm.example' 1
bounce=$(grep -l '^To: u4@firm.example' "$LAB"/sink/*)
like 'with the reason and the hint' "$(tr -d '\r\n' <"$bounce" | tr -s ' ')" 'not sent: nokey@advanced.example.*hint:'
unlike 'without the text' "$(cat "$bounce")" SECRETTEXT
submit u5@firm.example 5wait s x@bogus.example
ok 'a domain that cannot be asked' settled 67
like 'is tried again later: 75' "$(grep x@bogus "$LAB/log/postfix")" 'dsn=4.*status=deferred'
submit u6@firm.example 6after s $a
ok 'and holds up nobody' settled 68
ok 'whose mail arrives' arrived '^Message-ID: <6after@' 1
# One of many recipients without a key: nobody gets it, though Postfix would cut them into lots of 50.
set --
for n in $(seq 1 60); do set -- "$@" "u$n@unsigned.example"; done
submit u7@firm.example 7many s $a "$@"
ok 'more recipients than a lot of Postfix'\'' usually has' settled 129
is 'one decision for all: a mixture is refused' "$(grep -c 'to=<u[0-9]*@unsigned.example>.*status=bounced' "$LAB/log/postfix")" 60
like 'with the one who has a key' "$(grep 'to=<alice@' "$LAB/log/postfix" | tail -n 1)" status=bounced
sed -i 's/^mta = .*/mta = \/nosuch/' "$p/sealpost.conf"
submit u6@firm.example 6conf s $a
ok 'a configuration that is broken' settled 130
like 'is tried again later, not bounced' "$(tail -n 20 "$LAB/log/postfix")" 'status=deferred .*nosuch'
sed -i "s|^mta = .*|mta = $LAB/postfix/sendmail -G|" "$p/sealpost.conf"

# Another key for alice: u1 has to decide; u8, who never wrote to frank, is not held up.
lab-new-key $a "$LAB/tmp/alice2" >/dev/null
lab-wkd-put $a "$LAB/tmp/alice2"
as_sealpost "$p/bin/sealpost-here" -f u1@firm.example refresh $a >"$LAB/tmp/out" 2>&1
is 'refresh of one sender holds it' $? 77
submit u1@firm.example 1held s $a
submit u8@firm.example 8pinned s $a
ok 'mail of both' settled 132
like 'the one is refused: 77' "$(grep 'to=<alice@' "$LAB/log/postfix")" 'dsn=5.*status=bounced .*sealpost -f u1@firm.example pins'
ok 'the other goes' arrived '^Message-ID: <8pinned@' 1

# The digest.
printf '#!/bin/sh\nprintf "%%s\\n" "$*"\ncat\n' >"$p/bin/mail"
chmod 755 "$p/bin/mail"
check_exit 0 as_sealpost "$p/bin/sealpost-digest" admin@firm.example
like 'digest: to the administrator' "$out" '^-s sealpost: what needs you admin@firm.example$'
like 'what is held' "$out" "^    $a: pinned [0-9A-F]{40}, held [0-9A-F]{40}"
like 'what was refused, and why' "$out" '^    20.*: nokey@advanced.example: .*'
like 'with the command that settles it' "$out" 'hint: .*sealpost -f '
unlike 'no subject' "$out" NOKEYSUBJECT
is 'by sender' "$(printf '%s\n' "$out" | grep -E '^[^ -].*@' | tr '\n' ' ')" \
	'u1@firm.example u4@firm.example u5@firm.example u6@firm.example u7@firm.example '
check_exit 77 as_sealpost "$p/bin/sealpost-each" refresh $a
like 'doctor: one folder for each' "$(as_sealpost "$p/bin/sealpost-here" doctor)" 'state folder: .*one for each sender'

# All may share their pins, too.
sed -i 's|^data-dir = .*|data-dir = '"$home"'/shared|' "$p/sealpost.conf"
submit u1@firm.example 1shared s $b
submit u2@firm.example 2shared s nokey@advanced.example
ok 'shared pins' settled 134
ok 'a mail' arrived '^Message-ID: <1shared@' 1
is 'one list for all' "$(as_sealpost "$p/bin/sealpost-each" -l | wc -c) $(as_sealpost "$p/bin/sealpost-each" pins list |
	cut -d ' ' -f 1)" "1 $b"
check_exit 0 as_sealpost "$p/bin/sealpost-digest" admin@firm.example
like 'and one digest' "$(printf '%s' "$out" | tr '\n' '|')" 'all senders\|  not sent since yesterday:\|.*nokey@'
postfix_stop
done_testing
