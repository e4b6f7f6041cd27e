#!/bin/sh
# SPDX-License-Identifier: ISC
# cron itself, with sealpost in the place of sendmail as contrib/cron says: it ignores how that ends, and loses nothing.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck disable=SC2034
lab_options=--caps
in_lab "$0" "$@"

PATH=$PATH:/usr/sbin
command -v cron >/dev/null || skip_all 'cron is not installed'
t=$LAB/tmp
a=alice@advanced.example
# cron's own folders and sendmail are this test's, for cron alone. It runs @reboot at once.
cat >"$t/sendmail" <<SENDMAIL
#!/bin/sh
exec $LAB_BUILD/libexec/sealpost/sendmail "\$@" 2>>$t/unseen
SENDMAIL
cat >"$t/with-cron" <<'CRON'
mount -t tmpfs cron /var/spool && mkdir -p /var/spool/cron/crontabs && chmod 1730 /var/spool/cron/crontabs || exit 77
mount --bind "$LAB/tmp/sendmail" /usr/sbin/sendmail || exit 77
rm -f /run/crond.reboot /run/crond.pid
cp "$LAB/tmp/crontab" "/var/spool/cron/crontabs/$(id -un)" && chmod 600 /var/spool/cron/crontabs/* || exit 77
cron -f -L 0 &
turn=0
until [ -e "$LAB/tmp/mailed" ] || [ $turn -gt 300 ]; do
	sleep 0.1
	turn=$((turn + 1))
done
kill $!
CRON
chmod 755 "$t/sendmail"
# What runs last says that sendmail has ended.
sed -i 's/^exec //; $a code=$?; echo $code >'"$t/mailed"'; exit $code' "$t/sendmail"
printf '#!/bin/sh\ncat >%s/got\n' "$t" >"$t/mta"
chmod 755 "$t/mta"
printf 'MAILTO=%s\nHOME=%s\nXDG_RUNTIME_DIR=%s\n@reboot echo the output of the job\n' $a "$HOME" "$XDG_RUNTIME_DIR" >"$t/crontab"
lab-import-sender
mkdir -p "$HOME/.config/sealpost"
conf=$HOME/.config/sealpost/config
grep -v '^mta\|^#' "$LAB_SRC/contrib/cron/sealpost.conf" >"$conf"
printf 'mta = %s\nqueue = unknown\nsign-key = %s\ntimeout = 2\n' "$t/mta" "$(lab-key me@sender.example)" >>"$conf"
cp "$conf" "$t/online"
echo 'resolver = 127.0.0.1@1' >>"$conf"

# Within the lab, whose root has no right to be anybody else, cron cannot run a job.
unshare --mount sh "$t/with-cron" >"$t/out" 2>&1 || :
[ -e "$t/mailed" ] || skip_all "cron does not run here: $(head -n 1 "$t/out")"
is "cron's mail is kept, without a word" "$(cat "$t/mailed" "$t/unseen")" 0
is "it waits" "$(sealpost queue --json | wc -l)" 1
like "for whom it was" "$(sealpost queue)" "^  $a: "
not_ok "nothing went out" test -e "$t/got"
cp "$t/online" "$conf"
check_exit 0 sealpost queue run
lab-decrypt "$t/got" >"$t/plain" 2>/dev/null
like "then it is sent: cron's subject" "$(cat "$t/plain")" '^Subject: Cron <.*> echo the output of the job'
like "and what the job said" "$(tr -d '\r' <"$t/plain")" '^the output of the job$'

# Without the queue it is refused; cron tells nobody, but why knows.
grep -v '^queue' "$t/online" >"$conf"
echo 'resolver = 127.0.0.1@1' >>"$conf"
sealpost pins forget $a >/dev/null 2>&1
rm -f "$t/mailed" "$t/got"
unshare --mount sh "$t/with-cron" >"$t/out" 2>&1 || :
is "without the queue: refused" "$(cat "$t/mailed")" 75
like "why says it" "$(sealpost why -n 1)" "$a: cannot tell"
not_ok "nothing went out in clear" test -e "$t/got"
done_testing
