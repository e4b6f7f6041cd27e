# SPDX-License-Identifier: ISC
# bash completion for sealpost
# shellcheck shell=bash

# The index of the verb in COMP_WORDS: after the global options; -C and -f take an argument.
_sealpost_verb() {
	local i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-C | -f) ((i++)) ;;
		-*) ;;
		*)
			echo "$i"
			return
			;;
		esac
	done
}

_sealpost_pins() {
	sealpost pins list 2>/dev/null | cut -d ' ' -f 1
}

_sealpost_settings() {
	sealpost config 2>/dev/null | sed -n 's/^\(; \)\{0,1\}\([a-z-]*\) =.*/\2/p'
}

_sealpost_reply() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "${COMP_WORDS[COMP_CWORD]}")
}

_sealpost_complete_pins() {
	case ${1-} in
	'') _sealpost_reply 'list show accept reject verify allow-clear forget log export import --help' ;;
	list) _sealpost_reply '--held --json' ;;
	show) _sealpost_reply "--json $(_sealpost_pins)" ;;
	accept) _sealpost_reply "--json --last $(_sealpost_pins)" ;;
	reject | verify | forget) _sealpost_reply "--json $(_sealpost_pins)" ;;
	log) _sealpost_reply "--json $(_sealpost_pins)" ;;
	allow-clear) _sealpost_reply '--json --last' ;;
	export) _sealpost_reply '--cert-d' ;;
	import)
		_sealpost_reply '--from-gnupg'
		[[ ${COMP_WORDS[COMP_CWORD]} == -* ]] ||
			mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
		;;
	esac
}

_sealpost() {
	local verb

	COMPREPLY=()
	if [[ ${COMP_WORDS[COMP_CWORD - 1]} == -C ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
		return
	fi
	[[ ${COMP_WORDS[COMP_CWORD - 1]} != -f || $(_sealpost_verb) ]] || return
	verb=$(_sealpost_verb)
	case ${verb:+${COMP_WORDS[verb]}} in
	'') _sealpost_reply 'lookup send filter why queue pins refresh check reports learn publish config doctor help -C -f -v -q --help --version' ;;
	lookup) _sealpost_reply '--json --export --pin --offline --fresh --help' ;;
	send) _sealpost_reply '--again --explain --online --absence= --autocrypt= --encrypt= --header-protection= --mixed= --on-change= --on-unknown= --replies= --sign= --tls= --help -t -i -f -F -N -R -V -v -bp -bi' ;;
	filter) _sealpost_reply '--absence= --autocrypt= --encrypt= --header-protection= --mixed= --on-change= --on-unknown= --replies= --sign= --tls= --help -t -i -f' ;;
	why) _sealpost_reply '-n --sent --json --help' ;;
	pins)
		if ((COMP_CWORD == verb + 1)); then
			_sealpost_complete_pins
		else
			_sealpost_complete_pins "${COMP_WORDS[verb + 1]}"
		fi
		;;
	queue)
		_sealpost_reply '--json --if-online --help'
		((COMP_CWORD > verb + 1)) || _sealpost_reply 'list run show drop --json --if-online --help'
		;;
	refresh) _sealpost_reply "--all --json --help $(_sealpost_pins)" ;;
	check) _sealpost_reply '--json --csv --html --changes --history --mine --postfix --live --live= --help' ;;
	reports)
		_sealpost_reply '--json --csv --html --since --help'
		[[ ${COMP_WORDS[COMP_CWORD]} == -* ]] ||
			mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
		;;
	learn)
		_sealpost_reply '--decrypt --json --help'
		[[ ${COMP_WORDS[COMP_CWORD]} == -* ]] ||
			mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
		;;
	config) _sealpost_reply "--json --help $(_sealpost_settings)" ;;
	help) _sealpost_reply 'lookup send filter why queue pins refresh check reports learn publish config doctor --help' ;;
	publish)
		_sealpost_reply 'plan write verify --json --all --no-smtp --offline --force= -d --help'
		[[ ${COMP_WORDS[COMP_CWORD]} == -* ]] ||
			mapfile -t COMPREPLY < <(compgen -W "plan write verify" -f -- "${COMP_WORDS[COMP_CWORD]}")
		;;
	doctor)
		_sealpost_reply '--json --online --help'
		[[ ${COMP_WORDS[COMP_CWORD]} == -* ]] ||
			mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
		;;
	esac
}

complete -F _sealpost sealpost
