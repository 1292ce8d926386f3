/** CompletedCommands -> a script for bash, zsh or fish. Plain data in, text out. */
import type { CompletedCommand, CompletedOption } from './completion-model.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const PROGRAM = 'dybnn-compile';

export function renderCompletion(shell: Shell, commands: readonly CompletedCommand[]): string {
  return { bash, zsh, fish }[shell](commands);
}

const named = (commands: readonly CompletedCommand[]): readonly CompletedCommand[] =>
  commands.filter((c) => c.name !== '');
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const flagsOf = (command: CompletedCommand): string => command.options.flatMap((o) => o.flags).join(' ');

/** Case branches over options that take a value. */
function valueBranches(command: CompletedCommand, branch: (value: CompletedOption['value']) => string): string {
  return command.options
    .filter((o) => o.value !== 'none')
    .map((o) => `        ${command.name}:${o.flags.join(`|${command.name}:`)}) ${branch(o.value)};;`)
    .join('\n');
}

function bash(commands: readonly CompletedCommand[]): string {
  const branch = (value: CompletedOption['value']): string => {
    if (typeof value !== 'string') return `COMPREPLY=($(compgen -W ${quoted(value.join(' '))} -- "$word")); return`;
    if (value === 'file') return 'COMPREPLY=($(compgen -f -- "$word")); return';
    return value === 'folder' ? 'COMPREPLY=($(compgen -d -- "$word")); return' : 'COMPREPLY=(); return';
  };
  return `# bash completion of ${PROGRAM}; put this into ~/.bashrc:  source <(${PROGRAM} completion bash)
_dybnn_compile() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${named(commands)
        .map((c) => c.name)
        .join('|')}) command=\${COMP_WORDS[i]}; break;;
    esac
  done
  compopt -o filenames 2>/dev/null
  case $command:$before in
${commands.map((c) => valueBranches(c, branch)).join('\n')}
  esac
  if [[ $word == -* ]]; then
    compopt +o filenames 2>/dev/null
    case $command in
${commands.map((c) => `      ${quoted(c.name)}) COMPREPLY=($(compgen -W ${quoted(flagsOf(c))} -- "$word"));;`).join('\n')}
    esac
    return
  fi
  COMPREPLY=($(compgen -f -- "$word"))
  if [[ -z $command && $COMP_CWORD -eq 1 ]]; then
    COMPREPLY+=($(compgen -W ${quoted(
      named(commands)
        .map((c) => c.name)
        .join(' '),
    )} -- "$word"))
  fi
}
complete -F _dybnn_compile ${PROGRAM}
`;
}

function zsh(commands: readonly CompletedCommand[]): string {
  const spec = (o: CompletedOption): string => {
    const description = o.description.replace(/[[\]:]/g, (c) => `\\${c}`);
    const action =
      typeof o.value !== 'string'
        ? `:value:(${o.value.join(' ')})`
        : { none: '', file: ':file:_files', folder: ':folder:_files -/', other: ':value: ' }[o.value];
    const rest = quoted(`[${description}]${action}`);
    return o.flags.length > 1
      ? `    '(${o.flags.join(' ')})'{${o.flags.join(',')}}${rest}`
      : `    ${o.flags[0]}${rest}`;
  };
  const list = (c: CompletedCommand): string => c.options.map(spec).join(' \\\n');
  return `#compdef ${PROGRAM}
# zsh completion of ${PROGRAM}; put this into ~/.zshrc:  source <(${PROGRAM} completion zsh)
_dybnn_compile() {
  local -a commands
  commands=(
${named(commands)
  .map((c) => `    ${quoted(`${c.name}:${c.description}`)}`)
  .join('\n')}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    _files
    return
  fi
  case $words[2] in
${named(commands)
  .map((c) => `  ${c.name}) shift words; (( CURRENT-- )); _arguments \\\n${list(c)} \\\n    '*:file:_files';;`)
  .join('\n')}
  *) _arguments \\
${list(commands[0]!)} \\
    '*:file:_files';;
  esac
}
compdef _dybnn_compile ${PROGRAM}
`;
}

function fish(commands: readonly CompletedCommand[]): string {
  const names = named(commands)
    .map((c) => c.name)
    .join(' ');
  const option = (c: CompletedCommand, o: CompletedOption): string => {
    const condition =
      c.name === '' ? `not __fish_seen_subcommand_from ${names}` : `__fish_seen_subcommand_from ${c.name}`;
    const flags = o.flags.map((f) => (f.startsWith('--') ? `-l ${f.slice(2)}` : `-s ${f.slice(1)}`)).join(' ');
    const value =
      typeof o.value !== 'string'
        ? ` -x -a ${quoted(o.value.join(' '))}`
        : { none: '', file: ' -r -F', folder: " -x -a '(__fish_complete_directories)'", other: ' -x' }[o.value];
    return `complete -c ${PROGRAM} -n ${quoted(condition)} ${flags}${value} -d ${quoted(o.description)}`;
  };
  return `# fish completion of ${PROGRAM}; ${PROGRAM} completion fish > ~/.config/fish/completions/${PROGRAM}.fish
${named(commands)
  .map((c) => `complete -c ${PROGRAM} -n __fish_use_subcommand -a ${c.name} -d ${quoted(c.description)}`)
  .join('\n')}
${commands.flatMap((c) => c.options.map((o) => option(c, o))).join('\n')}
`;
}
