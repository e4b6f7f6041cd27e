#!/bin/sh
# SPDX-License-Identifier: ISC
# pins.db under a killer, on a full disk, in many hands, and when something strange lies in its place.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck disable=SC2034 # read by in_lab
lab_options=--caps # mounts file systems
in_lab "$0" "$@"

a=alice@advanced.example
share=$HOME/.local/share
data=$share/sealpost
db=$data/pins.db
old=$(lab-key $a)
cp "$(lab-wkd-path $a)" "$LAB/tmp/old.key"
new=$(lab-new-key $a "$LAB/tmp/new.key")
bad=$(lab-new-key $a "$LAB/tmp/bad.key")
pinned() { # its state, fingerprint and what is held
	sealpost -q pins list --json | jq -r "select(.address == \"$a\") | .state + \" \" + (.fingerprint // \"-\") + \" \" + (.held.fingerprint // \"-\")"
}
lab-import-sender
printf 'From: me@sender.example\nTo: %s\nSubject: s\n\nthe text\n' "$a" >"$LAB/tmp/mail"
arrived() {
	lab-mails | wc -l
}

# A pin with something held: what most of this begins with.
check_exit 0 sealpost lookup --fresh --pin $a
lab-wkd-put $a "$LAB/tmp/new.key"
check_exit 77 sealpost lookup --fresh --pin $a
is "the start" "$(pinned)" "tofu $old $new"
cp "$db" "$LAB/tmp/start.db"
restart() {
	rm -rf "$data"
	mkdir -p "$share" && mkdir -m 700 "$data"
	(umask 077 && cp "$LAB/tmp/start.db" "$db")
}
not_ok "a store that nobody has open is one file: its log is empty" test -s "$db-wal"

# Killed at each call that changes a file: the old state or the new one.
if strace -o /dev/null true 2>/dev/null; then
	kills=0
	finished=0
	wrong=
	for call in pwrite64 write fdatasync fsync ftruncate unlink openat fcntl; do
		n=1
		while [ $n -le 200 ]; do
			restart
			rc=0
			strace -f -qq -o /dev/null -P "$db" -P "$db-wal" -P "$db-shm" -P "$data" -e trace=$call \
				-e inject=$call:signal=KILL:when=$n "$LAB_BUILD/bin/sealpost" pins accept $a >/dev/null 2>&1 || rc=$?
			now=$(pinned)
			case $now in
			"tofu $old $new" | "tofu $new -") ;;
			*) wrong="$wrong; $call $n: $now" ;;
			esac
			[ $rc = 0 ] && { finished=$((finished + 1)); break; }
			kills=$((kills + 1))
			n=$((n + 1))
		done
	done
	is "killed: the old state or the new one" "$wrong" ""
	is "each call was gone through to its end" "$finished" 8
	ok "there were such calls" test $kills -gt 10
else
	skip 3 "strace cannot trace here"
fi

# A disk that is full, more or less.
if mkdir "$LAB/small" && mount -t tmpfs -o size=4m,mode=700 small "$LAB/small" 2>/dev/null; then
	small() {
		XDG_DATA_HOME=$LAB/small sealpost "$@"
	}
	wrong=
	full=0
	free=0
	while [ $free -le 160 ]; do
		rm -rf "$LAB/small/sealpost" "$LAB/small/fill"
		if [ $((free % 8)) = 0 ]; then # every other time there is a store already
			mkdir -m 700 "$LAB/small/sealpost"
			(umask 077 && cp "$LAB/tmp/start.db" "$LAB/small/sealpost/pins.db")
		fi
		dd if=/dev/zero of="$LAB/small/fill" bs=4k 2>/dev/null
		[ $free = 0 ] || truncate -s "-${free}k" "$LAB/small/fill"
		run small pins allow-clear $a
		case $rc in
		0) ;;
		73 | 74)
			full=$((full + 1))
			printf '%s\n' "$err" | grep -Eq "^sealpost: $LAB/small/.*(full|[Nn]o space)" || wrong="$wrong; $free KiB: $err"
			;;
		*) wrong="$wrong; $free KiB: exit $rc: $err" ;;
		esac
		left=$rc
		rm "$LAB/small/fill"
		state=$(small -q pins list --json 2>&1 | jq -r '.state + " " + (.fingerprint // "-")')
		case $left:$state in
		"0:clear -" | 7?: | "7?:tofu $old" | "73:tofu $old" | "74:tofu $old") ;;
		*) wrong="$wrong; $free KiB: exit $left, then: $state" ;;
		esac
		free=$((free + 4))
	done
	is "a full disk: 73 or 74, said clearly, and nothing is lost" "$wrong" ""
	ok "it was full sometimes" test $full -gt 3

	# read-only
	rm -rf "$LAB/small/sealpost"
	mkdir -m 700 "$LAB/small/sealpost"
	(umask 077 && cp "$LAB/tmp/start.db" "$LAB/small/sealpost/pins.db")
	mount -o remount,bind,ro "$LAB/small"
	check_exit 73 small pins accept $a
	like "read-only: says what" "$err" "^sealpost: (cannot write to )?$LAB/small/sealpost.*([Rr]ead-only|cannot be written)"
	check_exit 0 small pins list --json
	is "read-only: can be read" "$(printf %s "$out" | jq -r .fingerprint)" "$old"
	check_exit 0 small lookup --offline $a
	count=$(arrived)
	check_exit 73 small send $a <"$LAB/tmp/mail"
	is "nothing goes out that could not be noted" "$(arrived)" "$count"
	mkdir "$LAB/empty"
	mount -t tmpfs -o ro,mode=700 empty "$LAB/empty"
	check_exit 73 env XDG_DATA_HOME="$LAB/empty" sealpost pins allow-clear $a
	check_exit 1 env XDG_DATA_HOME="$LAB/empty" sealpost pins list
