import { createHash } from 'node:crypto'
import { glob, readFile } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import { join } from 'node:path'

import { transform } from 'esbuild'
import { describe, expect, test } from 'vitest'

import { browsers } from '../scripts/browsers.ts'
import { clientScript } from '../src/script/index.ts'

const root = join(import.meta.dirname, '..')
const script = join(root, 'dist/script/client.js')

describe('the published client.js', () => {
  test('is what adapters serve, so that its digest is that of the tag', async () => {
    const text = await readFile(script, 'utf8')
    expect(text).toBe(clientScript.source)
    expect(`sha384-${createHash('sha384').update(text).digest('base64')}`).toBe(clientScript.integrity)
  })

  test.each(['last-event-id', 'visibilitychange', 'trunkline-identity', 'retry-after', 'Client stopped: '])(
    'has a map that leads from %s to the source that says so',
    async (words) => {
      const payload = JSON.parse(await readFile(`${script}.map`, 'utf8')) as ConstructorParameters<typeof SourceMap>[0]
      const lines = (await readFile(script, 'utf8')).split('\n')
      const line = lines.findIndex((text) => text.includes(words))
      const { originalSource, originalLine } = new SourceMap(payload).findEntry(line, (lines[line] ?? '').indexOf(words)) as {
        readonly originalSource: string
        readonly originalLine: number
      }
      expect(originalSource).toMatch(/^\.\.\/\.\.\/src\//)
      const source = await readFile(join(root, 'dist/script', originalSource), 'utf8')
      expect(source.split('\n')[originalLine]).toContain(words)
      expect(payload.sourcesContent[payload.sources.indexOf(originalSource)]).toBe(source)
    },
  )
})

describe('browsers of the last three years', () => {
  test('run the syntax of every module as it is', async () => {
    const changed: string[] = []
    let seen = 0
    for await (const path of glob('src/**/*.ts', { cwd: root })) {
      const code = await readFile(join(root, path), 'utf8')
      seen++
      if ((await toJavaScript(code, browsers)) !== (await toJavaScript(code, 'esnext'))) changed.push(path)
    }
    expect(seen).toBeGreaterThan(20)
    expect(changed).toEqual([])
  })

  test('do not run what is newer', async () => {
    const code = 'export function use() { using file = open(); return file }'
    expect(await toJavaScript(code, browsers)).not.toBe(await toJavaScript(code, 'esnext'))
  })
})

async function toJavaScript(code: string, target: string | string[]): Promise<string> {
  // What the workspace's compiler options would do to class fields is the compiler's business.
  const { code: result } = await transform(code, { loader: 'ts', target, tsconfigRaw: {} })
  return result
}
