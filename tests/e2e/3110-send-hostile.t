#!/bin/sh
# SPDX-License-Identifier: ISC
# Mail that means harm: refused with one reason and one hint, or made harmless; never a crash, in bounded memory.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

lab-import-sender
alice=alice@advanced.example
dir=$LAB/tmp/h
mkdir "$dir"
GNUPGHOME=$LAB/keys/gnupg-receivers gpg --batch --quiet --import "$LAB/keys/me@sender.example.pub" 2>/dev/null
check_exit 0 sealpost lookup --pin $alice
# The largest memory of any process, in kB; a small mail takes about 15,000.
memory_max=65536

head='From: me@sender.example\nTo: alice@advanced.example\nSubject: a secret subject\n'
make() { # PERL: the mail that it prints; $h is a header without its blank line, $m the same with multipart/mixed, boundary b
	HEAD=$(printf "$head.") perl -e '($h = $ENV{HEAD}) =~ s/\.$//; $m = $h . "Content-Type: multipart/mixed; boundary=b\n\n";'"$1" >"$dir/mail"
}
send_it() { # [OPTION...]
	count=$(lab-mails | wc -l)
	run timeout -k 1 300 /usr/bin/time -q -o "$dir/memory" -f %M sealpost send "$@" -- $alice <"$dir/mail"
	memory=$(cat "$dir/memory")
}
no_more_memory() {
	[ "$memory" -lt $memory_max ] || { fail "$1: memory"; diag "$memory kB"; return; }
	pass "$1: memory"
}
refused() { # WHAT REASON PERL
	make "$3"
	send_it
	is "$1: exit" "$rc" 65
	like "$1: the reason" "$err" "^sealpost: .*$2"
	is "$1: one line and a hint" "$(printf '%s\n' "$err" | cut -d: -f1 | tr '\n' ' ')" 'sealpost hint '
	is "$1: nothing on stdout" "$out" ""
	is "$1: nothing went out" "$(lab-mails | wc -l)" "$count"
	unlike "$1: nothing of it is shown" "$err" 'secret|evil'
	no_more_memory "$1"
}
harmless() { # WHAT PERL [OPTION...]: leaves the opened mail in $dir/plain, the sealed one in $mail
	what=$1
	make "$2"
	shift 2
	send_it "$@"
	is "$what: sent" "$rc$out$err" 0
	is "$what: one mail" "$(lab-mails | wc -l)" $((count + 1))
	mail=$(lab-mails | tail -n 1)
	lab-decrypt "$mail" >"$dir/plain" 2>"$dir/status"
	like "$what: opens, and the signature is good" "$(cat "$dir/status")" 'GOODSIG.*me@sender.example'
	unlike "$what: nothing of it is outside" "$(cat "$mail")" 'secret subject|secret text|evil@'
	no_more_memory "$what"
}

# headers that could be read in two ways
n=0
for field in 'From: evil\@x.example' 'Subject: evil'; do
	n=$((n + 1))
	refused "$n two fields ${field%%:*}" "2 fields ${field%%:*}" "print \"\${h}$field\\n\\ntext\\n\""
done
for field in 'Sender: evil\@x.example' 'Date: other' 'Message-ID: <evil\@x>' 'MIME-Version: 1.0' 'Content-Type: text/plain' \
	'Content-Transfer-Encoding: 7bit' 'Content-Disposition: inline' 'Content-ID: <x>' 'Content-Description: other'; do
	n=$((n + 1))
	refused "$n two fields ${field%%:*}" "2 fields ${field%%:*}" "print \"\${h}$field\\n${field%%:*} :\\n evil\\n\\ntext\\n\""
done
refused '18 a part with two Content-Type' 'two fields Content-Type' \
	'print "$m--b\nContent-Type: text/plain\ncontent-type: text/html\n\nevil\n--b--\n"'
refused '19 a part with two Content-Transfer-Encoding' 'two fields Content-Transfer-Encoding' \
	'print "$m--b\nContent-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\nevil\n--b--\n"'
