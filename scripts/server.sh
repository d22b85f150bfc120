# The sample store as a server of its own, for scripts that ask it over HTTP. To be sourced, from the repository's root.
#
#   start_server LOG    starts the built program on a free port; sets $address and $server
#   stop_server         ends it; does nothing if there is none

STARTED_WITHIN_S=30
server=
address=

stop_server() {
    [ -z "$server" ] && return
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
}
trap stop_server EXIT

start_server() {
    : >"$1" # there from the start: it is read before the server has opened it
    target/debug/cashwrap serve --store sample --database sqlite::memory: --listen 127.0.0.1:0 --test-mode \
        >"$1" 2>&1 </dev/null &
    server=$!
    local tenths
    for ((tenths = 0; tenths < STARTED_WITHIN_S * 10; tenths++)); do
        address=$(sed -n 's/^listening on //p' "$1")
        if [ -n "$address" ]; then return; fi
        if ! kill -0 "$server" 2>/dev/null; then break; fi
        sleep 0.1
    done
    echo "the server ended, or did not say 'listening on' within $STARTED_WITHIN_S s; it said:" >&2
    cat "$1" >&2
    exit 1
}
