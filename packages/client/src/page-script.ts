import { streamUrl } from './stream-url.ts'
import type { Client, ClientOptions } from './types.ts'

/** What the script leaves on the window as `Trunkline`. */
export interface TrunklineGlobal {
  /** As the package's `connect`; what the script tag says are the defaults. */
  connect(options?: ClientOptions): Client
  /** The connection that the script made by itself, the latest when there are several; null with `data-connect="manual"`. */
  client: Client | null
  /** All connections that scripts made by themselves, by endpoint and prefix. */
  readonly clients: Map<string, { readonly client: Client; readonly url: string }>
}

/** The parts of a window and of a script element that are looked at. */
export interface Page {
  Trunkline?: TrunklineGlobal
}
export interface ScriptTag {
  readonly src: string
  readonly dataset: Readonly<Partial<Record<'endpoint' | 'prefix' | 'cursor' | 'identity' | 'connect', string>>>
}

/**
 * Does what a script tag asks for. Called again for the same endpoint and prefix (htmx and Turbo run scripts again when they swap a
 * page) it keeps the connection there is, unless that one has stopped for good.
 */
export function runScript(page: Page, script: ScriptTag | null, connect: (options: ClientOptions) => Client): void {
  const { endpoint, prefix, cursor, identity, connect: when } = script?.dataset ?? {}
  // The stream is beside the script: `/realtime/client.js` → `/realtime/sse`. A trailing slash is accepted, as the server does.
  const url = streamUrl(endpoint || script?.src.replace(/[^/]*\/?(\?.*)?$/, 'sse'))
  // Templates write empty attributes for what they do not have.
  const defaults: ClientOptions = {
    endpoint: url,
    ...(prefix && { prefix }),
    ...(cursor && { cursor }),
    ...(identity && { share: { identity } }),
  }

  const trunkline = (page.Trunkline ??= { connect, client: null, clients: new Map() })
  trunkline.connect = (options) => connect({ ...defaults, ...options })
  if (when === 'manual') return

  // The query is no part of the key: two connections that differ in their channels alone would fire every other event twice.
  const key = `${prefix || ''} ${url.replace(/\?.*/, '')}`
  const kept = trunkline.clients.get(key)
  if ((kept?.client.state.status ?? 'stopped') === 'stopped') {
    const client = (trunkline.client = connect(defaults))
    trunkline.clients.set(key, { client, url })
  } else if (kept?.url !== url) {
    console.warn(`Trunkline stays connected to ${kept?.url}, not to ${url}.`)
  }
}