else
	skip 10 "no file system can be mounted here"
fi

# Held by another process for longer than is waited for: what could not be noted does not go out.
restart
check_exit 0 sealpost pins accept $a
count=$(arrived)
mkfifo "$LAB/tmp/hold"
sqlite3 "$db" <"$LAB/tmp/hold" &
exec 9>"$LAB/tmp/hold"
echo 'BEGIN IMMEDIATE;' >&9
while sqlite3 "$db" 'BEGIN IMMEDIATE; ROLLBACK;' 2>/dev/null; do :; done
check_exit 75 sealpost send $a <"$LAB/tmp/mail"
like "held: says so" "$err" "^sealpost: not sent: $db: another process holds it locked"
exec 9>&-
wait
is "held: nothing goes out" "$(arrived)" "$count"
check_exit 0 sealpost send $a <"$LAB/tmp/mail"
is "held no more: it goes out once" "$(arrived)" $((count + 1))

# Two dozen at once, beginning with no store at all.
rm -rf "$data"
cat >"$LAB/tmp/writer" <<'SH'
#!/bin/sh
for j in 1 2 3; do
	sealpost pins allow-clear "u$1-$j@x.example" >/dev/null 2>>"$LAB/tmp/writers.err" || echo "u$1-$j: $?" >>"$LAB/tmp/writers.err"
done
SH
chmod +x "$LAB/tmp/writer"
i=0
while [ $i -lt 24 ]; do
	"$LAB/tmp/writer" $i &
	i=$((i + 1))
done
wait
is "two dozen writers: none fails" "$(cat "$LAB/tmp/writers.err")" ""
is "and nothing is lost" "$(sealpost pins list --json | jq -r .address | grep -c '^u[0-9]*-[123]@x.example$')" 72
is "the log has each once" "$(sealpost pins log --json | jq -r .address | sort -u | wc -l)" 72

# What is strange is named, refused, and left as it is.
files() {
	find "$share" -exec stat -c '%n %i %s %a %u' {} + | sort
	find "$share" -type f -exec cksum {} + | sort
}
strange() { # PATTERN (what lies there was made before)
	before=$(files)
	wrong=
	for command in 'pins list' "pins forget $a" "lookup --fresh --pin $a" "lookup --offline $a" "send $a"; do
		# shellcheck disable=SC2086 # a command in several words
		run sealpost $command <"$LAB/tmp/mail"
		case $rc:$err in
		7[38]:*"$share"*) printf '%s\n' "$err" | grep -Eq "$1" || wrong="$wrong; $command: $err" ;;
		*) wrong="$wrong; $command: exit $rc: $err" ;;
		esac
	done
	is "$1: named and refused" "$wrong" ""
	is "$1: left as it was" "$(files)" "$before"
	rm -rf "$share"
	mkdir -p "$share"
	restart
}
count=$(arrived)
restart
chmod 640 "$db"
strange 'is open to other users'
chmod 755 "$data"
strange 'is open to other users'
mv "$db" "$data/other" && ln -s other "$db"
strange 'is a symbolic link'
mv "$data" "$share/other" && ln -s other "$data"
strange 'is not a folder'
rm "$db" && mkdir "$db"
strange 'is not a regular file'
rm "$db" && mkfifo -m 600 "$db"
strange 'is not a regular file'
(umask 077 && echo 'this is no database, but text of some length: 0123456789' >"$db")
strange 'not a database'
: >"$db"
strange 'is empty; the pins that were in it are lost'
chown 12345 "$db" 2>/dev/null && strange 'belongs to another user'
restart
dd if=/dev/urandom of="$db" bs=1024 seek=5 count=12 conv=notrunc 2>/dev/null
run sealpost lookup --offline $a
is "damaged in the middle: an error, not an absence" "$rc" 74
like "damaged: named, with what to do" "$err" "^sealpost: $db: .*"
like "damaged: nothing is thrown away" "$err" 'was left as it is'
if command -v sqlite3 >/dev/null; then
	restart
	rm "$db" && (umask 077 && sqlite3 "$db" 'CREATE TABLE t (x)')
	strange 'another program'
	sqlite3 "$db" 'PRAGMA user_version = 99'
	strange 'newer sealpost'
