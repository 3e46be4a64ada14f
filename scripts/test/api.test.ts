import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

import { chapters } from '../api/chapters.ts'
import { readComment } from '../api/comment.ts'
import { render } from '../api/render.ts'

const page = render(chapters)

test('docs/api.md is what the comments in the code say', () => {
  expect(readFileSync('docs/api.md', 'utf8'), 'Run `pnpm api`, and commit the page.').toBe(page)
})

test('every function that an application may import is in the reference', () => {
  const indexes = [
    'core',
    'postgres',
    'client',
    'client/react',
    'adapter-node-http',
    'adapter-hono',
    'adapter-koa',
    'adapter-fetch',
  ]
  const functions = indexes
    .map((name) => name.replace(/^[^/]+/, '$&/src'))
    .flatMap((folder) => [...readFileSync(`packages/${folder}/index.ts`, 'utf8').matchAll(/^export \{([^}]+)\}/gm)])
    .flatMap(([, names = '']) => names.split(','))
    .map((name) => name.trim())
    .filter((name) => /^[a-z]/.test(name) && !name.startsWith('type '))
  expect(functions.length).toBeGreaterThan(8)
  expect(functions.filter((name) => !page.includes(`\n### ${name}\n`))).toEqual([])
})

test('every option has a word about it', () => {
  expect(page.split('\n').filter((line) => line.startsWith('- `heartbeatMs`'))).toEqual([
    '- `heartbeatMs`: `number`, defaults to 15,000. Milliseconds between heartbeats.',
  ])
  const options = page.slice(page.indexOf('### TrunklineOptions'), page.indexOf('### Reader'))
  expect(options.match(/^- `/gm)?.length).toBeGreaterThan(12)
  expect(options.split('\n').filter((line) => /^- `\w+`: `[^`]*`(?:, [^.]*)?\.$/.test(line))).toEqual([])
})

describe('a comment', () => {
  test.each([
    ['Milliseconds. Defaults to 5,000.', 'Milliseconds.', '5,000'],
    ['Defaults to 4. Idle ones end.', 'Idle ones end.', '4'],
    ['Where. Defaults to console.error.', 'Where.', 'console.error'],
    ['Who may. Defaults to no: closed to all.', 'Who may. Defaults to no: closed to all.', undefined],
    ['Silent.', 'Silent.', undefined],
  ])('%j has its default', (said, text, fallback) => {
    expect(readComment(` ${said} `)).toMatchObject({ text, fallback })
  })

  test('has its errors, its parameters and its examples', () => {
    const comment = readComment(`
     * Does it, see {@link Trunkline.publish}.
     * And more.
     *
     * - one
     * - two
     *
     * @param name Of whom.
     * @throws {TrunklineError} \`no_store\`, when
     * there is none
     * @example
     * one()
     *
     * two()
     `)
    expect(comment).toEqual({
      text: 'Does it, see `publish`. And more.\n\n- one\n- two',
      fallback: undefined,
      throws: ['`no_store`, when there is none'],
      params: [{ name: 'name', text: 'Of whom.' }],
      examples: ['one()\n\ntwo()'],
    })
  })
})
