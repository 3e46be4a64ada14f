import { css, icon, script } from './files.generated.ts'
import { Refusal } from './refusal.ts'

interface File {
  readonly text: string
  readonly type: string
  /** Of its content: another content has another address. */
  readonly version: string
}

type Name = 'admin.css' | 'admin.js' | 'icon.svg'

const files: Readonly<Record<Name, File>> = {
  'admin.css': { ...css, type: 'text/css; charset=utf-8' },
  'admin.js': { ...script, type: 'text/javascript; charset=utf-8' },
  'icon.svg': { ...icon, type: 'image/svg+xml' },
}

/** The address of a file. */
export function fileLink(name: Name): string {
  return `?file=${name}&v=${files[name].version}`
}

/** @throws {Refusal} when there is no such file */
export function fileNamed(name: string): Response {
  if (!Object.hasOwn(files, name)) throw new Refusal(404, 'There is no such file.')
  const { text, type } = files[name as Name] // as just seen
  return new Response(text, {
    headers: {
      'content-type': type,
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, max-age=31536000, immutable',
    },
  })
}