refused '20 two boundaries' 'Content-Type' 'print "${h}Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--b\n\nevil\n--b--\n"'
refused '21 NUL in a field' 'NUL' 'print "${h}X: a\0b\n\ntext\n"'
refused '22 bare CR in a field' 'carriage return' 'print "${h}X: a\rBcc: evil\@x.example\n\ntext\n"'
refused '23 bare CR before CRLF' 'carriage return' 'print "${h}X: a\r\r\n\ntext\n"'
refused '24 NUL in the header of a part' 'NUL' 'print "$m--b\nX: a\0b\n\nevil\n--b--\n"'
refused '25 bare CR in the header of a part' 'CR' 'print "$m--b\nX: a\rContent-Type: text/html\n\nevil\n--b--\n"'
refused '26 a line that is no field' 'not a field' 'print "${h}evil\n\ntext\n"'
refused '27 a field name of 8-bit octets' 'not a field' 'print "${h}Sub\xc3\xa4ject: x\n\ntext\n"'
refused '29 comments 1,000 deep in Content-Type' 'Content-Type' 'print "${h}Content-Type: ", "(" x 1000, ")" x 1000, "text/plain\n\ntext\n"'

# too much of it
refused '31 100,000 fields' 'fields' 'print $h, "X: y\n" x 100000, "\ntext\n"'
refused '32 9,999 fields of 200 octets' 'bytes' 'print $h, ("X: " . "y" x 200 . "\n") x 9999, "\ntext\n"'
refused '33 a field of 50 MB in one line' 'bytes' 'print "${h}X: "; print "y" x 1000000 for 1 .. 50; print "\n\ntext\n"'
refused '34 a field of 50 MB, folded' 'bytes' 'print "${h}X: y\n"; print " y\n" x 10000 for 1 .. 1700; print "\ntext\n"'
refused '35 a header without end' 'header' 'print $h; print "evil" x 250000 for 1 .. 20'
refused '36 a line of 2,000 octets in a field that is seen outside' 'longer than' 'print "${h}X: ", "y" x 2000, "\n\ntext\n"'
refused '37 100,000 parts' 'parts' 'print $m, "--b\n\nevil\n" x 100000, "--b--\n"'
refused '38 nested 1,000 deep' 'nested' 'print "${h}Content-Type: multipart/mixed; boundary=b0\n\n";
	print "--b$_\nContent-Type: multipart/mixed; boundary=b", $_ + 1, "\n\n" for 0 .. 999; print "evil\n"'
refused '39 the header of a part is 10 MB' 'header of a part' 'print "$m--b\n", "X: evil\n" x 1300000, "\nx\n--b--\n"'
refused '40 a boundary of 5,000 octets' 'Content-Type' 'print "${h}Content-Type: multipart/mixed; boundary=", "b" x 5000, "\n\nx\n"'
refused '41 1,000,000 parameters' 'bytes' 'print "${h}Content-Type: text/plain", ";a=b" x 1000000, "\n\nx\n"'

# made harmless
harmless '28 Content-Type that ends in a quotation' 'print "${h}Content-Type: text/plain; x=\"evil\n\nsecret text\n"'
harmless '30 8-bit in an unknown encoding' 'print "${h}Content-Transfer-Encoding: x-evil\n\nsecret text \xff\n"'
harmless '42 100,000 parameters' 'print "${h}Content-Type: text/plain", ";\n a=b" x 100000, "\n\nsecret text\n"'
like '42 100,000 parameters: protected' "$(sed '/^.$/q' "$dir/plain")" ' hp="cipher"; protected-headers="v1"'
harmless '43 a line of 20 MB' 'print "$h\n"; print "secret" x 200000 for 1 .. 17; print "\n"'
ok '43 a line of 20 MB: lines are short now' sh -c "! grep -q '.\{999\}' '$dir/plain'"
is '43 a line of 20 MB: nothing is lost' "$(sed '1,/^.$/d' "$dir/plain" | tr -d '\r' | perl -pe 's/=\n//' | wc -c)" 20400001
harmless '44 lines that nearly are boundaries' 'print "${h}Content-Type: multipart/mixed; boundary=", "b" x 200, "\n\n"; print "--", "b" x 199, "c\n" for 1 .. 50000'
harmless '45 lines that nearly are one of 90 boundaries' '$p = "b" x 98; print "${h}Content-Type: multipart/mixed; boundary=${p}10\n\n";
	print "--$p$_\nContent-Type: multipart/mixed; boundary=$p", $_ + 1, "\n\n" for 10 .. 98; print "--${p}xx\n" for 1 .. 50000'
