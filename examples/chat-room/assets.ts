import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'

const folder = join(import.meta.dirname, 'public')

// Named one by one: a path from a request never becomes a path on the disk.
const scripts = ['chat', 'chip', 'clock', 'composer', 'messages', 'problem', 'status', 'tasks'].map((name) => `/${name}.js`)
const files = new Set([...scripts, '/chat.css', '/icon.svg'])

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Whether this is one of the page's files. */
export function isAsset(pathname: string): boolean {
  return files.has(pathname)
}

/** Read anew each time, so that one can edit them and reload. */
export async function sendAsset(_request: IncomingMessage, response: ServerResponse, { pathname }: URL): Promise<void> {
  const content = await readFile(join(folder, pathname))
  response.writeHead(200, { 'content-type': types[extname(pathname)] ?? 'application/octet-stream', 'cache-control': 'no-cache' })
  response.end(content)
}
