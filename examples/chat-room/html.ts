/** Text that is HTML already. Made by {@link html} and {@link trusted} only. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Value = Html | readonly Html[] | string | number | null

/**
 * HTML with everything that is put into it escaped, whether it ends up in text or in a quoted attribute.
 *
 * @example
 * html`<p title="${title}">${text}</p>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(String.raw({ raw: strings }, ...values.map(toText)))
}

/** HTML from somebody who escapes by himself. */
export function trusted(text: string): Html {
  return new Html(text)
}

function toText(value: Value): string {
  if (value === null) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map((part) => part.text).join('')
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
