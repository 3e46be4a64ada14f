import { readFileSync } from 'node:fs'

/**
 * Calls back when npx or pnpm, which ran this script, is gone. A signal that is sent to npx alone (a script's `kill $!`, not the Ctrl-C
 * of a terminal) ends npx and its shell, and nobody tells pnpm or us. Needs /proc: does nothing where there is none.
 */
export function onRunnerGone(callback: () => void): void {
  const links = findLinks()
  const watch = setInterval(() => {
    if (links.every(({ pid, parent }) => parentOf(pid) === parent)) return
    clearInterval(watch)
    callback()
  }, 500)
  watch.unref()
}

interface Link {
  readonly pid: number
  readonly parent: number
}

/** From us up to the first runner. Who started that one is no concern of ours: a shell may well end before what it started. */
function findLinks(): readonly Link[] {
  const links: Link[] = []
  let pid = process.pid
  while (wasRun(pid)) {
    const parent = parentOf(pid)
    if (parent === null) break
    links.push({ pid, parent })
    pid = parent
  }
  return links
}

/** Runners leave their mark in the environment of what they run. */
function wasRun(pid: number): boolean {
  return read(pid, 'environ')?.includes('npm_lifecycle_event=') ?? false
}

/** proc(5): pid, name in brackets, state, parent. The name may hold spaces and brackets. */
function parentOf(pid: number): number | null {
  const stat = read(pid, 'stat')
  return stat === null ? null : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

function read(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return null
  }
}
