import { html as tagged } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

/** HTML, with everything in it that was not written here escaped. */
export type Html = HtmlEscapedString

/** What may be put into {@link html}: text is escaped, lists are joined, null and false are nothing. */
export type Part = Html | string | number | null | undefined | false | readonly Part[]

/**
 * HTML with everything that is put into it escaped, whether it ends up in text or in a quoted attribute.
 *
 * @example
 * html`<p title="${title}">${text}</p>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  // Hono gives a promise only when there is one among the values.
  return tagged(strings, ...values) as Html
}
