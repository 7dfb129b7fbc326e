/** The shells that can complete this program's words. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof SHELLS)[number]

// `=` splits words in bash, so what stands before it is cut off from what is offered.
const BASH = `# opcache completion for bash: source <(opcache completion bash)
_opcache() {
  local line=\${COMP_LINE:0:COMP_POINT} current prefix= candidate
  local -a words
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  current=\${words[\${#words[@]}-1]}
  [[ $COMP_WORDBREAKS == *=* && $current == *=* ]] && prefix=\${current%=*}=
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    COMPREPLY+=("\${candidate#"$prefix"}")
  done < <(opcache complete-words -- "\${words[@]:1}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace
  return 0
}
complete -o bashdefault -o default -F _opcache opcache
`

const ZSH = `#compdef opcache
# opcache completion for zsh: source <(opcache completion zsh)
_opcache() {
  local -a values names
  local word meaning
  while IFS=$'\\t' read -r word meaning; do
    if [[ $word == *= ]]; then names+=("\${word//:/\\\\:}:$meaning")
    else values+=("\${word//:/\\\\:}:$meaning"); fi
  done < <(opcache complete-words -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( \${#values} + \${#names} )) || { _files; return }
  (( \${#values} )) && _describe opcache values
  (( \${#names} )) && _describe opcache names -S ''
  return 0
}
if [[ \${funcstack[1]} == _opcache ]]; then _opcache "$@"; else compdef _opcache opcache; fi
`

const FISH = `# opcache completion for fish: opcache completion fish > ~/.config/fish/completions/opcache.fish
function __opcache_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (opcache complete-words -- $words[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c opcache -f -a '(__opcache_complete)'
`

/** What a shell has to read once. */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH }
