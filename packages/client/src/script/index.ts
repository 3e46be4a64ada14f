import { etag, integrity, source } from './bundle.generated.ts'

export { scriptTag, type ScriptTagOptions } from './script-tag.ts'

/** The browser client as one classic script. */
export interface ClientScript {
  /** JavaScript. Serve it as `text/javascript; charset=utf-8`. */
  readonly source: string
  /** For the `etag` header: quoted, changes with the source. */
  readonly etag: string
  /** For the `integrity` attribute of a tag whose file is served from elsewhere. */
  readonly integrity: string
}

/** What adapters serve as `<mount>/client.js`. */
export const clientScript: ClientScript = { source, etag, integrity }
