# SPDX-License-Identifier: ISC
# fish completion for sealpost

# Silent where sealpost was called by a path that is not searched: fish itself says that it knows no such command.
function __sealpost_pins
    command -q sealpost; or return
    sealpost pins list 2>/dev/null | cut -d ' ' -f 1
end

function __sealpost_settings
    command -q sealpost; and sealpost config 2>/dev/null | string match -rg '^(?:; )?([a-z-]+) ='
end

# Whether the words so far, without global options, begin with those given and, with -n, are just those.
function __sealpost_at
    argparse n -- $argv
    set -l words
    set -l skip no
    for word in (commandline -opc)[2..]
        if test $skip = yes
            set skip no
        else if test (count $words) = 0; and string match -q -- '-*' $word
            contains -- $word -C -f; and set skip yes
        else
            set -a words $word
        end
    end
    set -l n (count $argv)
    test $skip = no; or return
    test (count $words) -ge $n; or return
    if set -q _flag_n
        test (count $words) = $n; or return
    end
    test $n = 0; or test "$words[1..$n]" = "$argv"
end

function __sealpost_rules -a verb
    for rule in 'absence any proved' 'autocrypt yes mutual no' 'encrypt require prefer never' \
            'header-protection baseline shy off' 'mixed refuse split clear' 'on-change refuse use-pin' \
            'on-unknown refuse clear' 'replies require prefer' 'sign always encrypted never' 'tls any require'
        set -l words (string split ' ' $rule)
        complete -c sealpost -n "__sealpost_at $verb" -l $words[1] -xa "$words[2..]"
    end
end

complete -c sealpost -f
complete -c sealpost -n '__sealpost_at -n' -s C -rF -d 'Read this configuration file only'
complete -c sealpost -n '__sealpost_at -n' -s f -x -d 'Use the state of this sender'
complete -c sealpost -n '__sealpost_at -n' -s v -d 'Be verbose'
complete -c sealpost -n '__sealpost_at -n' -s q -d 'Print only refusals and errors'
complete -c sealpost -n '__sealpost_at -n' -l version -d 'Print the version'
complete -c sealpost -l help -d 'Print the usage'

complete -c sealpost -n '__sealpost_at -n' -a lookup -d 'Find the certificate of each address'
complete -c sealpost -n '__sealpost_at -n' -a send -d 'Seal a message and hand it over'
complete -c sealpost -n '__sealpost_at -n' -a filter -d 'Seal a message and write it'
complete -c sealpost -n '__sealpost_at -n' -a why -d 'Show the last refusals'
complete -c sealpost -n '__sealpost_at -n' -a queue -d 'List, send or drop waiting mail'
complete -c sealpost -n '__sealpost_at -n' -a pins -d 'The pinned keys, and decisions about them'
complete -c sealpost -n '__sealpost_at -n' -a refresh -d 'Ask again about the pins that are due'
complete -c sealpost -n '__sealpost_at -n' -a check -d 'Check how mail to a domain travels'
complete -c sealpost -n '__sealpost_at -n' -a reports -d 'Summarize received TLS reports'
complete -c sealpost -n '__sealpost_at -n' -a learn -d 'Read received mail for its senders\' keys'
complete -c sealpost -n '__sealpost_at -n' -a config -d 'Show every setting and where it comes from'
complete -c sealpost -n '__sealpost_at -n' -a help -d 'Show how a verb is used'
complete -c sealpost -n '__sealpost_at -n' -a publish -d 'Generate what own domains publish'
complete -c sealpost -n '__sealpost_at -n' -a doctor -d 'Check this installation'

complete -c sealpost -n '__sealpost_at lookup' -l json -d 'One JSON object a line'
complete -c sealpost -n '__sealpost_at lookup' -l export -d 'Write the certificates'
complete -c sealpost -n '__sealpost_at lookup' -l pin -d 'Pin what was found on first use'
complete -c sealpost -n '__sealpost_at lookup' -l offline -d 'Use the pins only'
complete -c sealpost -n '__sealpost_at lookup' -l fresh -d 'Ask the network even if the answer is cached'

complete -c sealpost -n '__sealpost_at send' -l explain -d 'Say what would happen'
complete -c sealpost -n '__sealpost_at send' -l online -d 'With --explain: ask the network'
complete -c sealpost -n '__sealpost_at send' -l again -d 'Hand over the same mail again'
__sealpost_rules send
__sealpost_rules filter
for verb in send filter
    complete -c sealpost -n "__sealpost_at $verb" -s t -d 'Take the recipients from the header'
    complete -c sealpost -n "__sealpost_at $verb" -s i -o oi -d 'A lone dot is text'
    complete -c sealpost -n "__sealpost_at $verb" -s f -x -d 'Envelope sender'
end
complete -c sealpost -n '__sealpost_at send' -s F -x -d 'Full name of the sender'
complete -c sealpost -n '__sealpost_at send' -s N -x -d 'When to notify'
complete -c sealpost -n '__sealpost_at send' -s R -xa 'full hdrs' -d 'What to return'
complete -c sealpost -n '__sealpost_at send' -s V -x -d 'Envelope ID'
complete -c sealpost -n '__sealpost_at send' -s v -d 'Be verbose'
complete -c sealpost -n '__sealpost_at send' -o bp -d "The agent's queue"
complete -c sealpost -n '__sealpost_at send' -o bi -d "The agent's aliases"

