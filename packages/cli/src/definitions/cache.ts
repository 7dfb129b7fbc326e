import type { ClearFlags, PruneFlags } from '../commands/cache.js'
import type { CommandDefinition } from '../program/definition.js'
import { bytes, duration } from '../program/option-values.js'
import type { GlobalOptions } from '../settings/settings.js'

const size: CommandDefinition<GlobalOptions> = {
  name: 'size',
  summary: 'print how much it holds',
  examples: [['opcache cache size', 'bytes, contents and entries']],
  run: (commands, flags) => commands.cacheSize(flags),
}

const prune: CommandDefinition<PruneFlags> = {
  name: 'prune',
  summary: 'forget what was used least recently',
  examples: [
    ['opcache cache prune --max-size 10G', 'the least recently used goes, until 10 GB stay'],
    ['opcache cache prune --older-than 30d', 'what nothing used for a month'],
  ],
  options: command => {
    command
      .option('--max-size <bytes>', 'until what stays is no larger, such as 500M or 10G', bytes)
      .option('--older-than <time>', 'what was not used for so long, such as 12h or 30d', duration)
  },
  run: (commands, flags) => commands.cachePrune(flags),
}

const verify: CommandDefinition<GlobalOptions> = {
  name: 'verify',
  summary: 'compare every stored byte with its id; ends with 6 where something is damaged',
  examples: [['opcache cache verify', 'after a crash of the machine, or when a disk is in doubt']],
  run: (commands, flags) => commands.cacheVerify(flags),
}

const path: CommandDefinition<GlobalOptions> = {
  name: 'path',
  summary: 'print where it is',
  examples: [['du -sh "$(opcache cache path)"', 'what the disk says of it']],
  run: (commands, flags) => commands.cachePath(flags),
}

const clear: CommandDefinition<ClearFlags> = {
  name: 'clear',
  summary: 'forget everything; asks first',
  examples: [
    ['opcache cache clear', 'asks, then forgets everything'],
    ['opcache cache clear --yes', 'for scripts'],
  ],
  options: command => {
    command.option('-y, --yes', 'do not ask')
  },
  run: (commands, flags) => commands.cacheClear(flags),
}

export const cache: CommandDefinition = {
  name: 'cache',
  summary: 'look after the cache that is used without a server',
  examples: [
    ['opcache cache size', 'how much it holds'],
    ['opcache cache prune --max-size 10G --older-than 30d', 'the least recently used goes first'],
  ],
  subcommands: [size, prune, verify, path, clear],
}
