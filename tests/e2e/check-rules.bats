# slipway check: every id of the list, at its place, with what to do; and the JSON schema, which
# judges as the reader does.

load helper

setup() {
    prepare
    bad=$BATS_TEST_DIRNAME/rules/bad
}

# The first line of each file: "# LINE:COL | hint | what the schema says | ref".
header() { # FILE FIELD
    sed -n '1s/^# //p' "$1" | awk -F ' *[|] *' -v n="$2" '{ print $n }'
}

@test "every id is told with its place and a suggestion" {
    git config slipway.allowDestination registry.example/shop
    git symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/main
    wrong=0
    for file in "$bad"/*.yaml; do
        cp "$file" .slipway.yaml
        git commit -qam rules
        id=$(basename "$file" .yaml)
        id=${id%%-of-*}
        ref=$(header "$file" 4)
        case $id in
            W-SSH-SLOW) git config remote.origin.pushurl git@git.example:shop/app.git ;;
        esac
        case $ref in
            v*) git tag -f "$ref" ;;
            ?*) git branch -f "$ref" ;;
        esac
        run slipway check ${ref:+"$ref"}
        case $id in
            W-*) [ "$status" -eq 0 ] ;;
            E-POLICY) [ "$status" -eq 11 ] || [ "$file" != "$bad/E-POLICY.yaml" ] ;;
            *) [ "$status" -eq 3 ] ;;
        esac || { echo "$file: status $status" && wrong=1; }
        grep -q "slipway.yaml:$(header "$file" 1): .* \[$id\]$" <<<"$output" &&
            grep -qF -- "$(header "$file" 2)" <<<"$output" &&
            [ "$(grep -c '\[E-' <<<"$output")" -le 1 ] ||
            { printf '%s:\n%s\n' "$file" "$output" && wrong=1; }
        case $id in
            E-KEY | E-TAG-CHARS | W-*) ;;
            *) continue ;;
        esac
        run slipway check --json ${ref:+"$ref"}
        grep -q "\"id\":\"$id\"" <<<"$output" || { echo "$file: no id in JSON" && wrong=1; }
    done
    [ "$wrong" -eq 0 ]
}

@test "each id of the manual page has a file here, and the other way round" {
    page=$BATS_TEST_DIRNAME/../../hooks/slipway.yaml.5
    diff <(grep -o '\b[EW]-[A-Z]*\(-[A-Z]*\)*' "$page" | grep -v W-UNPROTECTED | sort -u) \
        <(basename -s .yaml -a "$bad"/*.yaml | sed 's/-of-.*//' | sort -u)
}

@test "what only this machine does not allow is no mistake of the files" {
    # No list at all, as in CI: everything may be.
    run slipway check
    [ "$status" -eq 0 ]
    # A list that lacks it: a push from here would be refused, and the command to run is told.
    git config slipway.allowDestination registry.example/shop
    run slipway check
    [ "$status" -eq 11 ]
    has "error: .slipway.yaml:"
    has "is not allowed here [E-POLICY]"
    [[ "$output" == *"slipway trust"$'\n'* || "$output" == *"slipway trust" ]]
    run slipway check --json
    [ "$status" -eq 11 ]
    has '"id":"E-POLICY"'
    has '"of_machine":true'
    # Of a commit that is not the one checked out, the command names it, and does it.
    git tag v1.0.0
    git commit -q --allow-empty -m more
    rev=$(git rev-parse v1.0.0 | cut -c1-12)
    run slipway check v1.0.0
    has "slipway trust $rev"
    slipway trust "$rev"
    slipway check v1.0.0
    # With a mistake beside it the files are wrong.
    git config --unset-all slipway.allowDestination
    git config slipway.allowDestination registry.example/shop
    sed -i 's/^rules:/rulez: 1\nrules:/' .slipway.yaml
    git commit -qam typo
    run slipway check
    [ "$status" -eq 3 ]
}

@test "the schema refuses what breaks the form, and nothing that the reader takes" {
    python3 -c 'import jsonschema, yaml; jsonschema.Draft202012Validator' 2>/dev/null ||
        skip "python3-jsonschema or python3-yaml missing"
    tool=$BATS_TEST_DIRNAME/schema.py
    slipway check --schema >"$top/schema.json"
    for file in "$bad"/*.yaml; do
        run python3 "$tool" judge "$top/schema.json" "$file"
        has "$(header "$file" 3) $file"
    done
    mkdir "$top/found"
    cd "$BATS_TEST_DIRNAME/../.."
    run python3 "$tool" extract "$top/found" README.md hooks/*.[157] tests/e2e/*.bats \
        tests/e2e/*.sh tests/bench/run
    [ "$output" -ge 7 ]
    cp tests/fuzz/corpus/rules/* tests/e2e/rules/good/* "$top/found"
    cd "$top/found"
    n=0
    for file in *; do
        slipway check --json "./$file" >"$top/said" 2>/dev/null || continue
        n=$((n + 1))
        run python3 "$tool" judge "$top/schema.json" "$file"
        has "accepted $file"
    done
    [ "$n" -ge 8 ]
    [ -f forms.yaml ] && slipway check ./forms.yaml
}
