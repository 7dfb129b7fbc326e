import type { Command, Help } from 'commander'
import { TOPICS } from '../help/topics.js'

/** The manual page of a program, in the `man` macros of roff, from the same definitions as its help. */
export function manualPage(program: Command): string {
  const help = program.createHelp()
  const sections = [
    `.TH OPCACHE 1 "" "opcache ${program.version()}" "User Commands"`,
    section('NAME', `opcache \\- ${escaped('run expensive operations on files once')}`),
    section('SYNOPSIS', '.B opcache\n[\\fIoptions\\fR] \\fIcommand\\fR [\\fIarguments\\fR]'),
    section('DESCRIPTION', escaped(program.description())),
    section('OPTIONS', optionTerms(program, help)),
    section(
      'COMMANDS',
      help
        .visibleCommands(program)
        .map(command => commandText(command, help))
        .join('\n'),
    ),
    ...Object.values(TOPICS).map(({ title, text }) => section(title.toUpperCase(), verbatim(text(78)))),
  ]
  return `${sections.join('\n')}\n`
}

function commandText(command: Command, help: Help): string {
  const usage = `.SS "${quoted(`opcache ${help.subcommandTerm(command)}`)}"`
  const nested = help.visibleCommands(command).map(subcommand => {
    const term = `${command.name()} ${help.subcommandTerm(subcommand)}`
    return `${termText(term, help.subcommandDescription(subcommand))}`
  })
  return [
    usage,
    escaped(sentence(help.subcommandDescription(command))),
    ...help.visibleArguments(command).map(argument => termText(argument.name(), argument.description)),
    optionTerms(command, help),
    ...nested,
  ]
    .filter(text => text !== '')
    .join('\n')
}

function optionTerms(command: Command, help: Help): string {
  return help
    .visibleOptions(command)
    .map(option => termText(help.optionTerm(option), help.optionDescription(option)))
    .join('\n')
}

function section(title: string, text: string): string {
  return `.SH "${quoted(title)}"\n${text}`
}

function termText(term: string, description: string): string {
  return `.TP\n.B "${quoted(term)}"\n${escaped(description)}`
}

function verbatim(text: string): string {
  return `.nf\n${text.trimEnd().split('\n').map(escaped).join('\n')}\n.fi`
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/** Text in which roff sees no request, no escape, and no hyphen where a minus was meant. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&')
}

/** The same within the quotes of a macro's argument. */
function quoted(text: string): string {
  return escaped(text).replaceAll('"', '\\(dq')
}
