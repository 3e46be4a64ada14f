/** The frames that no event is: the first, the one of a silent stream, the one for lost history, the last. */
export type ControlKind = 'open' | 'heartbeat' | 'reset' | 'end'

/** What a client was told, understood. */
export type Heard =
  | { readonly kind: ControlKind }
  | { readonly kind: 'event'; readonly number: number; readonly text: string }
  | { readonly kind: 'nonsense'; readonly what: string }

/** A dialect from the client's side. */
export interface Spoken {
  /** Of the frames that may come. */
  readonly names: readonly string[]
  /** What it has frames for that every client can be told of. */
  readonly tells: readonly ControlKind[]
  read(name: string, data: string): Heard
}

/** Each of the dialects, as somebody who has read docs/wire-protocol.md understands it. */
export const spoken = {
  trunkline: {
    names: ['message', 'connected', 'heartbeat', 'reset', 'goodbye'],
    tells: ['open', 'heartbeat', 'reset', 'end'],
    read: (name, data) => (name === 'message' ? published(JSON.parse(data)) : control(name, data)),
  },
  eventstream: {
    names: ['said', 'line', 'stream-open', 'keep-alive', 'stream-reset', 'stream-error'],
    tells: ['open', 'heartbeat', 'reset', 'end'],
    read(name, data) {
      if (name === 'said') return published({ type: name, detail: JSON.parse(data) })
      return name === 'line' ? published({ type: name, detail: data }) : control(name, data)
    },
  },
  djangorealtime: {
    names: ['message'],
    tells: ['open', 'reset'],
    read(name, data) {
      if (name !== 'message') return control(name, data)
      const { type, ...detail } = JSON.parse(data) as { readonly type: string; readonly detail?: unknown }
      return type === 'connected' || type === 'reset' ? control(type, data) : published({ type, detail: detail.detail ?? detail })
    },
  },
  htmx: {
    names: ['said', 'line', 'reset', 'refused'],
    tells: ['reset', 'end'],
    read(name, data) {
      const [, number, html = ''] = /^<li(?: value="(\d+)")?>([^]*)<\/li>$/.exec(data) ?? []
      if (number !== undefined) return published({ type: 'said', detail: { number: Number(number), text: unescape(html) } })
      return name === 'line' ? published({ type: name, detail: unescape(html) }) : control(name, data)
    },
  },
} satisfies Record<string, Spoken>

export type DialectKey = keyof typeof spoken

const controls: Readonly<Record<string, ControlKind>> = {
  connected: 'open',
  'stream-open': 'open',
  heartbeat: 'heartbeat',
  'keep-alive': 'heartbeat',
  reset: 'reset',
  'stream-reset': 'reset',
  goodbye: 'end',
  'stream-error': 'end',
  refused: 'end',
}

function control(name: string, data: string): Heard {
  const kind = controls[name]
  // What curl prints of a heartbeat that is a comment.
  if (name === 'comment') return data === 'heartbeat' ? { kind: 'heartbeat' } : { kind: 'open' }
  return kind === undefined ? { kind: 'nonsense', what: `${name}: ${data}` } : { kind }
}

function published({ type, detail }: { readonly type: string; readonly detail: unknown }): Heard {
  // A raw text says its number in its first line.
  if (type === 'line' && typeof detail === 'string') return { kind: 'event', number: Number.parseInt(detail), text: detail }
  if (type !== 'said' || typeof detail !== 'object' || detail === null)
    return { kind: 'nonsense', what: JSON.stringify({ type, detail }).slice(0, 200) }
  const { number, text } = detail as { readonly number: number; readonly text: string }
  return { kind: 'event', number, text }
}

const characters: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': '\u00a0',
}

function unescape(html: string): string {
  return html.replace(/&[^;]+;/g, (entity) => characters[entity] ?? entity)
}
