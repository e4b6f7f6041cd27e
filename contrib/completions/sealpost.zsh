#compdef sealpost
# SPDX-License-Identifier: ISC
# zsh completion for sealpost

_sealpost_pin_names() {
	local -a names

	names=(${(f)"$(_call_program pins sealpost pins list 2>/dev/null | cut -d ' ' -f 1)"})
	compadd -a "$@" - names
}

# What send and filter take to go over the configuration's rules.
_sealpost_rules=(
	'--absence=[what counts as no key]:word:(any proved)'
	'--autocrypt=[send Autocrypt fields]:word:(yes mutual no)'
	'--encrypt=[whether to seal]:word:(require prefer never)'
	'--header-protection=[what is hidden of the header]:word:(baseline shy off)'
	'--mixed=[where some recipients have keys]:word:(refuse split clear)'
	'--on-change=[where a different key was seen]:word:(refuse use-pin)'
	'--on-unknown=[where it cannot be told whether there is a key]:word:(refuse clear)'
	'--replies=[answers to sealed mail]:word:(require prefer)'
	'--sign=[what is signed]:word:(always encrypted never)'
	'--tls=[what the way has to be bound to]:word:(any require)'
)

_sealpost_lookup() {
	_arguments '--json[one JSON object a line]' '--export[write the certificates]' \
		'--pin[pin what was found on first use]' '--offline[use the pins only]' \
		'--fresh[ask the network even if the answer is cached]' '(- *)--help[print the usage]' \
		'*:address:_sealpost_pin_names'
}

_sealpost_send() {
	_arguments '--explain[say what would happen]' '--online[with --explain: ask the network]' \
		'--again[hand over the same mail again]' $_sealpost_rules '(- *)--help[print the usage]' \
		'-t[take the recipients from the header]' '(-i -oi)'{-i,-oi}'[a lone dot is text]' \
		'-f[envelope sender]:address:' '-F[full name of the sender]:name:' \
		'-N[when to notify]:conditions:' '-R[what to return]:what:(full hdrs)' '-V[envelope ID]:identifier:' \
		'-v[be verbose]' "-bp[the agent's queue]" "-bi[the agent's aliases]" '*:address:_sealpost_pin_names'
}

_sealpost_filter() {
	_arguments $_sealpost_rules '(- *)--help[print the usage]' '-t[take the recipients from the header]' \
		'(-i -oi)'{-i,-oi}'[a lone dot is text]' '-f[envelope sender]:address:' \
		'*:address:_sealpost_pin_names'
}

_sealpost_why() {
	_arguments '-n[at most that many]:number:' '--sent[what was handed over]' '--json[one JSON object a line]' '(- *)--help[print the usage]'
}

_sealpost_pins() {
	local -a verbs=(
		'list:every pin' 'show:what is known of one' 'accept:what is held becomes the pin'
		'reject:what is held is never used' 'verify:the fingerprint was compared'
		'allow-clear:clear text may go there' 'forget:take a pin or an allow-clear away'
		'log:what happened to pins' 'export:write every pin' 'import:take pins from elsewhere'
	)
	local json='--json[one JSON object a line]' help='(- *)--help[print the usage]'

	if (( CURRENT == 2 )); then
		_arguments "$help"
		_describe -t verbs 'pins command' verbs
		return
	fi
	shift words
	(( CURRENT-- ))
	case $words[1] in
	list) _arguments "--held[only what waits for a decision]" "$json" "$help" ;;
	accept | allow-clear)
		_arguments "$json" '--last[those whom the last refusal names]' "$help" '*:address:_sealpost_pin_names'
		;;
	show | reject | verify | forget | log) _arguments "$json" "$help" '*:address:_sealpost_pin_names' ;;
	export) _arguments '--cert-d[to a certificate directory]:folder:_files -/' "$help" ;;
	import) _arguments "--from-gnupg[the user's gpg keyring]" "$help" '1:file or folder:_files' ;;
	esac
}

_sealpost_queue() {
	_arguments '--json[one JSON object for each mail]' '--if-online[only where there is a connection]' \
		'(- *)--help[print the usage]' '1:command:(list run show drop)' '2:number:'
}

_sealpost_refresh() {
	_arguments '--json[one JSON object for each address]' '--all[every pin with a key]' \
		'(- *)--help[print the usage]' '*:address:_sealpost_pin_names'
}

_sealpost_check() {
	_arguments '--json[one JSON object for each]' '--csv[one line of values for each]' '--html[one page]' \
		'--changes[what is different from last time]' '--history[what --changes said]' \
		'--mine[own addresses, and domains under tls = require]' '--postfix[TLS policy lines]' '--live=-[also speak SMTP with each mail server]::port:' \
		'(- *)--help[print the usage]' '*:domain or address:_hosts'
}

_sealpost_reports() {
	_arguments '--json[one JSON object for each domain and policy]' '--csv[one line for each cause]' '--html[a page with charts]' \
		'--since[only reports that end then or later]:date:' '(- *)--help[print the usage]' \
		'*:file or Maildir:_files'
}

_sealpost_learn() {
	_arguments '--decrypt[open sealed mails for gossip]' '--json[one JSON object for each key]' '(- *)--help[print the usage]' '*:mail or Maildir:_files'
}

_sealpost_setting_names() {
	local -a names

	names=(${(f)"$(_call_program settings sealpost config 2>/dev/null | sed -n 's/^\(; \)\{0,1\}\([a-z-]*\) =.*/\2/p')"})
	compadd -a "$@" - names
}

_sealpost_config() {
	_arguments '--json[one JSON object for each setting]' '(- *)--help[print the usage]' \
		'*:setting:_sealpost_setting_names'
}

_sealpost_help() {
	_arguments '(- *)--help[print the usage]' \
		'1:verb:(lookup send filter why queue pins refresh check reports learn publish config doctor)'
}

_sealpost_publish() {
	_arguments '--json[one JSON object for each domain]' '--all[domains with nothing to do too]' \
		'--no-smtp[do not speak with the mail servers]' '--offline[ask nobody]' '--force=-[take a step that would be refused]:step:' \
		'-d[this domain only]:domain:' '(- *)--help[print the usage]' '1:what:(plan write verify)' '*:file:_files'
}

_sealpost_doctor() {
	_arguments '--json[one JSON object for each finding]' '--online[try the resolver as well]' \
		'(- *)--help[print the usage]' '1:muttrc:_files'
}

_sealpost() {
	local context state state_descr line
	local -A opt_args
	local -a verbs=(
		'lookup:find the certificate of each address' 'send:seal a message and hand it over'
		'filter:seal a message and write it' 'why:show the last refusals'
		'queue:list, send or drop waiting mail' 'pins:the pinned keys, and decisions about them' 'refresh:ask again about the pins that are due'
		'check:how mail to a domain travels' 'reports:what received TLS reports say'
		'learn:read received mail for its senders'\'' keys'
		'config:every setting and where it comes from'
		'help:how a verb is used' 'doctor:what would stop this installation from working'
		'publish:keys, MTA-STS and DNS records of own domains'
	)

	_arguments -C '-C[read this configuration file only]:file:_files' "-f[use the state of this sender]:address:" '*-v[be verbose]' \
		'-q[print only refusals and errors]' '(- *)--help[print the usage]' \
		'(- *)--version[print the version]' '1:verb:->verb' '*::argument:->argument'
	case $state in
	verb) _describe -t verbs verb verbs ;;
	argument) (( ! $+functions[_sealpost_$words[1]] )) || _sealpost_$words[1] ;;
	esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
	_sealpost "$@"
elif (( $+functions[compdef] )); then
	compdef _sealpost sealpost
fi