else
	skip 4 "sqlite3 is not installed"
fi
is "nothing went out meanwhile" "$(arrived)" "$count"

# The cache may go at any time.
restart
lab-wkd-put $a "$LAB/tmp/old.key"
check_exit 0 sealpost pins reject $a "$new"
(while [ -e "$LAB/tmp/mail" ]; do rm -rf "$HOME/.cache/sealpost" 2>/dev/null; done) &
remover=$!
i=0
wrong=
while [ $i -lt 12 ]; do
	run sealpost send $a <"$LAB/tmp/mail"
	[ "$rc" = 0 ] || wrong="$wrong; $rc: $err"
	i=$((i + 1))
done
kill $remover
wait $remover 2>/dev/null
is "without its cache it works" "$wrong" ""
is "and each mail arrived" "$(arrived)" $((count + 12))

# A person decides while others send and look up: what is rejected is never used, whoever publishes it.
restart
lab-wkd-put $a "$LAB/tmp/bad.key"
run sealpost lookup --fresh --pin $a
check_exit 0 sealpost pins reject $a "$bad"
lab-wkd-put $a "$LAB/tmp/new.key"
run sealpost lookup --fresh --pin $a
lab-wkd-put $a "$LAB/tmp/bad.key"
is "one is pinned, one held, one rejected" "$(pinned)" "tofu $old $new"
: >"$LAB/tmp/go"
cat >"$LAB/tmp/sender" <<'SH'
#!/bin/sh
# Sends on and on. $LAB/tmp/rejected is there while the pin is rejected; a mail that was begun and ended under the same
# one may not have gone out.
while [ -e "$LAB/tmp/go" ]; do
	before=$(cat "$LAB/tmp/rejected" 2>/dev/null)
	rc=0
	sealpost send "$1" <"$LAB/tmp/mail" >/dev/null 2>&1 || rc=$?
	after=$(cat "$LAB/tmp/rejected" 2>/dev/null)
	echo "$rc" >>"$LAB/tmp/sent"
	if [ -n "$before" ] && [ "$before" = "$after" ]; then
		echo "$rc" >>"$LAB/tmp/sent.rejected"
	fi
done
SH
cat >"$LAB/tmp/looker" <<'SH'
#!/bin/sh
while [ -e "$LAB/tmp/go" ]; do
	sealpost lookup --fresh --pin "$1" >/dev/null 2>&1
done
SH
chmod +x "$LAB/tmp/sender" "$LAB/tmp/looker"
count=$(arrived)
"$LAB/tmp/sender" $a &
"$LAB/tmp/sender" $a &
"$LAB/tmp/looker" $a &
wrong=
i=0
decide() { # WHAT FINGERPRINT
	run sealpost pins "$1" $a "$2"
	[ "$rc" = 0 ] || wrong="$wrong; $1 $2: $rc: $err"
}
while [ $i -lt 5 ]; do
	decide accept "$new"
	decide accept "$old"
	decide reject "$new"
	decide accept "$new"
	decide reject "$new"
	echo $i >"$LAB/tmp/rejected.new" && mv "$LAB/tmp/rejected.new" "$LAB/tmp/rejected"
	sleep 1
	rm "$LAB/tmp/rejected"
	decide accept "$old"
	sleep 0.3
	i=$((i + 1))
done
rm "$LAB/tmp/go"
wait
is "each decision was carried out" "$wrong" ""
ok "mails went out meanwhile" grep -qx 0 "$LAB/tmp/sent"
ok "some were tried while the pin was rejected" test -s "$LAB/tmp/sent.rejected"
is "and none of those went out" "$(grep -cx 0 "$LAB/tmp/sent.rejected")" 0
is "no other failures than refusals" "$(grep -vxE '0|69|75|77' "$LAB/tmp/sent" | sort -u)" ""
is "as many arrived as were sent" "$(arrived)" $((count + $(grep -cx 0 "$LAB/tmp/sent")))
subkey() { # FILE: its encryption key's ID
	gpg --batch --with-colons --show-keys "$1" 2>/dev/null | awk -F: '/^sub/ { print $5; exit }'
}
for f in $(lab-mails | tail -n "+$((count + 1))"); do
	lab-decrypt "$f" 2>&1 >/dev/null | awk '$2 == "ENC_TO" { print $3 }'
done | sort -u >"$LAB/tmp/used"
ok "what was used is known" grep -qx "$(subkey "$LAB/tmp/old.key")" "$LAB/tmp/used"
not_ok "never what was rejected throughout, and is published" grep -qx "$(subkey "$LAB/tmp/bad.key")" "$LAB/tmp/used"
is "nor is it pinned or held" "$(pinned | grep -c "$bad")" 0
unlike "nor was it ever since" "$(sealpost pins log --json $a | jq -r 'select(.event != "rejected" and .event != "held") | .fingerprint')" "^$bad$"
is "nothing is left running" "$(running)" ""
done_testing
