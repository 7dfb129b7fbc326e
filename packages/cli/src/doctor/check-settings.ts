import { describeFailure } from '../failure/describe-failure.js'
import { originText } from '../settings/resolved.js'
import { SETTING_NAMES } from '../settings/setting-table.js'
import { type GlobalOptions, loadSettings, type Settings } from '../settings/settings.js'
import { foreignVariables } from '../settings/variables.js'
import { type Finding, fail, ok, warn } from './finding.js'

/** What the settings are, where they could be read. */
export interface SettingsFindings {
  readonly findings: readonly Finding[]
  readonly settings: Settings | undefined
}

/** Every setting that was set, with where. */
export function checkSettings(flags: GlobalOptions): SettingsFindings {
  try {
    const settings = loadSettings(flags)
    const set = SETTING_NAMES.flatMap(name => {
      const found = settings.resolved[name]
      return found && found.origin.kind !== 'default'
        ? [ok('settings', `${name} = ${found.value} (${originText(found.origin)})`)]
        : []
    })
    const foreign = foreignVariables(process.env).map(name =>
      warn(
        'settings',
        `${name} is no variable of opcache.`,
        'See `opcache help environment` for those that are.',
      ),
    )
    return {
      settings,
      findings: [...(set.length > 0 ? set : [ok('settings', 'nothing is set')]), ...foreign],
    }
  } catch (error) {
    const { message, advice, exitStatus } = describeFailure(error)
    return { settings: undefined, findings: [fail('settings', message, advice, exitStatus)] }
  }
}
