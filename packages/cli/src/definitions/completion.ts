import { completion as print } from '../commands/completion.js'
import type { CommandDefinition } from '../program/definition.js'

export const completion: CommandDefinition<never, [shell: string]> = {
  name: 'completion',
  summary: 'print what makes a shell complete commands, operations and parameters',
  examples: [
    ["echo 'source <(opcache completion bash)' >> ~/.bashrc", 'bash'],
    ["echo 'source <(opcache completion zsh)' >> ~/.zshrc", 'zsh, after compinit'],
    ['opcache completion fish > ~/.config/fish/completions/opcache.fish', 'fish'],
  ],
  arguments: [['<shell>', 'bash, zsh or fish']],
  tell: (_program, shell) => print(shell),
}
