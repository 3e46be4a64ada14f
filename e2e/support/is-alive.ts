import { readFileSync } from 'node:fs'

/** Whether a process runs. One that ended and whose parent has not asked for its exit code yet (a zombie) does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    // "1234 (name) Z …": the name may hold parentheses itself.
    return !/\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    // Without /proc the first answer has to do. With it, the process has ended just now.
    return process.platform !== 'linux'
  }
}
