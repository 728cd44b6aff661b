# labels: builder
# What can be pushed and how, and what a release of it means.

load helper

setup() {
    prepare_pushed "oci:$BATS_FILE_TMPDIR/stages" # built once
}

names() {
    layout_names "$top/release/$1" | tr '\n' ' '
}

# Another content of web, whose stage is soon made.
change() { # TEXT
    echo "$1" >web/site/index.html
    git commit -qam "$1"
}

when() { # ACTION
    sed -i '/when: /d' .slipway.yaml
    sed -i "s/^  - name: release/&\n    when: {pre-push: $1}/" .slipway.yaml
    git commit -qam "$1"
}

refuse_refs() { # PATTERN
    printf '#!/bin/sh\ncase $1 in %s) exit 1;; esac\n' "$1" >"$remote/hooks/update"
    chmod +x "$remote/hooks/update"
}

jobs_in() { # STATE
    slipway jobs list | grep -c " $1 " || true
}

@test "a moved tag: refused by git without force, released with it" {
    sed -i 's/^    match:/    if-exists: skip-if-same\n&/' .slipway.yaml
    git commit -qam 'names may move'
    git tag v1.0.0
    git push origin v1.0.0
    wait_for v1.0.0
    before=$(layout_digest "$top/release/web" v1.0.0)
    change second
    git tag -f v1.0.0
    run git push origin v1.0.0 # the release is prepared, since git does not tell the hook
    [ "$status" -ne 0 ]
    has "tag 'v1.0.0' is on the remote already: the push succeeds only when forced"
    [ "$(layout_digest "$top/release/web" v1.0.0)" = "$before" ]
    git push -f origin v1.0.0
    wait_for v1.0.0
    [ "$(layout_digest "$top/release/web" v1.0.0)" != "$before" ]
    [ "$(names web)" = "v1.0.0 " ]
}

@test "a moved tag whose name must stay: the push is stopped before anything is sent" {
    git tag v1.0.0
    git push origin v1.0.0
    wait_for v1.0.0
    before=$(git -C "$remote" rev-parse v1.0.0)
    change second
    git tag -f v1.0.0
    run git push -f origin v1.0.0
    [ "$status" -ne 0 ]
    has "is there already"
    has "nothing was pushed"
    [ "$(git -C "$remote" rev-parse v1.0.0)" = "$before" ]
    # What is waited for is the push before.
    run slipway wait v1.0.0
    [ "$status" -eq 0 ]
    has "warning: refs/tags/v1.0.0 is commit $(git rev-parse --short=12 HEAD) here now; this is what became of the push of ${before:0:12}"
    git tag -f v1.0.0 "$before"
    run slipway wait v1.0.0
    lacks warning
}

@test "--follow-tags, --tags, --all, --mirror and refspecs" {
    git tag -a -m one v1.0.0
    git push --follow-tags origin main
    wait_for v1.0.0
    git tag v1.1.0
    git tag v1.2.0
    run git push --tags origin
    has "v1.1.0, v1.2.0: the names follow"
    wait_for v1.1.0
    wait_for v1.2.0
    git push origin HEAD:refs/tags/v1.3.0
    wait_for v1.3.0
    git push origin 'HEAD^{/shop}:refs/tags/v1.4.0'
    wait_for v1.4.0
    git tag v1.5.0
    git push --mirror origin
    wait_for v1.5.0
    [ "$(names api)" = "v1.0.0 v1.1.0 v1.2.0 v1.3.0 v1.4.0 v1.5.0 " ]
}

@test "of several refs the remote refuses one: that one has no names" {
    refuse_refs 'refs/tags/v1.1*'
    git tag v1.0.0
    git tag v1.1.0
    run git push origin v1.0.0 v1.1.0
    [ "$status" -ne 0 ]
    wait_for v1.0.0
    [ "$(names api)" = "v1.0.0 " ]
    run slipway wait v1.1.0 --timeout 1s
    [ "$status" -ne 0 ]
}

@test "--atomic with a refused ref: no names at all" {
    refuse_refs 'refs/tags/v1.1*'
    git tag v1.0.0
    git tag v1.1.0
    run git push --atomic origin v1.0.0 v1.1.0
    [ "$status" -ne 0 ]
    run slipway wait v1.0.0 --timeout 1s
    [ "$status" -ne 0 ]
    [ -z "$(names api)" ]
    [ "$(jobs_in done)" -eq 0 ]
}

