#!/bin/bash
# Runs inside the booted container, once, as a service; each step leaves what it saw in
# /findings/STEP for test_systemd.py to judge. The last thing it does is to power off.
trap 'echo end > /findings/finished; systemctl poweroff' EXIT
exec > /findings/log 2>&1
set -x
socket=/run/contextor/contextord.sock
unit=contextord.service
state() { systemctl show "$unit" -P "$1"; }
# Waits, half a minute at most, until a command succeeds.
await() { for _ in $(seq 300); do "$@" && return; sleep 0.1; done; false; }
note() { cat > "/findings/$1"; }
main_is_not() { [ "$(state ActiveState)" = active ] && [ "$(state MainPID)" != "$1" ]; }
status_says() { state StatusText | grep -q "$1"; }

systemd-sysusers
systemd-tmpfiles --create contextor.conf
useradd -m alice
useradd -m -G contextor bob
systemctl daemon-reload
mkdir -p /srv/docs /etc/contextor
for i in $(seq 300); do printf '# Page %s\n\nText.\n' "$i" > "/srv/docs/p$i.md"; done
# A configuration of the sources named: /srv/NAME to /var/lib/contextor/NAME.
configuration() {
    local comma=
    printf '{"sources": ['
    for name; do
        printf '%s{"name": "%s", "root": "/srv/%s", "output": "/var/lib/contextor/%s"}' \
            "$comma" "$name" "$name" "$name"
        comma=,
    done
    printf ']}\n'
}

# Without a configuration it idles.
systemctl start "$unit"
{ state ActiveState; contextor status --socket "$socket" --json; } | note idle
systemctl stop "$unit"
configuration docs > /etc/contextor/contextord.json

# Socket activation: the client is there before the daemon.
systemctl start contextord.socket
{ state ActiveState; contextor sync --socket "$socket"; echo $?; state ActiveState; } | note activation

# READY only when the mirror is complete.
systemctl stop "$unit"
rm -rf /var/lib/contextor/docs
systemctl start "$unit"
wc -l < /var/lib/contextor/docs/index.jsonl | note ready
{ stat -c '%U %G %a' "$socket"; stat -c '%U' "/proc/$(state MainPID)"; } | note identity
systemd-analyze security "$unit" | tail -1 | note security

# Members of the group may ask, others may not.
{
    runuser -u bob -- contextor status --json > /dev/null; echo "bob $?"
    runuser -u alice -- contextor status; echo "alice $?"
} 2>&1 | note group

# A document for the worker processes, and what holds those.
yes 'Some *words* of a very long page.' | head -c 1500000 > /srv/docs/large.md
{
    contextor sync --socket "$socket"; echo "sync $?"
    ls /var/lib/contextor/docs/*large.mdc | wc -l
    for process in /proc/[0-9]*; do
        grep -q contextor-worke "$process/comm" 2>/dev/null || continue
        grep -E '^(NoNewPrivs|Seccomp):' "$process/status"
    done
} | note worker
rm /srv/docs/large.md

# STATUS and the journal.
printf '\377' > /srv/docs/broken.md
contextor sync --socket "$socket"
await status_says '1 failed'
state StatusText | note status
contextor status --socket "$socket" --json | note degraded
failures() { journalctl -u contextord -o json RESULT=failed; }
await eval 'test -n "$(failures)"'
failures | note journal

# A second instance.
contextord --system --config /etc/contextor/contextord.json 2> /findings/second
{ echo $?; state MainPID; } | note second_pid

# Reload, with a good configuration and a bad one.
mkdir /srv/more
echo '# More' > /srv/more/m.md
configuration docs more > /etc/contextor/contextord.json
{
    systemctl reload "$unit"; echo "good $?"
    contextor sync --socket "$socket" > /dev/null
    wc -l < /var/lib/contextor/more/index.jsonl
    echo '{"sorces": []}' > /etc/contextor/contextord.json
    systemctl reload "$unit"; echo "bad $?"
    state ActiveState
    contextor status --socket "$socket" --json
} 2> /findings/reload_errors | note reload
configuration docs > /etc/contextor/contextord.json
systemctl reload "$unit"

# kill -9 under load: nothing is lost.
pid=$(state MainPID)
for i in $(seq 200); do
    echo "saved $i" >> "/srv/docs/p$i.md"
    [ "$i" != 100 ] || kill -9 "$pid"
done
contextor sync --socket "$socket" > /dev/null # at once: the socket is there all the time
await main_is_not "$pid"
{ grep -l '^saved ' /var/lib/contextor/docs/*.mdc | wc -l; state NRestarts; } | note killed

# The watchdog: a stopped daemon is killed and started again.
mkdir -p "/etc/systemd/system/$unit.d"
printf '[Service]\nWatchdogSec=2s\nTimeoutAbortSec=1s\n' > "/etc/systemd/system/$unit.d/watchdog.conf"
systemctl daemon-reload
systemctl restart "$unit"
pid=$(state MainPID)
sleep 5
{ [ "$(state MainPID)" = "$pid" ] && echo alive; } | note watchdog
kill -STOP "$pid"
await main_is_not "$pid"
systemctl start "$unit" # joins the start that is going on, and waits for READY
{ state ActiveState; journalctl -u "$unit" | grep -c 'Watchdog timeout'; } >> /findings/watchdog

# A start that takes longer than it may, as long as it goes on.
printf '[Service]\nTimeoutStartSec=3s\n' > "/etc/systemd/system/$unit.d/start.conf"
systemctl daemon-reload
systemctl stop "$unit"
mkdir /srv/many
seq 20000 | (cd /srv/many && while read -r i; do printf '# Page %s\n\nText.\n' "$i" > "p$i.md"; done)
configuration docs many > /etc/contextor/contextord.json
{
    began=$(date +%s%N)
    systemctl start --no-block "$unit"
    while sleep 0.05; do
        active=$(state ActiveState)
        [ "$active" != activating ] && break
        state StatusText
    done
    echo "$active $(( ($(date +%s%N) - began) / 1000000 ))"
    wc -l < /var/lib/contextor/many/index.jsonl
} | uniq | note start
rm "/etc/systemd/system/$unit.d/start.conf"
systemctl daemon-reload
configuration docs > /etc/contextor/contextord.json
systemctl reload "$unit"

# Stop, while there is much to do.
for i in $(seq 3000); do printf '# Q %s\n' "$i" > "/srv/docs/q$i.md"; done
began=$(date +%s%N)
systemctl stop "$unit" contextord.socket
{
    echo $(( ($(date +%s%N) - began) / 1000000 ))
    state Result
    state ExecMainStatus
    ls /var/lib/contextor/docs/.contextor/tmp | wc -l
    ls "$socket" 2>&1
} | note stop

# The user's daemon.
alice() { runuser -u alice -- env HOME=/home/alice XDG_RUNTIME_DIR=/run/user/$(id -u alice) "$@"; }
loginctl enable-linger alice
await test -S "/run/user/$(id -u alice)/systemd/private"
alice mkdir -p /home/alice/docs
echo '# Mine' | alice tee /home/alice/docs/mine.md
{
    cd /home/alice/docs
    alice contextor init; echo "init $?"
    alice systemctl --user start contextord.socket; echo "socket $?"
    alice contextor sync; echo "sync $?"
    alice systemctl --user show contextord.service -P ActiveState
    alice contextor status --json
    alice systemctl --user reload contextord.service; echo "reload $?"
    alice systemctl --user stop contextord.service contextord.socket; echo "stop $?"
    stat -c '%a' "/run/user/$(id -u alice)/contextor"
} 2>&1 | note user
journalctl --no-pager > /findings/everything
