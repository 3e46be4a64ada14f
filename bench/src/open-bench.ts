import postgresJs from 'postgres'

import { type EmbeddedPostgres, startPostgres } from '../../scripts/embedded-postgres.ts'
import type { Arguments } from './arguments.ts'
import type { Bench } from './row.ts'

type Settings = Readonly<Record<string, string | number>>

/** What a row works with while it measures. Everything that it started ends with it. */
export interface OpenBench extends Bench, AsyncDisposable {
  /** Takes the progress line away. */
  clear(): void
}

/** For one row. */
export function openBench(row: string, { quick, soakMinutes }: Pick<Arguments, 'quick' | 'soakMinutes'>): OpenBench {
  const servers = new Map<string, Promise<EmbeddedPostgres>>()
  const databases: { readonly url: string; readonly name: string }[] = []
  const began = performance.now()
  const { stderr } = process

  async function serverUrl(settings: Settings): Promise<string> {
    const { DATABASE_URL: own = '' } = process.env
    if (own !== '' && Object.keys(settings).length === 0) return own
    const key = JSON.stringify(settings)
    const server = servers.get(key) ?? startPostgres({ settings })
    servers.set(key, server)
    return (await server).url
  }

  return {
    isQuick: quick,
    soakMinutes,
    database: async (settings = {}) => {
      const url = await serverUrl(settings)
      const name = `trunkline_bench_${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`
      await run(url, `create database ${name}`)
      databases.push({ url, name })
      const own = new URL(url)
      own.pathname = `/${name}`
      return own.href
    },
    progress: (what) => {
      const line = `${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${row}: ${what}`
      stderr.write(stderr.isTTY ? `\r\u001B[K${line}` : `${line}\n`)
    },
    clear: () => {
      if (stderr.isTTY) stderr.write('\r\u001B[K')
    },
    [Symbol.asyncDispose]: async () => {
      for (const { url, name } of databases) await run(url, `drop database ${name} with (force)`)
      await Promise.all(Array.from(servers.values(), async (server) => (await server).stop()))
    },
  }
}

async function run(url: string, statement: string): Promise<void> {
  const sql = postgresJs(url, { max: 1, onnotice: () => {} })
  try {
    await sql.unsafe(statement)
  } finally {
    await sql.end()
  }
}
