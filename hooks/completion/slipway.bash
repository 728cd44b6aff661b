# Completions of slipway(1) for bash; slipway itself knows what there is.
_slipway_words() {
    local line word IFS=$'\n'
    COMPREPLY=()
    while read -r line; do
        case $line in
        :files) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "$cur")) ;;
        :directories) compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -d -- "$cur")) ;;
        *) word=${line%%$'\t'*}; [[ $word == "$cur"* ]] && COMPREPLY+=("$word") ;;
        esac
    done < <("$@" 2>/dev/null)
    # What stands before a colon is a word of its own for readline.
    if [[ $cur == *:* ]]; then COMPREPLY=("${COMPREPLY[@]#"${cur%"${cur##*:}"}"}"); fi
}

_slipway() {
    local line=${COMP_LINE:0:COMP_POINT} cur
    local -a words
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    cur=${words[${#words[@]}-1]}
    _slipway_words "${words[0]}" completion words -- "${words[@]:1}"
}

# "git slipway ...": git's own completion calls this one.
_git_slipway() {
    local line=${COMP_LINE:0:COMP_POINT} cur
    local -a words
    read -ra words <<<"${line#*slipway}"
    [[ $line == *[[:space:]] ]] && words+=("")
    cur=${words[${#words[@]}-1]}
    _slipway_words git-slipway completion words -- "${words[@]}"
}

complete -F _slipway slipway git-slipway
