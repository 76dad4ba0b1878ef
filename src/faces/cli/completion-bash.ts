import { type FlagWords, nextWords, type Spoken } from "./spoken.ts";

/** What both shells understand: for the words of a command, what may come next, its flags, and what its flags take. */
function tables(spoken: readonly Spoken[]): string {
  const next = [...nextWords(spoken)].map(([before, words]) => `    ${quoted(before)}) next=${quoted([...words.keys()].join(" "))} ;;`);
  const commands = spoken.flatMap(({ names, flags }) => [
    `    ${names.map(quoted).join("|")})`,
    `      flags=${quoted(flags.flatMap((flag) => flag.names).join(" "))}`,
    `      case "$2" in`,
    ...flags.flatMap((flag) => valueOf(flag)),
    `      esac ;;`,
  ]);
  return `  next= flags= value=none
  case "$1" in
${next.join("\n")}
  esac
  case "$1" in
${commands.join("\n")}
  esac`;
}

function valueOf({ names, value }: FlagWords): string[] {
  if (value === "none") return [];
  return [`        ${names.join("|")}) value=${quoted(typeof value === "string" ? value : value.join(" "))} ;;`];
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

export const bash = (spoken: readonly Spoken[]): string => `# usc in bash. In ~/.bashrc: eval "$(usc completion bash)"
_usc_tables() {
${tables(spoken)}
}
_usc() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words= word i next flags value
  # Bash takes --flag=value for three words.
  if [ "$cur" = "=" ]; then cur=; elif [ "$before" = "=" ]; then before="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    [ "$word" = "--" ] && { COMPREPLY=($(compgen -c -- "$cur")); return; }
  done
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in -*) break ;; usc) [ -z "$words" ] && continue ;; esac
    words="\${words:+$words }$word"
  done
  _usc_tables "$words" "$before"
  case "$value" in
    any) return ;;
    file) compopt -o filenames 2>/dev/null; local IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$cur")); return ;;
    none) ;;
    *) COMPREPLY=($(compgen -W "$value" -- "$cur")); return ;;
  esac
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "\${next:-$flags}" -- "$cur")) ;;
  esac
}
complete -F _usc usc
`;

export const zsh = (spoken: readonly Spoken[]): string => `#compdef usc
# usc in zsh. In ~/.zshrc, behind compinit: source <(usc completion zsh)
_usc_tables() {
${tables(spoken)}
}
_usc() {
  local cur="$words[CURRENT]" before="$words[CURRENT-1]" said= word i next flags value
  for ((i = 2; i < CURRENT; i++)); do
    [[ "$words[i]" == "--" ]] && { shift i words; ((CURRENT -= i)); _normal; return; }
  done
  for ((i = 2; i < CURRENT; i++)); do
    word="$words[i]"
    [[ "$word" == -* ]] && break
    [[ "$word" == usc && -z "$said" ]] && continue
    said="\${said:+$said }$word"
  done
  if [[ "$cur" == --*=* ]]; then before="\${cur%%=*}"; compset -P '*='; fi
  _usc_tables "$said" "$before"
  case "$value" in
    any) return 1 ;;
    file) _files; return ;;
    none) ;;
    *) compadd -- \${=value}; return ;;
  esac
  if [[ "$cur" == -* || -z "$next" ]]; then compadd -- \${=flags}; else compadd -- \${=next}; fi
}
if [[ "$funcstack[1]" == _usc ]]; then _usc "$@"; else compdef _usc usc; fi
`;
