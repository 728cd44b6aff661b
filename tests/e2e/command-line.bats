# How words are read, whatever the command: options before and behind it, help, mistakes.

load helper

# One row a line: STATUS | WORDS | what is said; words are as a shell reads them.
rows() {
    local status_wanted words text
    while IFS='|' read -r status_wanted words text; do
        echo "--- slipway $words"
        eval "run slipway $words"
        echo "$output"
        [ "$status" -eq "$status_wanted" ]
        has "$text"
    done
}

@test "options before the command are those of all commands" {
    cd "$top"
    rows <<END
0|-C work tags|api
0|--chdir=work tags|api
0|-Cwork tags|api
0|--git-dir work/.git tags|api
0|--git-dir=work/.git --json tags|"schema":1
0|tags -C work|api
0|tags api -C work --json|"schema":1
2|--git-dir work/.git wait v1|no push of 'v1' left names
2|-C|option '-C' needs a value: DIR
2|-C nowhere tags|cannot enter 'nowhere'
2|--repo x tags|'--repo' stands behind the command that takes it
2|--tga x tags|unknown option '--tga'
2|--verison|did you mean '--version'?
0|--version|slipway 
0|--version --json|"schema":1
0|-- version|slipway 
2|--json|usage: slipway COMMAND
END
}

@test "help is where it is looked for" {
    rows <<END
2||usage: slipway COMMAND
0|-h|usage: slipway COMMAND
0|--help|usage: slipway COMMAND
0|help|usage: slipway COMMAND
0|help tags|usage: slipway tags
0|tags -h|usage: slipway tags
0|tags api --repo x --help|usage: slipway tags
0|--help tags|usage: slipway tags
0|-C nowhere tags -h|usage: slipway tags
0|help jobs show|usage: slipway jobs show
0|jobs show -h|usage: slipway jobs show
0|help jobs|jobs retry
0|jobs -h|jobs retry
0|jobs --help|jobs retry
0|help stages|The stage repository
2|help tgas|unknown command 'tgas'; did you mean 'tags'?
END
    # On stdout when it was asked for.
    slipway jobs -h 2>/dev/null | grep -q "jobs drop"
    [ -z "$(slipway 2>/dev/null)" ]
}

@test "values, ends of options, switches" {
    rows <<END
0|export -n --tag=oci:$top/x:v1 --repo=oci:$top/s web|web
0|export web -n --tag oci:$top/x:v1 --repo oci:$top/s|web
0|export -n --tag oci:$top/x:v1 --repo oci:$top/s -- web|web
2|export -n --tag oci:$top/x:v1 --repo oci:$top/s -- --web|no image matches pattern "--web"
0|tags --json=false|api
0|tags --json --no-json|api
2|tags --json=maybe|option '--json' takes true or false, not 'maybe'
2|tags --repo|option '--repo' needs a value: REPOSITORY
2|export -S|option '-S' needs a value: WHERE
END
}

@test "a mistake gets the nearest right word" {
    rows <<END
2|tgas|unknown command 'tgas'; did you mean 'tags'?
2|isntall|did you mean 'install'?
2|jbos list|did you mean 'jobs'?
2|jobs lsit|unknown command 'jobs lsit'; did you mean 'jobs list'?
2|jobs|'jobs' needs a second word: list, show, retry, drop
2|jobs|hint: slipway jobs -h
2|config --json|'config' needs a second word: render, list, graph
2|frobnicate|unknown command 'frobnicate'
2|export --tga x|unknown option '--tga'; did you mean '--tag'?
2|export --require-built|did you mean '--require-built-images'?
2|export -tag x|unknown option '-t'; did you mean '--tag'?
2|run --rfe v1|did you mean '--ref'?
2|tags -x|unknown option '-x'
2|tags --frobnicate|unknown option '--frobnicate'
END
}

@test "a value that is none of the words there are names them" {
    rows <<END
2|tags --color alwys|option '--color' takes auto, always or never, not 'alwys'
2|--color alwys tags|option '--color' takes auto, always or never, not 'alwys'
2|tags --progress=bar|takes auto, plain or none, not 'bar'
2|install --mode hook|takes auto, file, config or print, not 'hook'
2|init --ci circle|takes github, gitlab, gitea, forgejo, woodpecker or jenkins, not 'circle'
2|ci --format yaml|takes dotenv or json, not 'yaml'
2|ci --provider githb|there are: auto, forgejo, gitea, github,
2|export --engine docker --repo oci:s --tag oci:x|engines: buildah
2|completion tcsh|bash, zsh or fish
END
}

@test "what a command does not know is not passed over" {
    # -n may be all that keeps it from doing something.
    for command in "jobs retry x" "jobs drop x" "wait v1" doctor version tags "config list"; do
        rows <<<"2|$command -n|has no option '--dry-run'"
        rows <<<"2|-n $command|has no option '--dry-run'"
    done
    for command in init install uninstall trust "jobs retry x" "jobs drop x" "completion bash" help; do
        rows <<<"2|$command --json|has no option '--json'"
    done
    rows <<<"2|tags --report $top/report|has no option '--report'"
    [ ! -e "$top/report" ]
    [ ! -e .git/hooks/pre-push ]
    # And help does not offer it.
    run slipway tags -h
    lacks --dry-run
    has --json
}
