import type { CommandDefinition } from '../program/definition.js'
import type { GlobalOptions } from '../settings/settings.js'

export const login: CommandDefinition<GlobalOptions, [server: string | undefined]> = {
  name: 'login',
  summary: 'store the token of a server, once the server has taken it',
  examples: [
    ['opcache login https://cache.example.org', 'asks for the token, without showing it'],
    ['opcache login < token.txt', 'reads it from a file; of the server in the settings'],
  ],
  arguments: [['[server]', 'address of the server (default: the one in the settings)']],
  run: (commands, flags, server) => commands.login(server, flags),
}

export const logout: CommandDefinition<GlobalOptions, [server: string | undefined]> = {
  name: 'logout',
  summary: 'forget the token of a server',
  examples: [['opcache logout https://cache.example.org', 'deletes the stored token']],
  arguments: [['[server]', 'address of the server (default: the one in the settings)']],
  run: (commands, flags, server) => commands.logout(server, flags),
}
