import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { DataFolder } from './data-folder.ts'

/** Stops the server when this process ends, however it ends: also by SIGKILL, where no handler of ours runs. */
export interface Guard {
  watch(pid: number): void
  /** The server is gone, and its process id may be given to somebody else. */
  release(): void
  close(): Promise<void>
}

// Our end, whatever its kind, closes this script's stdin. A shell is used because it costs next to no memory.
const script = `
trap '' INT TERM HUP
pid=
while read -r word; do
  if [ "$word" = close ]; then exit; fi
  pid=\${word#release}
done
if [ -n "$pid" ]; then
  kill -INT "$pid" 2>/dev/null
  tries=100
  while [ $tries -gt 0 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; tries=$((tries - 1)); done
  kill -QUIT "$pid" 2>/dev/null && sleep 1
fi
if [ -n "$1" ]; then rm -rf "$1"; fi
`

export function startGuard({ path, isTemporary }: DataFolder): Guard {
  const child = spawn('sh', ['-c', script, 'trunkline-postgres-guard', isTemporary ? path : ''], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const gone = once(child, 'exit')
  // A guard that somebody killed guards nothing any more; that is no reason to end as well.
  child.stdin.on('error', () => {})
  child.unref()
  const say = (word: string): void => {
    if (child.stdin.writable) child.stdin.write(`${word}\n`)
  }
  return {
    watch: (pid) => say(String(pid)),
    release: () => say('release'),
    async close() {
      child.ref()
      if (child.stdin.writable) child.stdin.end('close\n')
      await gone
    },
  }
}
