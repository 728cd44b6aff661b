# Every #include of a room's header must be an arrow of core/rooms.txt.
# usage: awk -f arrows.awk core/rooms.txt core/*/*.[ch] hooks/*.[ch]

FILENAME ~ /rooms\.txt$/ {
    if ($0 !~ /^[a-z]/) next
    room = $1; sub(/:$/, "", room); rooms[room] = 1
    for (i = 2; i <= NF; i++) may[room, $i] = 1
    next
}

FNR == 1 {
    n = split(FILENAME, part, "/")
    from = part[n - 1]
    if (from == "hooks" && part[n] ~ /^pre-push/) from = "hooks/pre-push"
}

/^#include "[a-z]+\// {
    to = $2; sub(/^"/, "", to); sub(/\/.*/, "", to)
    if (!(to in rooms)) next
    if (to != from && !((from, to) in may)) {
        printf "%s:%d: '%s' may not include '%s' (core/rooms.txt)\n", FILENAME, FNR, from, to
        bad = 1
    }
}

END { exit bad }
