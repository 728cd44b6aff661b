# labels: builder
# A build that is killed: nothing goes on without us, no stage is half there, and the next run works
# and leaves nothing of the first one.

load helper

setup() {
    prepare
    export TMPDIR=$top/tmp
    mkdir "$TMPDIR"
}

build_web() {
    timeout 100 slipway export web --repo "$stages" --tag "oci:$top/out:v1" >"$top/said" 2>&1
}

# The next run does all there is to do.
finishes() {
    build_web || { cat "$top/said" && return 1; }
    [ "$(layout_names "$top/stages" | wc -l)" -eq 1 ]
    is_whole "$top/stages" "$(layout_names "$top/stages")"
    is_whole "$top/out" v1
    [ -z "$(find "$TMPDIR" -mindepth 1)" ]
    find "$top/stages/.slipway" "$top/out/.slipway" -mindepth 1 ! -name lock ! -name publish >"$top/left"
    [ ! -s "$top/left" ] || { cat "$top/left" && return 1; }
    [ -z "$(buildah containers --quiet)" ]
}

@test "while a command of the Dockerfile runs: it ends, the builder tidies up" {
    local nap=$((RANDOM + 10000)) run builder
    cp web/Dockerfile "$top/Dockerfile"
    printf 'RUN ["/bin/busybox", "sleep", "%d"]\n' "$nap" >>web/Dockerfile
    git commit -qam sleepy
    slipway export web --repo "$stages" --tag "oci:$top/out:v1" >"$top/said" 2>&1 3>&- &
    run=$!
    for _ in $(seq 600); do
        pgrep -f "busybox sleep $nap" >/dev/null && break
        sleep 0.1
    done
    builder=$(pgrep -P "$run" -f buildah)
    kill -9 "$run"
    wait "$run" || true
    until_gone "$builder"
    ! pgrep -f "sleep $nap"
    [ -z "$(layout_names "$top/stages")" ]
    [ -z "$(buildah containers --quiet)" ]
    cp "$top/Dockerfile" web/Dockerfile
    git commit -qam awake
    finishes
}

@test "while the builder commits or its image is taken out" {
    local run builder delay
    for delay in 0.1 0.4 0.7 1 1.3; do
        build_web 3>&- &
        run=$!
        sleep "$delay"
        builder=$(pgrep -f "buildah.*$TMPDIR" || true)
        kill -9 $(pgrep -P "$run" -x slipway) 2>/dev/null || true # what `timeout` started
        wait "$run" || true
        for run in $builder; do until_gone "$run"; done
        [ -z "$(layout_names "$top/stages")" ] || is_whole "$top/stages" "$(layout_names "$top/stages")"
    done
    finishes
}

# recorded_builder: what buildah said and wrote once, from now on without buildah.
recorded_builder() {
    local real
    real=$(command -v buildah)
    mkdir -p "$top/bin" "$top/recorded"
    cat >"$top/bin/buildah" <<END
#!/bin/sh
set -e
for last in "\$@"; do :; done
case \$1 in
build)
    while [ "\$1" != --iidfile ]; do shift; done
    cat >/dev/null
    cp "$top/recorded/id" "\$2" ;;
push) cp -r "$top/recorded/pushed" "\${last#dir:}" ;;
esac
END
    cat >"$top/bin/record" <<END
#!/bin/sh
set -e
for last in "\$@"; do :; done
"$real" "\$@"
case \$1 in
build)
    while [ "\$1" != --iidfile ]; do shift; done
    cp "\$2" "$top/recorded/id" ;;
push) cp -r "\${last#dir:}" "$top/recorded/pushed" ;;
esac
END
    chmod +x "$top/bin/buildah" "$top/bin/record"
    mkdir "$top/recording"
    ln -s "$top/bin/record" "$top/recording/buildah"
    PATH=$top/recording:$PATH build_web
    rm -rf "$top/stages" "$top/out"
    export PATH=$top/bin:$PATH
}

@test "before each step on disk, while the stage and then the name are written" {
    ! grep -aq __asan_init "$(command -v slipway)" || skip "a sanitizer has these calls to itself"
    recorded_builder
    local step status names
    for step in $(seq 300); do
        rm -rf "$top/stages" "$top/out"
        status=0
        DIE_AT="$step" DIE_IN=slipway LD_PRELOAD="$SLIPWAY_BUILD/tests/e2e/die_at.so" build_web || status=$?
        [ "$status" -ne 0 ] || break
        [ "$status" -eq 137 ]
        names=$(layout_names "$top/stages")
        [ -z "$names" ] || is_whole "$top/stages" "$names"
        [ -z "$(layout_names "$top/out")" ] || is_whole "$top/out" v1
        finishes
    done
    echo "$step steps"
    [ "$step" -gt 20 ]
    [ "$step" -lt 300 ]
}
