import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { Proxy } from './proxy.ts'

/** Bytes that a proxy's processes hold in memory, and those that it has put into files. Where there is no /proc, its memory is not seen. */
export async function heldBy({ pid, folder }: Proxy): Promise<{ readonly memory: number; readonly files: number }> {
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const memory = await sum(processes, (process) => residentBytes(process, pid))
  const files = await sum(await readdir(folder, { recursive: true }), async (name) => {
    const found = await stat(join(folder, name)).catch(() => null)
    return found?.isFile() === true ? found.size : 0
  })
  return { memory, files }
}

/** Of a process that belongs to the group; 0 of others, and of one that has ended meanwhile. */
async function residentBytes(process: string, group: number): Promise<number> {
  const read = (name: string): Promise<string> => readFile(`/proc/${process}/${name}`, 'utf8').catch(() => '')
  // "1234 (name) S parent group …": the name may hold parentheses itself.
  const [, , itsGroup] = (await read('stat')).split(') ').at(-1)?.split(' ') ?? []
  if (Number(itsGroup) !== group) return 0
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(await read('status'))?.[1]
  return Number(kilobytes ?? 0) * 1_024
}

async function sum<T>(items: readonly T[], amount: (item: T) => Promise<number>): Promise<number> {
  return (await Promise.all(items.map(amount))).reduce((total, one) => total + one, 0)
}
