# SPDX-License-Identifier: ISC
# sts.sh: policies and hosts for the domains of sts.example, inside the lab.
#
#	policy NAME MODE MX...   the policy of NAME (of sts.example, unless it has a dot), in force for a day
#	text NAME TEXT           this one, with printf's escapes
#	policy_file NAME         where it lies
#	sts_serve                certificates, and the server; comes last
# shellcheck shell=sh

sts_hosts=

policy_file() { # NAME
	case $1 in
	*.*) sts_host=mta-sts.$1 ;;
	*) sts_host=mta-sts.$1.sts.example ;;
	esac
	mkdir -p "$LAB/www/$sts_host/.well-known"
	echo "$LAB/www/$sts_host/.well-known/mta-sts.txt"
}

text() { # NAME TEXT
	# shellcheck disable=SC2059 # that is what it is for
	printf "$2" >"$(policy_file "$1")"
}

policy() { # NAME MODE MX...
	sts_name=$1
	sts_mode=$2
	shift 2
	{
		printf 'version: STSv1\nmode: %s\n' "$sts_mode"
		[ $# = 0 ] || printf 'mx: %s\n' "$@"
		printf 'max_age: 86400\n'
	} >"$(policy_file "$sts_name")"
}

# sts_request NAME: its key, and in $LAB/tmp/sts.csr what is to be signed.
sts_request() {
	sts_host=mta-sts.$1.sts.example
	rm -f "$LAB/tls/$sts_host.pem"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=odd -addext "subjectAltName=DNS:$sts_host" \
		-keyout "$LAB/tls/$sts_host.pem" -out "$LAB/tmp/sts.csr" 2>/dev/null
}

# sts_certificate NAME OPENSSL_OPTION...: not one of lab-cert's.
sts_certificate() {
	sts_request "$1"
	shift
	openssl x509 -req -in "$LAB/tmp/sts.csr" -copy_extensions copy "$@" >>"$LAB/tls/$sts_host.pem" 2>/dev/null
}

sts_serve() {
	mkdir -p "$LAB/www/mta-sts.notfound.sts.example"
	sts_hosts=$(cd "$LAB/www" && ls -d mta-sts.*)
	# shellcheck disable=SC2086 # words
	lab-cert sts $sts_hosts
	for sts_host in $sts_hosts; do
		ln -sf sts.pem "$LAB/tls/$sts_host.pem"
	done
	lab-cert mta-sts.wrongname.sts.example other.sts.example
	rm -f "$LAB/tls/mta-sts.nocert.sts.example.pem"
	sts_request expired
	lab-sign-expired "$LAB/tmp/sts.csr" >>"$LAB/tls/$sts_host.pem"
	sts_certificate self -key "$LAB/tls/mta-sts.self.sts.example.pem" -days 20
	nginx -c "$LAB_SRC/tests/discovery/sts.conf" -e "$LAB/log/sts.err"
}
