import { TrunklineError } from '../errors.ts'
import type { MaybePromise } from '../hooks.ts'
import type { HttpOptions, Identified } from './types.ts'

/** What every adapter takes. `identify` is required: `() => null` is a decision, not a default. */
export interface AdapterOptions<Native, User> extends HttpOptions {
  /**
   * Who it is: an id, null or undefined (anonymous: global events and those of channels), false (401), or `{ userId, user, expiresAt }`.
   * Throwing is a 500, taking longer than `hookTimeoutMs` a 503; both are reported.
   */
  readonly identify: (native: Native) => MaybePromise<Identified<User>>
  /** Fixed list, `{token}` templates filled from route params, a function, or left out: repeated `?channel=`. */
  readonly channels?:
    | readonly string[]
    | ((native: Native, params: Readonly<Record<string, string>>) => MaybePromise<readonly string[]>)
  /** May hold `:name` segments. Defaults to '/realtime', and to nothing where the framework already took the mount off. */
  readonly path?: string
}

/** A web-standard handler. */
export type FetchHandler = (request: Request) => Promise<Response>

/** Where a request stands under a mount. */
export interface Mounted {
  /** Path and query with the mount taken off. */
  readonly url: string
  readonly params: Readonly<Record<string, string>>
}

/**
 * Takes a mount off a URL; null when the URL is not under it. Without a path, `/realtime` is taken off if it is there: frameworks that
 * mount a handler have taken it off already.
 */
export function createMount(path: string | undefined): (url: string) => Mounted | null {
  const names: string[] = []
  const segments = (path ?? '/realtime').split('/').filter((segment) => segment !== '')
  const pattern = segments.map((segment) => {
    if (!segment.startsWith(':')) return `/${segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`
    names.push(segment.slice(1))
    return '/([^/?#]+)'
  })
  const mount = new RegExp(`^${pattern.join('')}(?=[/?#]|$)`)
  return (target) => {
    // RFC 9112, 3.2.2: a server also takes the whole URL, as clients of a proxy send it.
    const url = target.replace(/^https?:\/\/[^/?#]*(?=[/?#]|$)/i, '') || '/'
    const match = mount.exec(url)
    if (match === null) return path === undefined ? { url, params: {} } : null
    const params = Object.fromEntries(names.map((name, index) => [name, decode(match[index + 1] ?? '')]))
    return { url: url.slice(match[0].length) || '/', params }
  }
}

/** A request as a handler under a mount sees it: the same, at a path with the mount taken off. */
export function underMount(request: Request, { url }: Pick<Mounted, 'url'>): Request {
  const { method, headers, body, signal } = request
  // fetch's own word for a body that is sent while the answer comes; its type is not everywhere yet.
  const init = { method, headers, body, signal, duplex: 'half' }
  return new Request(new URL(url, request.url), init)
}

/** The channels an adapter's options select, as HttpRequest wants them; undefined leaves it to the query. */
export function channelsOf<Native>(
  channels: AdapterOptions<Native, never>['channels'],
  native: Native,
  params: Readonly<Record<string, string>>,
): (() => MaybePromise<readonly string[]>) | undefined {
  if (channels === undefined) return undefined
  if (typeof channels === 'function') return () => channels(native, params)
  return () =>
    channels.map((channel) => channel.replace(/\{([^}]+)\}/g, (_, name: string) => params[name] ?? unfilled(channel, name)))
}

/** Never the template as it stands: all would share that channel. */
function unfilled(channel: string, name: string): never {
  throw new TrunklineError(
    'invalid_options',
    `The channel ${JSON.stringify(channel)} needs a route parameter "${name}", and the route has none: mount it at a path with :${name}.`,
  )
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    // Not percent-encoded UTF-8: as it came.
    return segment
  }
}
