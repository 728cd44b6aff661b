# labels: builder
# A finisher that is killed or stopped: nothing is lost, nothing is done twice.

load helper

setup() {
    prepare_pushed "oci:$BATS_FILE_TMPDIR/stages" # built once
    local_ssh
    over_ssh
    git tag v1.0.0
    touch "$top/no-questions" # no finisher yet
    git push -q origin v1.0.0
    rm "$top/no-questions"
}

@test "killed before each of its steps: the next one finishes it" {
    # A sanitizer's library wants to be the first, and need not be: it does not know these calls.
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
    cp -r .git/slipway "$top/jobs"
    slipway wait v1.0.0 --timeout 60s
    api=$(layout_digest "$top/release/api" v1.0.0)
    web=$(layout_digest "$top/release/web" v1.0.0)
    for step in $(seq 200); do
        rm -rf "$top/release" .git/slipway
        cp -r "$top/jobs" .git/slipway
        run env DIE_AT="$step" DIE_IN=slipway LD_PRELOAD="$SLIPWAY_BUILD/tests/e2e/die_at.so" slipway hook finish
        [ "$status" -ne 0 ] || break
        [ "$status" -eq 137 ]
        for image in api web; do
            [ -z "$(layout_names "$top/release/$image")" ] || is_whole "$top/release/$image" v1.0.0
        done
        [ "$(find .git/slipway -name '*.json' | wc -l)" -ge 1 ]
        slipway wait v1.0.0 --timeout 60s >/dev/null
        [ "$(layout_digest "$top/release/api" v1.0.0)" = "$api" ]
        [ "$(layout_digest "$top/release/web" v1.0.0)" = "$web" ]
        [ "$(layout_names "$top/release/api")" = v1.0.0 ]
        [ "$(slipway jobs list | cut -d' ' -f2- | grep -c ' done ')" -eq 1 ]
        slipway hook finish # what was being moved is there once again
        [ "$(find .git/slipway -name '*.json' | wc -l)" -eq 1 ]
    done
    [ "$step" -gt 10 ]
    [ "$step" -lt 200 ]
}

@test "the next push, whatever it is of, has a job finished whose finisher was killed" {
    mv .git/slipway/jobs/new/*.json .git/slipway/jobs/cur
    sed -i 's/"waiting"/"running"/' .git/slipway/jobs/cur/*.json
    git push -q origin main:other 3>&-
    for _ in $(seq 600); do
        [ "$(slipway jobs list | grep -c ' done ')" -eq 0 ] || break
        sleep 0.1
    done
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
    [ "$(layout_names "$top/release/web")" = v1.0.0 ]
}

@test "a finisher that is stopped is waited for; the job is done once it goes on" {
    cat >"$top/ssh" <<END
#!/bin/sh
for command in "\$@"; do :; done
mv "$top/asked.part" "$top/asked" 2>/dev/null
while [ ! -e "$top/go" ]; do sleep 0.1; done
exec sh -c "\$command"
END
    touch "$top/asked.part"
    slipway hook finish >"$top/log" 2>&1 3>&- &
    finisher=$!
    until_there "$top/asked"
    kill -STOP "$finisher"
    touch "$top/go"
    run slipway wait v1.0.0 --timeout 1s
    [ "$status" -eq 75 ]
    has "not finished yet"
    # A push meanwhile leaves its job to the one that holds the lock.
    git tag v1.0.1
    git push -q origin v1.0.1 3>&-
    [ "$(slipway jobs list | grep -c ' waiting ')" -eq 2 ]
    kill -CONT "$finisher"
    slipway wait v1.0.0 --timeout 60s
    slipway wait v1.0.1 --timeout 60s
    wait "$finisher"
    [ "$(layout_names "$top/release/api" | tr '\n' ' ')" = "v1.0.0 v1.0.1 " ]
    [ "$(slipway jobs list | grep -c ' done ')" -eq 2 ]
}
