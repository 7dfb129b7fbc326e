import { basename, dirname, extname, normalize } from 'node:path'
import { didYouMean } from '../failure/closest-name.js'
import { usageError } from '../failure/command-error.js'

/** What stands between braces in a template, and what it becomes. */
export const TEMPLATE_NAMES = {
  name: "the source's name without its extension",
  base: "the source's name",
  dir: "the source's folder",
  ext: "the result's extension",
  op: 'the operation',
  key: "the entry's key",
} as const

type TemplateName = keyof typeof TEMPLATE_NAMES

/** What a template is filled in with; what is missing stays as it is. */
export type TemplateValues = { readonly [Name in TemplateName]?: string }

const PLACE = /\{([a-z]+)\}/gi

export function isTemplate(output: string): boolean {
  return output.search(PLACE) >= 0
}

/** @throws CommandError for a name that does not exist */
export function checkTemplate(template: string): void {
  const names = Object.keys(TEMPLATE_NAMES)
  for (const [, name = ''] of template.matchAll(PLACE)) {
    if (names.includes(name)) continue
    const suggestion = didYouMean(name, names)
    const there = `There are: ${names.map(known => `{${known}}`).join(', ')}.`
    throw usageError(
      `-o has {${name}}, which nothing is known by.`,
      suggestion === undefined ? there : `${suggestion} ${there}`,
    )
  }
}

export function fillTemplate(template: string, values: TemplateValues): string {
  return normalize(template.replace(PLACE, (place, name: TemplateName) => values[name] ?? place))
}

/** What the path of a source says; an output never leaves the folder that its template names. */
export function sourceValues(source: string): Required<Pick<TemplateValues, 'name' | 'base' | 'dir'>> {
  if (source === '-') return { name: 'stdin', base: 'stdin', dir: '.' }
  const dir = normalize(dirname(source)).replace(/^(?:[a-z]:)?(?:\.\.(?:[/\\]|$)|[/\\])+/i, '')
  return { name: basename(source, extname(source)), base: basename(source), dir: dir === '' ? '.' : dir }
}
