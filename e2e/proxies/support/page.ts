import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const docs = join(import.meta.dirname, '../../../docs/proxies')

/** The block that a page in docs/proxies marks as the file of this name: what the tests run is what the page shows. */
export async function blockOf(page: string, file: string): Promise<string> {
  const text = await readFile(join(docs, page), 'utf8')
  const [, ...rest] = text.split(`<!-- proxy: ${file} -->\n\n`)
  const block = /^```\w+\n([^]*?)^```$/m.exec(rest[0] ?? '')?.[1]
  if (rest.length !== 1 || block === undefined)
    throw new Error(`docs/proxies/${page} needs one block after <!-- proxy: ${file} -->.`)
  return block
}

/** A change of a configuration. */
export type Edit = (configuration: string) => string

/** Puts something in the place of a text that has to be there. */
export function replace(text: string, by: string): Edit {
  return (configuration) => {
    if (!configuration.includes(text)) throw new Error(`The configuration has no ${JSON.stringify(text)}:\n${configuration}`)
    return configuration.replaceAll(text, () => by)
  }
}

/** Takes away the lines that have this text. */
export function without(text: string): Edit {
  return (configuration) => {
    const lines = configuration.split('\n')
    const left = lines.filter((line) => !line.includes(text))
    if (left.length === lines.length)
      throw new Error(`The configuration has no line with ${JSON.stringify(text)}:\n${configuration}`)
    return left.join('\n')
  }
}

/** Adds lines after the one with this text. */
export function after(text: string, ...lines: readonly string[]): Edit {
  return replace(`${text}\n`, [text, ...lines, ''].join('\n'))
}

/** One change after another. */
export function all(...edits: readonly Edit[]): Edit {
  return (configuration) => edits.reduce((edited, edit) => edit(edited), configuration)
}