@test "two push URLs: each has its job, the names are written once" {
    git init -q --bare "$top/second.git"
    git remote set-url --add --push origin "$remote"
    git remote set-url --add --push origin "$top/second.git"
    git tag v1.0.0
    git push origin v1.0.0
    for _ in $(seq 600); do
        [ "$(jobs_in done)" -lt 2 ] || break
        sleep 0.1
    done
    [ "$(jobs_in done)" -eq 2 ]
    [ "$(names api)" = "v1.0.0 " ]
    for id in $(slipway jobs list | cut -d' ' -f1); do slipway jobs show "$id"; done >"$top/shown"
    [ "$(grep -c ' written ' "$top/shown")" -eq 2 ]
    [ "$(grep -c ' unchanged ' "$top/shown")" -eq 2 ]
}

@test "deleted refs release nothing and say nothing" {
    git tag v1.0.0
    git push -q --no-verify origin v1.0.0
    run git push -q origin :v1.0.0
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [ ! -e "$top/release" ]
}

@test "a forced branch; a push that has to fetch first leaves no names" {
    sed -i 's/      tags: "v\*"/      branches: main/; s/%tag%/edge/' .slipway.yaml
    git commit -qam branch
    slipway trust
    git push origin main
    wait_for main
    first=$(layout_digest "$top/release/web" edge)
    git clone -q "$remote" "$top/other"
    git -C "$top/other" commit -q --allow-empty -m ahead
    git -C "$top/other" push -q origin main
    change second
    run git push origin main
    [ "$status" -ne 0 ]
    run slipway wait main --timeout 1s
    [ "$status" -ne 0 ]
    [ "$(layout_digest "$top/release/web" edge)" = "$first" ]
    git push -f origin main
    wait_for main
    [ "$(layout_digest "$top/release/web" edge)" != "$first" ]
}

@test "dry runs: -n, --dry-run behind other options, SLIPWAY_DRY_RUN" {
    git tag v1.0.0
    for words in "-n origin v1.0.0" "--verbose --dry-run origin v1.0.0" "origin v1.0.0 --dry"; do
        # shellcheck disable=SC2086
        run git push $words
        [ "$status" -eq 0 ]
        has "release/api:v1.0.0"
        lacks "slipway wait"
    done
    SLIPWAY_DRY_RUN=1 run git push origin v1.0.0
    [ "$status" -eq 0 ]
    [ ! -e "$top/release" ]
    [ ! -e .git/slipway ]
}

@test "a dry run is known behind managers of hooks that start one program after another" {
    printf '#!/bin/sh\n"$@"\nexit $?\n' >"$top/then"
    chmod +x "$top/then"
    cat >.git/hooks/pre-push <<END
#!/bin/sh
$top/then $top/then $top/then $top/then $top/then slipway hook pre-push "\$@"
exit \$?
END
    git tag v1.0.0
    run git push --dry-run origin v1.0.0
    [ "$status" -eq 0 ]
    has "release/api:v1.0.0"
    lacks "names follow"
    [ ! -e "$top/release" ]
}

@test "when: verify checks and writes nothing; defer writes all once the remote has the ref" {
    when verify
    git tag v1.0.0
    run git push origin v1.0.0
    [ "$status" -eq 0 ]
    lacks "names follow"
    [ ! -e "$top/release" ]
    when defer
    git tag v1.1.0
    run git push origin v1.1.0
    [ "$status" -eq 0 ]
    has "v1.1.0: the names follow once 'origin' has the ref; to watch: slipway wait v1.1.0"
    wait_for v1.1.0
    [ "$(names api)" = "v1.1.0 " ]
}

@test "names of an export that the remote refused may be replaced by the corrected push" {
    when export
    refuse_refs 'refs/tags/*'
    git tag v1.0.0
    run git push origin v1.0.0
    [ "$status" -ne 0 ]
    [ "$(names web)" = "v1.0.0 " ]
    wrong=$(layout_digest "$top/release/web" v1.0.0)
    rm "$remote/hooks/update"
    change corrected
    git tag -f v1.0.0
    run git push origin v1.0.0
    [ "$status" -eq 0 ]
    [ "$(layout_digest "$top/release/web" v1.0.0)" != "$wrong" ]
    # Now the remote has had it: what is there stays.
    until_state done
    right=$(layout_digest "$top/release/web" v1.0.0)
    git push -q origin :v1.0.0
    change again
    git tag -f v1.0.0
    run git push origin v1.0.0
    [ "$status" -ne 0 ]
    has "is there already"
    [ "$(layout_digest "$top/release/web" v1.0.0)" = "$right" ]
}

until_state() { # STATE
    for _ in $(seq 900); do
        [ "$(jobs_in "$1")" -eq 0 ] || return 0
        sleep 0.1
    done
    slipway jobs list >&2
    return 1
}

@test "a name that somebody else has changed since is not replaced" {
    when export
    refuse_refs 'refs/tags/*'
    git tag v1.0.0
    run git push origin v1.0.0
    [ "$status" -ne 0 ]
    slipway export web --repo "oci:$BATS_FILE_TMPDIR/stages" --add-label a=b \
        --tag "oci:$top/release/%image%:v1.0.0"
    rm "$remote/hooks/update"
    change corrected
    git tag -f v1.0.0
    run git push origin v1.0.0
    [ "$status" -ne 0 ]
    has "is there already"
}

