#!/bin/sh
# SPDX-License-Identifier: ISC
# What a mail to somebody new asks, counted where it is answered: the address's names once each and one document, besides
# what proves them (DS, DNSKEY, and SOA where a denial is looked into); the next mail asks nothing.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"

mkdir -p "$HOME/.config/sealpost"
printf '[sealpost]\nmta = /bin/true\n' >"$HOME/.config/sealpost/config"
lab-import-sender me@sender.example >/dev/null 2>&1
mark() {
	dns=$(wc -l <"$LAB/log/unbound.log")
	web=$(wc -l <"$LAB/log/web.log")
}
questions() { # NAME TYPE, of each that was asked; the resolver's own are none
	tail -n "+$((dns + 1))" "$LAB/log/unbound.log" | sed -n 's/.* info: 127\.0\.0\.1 \([^ ]* [A-Z0-9]*\) IN$/\1/p'
}
dns() { # NAME TYPE: how often it was asked for
	questions | grep -cx "$1 $2"
}
names() { # what was asked but for what proves it
	questions |
		grep -v -e ' DNSKEY$' -e ' DS$' -e ' SOA$' | sort -u | grep -c .
}
web() {
	tail -n "+$((web + 1))" "$LAB/log/web.log" | grep -c .
}
send() {
	printf 'From: me@sender.example\nSubject: x\n\nx\n' | sealpost send -- "$@"
}
owner_of() { # LOCAL DOMAIN: of the OPENPGPKEY record (RFC 7929 section 3)
	printf '%s._openpgpkey.%s.' "$(printf %s "$1" | sha256sum | cut -c 1-56)" "$2"
}

# one of the advanced method
mark
ok "1 advanced: sent" send alice@advanced.example
is "1 advanced: A" "$(dns openpgpkey.advanced.example. A)" 1
is "1 advanced: AAAA" "$(dns openpgpkey.advanced.example. AAAA)" 1
is "1 advanced: TLSA" "$(dns _443._tcp.openpgpkey.advanced.example. TLSA)" 1
is "1 advanced: OPENPGPKEY" "$(dns "$(owner_of alice advanced.example)" OPENPGPKEY)" 1
is "1 advanced: nothing else" "$(names)" 4
is "1 advanced: one document" "$(web)" 1
mark
ok "2 again: sent" send alice@advanced.example
is "2 again: no question" "$(questions)" ""
is "2 again: no request" "$(web)" 0

# one of the direct method: its own host as well
mark
ok "3 direct: sent" send bob@direct.example
for name in openpgpkey.direct.example. direct.example.; do
	is "3 direct: A of $name" "$(dns $name A)" 1
	is "3 direct: AAAA of $name" "$(dns $name AAAA)" 1
done
is "3 direct: OPENPGPKEY" "$(dns "$(owner_of bob direct.example)" OPENPGPKEY)" 1
is "3 direct: one document" "$(web)" 1

# nobody who is not written to; each once, though written twice
mark
ok "4 two at once: sent" send erin@advanced.example frank@advanced.example erin@advanced.example
is "4 two at once: one document each" "$(web)" 2
is "4 two at once: OPENPGPKEY of one" "$(dns "$(owner_of erin advanced.example)" OPENPGPKEY)" 1
is "4 two at once: and of the other" "$(dns "$(owner_of frank advanced.example)" OPENPGPKEY)" 1
is "4 two at once: nobody else's" "$(questions | grep -c ' OPENPGPKEY$')" 2

done_testing
