# slipway install, trust, uninstall: the hook file and what it may do.

load helper

setup() {
    prepare
    hook=.git/hooks/pre-push
}

keys() {
    git config --get-regexp '^slipway\.' | sort
}

@test "install writes the hook and allows what the rules of HEAD need" {
    run slipway install
    [ "$status" -eq 0 ]
    has "pre-push: installed"
    has "+ stage repository  oci:$top/stages"
    has "+ destination       oci:$top/release"
    [ -x "$hook" ]
    cmp -n "$(stat -c %s "$BATS_FILE_TMPDIR/prefix/libexec/slipway/pre-push")" "$hook" "$BATS_FILE_TMPDIR/prefix/libexec/slipway/pre-push"
    [ "$(tail -n 4 "$hook" | sed -n 1,3p)" = "slipway-hook v2
worker=$BATS_FILE_TMPDIR/prefix/bin/slipway
remote=origin" ]
    [ "$(keys)" = "slipway.allowbuild true
slipway.allowdestination oci:$top/release
slipway.repo oci:$top/stages" ]
    run slipway install
    [ "$status" -eq 0 ]
    has "is there already"
    lacks "+ "
    [ "$(keys | wc -l)" -eq 3 ]
}

@test "the hook carries its hash, as a copy and as a text for sh" {
    slipway install
    [ "$(tail -n 1 "$hook")" = "sha256:$(head -c -72 "$hook" | sha256sum | cut -d' ' -f1)" ]
    slipway uninstall
    slipway install --script
    [ "$(sed -n 2p "$hook")" = "# slipway-hook v2 sha256:$(tail -n +3 "$hook" | sha256sum | cut -d' ' -f1)" ]
    [ "$(wc -l <"$hook")" -lt 40 ]
    sh -n "$hook"
    # The form stays when it is brought up to date.
    run slipway install
    has "is there already"
    slipway install --remote upstream
    [ "$(head -n 1 "$hook")" = "#!/bin/sh" ]
    grep -q "remote 'upstream'" "$hook"
    slipway doctor --brief
}

@test "without rules nothing is allowed, trust says so later" {
    git rm -q .slipway.yaml
    git commit -qm 'no rules'
    run slipway install
    [ "$status" -eq 0 ]
    has "slipway trust"
    [ "$(keys)" = "slipway.allowbuild true" ]
    git revert --no-edit HEAD
    run slipway trust
    [ "$status" -eq 0 ]
    has "+ destination"
    [ "$(git config slipway.repo)" = "oci:$top/stages" ]
}

@test "no rules at install: the first push that needs something names trust, and writes nothing" {
    git rm -q .slipway.yaml
    git commit -qm 'no rules'
    slipway install
    git revert --no-edit HEAD >/dev/null
    git tag v1
    run git push origin v1
    [ "$status" -ne 0 ]
    has "slipway: error: tag 'v1', rule 'release': stage repository 'oci:$top/stages' is not allowed here"
    has "slipway: hint: if it is right, allow it on this machine: slipway trust"
    [ ! -e "$top/stages" ]
    [ ! -e "$top/release" ]
    [ -z "$(git ls-remote origin)" ]
    slipway trust
    run git push --dry-run origin v1
    [ "$status" -eq 0 ]
    has "to-build"
}

@test "moved destinations and lookalikes are refused before anything is asked" {
    sed -i 's#- oci:.*#- registry.example/acme/shop/%image%:%tag%#' .slipway.yaml
    git commit -qam registry
    slipway install
    # Nothing listens there: a refusal that waits for the network would be another message.
    for to in registry.example/acme/shop-evil/%image% registry.example/acme/%image% \
        registry.example.evil.example/acme/shop/%image% registry.example:444/acme/shop/%image% \
        evil.example/registry.example/acme/shop/%image% "oci:$top/elsewhere/%image%" \
        "oci:$top/stages/%image%"; do
        sed -i "s#- .*%tag%#- $to:%tag%#" .slipway.yaml
        git commit -qam "$to"
        git tag -f v1 >/dev/null
        run git push origin v1
        [ "$status" -ne 0 ]
        has "is not allowed here"
        has "slipway trust"
        lacks "invalid tag template"
        [ "$(grep -o "rule 'release'" <<<"$output" | wc -l)" -eq 1 ]
        [ ! -e "$top/stages" ]
        [ ! -e "$top/elsewhere" ]
    done
    # A stage repository that moved is no better.
    git reset -q --hard HEAD~7
    sed -i "s#repo: .*#repo: oci:$top/stages-too#" .slipway.yaml
    git commit -qam stages
    git tag -f v1 >/dev/null
    run git push origin v1
    [ "$status" -ne 0 ]
    has "stage repository 'oci:$top/stages-too' is not allowed here"
    [ -z "$(git ls-remote origin)" ]
}

@test "install before the first commit" {
    git init -q "$top/empty"
    cd "$top/empty"
    run slipway install
    [ "$status" -eq 0 ]
    has "nothing is allowed yet"
}

@test "trust shows and adds what is new, --dry-run only shows" {
    slipway install
    sed -i "s#oci:$top/release#registry.example/shop#" .slipway.yaml
    git commit -qam elsewhere
    run slipway trust --dry-run
    has "+ destination       registry.example/shop"
    [ "$(git config --get-all slipway.allowDestination | wc -l)" -eq 1 ]
    run slipway trust
    [ "$status" -eq 0 ]
    [ "$(git config --get-all slipway.allowDestination | wc -l)" -eq 2 ]
    run slipway trust HEAD~1
    lacks "+ "
}

@test "uninstall leaves nothing behind" {
    for how in --mode=auto --mode=file --script --only-built --remote=up; do
        rm -rf "$top/before"
        cp -r .git "$top/before"
        slipway install "$how"
        run slipway uninstall
        [ "$status" -eq 0 ]
        diff -r .git "$top/before"
        run slipway uninstall
        [ "$status" -eq 0 ]
    done
    mkdir -p .git/slipway/jobs
    slipway install
    slipway uninstall
    [ -d .git/slipway/jobs ]
    slipway uninstall --purge
    [ ! -e .git/slipway ]
}

@test "a hook that was there runs first and comes back" {
    printf '#!/bin/sh\necho "mine: $*" >&2\ncat >&2\n' >"$hook"
    chmod 755 "$hook"
    cp -p "$hook" "$top/mine"
    for how in --mode=file --script; do
    run slipway install --mode file "$how"
    [ "$status" -eq 0 ]
    has "runs first"
    run git push origin "main:by$how"
    [ "$status" -eq 0 ]
    has "mine: origin $remote"
    has "refs/heads/main $(git rev-parse HEAD) refs/heads/by$how"
    SLIPWAY=0 run git push origin "main:again$how"
    has "mine: origin"
    slipway uninstall
    cmp "$hook" "$top/mine"
    [ -x "$hook" ]
    [ ! -e "$hook.pre-slipway" ]
    done
}

@test "a hook that was there may stop the push" {
    printf '#!/bin/sh\nexit 4\n' >"$hook"
    chmod 755 "$hook"
    slipway install
    run git push origin main
    [ "$status" -ne 0 ]
    run git ls-remote origin
    [ -z "$output" ]
}

@test "two foreign hooks are not mixed up" {
    need_older_git
    printf '#!/bin/sh\n' >"$hook"
    printf '#!/bin/sh\n' >"$hook.pre-slipway"
    run slipway install
    [ "$status" -eq 8 ]
    has "pre-slipway"
}

@test "an edited hook is not overwritten or removed without --force" {
    slipway install
    echo 'echo more' >>"$hook"
    run slipway install
    [ "$status" -eq 8 ]
    has "--force"
    run slipway uninstall
    [ "$status" -eq 8 ]
    [ -e "$hook" ]
    slipway install --force
    slipway uninstall
    [ ! -e "$hook" ]
}

@test "an older hook of ours is brought up to date" {
    slipway install
    body="# an older text"
    { printf '#!/bin/sh\n# slipway-hook v1 sha256:%s\n' "$(echo "$body" | sha256sum | cut -d' ' -f1)"
        echo "$body"; } >"$hook"
    run slipway doctor --brief
    [ "$status" -eq 1 ]
    run slipway doctor
    has "note  hook      $PWD/$hook is of another version or place"
    run slipway install
    [ "$status" -eq 0 ]
    has "brought up to date"
    slipway doctor --brief
    # A copy of another version: other bytes, a hash that is right.
    slipway uninstall
    printf 'another executable\nslipway-hook v2\nworker=/x\nremote=origin\n' >"$hook"
    printf 'sha256:%s\n' "$(sha256sum <"$hook" | cut -d' ' -f1)" >>"$hook"
    chmod +x "$hook"
    run slipway install
    has "brought up to date"
}

@test "a linked work tree shares the hook, a bare repository has its own" {
    git worktree add -q "$top/linked" -b linked
    (cd "$top/linked" && slipway install)
    [ -x "$hook" ]
    slipway uninstall
    run slipway install --git-dir "$remote"
    [ "$status" -eq 0 ]
    [ -x "$remote/hooks/pre-push" ]
}

@test "core.hooksPath: shared directories are left alone" {
    need_older_git
    git config --global core.hooksPath "$top/shared"
    run slipway install
    [ "$status" -eq 3 ]
    has "other repositories use too"
    has "--mode print"
    has "--force"
    has "git config core.hooksPath DIR"
    lacks "unset"
    [ ! -e "$top/shared" ]
    run slipway install --force
    [ "$status" -eq 0 ]
    [ -x "$top/shared/pre-push" ]
    slipway uninstall
    git config core.hooksPath "$top/own"
    run slipway install
    [ "$status" -eq 0 ]
    [ -x "$top/own/pre-push" ]
    slipway uninstall
    # Set to what it would be anyway: not set.
    git config core.hooksPath "$PWD/.git/hooks"
    run slipway install
    [ "$status" -eq 0 ]
    [ -x "$hook" ]
    slipway uninstall
}

@test "core.hooksPath: files that people share get lines, and only with --force" {
    need_older_git
    mkdir .githooks
    printf '#!/bin/sh\necho "mine: $(cat)" >&2\n' >.githooks/pre-push
    chmod +x .githooks/pre-push
    git add .githooks
    git commit -qm hooks
    git config core.hooksPath .githooks
    run slipway install
    [ "$status" -eq 3 ]
    has "slipway hook pre-push"
    has ".githooks/pre-push"
    git diff --exit-code
    [ -z "$(keys)" ]
    run slipway install --mode print
    [ "$status" -eq 0 ]
    [ "$(slipway install --mode print 2>/dev/null | head -n 1 | cut -c 1-20)" = "# >>> slipway-hook v" ]
    git diff --exit-code
    run slipway install --force
    [ "$status" -eq 0 ]
    has "lines added"
    has "+ destination"
    slipway doctor --brief
    sh -n .githooks/pre-push
    # Both get what git says; lines for colleagues without slipway do nothing.
    run git push --dry-run origin main HEAD:refs/tags/v1
    [ "$status" -eq 0 ]
    has "mine: refs/heads/main $(git rev-parse HEAD) refs/heads/main"
    has "slipway: "
    PATH=/usr/bin:/bin run git push origin main
    [ "$status" -eq 0 ]
    has "mine: refs/heads/main"
    run slipway install
    has "is there already"
    run slipway uninstall
    [ "$status" -eq 0 ]
    has "lines removed"
    git diff --exit-code
    [ -z "$(keys)" ]
    # Lines that were edited are nobody's to remove.
    slipway install --force
    sed -i 's/slipway_refs=/SLIPWAY_refs=/' .githooks/pre-push
    run slipway uninstall
    [ "$status" -eq 8 ]
    git checkout -q .githooks
    printf '#!/usr/bin/env python3\n' >.githooks/pre-push
    run slipway install --force
    [ "$status" -eq 3 ]
    has "is not for sh"
}

@test "a script that is gone finds slipway again, or says so in two lines" {
    slipway install --script
    sed -i "s#^hook=.*#hook=/nowhere/pre-push#; s#^slipway=.*#slipway=/nowhere/slipway#" "$hook"
    PATH=/usr/bin:/bin run git push origin main
    [ "$status" -eq 0 ]
    has "slipway: warning: slipway is not installed any more"
    has "slipway: hint:"
    git config slipway.required true
    PATH=/usr/bin:/bin run git push origin main:x
    [ "$status" -ne 0 ]
    SLIPWAY=0 PATH=/usr/bin:/bin run git push origin main:x
    [ "$status" -eq 0 ]
    lacks "not installed"
    # Found again on PATH, also through a link into a place of one version.
    run git push origin main:y
    [ "$status" -eq 0 ]
    lacks "not installed"
    mkdir "$top/bin"
    ln -s "$(command -v slipway)" "$top/bin/slipway"
    PATH=$top/bin:/usr/bin:/bin run git push origin main:z
    [ "$status" -eq 0 ]
    lacks "not installed"
}

@test "a copy whose slipway is gone says so when a rule matches" {
    cp -r "$BATS_FILE_TMPDIR/prefix" "$top/prefix"
    "$top/prefix/bin/slipway" install
    rm -r "$top/prefix"
    run env PATH=/usr/bin:/bin git push origin main
    [ "$status" -eq 0 ]
    lacks "slipway"
    git tag v1
    run env PATH=/usr/bin:/bin git push origin v1
    [ "$status" -eq 0 ]
    has "slipway: warning: slipway is not installed any more, nothing is released by this push"
    has "slipway: hint: install it, or remove this hook: .git/hooks/pre-push"
    run slipway doctor
    has "'$top/prefix/bin/slipway', which is gone"
    git tag v2
    git config slipway.required true
    run env PATH=/usr/bin:/bin git push origin v2
    [ "$status" -ne 0 ]
    run env PATH=/usr/bin:/bin SLIPWAY=0 git push origin v2
    [ "$status" -eq 0 ]
    lacks "not installed"
}

@test "of the paths to slipway the one that outlives an upgrade is written down" {
    mkdir -p "$top/opt" "$top/bin"
    cp -r "$BATS_FILE_TMPDIR/prefix" "$top/opt/slipway-1.2.3"
    ln -s "$top/opt/slipway-1.2.3/bin/slipway" "$top/bin/slipway"
    PATH=$top/bin:$PATH run slipway install
    [ "$status" -eq 0 ]
    lacks "one version"
    grep -aq "^worker=$top/bin/slipway$" "$hook"
    # Called by the path of a version, the link on PATH still counts.
    PATH=$top/bin:$PATH run "$top/opt/slipway-1.2.3/bin/slipway" install
    has "is there already"
    # The upgrade.
    mv "$top/opt/slipway-1.2.3" "$top/opt/slipway-1.2.4"
    ln -sf "$top/opt/slipway-1.2.4/bin/slipway" "$top/bin/slipway"
    git tag v1
    run env PATH=/usr/bin:/bin SLIPWAY_DRY_RUN=1 git push origin v1
    [ "$status" -eq 0 ]
    lacks "not installed"
    has "slipway: "
    # No link: said.
    rm "$top/bin/slipway"
    run "$top/opt/slipway-1.2.4/bin/slipway" install
    [ "$status" -eq 0 ]
    has "looks like the place of one version"
}

@test "a directory of hooks gets one more file" {
    mkdir "$hook.d"
    printf '#!/bin/sh\nfor f in "$0".d/*; do "$f" "$@" || exit; done\n' >"$hook"
    chmod +x "$hook"
    cp -r .git/hooks "$top/before"
    run slipway install
    [ "$status" -eq 0 ]
    has "pre-push.d/50-slipway: installed"
    [ ! -e "$hook.pre-slipway" ]
    git tag v1
    run git push --dry-run origin v1
    has "slipway: "
    slipway doctor --brief
    run slipway install
    has "is there already"
    slipway uninstall
    diff -r .git/hooks "$top/before"
    echo mine >"$hook.d/50-slipway"
    run slipway install
    [ "$status" -eq 8 ]
}

@test "a template directory: repositories to come have the hook, and nothing is allowed in them" {
    cd "$top"
    run slipway install --template-dir "$top/template"
    [ "$status" -eq 0 ]
    has "init.templateDir $top/template"
    has "slipway trust"
    git clone -q --template="$top/template" "$work" cloned
    cd cloned
    [ -x "$hook" ]
    git remote set-url origin "$remote"
    slipway doctor --brief
    git tag v1
    run git push origin v1
    [ "$status" -ne 0 ]
    has "allow it on this machine: slipway trust"
    [ ! -e "$top/release" ]
    cd "$top"
    slipway uninstall --template-dir "$top/template"
    [ ! -e "$top/template/hooks/pre-push" ]
}

@test "work trees with settings of their own, and submodules" {
    git config extensions.worktreeConfig true
    git worktree add -q "$top/linked" -b linked
    slipway install
    git -C "$top/linked" config --worktree core.hooksPath "$top/other"
    run slipway doctor
    [ "$status" -eq 1 ]
    has "work tree '$top/linked': core.hooksPath is '$top/other': git passes the hook in $PWD/.git/hooks over"
    (cd "$top/linked" && slipway install)
    [ -x "$top/other/pre-push" ]
    run slipway doctor
    lacks "work tree"
    (cd "$top/linked" && slipway uninstall)
    git config --worktree core.hooksPath .hooks-here
    run slipway doctor
    [ "$status" -eq 1 ]
    has "bad   hook      core.hooksPath is '$PWD/.hooks-here'"
    git config --worktree --unset core.hooksPath
    slipway uninstall

    git -c protocol.file.allow=always submodule --quiet add "$work" sub
    cd sub
    run slipway install
    [ "$status" -eq 0 ]
    [ -x "$work/.git/modules/sub/hooks/pre-push" ]
    [ ! -e "$work/$hook" ]
    slipway doctor --brief
}

# A git that says it is 2.54: what is decided and written, not what such a git does with it.
new_git() {
    mkdir "$top/new"
    printf '#!/bin/sh\n[ "$1" != version ] || { echo git version 2.54.0; exit; }\nexec %s "$@"\n' "$(command -v git)" >"$top/new/git"
    chmod +x "$top/new/git"
    PATH=$top/new:$PATH
}

@test "git 2.54: the configuration, when there is a hook already" {
    printf '#!/bin/sh\n' >"$hook"
    chmod +x "$hook"
    git tag v1
    new_git
    cp -r .git "$top/before"
    run slipway install
    [ "$status" -eq 0 ]
    has "git configuration of this repository: installed"
    has "JGit"
    [ "$(cat "$hook")" = "#!/bin/sh" ]
    [ "$(git config hook.slipway-pre-push.event)" = pre-push ]
    # Run as git runs it.
    export SLIPWAY_DRY_RUN=1
    run sh -c "$(git config hook.slipway-pre-push.command) \"\$@\"" x origin "$remote" <<<"refs/tags/v1 $(git rev-parse HEAD) refs/tags/v1 0000000000000000000000000000000000000000"
    [ "$status" -eq 0 ]
    has "slipway: "
    lacks "not installed"
    slipway doctor --brief
    run slipway install
    has "is there already"
    git config hook.slipway-pre-push.enabled false
    run slipway doctor
    [ "$status" -eq 1 ]
    has "switched off"
    slipway uninstall --purge
    diff -r .git "$top/before"
    # What was edited is not ours to replace.
    slipway install
    git config hook.slipway-pre-push.command "slipway hook pre-push"
    run slipway install
    [ "$status" -eq 8 ]
    run slipway uninstall
    [ "$status" -eq 8 ]
    slipway uninstall --force
    [ -z "$(git config --get-regexp '^hook\.')" ]
}

@test "git 2.54: for all repositories, seen by each, twice is told" {
    new_git
    cd "$top"
    run slipway install --global
    [ "$status" -eq 0 ]
    has "git configuration of all your repositories: installed"
    cd "$work"
    slipway doctor --brief
    run slipway install
    [ "$status" -eq 0 ]
    has "starts slipway already"
    [ ! -e "$hook" ]
    has "+ destination"
    slipway install --mode file
    run slipway doctor
    [ "$status" -eq 1 ]
    has "is there 2 times"
    slipway uninstall
    slipway uninstall --global
    [ -z "$(git config --global --get-regexp '^hook\.')" ]
    run slipway doctor --brief
    [ "$status" -eq 1 ]
}

@test "an older git is told from one that reads hooks in its configuration" {
    need_older_git
    git config hook.slipway-pre-push.event pre-push # left by somebody with a newer git
    new_git
    slipway install --mode config
    PATH=${PATH#"$top/new:"}
    run slipway doctor
    [ "$status" -eq 1 ]
    has "passes hooks in its configuration over"
    run slipway install --mode config
    [ "$status" -eq 3 ]
    has "git 2.54 does"
    run slipway install --global
    [ "$status" -eq 3 ]
    has "--template-dir"
}

@test "hook managers: what each needs is printed, nothing of theirs is touched" {
    need_older_git
    manager() { # TEXT-OF-HOOK
        rm -rf .git/hooks
        mkdir .git/hooks
        printf '#!/bin/sh\n%s\n' "$1" >"$hook"
        chmod +x "$hook"
        cp "$hook" "$top/theirs"
    }
    manager 'call_lefthook run "pre-push" "$@"'
    run slipway install
    [ "$status" -eq 3 ]
    has "lefthook writes the hooks of this repository"
    has "use_stdin: true"
    cmp "$hook" "$top/theirs"
    [ -z "$(keys)" ]
    slipway install --mode print 2>/dev/null >lefthook.yml
    run slipway install
    [ "$status" -eq 0 ]
    has "lefthook starts slipway already"
    slipway doctor --brief
    run slipway uninstall
    has "take its line out by hand"
    rm lefthook.yml

    manager '# File generated by pre-commit: https://pre-commit.com'
    run slipway install
    [ "$status" -eq 0 ]
    has "pre-commit runs first"
    slipway uninstall
    cmp "$hook" "$top/theirs"

    manager '# overcommit'
    run slipway install --force
    [ "$status" -eq 3 ]
    has "do not get what git tells them"
    cmp "$hook" "$top/theirs"
    new_git
    run slipway install
    [ "$status" -eq 0 ]
    has "git configuration of this repository: installed"
}

@test "paths with blanks and quotes" {
    mkdir "$top/it's here"
    cp -r "$BATS_FILE_TMPDIR/prefix" "$top/it's here/prefix"
    run "$top/it's here/prefix/bin/slipway" install
    [ "$status" -eq 0 ]
    git tag v1
    run git push --dry-run origin main v1
    [ "$status" -eq 0 ]
    has "slipway: "
    lacks "not installed"
    slipway uninstall
    "$top/it's here/prefix/bin/slipway" install --script
    sh -n "$hook"
    run git push --dry-run origin main v1
    [ "$status" -eq 0 ]
    has "slipway: "
    lacks "not installed"
}

@test "a hook that git would not have run is not said to run" {
    printf '#!/bin/sh\necho mine >&2\n' >"$hook"
    chmod 644 "$hook"
    run slipway install --mode file
    [ "$status" -eq 0 ]
    has "the hook that was there is not executable and does not run, as before"
    run git push origin main
    lacks mine
    slipway uninstall
    [ ! -x "$hook" ]
    grep -q mine "$hook"
}

@test "doctor: no commit, no remote, no repository" {
    git init -q "$top/empty"
    cd "$top/empty"
    slipway install
    run slipway doctor
    [ "$status" -eq 0 ]
    has "note  rules     there is no commit yet"
    has "note  remote    there is no remote 'origin'"
    has "hint: git remote add origin URL"
    mkdir "$top/none"
    cd "$top/none"
    GIT_CEILING_DIRECTORIES=$top run slipway doctor
    [ "$status" -eq 12 ]
    [ "${#lines[@]}" -le 3 ]
    has "no git repository at or above"
}

@test "hooks that cannot be written: the reason, and other ways" {
    unshare -m true 2>/dev/null || skip "mount namespaces are not permitted"
    run unshare -m sh -c 'mount --bind .git/hooks .git/hooks && mount -o remount,bind,ro .git/hooks || exit 99; slipway install'
    [ "$status" -ne 99 ] || skip "mounting is not permitted"
    [ "$status" -ne 0 ]
    has "pre-push: Read-only file system"
    has "hint: lines for a hook elsewhere: slipway install --mode print"
    [ -z "$(keys)" ]
}
