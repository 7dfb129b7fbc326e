import type { CommandDefinition } from '../program/definition.js'
import type { GlobalOptions } from '../settings/settings.js'

export const completion: CommandDefinition<GlobalOptions, [shell: string]> = {
  name: 'completion',
  summary: 'print what makes a shell complete commands, operations and parameters',
  examples: [
    ["echo 'source <(opcache completion bash)' >> ~/.bashrc", 'bash'],
    ["echo 'source <(opcache completion zsh)' >> ~/.zshrc", 'zsh, after compinit'],
    ['opcache completion fish > ~/.config/fish/completions/opcache.fish', 'fish'],
  ],
  arguments: [['<shell>', 'bash, zsh or fish']],
  run: async (_call, shell) => (await import('../commands/completion.js')).completion(shell),
}