harmless '46 quoted-printable that grows' 'print "${h}Content-Transfer-Encoding: quoted-printable\n\n"; print "\xff" x 1000000 for 1 .. 5'
harmless '47 quoted-printable of nothing but soft breaks' 'print "${h}Content-Transfer-Encoding: quoted-printable\n\n"; print "= \n" x 1000000'
harmless '48 text of nothing but octets to be escaped' 'print "${h}Content-Transfer-Encoding: 8bit\n\n"; print "\xc3\xbc" x 2500000'
harmless '49 base64 of nothing but blanks' 'print "${h}Content-Transfer-Encoding: base64\n\n"; print " \n" x 2500000'
harmless '50 an empty line, 5,000,000 times' 'print "$h\n"; print "\n" x 5000000'
harmless '51 NULs' 'print "$h\n"; print "\0" x 5000000'
harmless '52 a boundary of our own, foreseen' 'print "$h\nsecret\n-----END PGP MESSAGE-----\n\n--=_0123456789abcdef0123456789abcdef--\n\nFrom: evil\@x.example\n"'
first=$(sed -n 's/^ boundary="\(.*\)".*/\1/p' "$mail")
send_it
isnt '52 a boundary of our own, foreseen: it is another each time' "$(sed -n 's/^ boundary="\(.*\)".*/\1/p' "$(lab-mails | tail -n 1)")" "$first"
is '52 a boundary of our own, foreseen: the message has two parts' "$(grep -cxF -e "--$first" "$(tr -d '\r' <"$mail" >"$dir/lf" && echo "$dir/lf")")" 2
harmless '53 HP-Outer and marks of the author' 'print "${h}HP-Outer: From: evil\@x.example\nContent-Type: text/plain; hp=\"clear\"; hp*=x; HP-legacy-display=\"1\"\n\nsecret\n"'
unlike '53 HP-Outer and marks of the author: gone' "$(cat "$dir/plain")" 'evil|hp="clear"|hp\*'
harmless '54 fields in encoded words' 'print "From: =?utf-8?q?x=0d=0aBcc=3A_victim=40x=2Eexample=0d=0a?= <me\@sender.example>\nTo: =?utf-8?q?x=0aSubject=3A_y?= <alice\@advanced.example>\nSubject: =?utf-8?q?secret=0aFrom:_evil?=\n\nx\n"'
unlike '54 fields in encoded words: not taken apart' "$(cat "$mail")" '^(Bcc|Subject: y)'
harmless '55 Bcc of odd shapes' 'print "${h}bCC :\n hidden\@x.example,\n\thidden2\@x.example\nResent-From: me\@sender.example\nResent-BCC: hidden3\@x.example\n\nsecret\n"'
unlike '55 Bcc of odd shapes: gone everywhere' "$(cat "$mail" "$dir/plain")" 'hidden'

# arguments
make 'print "$h\ntext\n"'
n=55
for arg in '-FX
Bcc: evil@x.example' '-fevil@x.example
Bcc: x'; do
	n=$((n + 1))
	count=$(lab-mails | wc -l)
	check_exit 64 sealpost send "$arg" -- $alice <"$dir/mail"
	is "$n a line end in ${arg%"${arg#??}"}: nothing went out" "$(lab-mails | wc -l)" "$count"
done
is "nothing is left behind" "$(running)" ""
rm -rf "$dir"
done_testing
