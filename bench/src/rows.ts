import { readdir } from 'node:fs/promises'

import type { Row } from './row.ts'

/** In this order they are measured and shown; a new one that is not here comes last. */
const order = [
  'fanout',
  'bursts',
  'postgres',
  'hooks',
  'one-user',
  'publish',
  'append',
  'latency',
  'transactions',
  'memory',
  'resume',
  'slow-readers',
  'soak',
]

/** Every file of `rows`. */
export async function loadRows(): Promise<readonly Row[]> {
  const folder = new URL('../rows/', import.meta.url)
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts'))
  const rows = await Promise.all(
    files.map(async (file) => ((await import(new URL(file, folder).href)) as { readonly row: Row }).row),
  )
  const rank = ({ name }: Row): number => (order.includes(name) ? order.indexOf(name) : order.length)
  return rows.toSorted((a, b) => rank(a) - rank(b))
}
