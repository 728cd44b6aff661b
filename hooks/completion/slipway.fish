# Completions of slipway(1) for fish; slipway itself knows what there is.
function __slipway_words
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (slipway completion words -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$current"
            case :directories
                __fish_complete_directories "$current"
            case '*'
                echo $line
        end
    end
end
complete -c slipway -f -a '(__slipway_words)'
complete -c git-slipway -f -a '(__slipway_words)'
