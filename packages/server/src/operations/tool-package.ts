/** What brings some well-known tools, as it is called in Debian and its relatives. */
const PACKAGES: ReadonlyMap<string, string> = new Map([
  ['soffice', 'libreoffice'],
  ['ffmpeg', 'ffmpeg'],
  ['pdftotext', 'poppler-utils'],
  ['pdftoppm', 'poppler-utils'],
  ['convert', 'imagemagick'],
])

/** A tool by its name, and what brings it where that is known: `soffice (in Debian's package libreoffice)`. */
export function toolWithPackage(tool: string): string {
  const name = PACKAGES.get(tool)
  return name === undefined ? tool : `${tool} (in Debian's package ${name})`
}