complete -c sealpost -n '__sealpost_at why' -s n -x -d 'At most that many'
complete -c sealpost -n '__sealpost_at why' -l sent -d 'What was handed over'
complete -c sealpost -n '__sealpost_at why' -l json -d 'One JSON object a line'

complete -c sealpost -n '__sealpost_at -n queue' -a 'list run show drop'
complete -c sealpost -n '__sealpost_at queue' -l json -d 'One JSON object for each mail'
complete -c sealpost -n '__sealpost_at queue' -l if-online -d 'Only where there is a connection'

complete -c sealpost -n '__sealpost_at -n pins' \
    -a 'list show accept reject verify allow-clear forget log export import'
for verb in list show accept reject verify allow-clear forget log
    complete -c sealpost -n "__sealpost_at pins $verb" -l json -d 'One JSON object a line'
end
complete -c sealpost -n '__sealpost_at pins list' -l held -d 'Only what waits for a decision'
for verb in accept allow-clear
    complete -c sealpost -n "__sealpost_at pins $verb" -l last -d 'Those whom the last refusal names'
end
complete -c sealpost -n '__sealpost_at pins export' -l cert-d -xa '(__fish_complete_directories)' \
    -d 'To a certificate directory'
complete -c sealpost -n '__sealpost_at pins import' -l from-gnupg -d "The user's gpg keyring"
complete -c sealpost -n '__sealpost_at pins import' -F

complete -c sealpost -n '__sealpost_at refresh' -l all -d 'Every pin with a key'
complete -c sealpost -n '__sealpost_at refresh' -l json -d 'One JSON object for each address'

complete -c sealpost -n '__sealpost_at check' -l json -d 'One JSON object for each'
complete -c sealpost -n '__sealpost_at check' -l changes -d 'What is different from last time'
complete -c sealpost -n '__sealpost_at check' -l history -d 'What --changes said'
complete -c sealpost -n '__sealpost_at check' -l mine -d 'Own addresses, and domains under tls = require'
complete -c sealpost -n '__sealpost_at check' -l postfix -d 'TLS policy lines'
complete -c sealpost -n '__sealpost_at check' -l html -d 'One page'
complete -c sealpost -n '__sealpost_at check' -l csv -d 'One line of values for each'
complete -c sealpost -n '__sealpost_at check' -l live -d 'Also speak SMTP with each mail server'

complete -c sealpost -n '__sealpost_at reports' -l json -d 'One JSON object for each domain and policy'
complete -c sealpost -n '__sealpost_at reports' -l html -d 'A page with charts'
complete -c sealpost -n '__sealpost_at reports' -l csv -d 'One line for each cause'
complete -c sealpost -n '__sealpost_at reports' -l since -x -d 'Only reports that end then or later'
complete -c sealpost -n '__sealpost_at reports' -F
complete -c sealpost -n '__sealpost_at learn' -l decrypt -d 'Open sealed mails for gossip'
complete -c sealpost -n '__sealpost_at learn' -l json -d 'One JSON object for each key'
complete -c sealpost -n '__sealpost_at learn' -F

complete -c sealpost -n '__sealpost_at config' -l json -d 'One JSON object for each setting'
complete -c sealpost -n '__sealpost_at config' -a '(__sealpost_settings)'
complete -c sealpost -n '__sealpost_at -n help' -a 'lookup send filter why queue pins refresh check reports learn publish config doctor'
complete -c sealpost -n '__sealpost_at publish' -l offline -d 'Ask nobody'
complete -c sealpost -n '__sealpost_at publish' -l force -x -d 'Take a step that would be refused'
complete -c sealpost -n '__sealpost_at publish' -s d -x -d 'This domain only'
complete -c sealpost -n '__sealpost_at publish' -l json -d 'One JSON object for each domain'
complete -c sealpost -n '__sealpost_at publish' -l all -d 'Domains with nothing to do, too'
complete -c sealpost -n '__sealpost_at publish' -l no-smtp -d 'Do not speak with the mail servers'
complete -c sealpost -n '__sealpost_at publish' -a plan -d 'What is to do'
complete -c sealpost -n '__sealpost_at publish' -a verify -d 'Fetch it back'
complete -c sealpost -n '__sealpost_at publish' -a write -d 'Make the files'
complete -c sealpost -n '__sealpost_at publish' -F

complete -c sealpost -n '__sealpost_at doctor' -l json -d 'One JSON object for each finding'
complete -c sealpost -n '__sealpost_at doctor' -l online -d 'Try the resolver as well'
complete -c sealpost -n '__sealpost_at doctor' -F

for verbs in lookup send filter refresh 'pins show' 'pins accept' 'pins reject' 'pins verify' 'pins allow-clear' \
        'pins forget' 'pins log'
    complete -c sealpost -n "__sealpost_at $verbs" -a '(__sealpost_pins)'
end
