#compdef slipway git-slipway
# Completions of slipway(1) for zsh; slipway itself knows what there is.
_slipway() {
    local line word
    local -a found
    while IFS= read -r line; do
        case $line in
            :files) _files ;;
            :directories) _files -/ ;;
            *$'\t'*) word=${line%%$'\t'*}; found+=("${word//:/\\:}:${line#*$'\t'}") ;;
            *) found+=("${line//:/\\:}") ;;
        esac
    done < <(slipway completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)
    (( $#found )) && _describe slipway found
}
if [[ $funcstack[1] == _slipway ]]; then
    _slipway "$@"
else
    compdef _slipway slipway git-slipway
fi
