# What werf.yaml says: rendered, listed, checked. No registry, no builder.

load helper

@test "config render carries templates out, from the commit, in a bare repository too" {
    cat >>werf.yaml <<'END'
---
image: {{ include "name" . | upper }}-{{ env "CHANNEL" "stable" }}-{{ .Env }}
dockerfile: web/Dockerfile
END
    mkdir -p .werf
    echo '{{ define "name" }}third{{ end }}' >.werf/names.tmpl
    printf 'giterminismConfigVersion: 1\nconfig: {goTemplateRendering: {allowEnvVariables: [CHANNEL]}}\n' >werf-giterminism.yaml
    git add -A
    git commit -qm templates
    git push -q origin main
    echo 'not yaml: [' >werf.yaml
    CHANNEL=beta run slipway config render --env prod
    [ "$status" -eq 0 ]
    has "image: THIRD-beta-prod"
    cd "$remote"
    run slipway config list --commit main
    [ "$output" = "api
web
THIRD-stable-" ]
}

@test "config graph puts an image behind those it needs" {
    cat >>werf.yaml <<'END'
---
image: aaa
dockerfile: web/Dockerfile
dependencies:
  - image: web
    imports: [{type: ImageName, targetBuildArg: WEB}]
END
    git commit -qam graph
    run slipway config graph
    [ "$status" -eq 0 ]
    [ "$(tail -n 1 <<<"$output" | tr -s ' ')" = "aaa dockerfile <- web" ]
}

@test "a template error has name, line and column of the source" {
    printf 'x: {{ fail "not today" }}\n' >>werf.yaml
    git commit -qam fails
    run slipway config render
    [ "$status" -eq 3 ]
    has "werf.yaml:11:7: template: werfConfig:11:6: "
    has "not today"
    has ">    11 | x: {{ fail \"not today\" }}
        |       ^"
}

@test "a column counts characters, and the mark stands under its own" {
    printf 'ключ:\t{{ fail "no" }}\n' >>werf.yaml
    git commit -qam fails
    run slipway config render
    [ "$status" -eq 3 ]
    has "werf.yaml:11:10: template: werfConfig:11:13: "
    has ">    11 | ключ:   {{ fail \"no\" }}
        |            ^"
}

@test "the local zone is that of TZ" {
    [ -f /usr/share/zoneinfo/Asia/Tokyo ] || skip "no zone database"
    printf '# {{ date "15:04 MST" 0 }} {{ (toDate "2006" "2020").Location }}\n' >>werf.yaml
    git commit -qam zone
    TZ=Asia/Tokyo run slipway config render
    has "# 09:00 JST Asia/Tokyo"
    TZ=:Asia/Tokyo run slipway config render
    has "# 09:00 JST Asia/Tokyo"
    TZ=/usr/share/zoneinfo/Asia/Tokyo run slipway config render
    has "# 09:00 JST /usr/share/zoneinfo/Asia/Tokyo"
    for zone in "" UTC Nowhere/At_All; do
        TZ=$zone run slipway config render
        has "# 00:00 UTC UTC"
    done
}

@test "the directory may be an absolute path in the work tree" {
    mkdir -p sub/project
    cp werf.yaml sub/project/
    sed -i 's/^project: .*/project: other/' sub/project/werf.yaml
    git add -A
    git commit -qm sub
    for dir in "$PWD/sub/project" "$PWD/sub/../sub//project/" sub/project; do
        run slipway config render --dir "$dir"
        [ "$status" -eq 0 ]
        has "project: other"
    done
    run slipway config render --dir "$PWD"
    [ "$status" -eq 0 ]
    run slipway config render --dir "$PWD/nowhere"
    [ "$status" -eq 2 ]
    has "--dir: '$PWD/nowhere' is not in the commit"
    git clone -q --bare . ../bare.git
    run slipway config render --git-dir ../bare.git --dir "$PWD/sub/project"
    [ "$status" -eq 2 ]
    has "is not in the commit"
}

@test "paths outside of the commit are refused" {
    for option in "--dir /x" "--dir ../x" "--config /werf.yaml" "--config-templates-dir .." "--giterminism-config /x"; do
        for command in "config list" check tags; do
            # shellcheck disable=SC2086
            run slipway $command $option
            [ "$status" -eq 2 ]
            has "${option% *}: '${option#* }' is not in the commit"
        done
    done
    run slipway config list --config .//werf.yaml --dir ./
    [ "$status" -eq 0 ]
}

@test "check tells all mistakes, with places" {
    sed -i 's/^image: web/imag: web/; s/^dockerfile: api/dockerfil: api/' werf.yaml
    sed -i 's/^    to:/    tu:/' .slipway.yaml
    git commit -qam mistakes
    run slipway check
    [ "$status" -eq 3 ]
    has ".slipway.yaml:7:5: "
    has "dockerfil"
    has "imag"
}

@test "an error of the rendered text shows the lines around it, in JSON as a field" {
    printf -- '---\nimage: {{ printf "third" }}\ndockerfil: x\n' >>werf.yaml
    git commit -qam mistake
    for command in "check" "config list" "config graph" "tags"; do
        # shellcheck disable=SC2086
        run slipway $command
        [ "$status" -eq 3 ]
        has "werf.yaml (rendered):13:1: unknown fields: \`dockerfil\`!
     11 | ---
     12 | image: third
>    13 | dockerfil: x
        | ^
hint: did you mean 'dockerfile'?"
    done
    run slipway check --json
    [ "$status" -eq 3 ]
    has '"excerpt":"     11 | ---\n     12 | image: third\n>    13 | dockerfil: x\n'
    # Bytes that are not UTF-8 are no reason to lose the message.
    printf -- '---\nimage: \377\n{{"x"}}: [\n' >>werf.yaml
    git commit -qam bytes
    run slipway check --json
    [ "$status" -eq 3 ]
    has 'werf.yaml (rendered):'
}

@test "one hint tells that the work tree differs from the commit" {
    advice="hint: only the commit counts, and the work tree differs from it: "
    run slipway config list
    [ "$output" = "api
web" ]
    # CRLF of the checkout and files that have nothing to do with it are no difference.
    sed -i 's/$/\r/' werf.yaml
    echo x >notes
    run slipway config list
    [ "$output" = "api
web" ]
    git checkout -q werf.yaml
    echo '# more' >>web/Dockerfile
    run slipway tags
    [ "$status" -eq 0 ]
    has "$advice'web/Dockerfile'"
    run slipway tags --quiet
    lacks "$advice"
    run slipway tags --commit HEAD
    lacks "$advice"
    # A mistake that is mended, but not committed.
    echo 'imag: x' >>werf.yaml
    printf '# {{ .Files.Get "notes" }}\n' >>werf.yaml
    git commit -qam mistake
    git checkout -q HEAD~ -- werf.yaml
    for command in "config list" "config render" "check" "tags" "export --repo oci:s --tag oci:x:%image%" "tags --commit main"; do
        # shellcheck disable=SC2086
        run slipway $command
        [ "$status" -eq 3 ]
        has "${advice}'werf.yaml', 'notes'"
        [ "$(grep -c "only the commit" <<<"$output")" -eq 1 ]
    done
    git add -A
    git commit -qm mended
    run slipway config list --commit HEAD~
    [ "$status" -eq 3 ]
    lacks "$advice"
}

@test "what werf could not reproduce from the commit is refused" {
    echo 'includes: []' >werf-includes.yaml
    git add -A
    git commit -qm includes
    run slipway config render
    [ "$status" -eq 4 ]
    has "werf-includes.yaml"
    WERF_DEV=1 run slipway tags
    [ "$status" -eq 4 ]
    git rm -q werf-includes.yaml
    git commit -qm plain
    git tag v1.0.0
    WERF_DEV=1 run slipway run --ref v1.0.0 --dry-run
    [ "$status" -eq 4 ]
    has WERF_DEV
    run slipway run --ref v1.0.0 --dry-run --dir ./
    [ "$status" -eq 0 ]
}

# advised TEXT HINT: werf.yaml with that below its first document fails, with advice.
advised() {
    printf 'configVersion: 1\nproject: p\n---\n%b\n' "$1" >werf.yaml
    git commit -qam "$1"
    run slipway config list
    [ "$status" -eq 3 ]
    has "hint: $2"
}

@test "mistakes that people make come with advice" {
    advised 'image: web\n\tdockerfile: D' "YAML is indented with blanks, not with tabs"
    advised 'image: web\n  dockerfile: D' "put a value that holds ': ' in quotes"
    advised 'image: "web\ndockerfile: D' "the quote that begins here is not closed"
    has "werf.yaml:4:8: "
    advised 'image: {{ .Env\ndockerfile: D' "the action that begins in line 4 is not closed by }}"
    advised 'image: {{ quot "x" }}' "did you mean 'quote'?"
    advised '{{ if .Env }}\n{{- range list 1 }}{{ end }}\nimage: a' "what begins in line 4 has no {{ end }}"
    advised 'image: a\n{{ end }}' "there is an {{ end }} more"
    advised 'image: {{ env "T" }}' "add 'T' to config.goTemplateRendering.allowEnvVariables in werf-giterminism.yaml"
    advised 'image: {{ include "x" . }}' "templates are the files .werf/**/*.tmpl"
    advised 'image: {{ (dict "a" nil).a.b }}' "what stands before that name is not there"
    advised 'image: w\0351b' "save the file as UTF-8"
    advised 'image: a\ndockerfile: D\nbuildArgs: {}' "keys here: image, dockerfile, context"
    advised 'image: a\ndockerfile: D\nplatform: linux/arm64' "write a list: [linux/arm64]"
    advised 'image: a\ndockerfile: D\nargs: [A]' "write a map: lines of 'key: value'"
    advised 'image: a\ndockerfile: D\nfinal: "no"' "write true or false, without quotes"
    advised 'image: a\nfrom: b\nshell: {setup: [y]}' "for YAML y is a bool: put it in quotes"
    advised 'image: web\nfrom: b\ndependencies: [{image: wep, before: setup}]' "no image is called 'wep'"
    advised 'image: web\ndockerfile: D\nargs:\n\tA: b' "YAML is indented with blanks, not with tabs"
    advised 'image: web\nfrom: [http://host/?a=1]' "inside brackets put a value that holds '?' in quotes"
    advised 'image: a\nfrom: {{ env "T }}' "the quote in column 14 is not closed in its line"
    advised "image: a\nfrom: {{ default 'dev' .Env }}" "put texts in double quotes"
    advised 'image: {{ .Files.Get "V" }}' "paths are relative to the directory of werf.yaml, and the file has to be committed; {{ if .Files.Exists \"V\" }}"
    advised 'image: {{ regexReplaceAll "a(?!b)" "a" "" }}' "expressions are those of RE2"
    advised 'image: a\nfrom: b\n---\nimage: [c, a]\nfrom: b' "the first one is in werf.yaml:4: give one of them another name"
    advised 'image: [a, a]\nfrom: b' "the name stands twice in the list of this document"
    advised 'image: a\nfrom: b\n---\nimage: b\nfrom: a' "each of these needs the next one: one has to do without"
    advised 'image: a\nfrom: b\nimageSpec: {labels: {}}' "'labels' belongs below 'config'"
    advised 'image: a\ndockerfile: D\nshell: {}' "'shell' is for images without 'dockerfile'"
    advised 'image: a\nfrom: b\nbuild: {}' "'build' belongs in the document with 'configVersion'"
    advised 'image: a\nfrom: b\ntarget: c' "'target' is for images with 'dockerfile'"
    printf 'configVersion: 1\nproject: p\nimage: web\n' >werf.yaml
    git commit -qam together
    run slipway config list
    has "hint: 'image' belongs in the document of an image: put a line '---' before that"
}

@test "a value that no template finds is told" {
    printf -- '---\nimage: {{ .Values.name }}\ndockerfile: web/Dockerfile\n' >>werf.yaml
    git commit -qam "no value"
    run slipway config list
    [ "$status" -eq 0 ]
    has "werf.yaml (rendered):12: '<no value>' comes from a template that reads what is not there"
}
