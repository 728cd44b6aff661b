# SPDX-License-Identifier: Apache-2.0
# What an interactive zsh makes of a line and a tab: zsh -f complete.zsh DIRECTORY-OF-_slipway LINE
zmodload zsh/zpty
zpty shell TERM=dumb zsh -f -i
zpty -w shell 'PROMPT=; unsetopt zle_bracketed_paste; fpath=('${(q)1}' $fpath); autoload -Uz compinit; compinit -u -D'
zpty -w shell 'bindkey "^I" complete-word; zle -N shown; shown() { print -r -- "<$BUFFER>"; exit }; bindkey "^X" shown; print "rea""dy"'
zpty -r shell said '*ready*'
zpty -w -n shell "$2"$'\t\C-x'
zpty -r shell said '*<*>*'
print -r -- "${${said##*<}%%>*}"
