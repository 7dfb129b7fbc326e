import type { ResumeFlags } from '../commands/resume.js'
import type { CommandDefinition } from '../program/definition.js'

export const resume: CommandDefinition<ResumeFlags> = {
  name: 'resume',
  summary: 'run again everything that was interrupted',
  examples: [['opcache resume', 'each goes on where it stopped, with the same output']],
  options: command => {
    command.option('--forget', 'forget what was interrupted instead')
  },
  run: async ({ flags }) => (await import('../commands/client-commands.js')).resume(flags),
}