# ---- skipping: every row of the list ----

nothing_released() {
    [ "$status" -eq 0 ]
    [ ! -e "$top/release" ]
    lacks "names follow"
}

@test "skip: SLIPWAY=0 and false, --no-verify, slipway.enabled, SLIPWAY_SKIP, push option" {
    git tag v1.0.0
    SLIPWAY=0 run git push origin v1.0.0
    nothing_released
    has "slipway: skipped (SLIPWAY=0)"
    git tag v1.0.1
    SLIPWAY=false run git push origin v1.0.1
    nothing_released
    has "slipway: skipped (SLIPWAY=false)"
    git tag v1.0.2
    run git push --no-verify origin v1.0.2
    nothing_released
    lacks slipway
    git tag v1.0.3
    run git -c slipway.enabled=false push origin v1.0.3
    nothing_released
    has "v1.0.3: nothing is released (slipway.enabled is false)"
    git tag v1.0.4
    SLIPWAY_SKIP=other,release run git push origin v1.0.4
    nothing_released
    has "v1.0.4: rule 'release' is left out (SLIPWAY_SKIP)"
    git -C "$remote" config receive.advertisePushOptions true
    git tag v1.0.5
    run git push -o slipway.skip origin v1.0.5
    nothing_released
    has "v1.0.5: nothing is released (push option slipway.skip)"
    git tag v1.0.6
    git push -o ci.skip origin v1.0.6
    wait_for v1.0.6
}

@test "skip: 'Slipway: skip' in a tag's message; that of a commit is not the tag's" {
    git tag -a -m 'first

Slipway: skip' v1.0.0
    run git push origin v1.0.0
    nothing_released
    has "v1.0.0: nothing is released ('Slipway: skip' in its message)"
    git commit -q --allow-empty -m 'more

Slipway: skip'
    git tag -a -m second v1.1.0
    git tag v1.2.0
    git push origin v1.1.0 v1.2.0
    wait_for v1.1.0
    wait_for v1.2.0
}

@test "skip: 'Slipway: skip' among the trailers of a branch's last commit; enabled: false" {
    sed -i 's/      tags: "v\*"/      branches: main/; s/%tag%/edge/' .slipway.yaml
    git commit -qam 'branch

Slipway: skip'
    slipway trust
    run git push origin main
    nothing_released
    has "main: nothing is released ('Slipway: skip' in its last commit)"
    sed -i 's/^  - name: release/&\n    enabled: false/' .slipway.yaml
    git commit -qam off
    run git push origin main
    nothing_released
    lacks slipway
}

@test "SLIPWAY_RULES_FILE and slipway.rulesFile name another rules file" {
    mkdir ci
    git mv .slipway.yaml ci/release.yaml
    git commit -qm moved
    git tag v1.0.0
    run git push origin v1.0.0
    nothing_released
    SLIPWAY_RULES_FILE=ci/release.yaml git push origin HEAD:refs/tags/v1.0.1
    wait_for_rules v1.0.1
    run env SLIPWAY_RULES_FILE=ci/typo.yaml git push origin HEAD:refs/tags/v1.0.2
    [ "$status" -ne 0 ]
    has "there is no 'ci/typo.yaml'"
    git config slipway.rulesFile ci/release.yaml
    slipway install
    git push origin HEAD:refs/tags/v1.0.3
    wait_for v1.0.3
    # A commit without that file has no rules.
    git switch -q -c old HEAD~1
    run git push origin HEAD:refs/tags/v0.9.0
    [ "$status" -eq 0 ]
    lacks slipway
}

wait_for_rules() { # REF: the one who waits may be the one who writes
    SLIPWAY_RULES_FILE=ci/release.yaml wait_for "$1"
}

@test "a temporary failure stops a tag and defers a branch" {
    # Nobody listens there; a connection is refused at once.
    cat >.slipway.yaml <<END
version: 1
repo: oci:$BATS_FILE_TMPDIR/stages
rules:
  - name: release
    match: {tags: "v*", branches: main}
    to: ["127.0.0.1:1/shop/%image%:edge"]
END
    git commit -qam 'registry that is down'
    slipway trust
    git config slipway.insecureRegistry true
    git tag v1.0.0
    run git push origin v1.0.0
    [ "$status" -ne 0 ]
    has "nothing was pushed"
    run git push origin main 3>&-
    [ "$status" -eq 0 ]
    has "main: the names follow"
    [ "$(git -C "$remote" rev-parse main)" = "$(git rev-parse main)" ]
    slipway jobs drop main
}
