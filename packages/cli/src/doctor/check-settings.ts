import { describeFailure } from '../failure/describe-failure.js'
import { originText } from '../settings/resolved.js'
import { SETTING_NAMES } from '../settings/setting-table.js'
import { type GlobalOptions, loadSettings, type Settings } from '../settings/settings.js'
import { type Finding, fail, ok } from './finding.js'

/** What the settings are, where they could be read. */
export interface SettingsFindings {
  readonly findings: readonly Finding[]
  readonly settings: Settings | undefined
}

/** Every setting that is set, with where. */
export function checkSettings(flags: GlobalOptions): SettingsFindings {
  try {
    const settings = loadSettings(flags)
    const set = SETTING_NAMES.flatMap(name => {
      const found = settings.resolved[name]
      return found ? [ok('settings', `${name} = ${found.value} (${originText(found.origin)})`)] : []
    })
    return { settings, findings: set.length > 0 ? set : [ok('settings', 'nothing is set')] }
  } catch (error) {
    const { message, advice, exitStatus } = describeFailure(error)
    return { settings: undefined, findings: [fail('settings', message, advice, exitStatus)] }
  }
}
