import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// Beside what its exports map names: the script for pages.
const reconnecting = new URL('../../dist/ReconnectingEventSource.min.js', import.meta.resolve('reconnecting-eventsource')).href

type Answer = (query: URLSearchParams) => Promise<readonly [type: string, text: string]>

/** What the pages of browsers are made of. */
const files: Readonly<Record<string, Answer>> = {
  '/page': async () => ['text/html', '<!doctype html><title>Client</title><script src="/page.js"></script>'],
  '/page.js': async () => ['text/javascript', await pageScript()],
  '/htmx': async (query) => ['text/html', (await htmxPage(query.get('stream') ?? '')) + lookAtHtmx],
  '/htmx-alone': async (query) => [
    'text/html',
    (await htmxPage(query.get('stream') ?? '')).replace(/htmx.createEventSource = .*/, '') + lookAtHtmx,
  ],
  '/htmx.js': async () => ['text/javascript', await read(import.meta.resolve('htmx.org/dist/htmx.min.js'))],
  '/htmx-ext-sse.js': async () => ['text/javascript', await read(import.meta.resolve('htmx-ext-sse/dist/sse.min.js'))],
  '/reconnecting-eventsource.js': async () => ['text/javascript', await read(reconnecting)],
  // What the page reloads when history was lost.
  '/said': async () => ['text/html', '<li class="reloaded"></li>'],
}

export async function answerPage({ url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  const file = Object.hasOwn(files, pathname) ? files[pathname] : undefined
  if (file === undefined) return void response.writeHead(404).end()
  const [type, text] = await file(searchParams)
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(text)
}

/** The page as docs/clients.md shows it, with another address of the stream. */
async function htmxPage(stream: string): Promise<string> {
  const page = await readFile(here('../follow/htmx.html'), 'utf8')
  const attribute = stream.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  return page.replace(/(?<=sse-connect=")[^"]*/, () => attribute)
}

// Reads off what the page shows: a fragment is a frame that came.
const lookAtHtmx = `<script>
  const told = []
  let isOver = false
  addEventListener('htmx:sseClose', () => {
    isOver = true
    told.push(['refused', ''])
  })
  // Without the classes that htmx puts on what is new.
  const toFrame = (item) => {
    item.seen = true
    if (item.classList.contains('reloaded')) return ['reset', '']
    const value = item.getAttribute('value')
    return value === null ? ['line', '<li>' + item.innerHTML + '</li>'] : ['said', '<li value="' + value + '">' + item.innerHTML + '</li>']
  }
  const lookAtHtmx = () => {
    for (const item of document.querySelectorAll('li')) if (!item.seen) told.push(toFrame(item))
    return { told: told.splice(0), isOver }
  }
</script>`

let script: Promise<string> | undefined

function pageScript(): Promise<string> {
  script ??= build({
    entryPoints: [here('../fixtures/page.ts')],
    bundle: true,
    write: false,
    conditions: ['@trunkline/source'],
  }).then(({ outputFiles: [file] }) => file?.text ?? '')
  return script
}

function read(url: string): Promise<string> {
  return readFile(fileURLToPath(url), 'utf8')
}
