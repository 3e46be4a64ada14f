import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

import { exitCodes, trunkline } from './support/command.ts'

const commands = ['migrate', 'doctor', 'tail', 'publish', 'replay', 'prune', 'stats']

/** The commands of a text: lines that begin with one, after a pipe or `npx`, up to a comment, a pipe or a redirection. */
function commandsIn(text: string): readonly string[] {
  return [...text.matchAll(/^ *(?:[^#|\n]*\| *)?(?:npx )?trunkline ([a-z]+ ?(?:'[^']*'|[^#|>'\n])*)/gm)].map(
    ([, args]) => args?.trim() ?? '',
  )
}

function split(args: string): readonly string[] {
  return [...args.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

async function textOf(place: string): Promise<string> {
  if (place.endsWith('.md')) return readFile(new URL(`../../../${place}`, import.meta.url), 'utf8')
  return (await trunkline([place, '--help'])).stdout
}

test.each(['docs/command.md', 'packages/cli/README.md', ...commands])('every example of %s is right', async (place) => {
  const examples = commandsIn(await textOf(place))
  expect(examples.length).toBeGreaterThan(place === 'stats' ? 0 : 1)
  for (const example of examples) {
    // Without a database that was named each of them ends where it would begin to work.
    const args = split(example).filter((argument, index, all) => argument !== '--url' && all[index - 1] !== '--url')
    const { code, stderr } = await trunkline(args, { input: '{}' })
    const expected = code === exitCodes.ok ? /^$/ : /No database was named/
    expect({ example, stderr }).toEqual({ example, stderr: expect.stringMatching(expected) as unknown })
  }
})
