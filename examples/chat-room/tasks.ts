import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { Refusal } from './refusal.ts'
import type { ChatTrunkline } from './trunkline.ts'

export interface Tasks {
  /** Starts a task for a user and returns its id. The user's tabs hear of its progress, and nobody else does. */
  start(userId: string): string
  /** Interrupts what runs, and says so to those who wait for it. */
  stop(): Promise<void>
}

export interface TasksOptions {
  readonly trunkline: ChatTrunkline
  readonly port: number
  readonly onError: (error: unknown) => void
  /** Time between two steps of a task. Defaults to 300. */
  readonly stepMs?: number | undefined
}

const maxTasksPerUser = 3
const stepPercent = 5

/** Long tasks that run in this process. A real one would import pages or train models; these only take their time. */
export function createTasks({ trunkline, port, onError, stepMs = 300 }: TasksOptions): Tasks {
  const stopping = new AbortController()
  const running = new Map<Promise<void>, string>()

  async function run(userId: string, id: string): Promise<void> {
    const tell = async (state: 'running' | 'done' | 'interrupted', percent: number): Promise<void> => {
      // The task goes on when its progress cannot be told.
      await trunkline.publish({ userId, type: 'task_progress', detail: { ':id': id, state, percent, port } }).catch(onError)
    }
    let percent = 0
    for (; percent < 100 && !stopping.signal.aborted; percent += stepPercent) {
      await tell('running', percent)
      await sleep(stepMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
    await (stopping.signal.aborted ? tell('interrupted', percent) : tell('done', 100))
  }

  return {
    start(userId) {
      const count = [...running.values()].filter((other) => other === userId).length
      if (count >= maxTasksPerUser) {
        throw new Refusal(429, 'too_many_tasks', `${maxTasksPerUser} tasks at a time are enough. Wait until one is done.`)
      }
      const id = randomUUID()
      const task = run(userId, id).finally(() => running.delete(task))
      running.set(task, userId)
      return id
    },
    async stop() {
      stopping.abort()
      await Promise.all(running.keys())
    },
  }
}
