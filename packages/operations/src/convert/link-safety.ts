/** Where links may lead, beside relative places. */
const linkSchemes: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:', 'tel:'])

/** Where images may come from, beside relative places and data that is an image of dots. */
const imageSchemes: ReadonlySet<string> = new Set(['http:', 'https:'])

/** Whether following a link can do nothing but lead somewhere: `javascript:` and its like can do more. */
export function isSafeLink(href: string): boolean {
  return linkSchemes.has(schemeOf(href))
}

/** Whether an address can only be shown as an image. */
export function isSafeImage(src: string): boolean {
  return imageSchemes.has(schemeOf(src)) || /^data:image\/(?:png|jpeg|gif|webp|avif);base64,/i.test(src)
}

/** Found as browsers find it (WHATWG URL), who pass over spaces and line ends inside `java script:`. */
function schemeOf(href: string): string {
  try {
    return new URL(href, 'https://relative.invalid/').protocol
  } catch {
    return 'invalid:'
  }
}
