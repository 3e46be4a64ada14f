import type { IncomingMessage } from 'node:http'

import { Refusal } from './refusal.ts'

// 500 characters of three UTF-8 bytes each, percent-encoded, are 4,500 bytes.
const maxBodyBytes = 8_192

/** The fields of a form that this very site has sent. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  checkSameOrigin(request)
  let text = ''
  let bytes = 0
  const decoder = new TextDecoder()
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw new Refusal(413, 'body_too_large', `A request may have ${maxBodyBytes} bytes.`)
    text += decoder.decode(chunk, { stream: true })
  }
  return new URLSearchParams(text + decoder.decode())
}

/** Another site must not act in the name of whoever visits it. */
export function checkSameOrigin({ headers }: IncomingMessage): void {
  const { origin, host, 'sec-fetch-site': site } = headers
  // Browsers send Sec-Fetch-Site to localhost and over HTTPS, Origin always. Who sends neither is no browser and holds no cookies.
  const same = site !== undefined ? site === 'same-origin' : origin === undefined || hostOf(origin) === host
  if (!same) throw new Refusal(403, 'other_origin', 'Only pages of this site may do this.')
}

function hostOf(origin: string): string | null {
  return URL.parse(origin)?.host ?? null
}
