#!/bin/sh
# SPDX-License-Identifier: ISC
# How mail to a domain travels, by DNS: MX and DANE, TLS reports, CAA. The verdict, the exit code and what the JSON says
# of each server are right, and what cannot be told is never taken for none.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
in_lab "$0" "$@"
# shellcheck source=tests/discovery/engine.sh
. "$(dirname "$0")/../discovery/engine.sh"
cases_verb=check

# What is said of each server, in the order of preference.
dane='([.mx[].dane] | join(" "))'

# The longest first.
case_ 120 'TLSA record in a zone that does not answer' oftlsadead.transit.example unknown timeout=4 jq="$dane == \"unknown\""
case_ 121 'mail server in a zone that does not answer' hostdead.transit.example unknown timeout=4 jq="$dane == \"unknown\""
case_ 122 'MX in a zone that does not answer' mxdead.transit.example unknown timeout=4 jq='.mx == []'
case_ 123 'nobody answers for the domain' dead.example unknown timeout=4 jq='.mx == []'

case_ 101 'DANE for both servers' dane.transit.example dane jq="$dane == \"usable usable\" and .dnssec == \"secure\""
case_ 102 'DANE for one of two servers' half.transit.example none jq="$dane == \"usable none\""
case_ 103 'DANE-TA' daneta.transit.example dane jq="$dane == \"usable\""
case_ 104 'five servers' many.transit.example dane jq="$dane == \"usable usable usable usable usable\""
case_ 105 'no TLSA' transit.example none jq="$dane == \"none\" and .dnssec == \"secure\""
case_ 106 'TLSA for the web PKI only' ofpkix.transit.example none jq="$dane == \"unusable\""
case_ 107 'TLSA of the wrong length' ofshort.transit.example none jq="$dane == \"unusable\""
case_ 108 'TLSA with unknown selector and matching type' ofstrange.transit.example none jq="$dane == \"unusable\""
case_ 109 'TLSA, some usable' ofmixed.transit.example dane jq="$dane == \"usable\""
case_ 110 'null MX' null.transit.example none jq='.null_mx and .mx == []'
case_ 111 'null MX beside another, which counts' nullplus.transit.example dane jq='.null_mx | not'
case_ 112 'no MX: the domain itself, with TLSA' implicit.transit.example dane \
	jq="$dane == \"usable\" and .mx[0].host == \"implicit.transit.example\""
case_ 113 'no MX: the domain itself' bare.transit.example none jq="$dane == \"none\""
case_ 114 'neither MX nor address' nothing.transit.example none
case_ 115 'no such domain' nowhere.transit.example none
case_ 116 'server is an alias' ofalias.transit.example dane jq="$dane == \"usable\""
case_ 117 'server is an alias into an unsigned zone' ofaliasout.transit.example dane jq="$dane == \"usable\""
case_ 118 'TLSA is an alias' oftlsaalias.transit.example dane jq="$dane == \"usable\""
case_ 119 'TLSA is an alias into an unsigned zone' oftlsaout.transit.example none jq="$dane == \"insecure\""
case_ 124 'TLSA bogus' oftlsabogus.transit.example unknown jq="$dane == \"unknown\""
case_ 125 'TLSA bogus for one of two servers' halfbogus.transit.example unknown jq="$dane == \"usable unknown\""
case_ 126 'TLSA bogus for one server, none for the other' plainbogus.transit.example unknown jq="$dane == \"none unknown\""
case_ 127 'mail server in an unsigned zone' far.transit.example none jq="$dane == \"insecure\""
case_ 128 'mail server in a bogus zone' hostbogus.transit.example unknown jq="$dane == \"unknown\""
case_ 129 'mail server without an address' hostgone.transit.example none
case_ 130 'the domain is an alias' domainalias.transit.example dane jq="$dane == \"usable usable\""
case_ 131 'the domain is an alias into an unsigned zone' domainaliasout.transit.example none \
	jq="$dane == \"usable\" and .mx_dnssec == \"insecure\""
case_ 132 'unsigned zone, server with TLSA' tlsa.open.example none \
	jq="$dane == \"usable\" and .mx_dnssec == \"insecure\" and .dnssec == \"insecure\""
case_ 133 'unsigned zone' open.example none jq="$dane == \"insecure\""
case_ 134 'unsigned zone, null MX' null.open.example none jq='.null_mx'
case_ 135 'bogus zone' bogus.example unknown jq='.mx == [] and .dnssec == "bogus"'

case_ 140 'TLS reports' reports.transit.example dane \
	jq='.tlsrpt.status == "found" and .tlsrpt.rua == ["mailto:tls@reports.transit.example", "https://reports.transit.example/v1"]'
case_ 141 'TLS reports, two records' reports2.transit.example dane jq='.tlsrpt.status == "invalid" and .tlsrpt.rua == []'
case_ 142 'TLS reports by ftp' reportsbad.transit.example dane jq='.tlsrpt.status == "invalid"'
case_ 142 'TLS reports, one of them by ftp, and blanks before the semicolons' reportsodd.transit.example dane \
	jq='.tlsrpt.status == "found" and .tlsrpt.rua == ["mailto:a@reports.transit.example", "mailto:b@reports.transit.example"] and
		([.findings[].what | select(test("passed over"))] != [])'
case_ 142 'TLS reports, nearly right: its owner is told' reportsnear.transit.example dane \
	jq='.tlsrpt.status == "invalid" and ([.findings[].what | select(test("v=TLSRPTv1;"))] != [])'
case_ 143 'TLS reports beside a foreign record' reportsforeign.transit.example dane \
	jq='.tlsrpt.rua == ["mailto:c@reports.transit.example"]'
case_ 144 'no TLS reports' dane.transit.example dane jq='.tlsrpt.status == "none"'

case_ 150 'CAA' caa.transit.example dane jq='.caa[0] | .found_at == "caa.transit.example" and (.records | length) == 4'
case_ 151 'CAA of the domain above' below.caa.transit.example dane jq='.caa[0].found_at == "caa.transit.example"'
case_ 152 'no CAA' dane.transit.example dane jq='.caa[0] | .status == "none" and .records == []'
case_ 153 'CAA of no host that is not there' dane.transit.example dane jq='[.caa[].name] == ["dane.transit.example"]'
case_ 154 'CAA of the key host' advanced.example none \
	jq='[.caa[].name] == ["advanced.example", "openpgpkey.advanced.example"]'
cases_run
done_testing
