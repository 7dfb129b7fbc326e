import type { ResumeFlags } from '../commands/resume.js'
import type { CommandDefinition } from '../program/definition.js'

export const resume: CommandDefinition<ResumeFlags, [runs: string[]]> = {
  name: 'resume',
  summary: 'run again everything that was interrupted',
  examples: [
    ['opcache resume', 'each goes on where it stopped, with the same output'],
    ['opcache resume --forget film.mp4', 'this one is not wanted any more'],
  ],
  arguments: [['[runs...]', 'files or keys, as `opcache ls` shows them (default: everything)']],
  options: command => {
    command.option('--forget', 'forget what was interrupted instead')
  },
  run: (commands, flags, runs) => commands.resume(runs, flags),
}
