import { join, relative } from 'node:path'

import { startPostgres } from '../embedded-postgres.ts'
import { never, type Started } from './started.ts'

const root = join(import.meta.dirname, '../..')

export interface Database extends Started {
  readonly url: string
  /** For people. */
  readonly name: string
}

/** The PostgreSQL at `url`, or one from npm. */
export async function openDatabase(url: string, dataDir: string): Promise<Database> {
  if (url !== '') return { url, name: 'the PostgreSQL of DATABASE_URL', failed: never, stop: async () => {} }
  console.log('Starting PostgreSQL …')
  const server = await startPostgres({ dataDir })
  const failed = new Promise<never>((_resolve, reject) => {
    const watch = setInterval(() => {
      if (isRunning(server.pid)) return
      clearInterval(watch)
      reject(new Error(`PostgreSQL ended by itself. What it said is in ${server.logFile}`))
    }, 1_000)
    watch.unref()
  })
  const name = `PostgreSQL ${server.version.split('-')[0]} (data in ${relative(root, server.dataDir)})`
  return { url: server.url, name, failed, stop: () => server.stop() }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
