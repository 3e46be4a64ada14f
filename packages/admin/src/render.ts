import type { Viewer } from './authorize.ts'
import { headers } from './headers.ts'
import { html, type Html } from './html.ts'
import { frame } from './layout.ts'
import type { Page, View } from './page.ts'
import type { Refusal } from './refusal.ts'

/** A page in its frame. */
export function render(page: Page | null, { title, content, status = 200 }: View, viewer: Viewer): Response {
  const [head, foot] = frame(title, page, viewer)
  const type = { 'content-type': 'text/html; charset=utf-8' }
  if (typeof content === 'string' || !(Symbol.asyncIterator in content)) {
    return new Response(`<!doctype html>${head}${content}${foot}`, { status, headers: { ...headers, ...type } })
  }
  const body = streamOf(`<!doctype html>${head}`, content, foot)
  // Proxies that gather an answer before they pass it on are asked not to.
  return new Response(body, { status, headers: { ...headers, ...type, 'x-accel-buffering': 'no' } })
}

/** What somebody is told whose request was not done. */
export function refused({ status, message }: Refusal, viewer: Viewer): Response {
  const content = html`<h1>That did not work</h1>
    <p class="notice bad">${message}</p>`
  return render(null, { title: 'That did not work', content, status }, viewer)
}

/** For those who are not let in: nothing that says what is here. */
export function noEntry(): Response {
  return new Response('Forbidden\n', { status: 403, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' } })
}

function streamOf(head: string, parts: AsyncIterable<Html>, foot: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const iterator = parts[Symbol.asyncIterator]()
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(head)),
    async pull(controller) {
      const { value, done } = await iterator.next()
      controller.enqueue(encoder.encode(done === true ? foot : String(value)))
      if (done === true) controller.close()
    },
    // The browser has gone: whoever makes the parts is told by its `return`.
    cancel: async () => void (await iterator.return?.()),
  })
}
