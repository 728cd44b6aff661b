# labels: builder
# What must not do harm: broken input, hostile names, a disk that is full, directories of others, very
# many refs.

load helper

setup() {
    prepare "oci:$BATS_FILE_TMPDIR/stages" # built once
    hook=$BATS_FILE_TMPDIR/prefix/libexec/slipway/pre-push
    zero=0000000000000000000000000000000000000000
    commit=$(git rev-parse HEAD)
}

installed() {
    slipway install
    git push -q origin main
}

# Both executables, since a hook manager may start the second one itself.
both_let_pass() { # FILE
    for program in "$hook" "slipway hook pre-push"; do
        # shellcheck disable=SC2086
        run $program origin "$remote" <"$1"
        [ "$status" -eq 0 ]
        has "slipway: warning: pre-push: "
        has "the push goes on"
        [ "${#output}" -lt 2000 ]
    done
}

@test "stdin that is not git's: binary, a line of 10 MB, no line end, wrong fields, too much of it" {
    line="refs/tags/v1 $commit refs/tags/v1 $zero"
    head -c 300000 /dev/urandom >"$top/binary"
    head -c 10000000 /dev/zero | tr '\0' x >"$top/long"
    printf '%s' "${line% *}" >"$top/short"
    printf '%s\n%s extra\n' "$line" "$line" >"$top/extra"
    printf '%s\0%s\n' "$line" "$line" >"$top/nul"
    printf '%s\n' "${line/$commit/${commit^^}}" >"$top/upper"
    head -c 70000000 /dev/zero | tr '\0' x >"$top/much"
    for file in binary long short extra nul upper much; do
        both_let_pass "$top/$file"
    done
}

@test "stdin that is closed, or a directory, stops no push" {
    run sh -c '"$1" origin x <&-' - "$hook"
    [ "$status" -eq 0 ]
    run sh -c '"$1" origin x <"$2"' - "$hook" "$top"
    [ "$status" -eq 0 ]
    has "the push goes on"
}

@test "100,000 refs: read to the end, above 10,000 only tags count" {
    installed
    seq 100000 | sed "s#.*#refs/heads/b& $commit refs/heads/b& $zero#" >"$top/many"
    run "$hook" origin "$remote" <"$top/many"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    echo "refs/tags/v1 $commit refs/tags/v1 $zero" >>"$top/many"
    SLIPWAY_DRY_RUN=1 run "$hook" origin "$remote" <"$top/many"
    [ "$status" -eq 0 ]
    has "slipway: warning: more than 10000 refs: only tags are looked at"
    has "release/api:v1"
    # One line that is none: the push goes on, whatever the others are.
    echo "refs/tags/v1 $commit refs/tags/v1" >>"$top/many"
    both_let_pass "$top/many"
}

@test "control characters of a ref are escaped" {
    slipway trust
    printf 'refs/tags/v1\033[31m %s refs/tags/v1\033[31m %s\n' "$commit" "$zero" >"$top/lines"
    run slipway hook pre-push origin "$remote" <"$top/lines"
    [ "$status" -eq 1 ]
    lacks $'\033'
    has '\x1b[31m'
}

