import type { ConfigListFlags } from '../commands/config.js'
import type { CommandDefinition } from '../program/definition.js'
import type { GlobalOptions } from '../settings/settings.js'

const get: CommandDefinition<GlobalOptions, [key: string]> = {
  name: 'get',
  summary: 'print the value in force',
  examples: [['opcache config get server', 'what is in force, wherever it is set']],
  arguments: [['<key>', 'what to print; `opcache config list` shows every key']],
  run: (commands, flags, key) => commands.getConfig(key, flags),
}

const set: CommandDefinition<GlobalOptions, [key: string, value: string]> = {
  name: 'set',
  summary: "keep a value in the user's file",
  examples: [
    ['opcache config set server https://cache.example.org', 'use this server from now on'],
    ['opcache config set limit-rate 2M', 'two million bytes a second at most'],
  ],
  arguments: [
    ['<key>', 'what to keep'],
    ['<value>', 'its value'],
  ],
  run: (commands, _flags, key, value) => commands.setConfig(key, value),
}

const unset: CommandDefinition<GlobalOptions, [key: string]> = {
  name: 'unset',
  summary: "forget a value of the user's file",
  examples: [['opcache config unset server', 'back to the cache of this machine']],
  arguments: [['<key>', 'what to forget']],
  run: (commands, _flags, key) => commands.unsetConfig(key),
}

const list: CommandDefinition<ConfigListFlags> = {
  name: 'list',
  summary: 'print every setting in force: by flags, environment, files and default',
  examples: [['opcache config list --show-origin', 'each setting, and where it comes from']],
  options: command => {
    command.option('--show-origin', 'also where it comes from')
  },
  run: (commands, flags) => commands.listConfig(flags),
}

const path: CommandDefinition<GlobalOptions> = {
  name: 'path',
  summary: "print where the user's file is",
  examples: [['cat "$(opcache config path)"', "what the user's file says"]],
  run: commands => commands.configPath(),
}

export const config: CommandDefinition = {
  name: 'config',
  summary: 'read and change the settings',
  examples: [
    ['opcache config set server https://cache.example.org', 'use this server from now on'],
    ['opcache config list --show-origin', 'what is in force, and where it comes from'],
  ],
  subcommands: [get, set, unset, list, path],
}
