/** What `scriptTag` takes. What is left out, undefined or empty is not in the tag. */
export interface ScriptTagOptions {
  /** Where the script is served, for example '/realtime/client.js'. */
  readonly src: string
  /** For a Content-Security-Policy with nonces. */
  readonly nonce?: string | undefined
  /** Where the page stands: `await trunkline.cursor()`, taken before the page's data. */
  readonly cursor?: string | undefined
  /** The server's opaque tag for this user: tabs that have the same one may share a connection. */
  readonly identity?: string | undefined
  /** 'manual' leaves it to the page to call `Trunkline.connect()`. Defaults to 'auto'. */
  readonly connect?: 'auto' | 'manual' | undefined
  /** Where the stream is. Defaults to 'sse' beside the script. */
  readonly endpoint?: string | undefined
  /** What DOM events begin with. Defaults to 'trunkline'. */
  readonly prefix?: string | undefined
}

/**
 * The `<script>` element that loads the browser client.
 *
 * @example
 * scriptTag({ src: '/realtime/client.js', nonce, cursor: await trunkline.cursor() })
 */
export function scriptTag({ src, nonce, cursor, identity, connect, endpoint, prefix }: ScriptTagOptions): string {
  const attributes = {
    src,
    nonce,
    'data-cursor': cursor,
    'data-identity': identity,
    'data-connect': connect === 'manual' ? connect : undefined,
    'data-endpoint': endpoint,
    'data-prefix': prefix,
  }
  let tag = '<script'
  for (const [name, value] of Object.entries(attributes)) if (value) tag += ` ${name}="${escapeAttribute(value)}"`
  return `${tag}></script>`
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '"': '&quot;', "'": '&#39;', '<': '&lt;', '>': '&gt;' }

/** More than a quoted attribute needs, so that the tag is also safe where a template puts it into another attribute. */
function escapeAttribute(value: string): string {
  return value.replace(/[&"'<>]/g, (character) => escapes[character] ?? '')
}