@test "names that a shell would read as commands are names" {
    installed
    for name in "v1;touch pwned" 'v1$(touch${IFS}pwned)' 'v1`touch${IFS}pwned`' 'v1|touch${IFS}pwned' \
        "v1'\"&" "v1%s%n" "vé✓"; do
        name=${name// /\$\{IFS\}}
        git tag "$name"
        run git push origin "refs/tags/$name"
        [ "$status" -ne 0 ]
        has "nothing was pushed"
    done
    [ -z "$(find . -name 'pwned*' -not -path './.git/refs/*' -not -path './.git/packed-refs')" ]
    # As a slug any name makes a tag.
    sed -i 's/%tag%/%tag_slug%/' .slipway.yaml
    git commit -qam slug
    git tag -f 'v1;touch${IFS}pwned'
    git push origin 'refs/tags/v1;touch${IFS}pwned'
    run slipway wait 'v1;touch${IFS}pwned' --timeout 60s
    [ "$status" -eq 0 ]
    [ -n "$(layout_names "$top/release/api")" ]
}

# Beside a directory that is not ours alone a tag is not pushed.
is_stopped() {
    git tag -f v1.0.0 >/dev/null
    run git push origin v1.0.0
    echo "$output"
    [ "$status" -ne 0 ]
    has "could be written to by somebody else"
    [ "$(grep -c 'could be written to' <<<"$output")" -eq 1 ]
    has "nothing was pushed"
    lacks "uploaded"
}

@test "a jobs directory of somebody else, open to others, or a link: nothing is put there, a tag is not pushed" {
    installed
    jobs=.git/slipway/jobs
    mkdir -p "$top/theirs" .git/slipway
    ln -s "$top/theirs" "$jobs"
    is_stopped
    [ -z "$(ls "$top/theirs")" ]
    rm "$jobs"
    mkdir -m 777 "$jobs"
    chmod 777 "$jobs"
    is_stopped
    has "chmod 700"
    # A push of nothing to release does not hear of it, with a job or without.
    mkdir -m 777 "$jobs/new"
    touch "$jobs/new/x.json"
    run git push origin main:other
    [ "$status" -eq 0 ]
    rm -r "$jobs/new"
    chmod 700 "$jobs"
    if [ "$(id -u)" -eq 0 ]; then
        chown 65534 "$jobs"
        is_stopped
        chown 0 "$jobs"
    fi
    # Nor is one whose directory others could put another into, or that is reached by a link.
    chmod 777 .git/slipway
    is_stopped
    mv .git/slipway "$top/elsewhere"
    chmod 755 "$top/elsewhere"
    ln -s "$top/elsewhere" .git/slipway
    is_stopped
    run slipway jobs list
    [ "$status" -eq 11 ]
    run slipway doctor
    has "could be written to by somebody else"
    rm .git/slipway
    mv "$top/elsewhere" .git/slipway
    # A directory inside that is a link is none of ours either.
    rmdir "$jobs/new" 2>/dev/null || true
    ln -s "$top/theirs" "$jobs/new"
    is_stopped
    [ -z "$(ls "$top/theirs")" ]
    rm "$jobs/new"
    git push origin v1.0.0
    slipway wait v1.0.0 --timeout 60s
    [ "$(layout_names "$top/release/api")" = v1.0.0 ]
}

@test "beside a jobs directory of somebody else a branch is pushed, and what to run is told" {
    installed
    cat >>.slipway.yaml <<END
  - name: edge
    match: {branches: edge}
    to: ["$release/%image%:edge"]
END
    git commit -qam edge
    mkdir -p .git/slipway
    mkdir -m 777 .git/slipway/jobs
    chmod 777 .git/slipway/jobs
    git branch edge
    run git push origin edge
    echo "$output"
    [ "$status" -eq 0 ]
    has "warning: "
    has "chmod 700"
    has "uploaded"
    has "edge: the names are not written by themselves, since nothing can be noted; after the push run: slipway run --ref edge"
    ! layout_names "$top/release/api" | grep -qx edge
    slipway run --ref edge
    layout_names "$top/release/api" | grep -qx edge
}

@test "a file among the jobs that is none is named once, put aside and shown" {
    installed
    git tag v1.0.0
    git push -q origin v1.0.0 # makes the directories
    slipway wait v1.0.0 --timeout 60s
    echo '{"state": "waiting"' >.git/slipway/jobs/new/20260101T000000Z-00000000.json
    run git push origin main:other
    [ "$status" -eq 0 ]
    has "new/20260101T000000Z-00000000.json: it is no job; it was put aside as unreadable/20260101T000000Z-00000000.json"
    run git push origin main:third
    [ "$status" -eq 0 ]
    lacks slipway
    run slipway jobs list
    has "20260101T000000Z-00000000  unreadable  "
    run slipway jobs list --json
    has '"unreadable":["'
    run slipway doctor
    [ "$status" -ne 0 ]
    has "20260101T000000Z-00000000.json is no job that can be read"
    slipway jobs drop 20260101T000000Z-00000000
    run slipway jobs list
    lacks unreadable
    # Whoever works on jobs finds it, too.
    echo none >.git/slipway/jobs/cur/x.json
    run slipway hook finish
    has "cur/x.json: it is no job"
    [ "$(cat .git/slipway/jobs/unreadable/x.json)" = none ]
}

@test "a disk that is full where jobs are kept: the push is stopped, nothing half-written stays" {
    installed
    git tag v1.0.0
    git push -q origin v1.0.0 # makes the directories
    slipway wait v1.0.0 --timeout 60s
    git tag v1.0.1
    unshare -m true 2>/dev/null || skip "mount namespaces are not permitted"
    cat >"$top/full" <<'END'
mount -t tmpfs -o size=16k,mode=700 tmpfs .git/slipway || exit 99
mkdir -m 700 .git/slipway/jobs .git/slipway/jobs/new .git/slipway/jobs/cur .git/slipway/jobs/done \
    .git/slipway/jobs/failed .git/slipway/jobs/log
head -c 100000 /dev/zero >.git/slipway/fill 2>/dev/null
git push origin v1.0.1
status=$?
find .git/slipway/jobs -type f | sed 's/^/left: /'
exit $status
END
    run unshare -m sh "$top/full"
    [ "$status" -ne 99 ] || skip "mounting is not permitted"
    [ "$status" -ne 0 ]
    has "No space left on device"
    has "nothing was pushed"
    lacks "left: "
    [ -z "$(git -C "$remote" tag -l v1.0.1)" ]
    run layout_names "$top/release/api"
    [ "$output" = v1.0.0 ]
    git push origin v1.0.1
    slipway wait v1.0.1 --timeout 60s
}

@test "a repository that is read-only, and no place for temporary files: said before a build" {
    installed
    git tag v1.0.0
    TMPDIR=/nowhere run git push origin v1.0.0
    [ "$status" -ne 0 ]
    has "/nowhere/slipway-"
    has "slipway: hint: TMPDIR names the directory for temporary files"
    lacks building
    rm -rf .git/slipway
    unshare -m true 2>/dev/null || skip "mount namespaces are not permitted"
    cat >"$top/read-only" <<'END'
mount --bind .git .git && mount -o remount,bind,ro .git || exit 99
git push origin v1.0.0
echo "status $?"
git push -q origin main:other # nothing is to be noted for it
END
    run unshare -m sh "$top/read-only"
    [ "$status" -ne 99 ] || skip "mounting is not permitted"
    has ".git/slipway: Read-only file system"
    has "slipway: hint: what is still to be done for a push is noted there before it goes on"
    has "status 1"
    lacks building
    [ -z "$(git -C "$remote" tag -l)" ]
    [ "$(git -C "$remote" rev-parse other)" = "$commit" ]
}

@test "1,000 refs in one push: few lines, a job for each" {
    installed
    sed -i '/^  - name/,$d' .slipway.yaml
    cat >>.slipway.yaml <<END
  - name: release
    match: {tags: "v*"}
    images: [web]
    to: ["oci:$top/release/%image%:%tag%"]
END
    git commit -qam 'one image'
    local_ssh
    over_ssh
    touch "$top/no-questions" # so that no finisher starts
    for i in $(seq 1000); do echo "create refs/tags/v1.0.$i HEAD"; done | git update-ref --stdin
    run git push --tags -q origin
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -le 24 ]
    has "more lines are left out"
    has "and 995 more: the names are not written by themselves"
    has "slipway sync"
    [ "$(slipway jobs list | grep -c ' waiting ')" -eq 1000 ]
    [ "$(git -C "$remote" tag | wc -l)" -eq 1000 ]
}
