import type { Dialect } from '@trunkline/core'

/** What a page shows of an event, by type. The detail is what was published. */
const fragments: Readonly<Record<string, (detail: never) => string>> = {
  said: ({ number, text }: { readonly number: number; readonly text: string }) => html`<li value="${number}">${text}</li>`,
  line: (text: string) => html`<li>${text}</li>`,
}

/** Events as HTML for htmx's extension sse: named by their type, for `sse-swap`. */
export const htmxDialect: Dialect = {
  name: 'htmx',
  event({ type, detail, cursor }) {
    const fragment = Object.hasOwn(fragments, type) ? fragments[type] : undefined
    // A type that no page shows moves the client's place all the same.
    if (fragment === undefined) return { ...placed(cursor), comment: 'not shown' }
    return { ...placed(cursor), event: type, data: fragment(detail as never) } // publish has checked it against its schema
  },
  open: ({ cursor }) => ({ ...placed(cursor), comment: 'open' }),
  heartbeat: (cursor) => ({ ...placed(cursor), comment: 'heartbeat' }),
  // For hx-trigger="sse:reset": fetch anew what the page shows.
  reset: ({ cursor }) => ({ ...placed(cursor), event: 'reset', data: '' }),
  // For sse-close="refused". Otherwise it comes back, not at the same moment as all the others.
  end: (reason) => (reason === 'forbidden' ? { event: 'refused', data: '' } : { retry: 500 + Math.random() * 2_000 }),
}

/** An empty id would make a client forget its place. */
function placed(cursor: string | undefined): { readonly id?: string } {
  return cursor === undefined || cursor === '' ? {} : { id: cursor }
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** What stands between the tags comes from users: it is text, never HTML. Attributes need their quotes. */
function html(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return String.raw({ raw: parts }, ...values.map((value) => String(value).replace(/[&<>"']/g, (found) => entities[found] ?? '')))
}
