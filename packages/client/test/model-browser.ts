import { setImmediate } from 'node:timers/promises'

import type { Cancel, Seams } from '../src/seams.ts'
import type { Sharing } from '../src/sharing.ts'

/** A page of {@link ModelBrowser}: whatever reaches it waits while it is frozen, and is lost when it has crashed. */
export interface ModelTab {
  readonly seams: Pick<Seams, 'now' | 'after' | 'random' | 'onWake' | 'onHide' | 'sharing'>
  /** Has it do something after so many milliseconds, as a task of its own. */
  soon(task: () => void, ms?: number): Cancel
  freeze(): void
  thaw(): void
  hide(): void
  show(): void
  crash(): void
  readonly isGone: boolean
  /** Called when it has crashed. */
  onCrash: () => void
}

interface Task {
  readonly at: number
  readonly run: () => void
}
interface LockRequest {
  readonly tab: ModelTab
  readonly onHeld: () => void
  readonly onLost: () => void
}

/**
 * What tabs have of a browser, in a time of its own: timers, a bus that brings each tab all messages in the order in which they were posted
 * but some time later, and locks that are given, stolen and given back by crashes. `random` decides how long things take.
 */
export class ModelBrowser {
  time = 1_000_000
  readonly #random: () => number
  readonly #tasks: Task[] = []
  readonly #locks = new Map<string, { holder: LockRequest | undefined; readonly queue: LockRequest[] }>()
  readonly #buses = new Set<{
    readonly name: string
    readonly tab: ModelTab
    readonly onText: (text: string) => void
    last: number
  }>()

  constructor(random: () => number) {
    this.#random = random
  }

  /** Does something after so many milliseconds. */
  after(ms: number, run: () => void): Cancel {
    const task = { at: this.time + ms, run }
    // Stable: what was arranged first comes first.
    const index = this.#tasks.findLastIndex(({ at }) => at <= task.at)
    this.#tasks.splice(index + 1, 0, task)
    return () => {
      const found = this.#tasks.indexOf(task)
      if (found !== -1) this.#tasks.splice(found, 1)
    }
  }

  /** Lets time pass. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms
    await setImmediate()
    while ((this.#tasks[0]?.at ?? Infinity) <= end) {
      const task = this.#tasks.shift() as Task // there is one
      this.time = Math.max(this.time, task.at)
      task.run()
      // Whatever the task set going comes to rest.
      await setImmediate()
    }
    this.time = end
  }

  openTab(): ModelTab {
    let isFrozen = false
    let isGone = false
    const backlog: (() => void)[] = []
    const hiding = new Set<() => void>()
    const waking = new Set<() => void>()
    const listen =
      (set: Set<() => void>) =>
      (task: () => void): Cancel => {
        set.add(task)
        return () => set.delete(task)
      }
    const each = (set: Set<() => void>): void => {
      for (const task of set) task()
    }
    const drain = (): void => {
      if (isFrozen || isGone) return
      backlog.shift()?.()
      if (backlog.length > 0) this.after(0, drain)
    }
    const soon = (task: () => void, ms = 0): Cancel => {
      let isCancelled = false
      this.after(ms, () => {
        // In the order in which they fell due, also those that wait for a thaw.
        backlog.push(() => isCancelled || isGone || task())
        if (!isFrozen && backlog.length === 1) drain()
      })
      return () => (isCancelled = true)
    }
    const tab: ModelTab = {
      soon,
      get isGone() {
        return isGone
      },
      onCrash: () => {},
      freeze: () => (isFrozen = true),
      thaw() {
        if (!isFrozen) return
        isFrozen = false
        drain()
      },
      hide: () => each(hiding),
      show: () => each(waking),
      crash: () => {
        isGone = true
        for (const bus of this.#buses) if (bus.tab === tab) this.#buses.delete(bus)
        for (const [name, { holder, queue }] of this.#locks) {
          for (const request of queue.filter((other) => other.tab === tab)) queue.splice(queue.indexOf(request), 1)
          if (holder?.tab === tab) this.#pass(name)
        }
        tab.onCrash()
      },
      seams: {
        now: () => this.time,
        random: this.#random,
        after: (ms, task) => soon(task, ms),
        onWake: listen(waking),
        onHide: listen(hiding),
        sharing: this.#sharing(() => tab),
      },
    }
    return tab
  }

  #sharing(of: () => ModelTab): Sharing {
    return {
      openBus: (name, onText) => {
        const bus = { name, tab: of(), onText, last: 0 }
        this.#buses.add(bus)
        return {
          postMessage: (text) => {
            for (const other of this.#buses) {
              if (other === bus || other.name !== name) continue
              other.last = Math.max(other.last, this.time + this.#delay())
              other.tab.soon(() => this.#buses.has(other) && other.onText(text), other.last - this.time)
            }
          },
          close: () => this.#buses.delete(bus),
        }
      },
      lock: (name, steal, onHeld, onLost = () => {}) => {
        const tab = of()
        const lock = this.#locks.get(name) ?? { holder: undefined, queue: [] }
        this.#locks.set(name, lock)
        let isGivenBack = false
        const request: LockRequest = {
          tab,
          onHeld: () => tab.soon(() => !isGivenBack && onHeld(), this.#delay()),
          onLost: () => tab.soon(() => !isGivenBack && onLost(), this.#delay()),
        }
        if (steal) {
          lock.holder?.onLost()
          lock.holder = request
          request.onHeld()
        } else {
          lock.queue.push(request)
          if (lock.holder === undefined) this.#pass(name)
        }
        return () => {
          isGivenBack = true
          if (lock.queue.includes(request)) lock.queue.splice(lock.queue.indexOf(request), 1)
          if (lock.holder === request) this.#pass(name)
        }
      },
    }
  }

  #pass(name: string): void {
    const lock = this.#locks.get(name)
    if (lock === undefined) return
    lock.holder = lock.queue.shift()
    lock.holder?.onHeld()
  }

  /** Mostly at once, sometimes not. */
  #delay(): number {
    return Math.floor(this.#random() ** 6 * 200)
  }
}
