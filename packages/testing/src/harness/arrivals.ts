import { after } from './timers.ts'

/** What came, in the order in which it came. Each item is handed out once. */
export class Arrivals<Event> {
  readonly events: Event[] = []
  readonly #taken = new Set<Event>()
  readonly #waiting = new Set<() => void>()
  #isOver = false

  add(event: Event): void {
    this.events.push(event)
    this.#wake()
  }

  /** Nothing more comes: nobody has to wait for it. */
  end(): void {
    this.#isOver = true
    this.#wake()
  }

  isTaken(event: Event): boolean {
    return this.#taken.has(event)
  }

  /** The first one wanted that was not handed out yet; null when none comes in time. */
  async take(isWanted: (event: Event) => boolean, withinMs: number): Promise<Event | null> {
    let isLate = false
    const cancel = after(withinMs, () => {
      isLate = true
      this.#wake()
    })
    try {
      for (let looked = 0; ;) {
        for (; looked < this.events.length; looked++) {
          const event = this.events[looked] as Event
          if (this.#taken.has(event) || !isWanted(event)) continue
          this.#taken.add(event)
          return event
        }
        if (isLate || this.#isOver) return null
        await new Promise<void>((resolve) => this.#waiting.add(resolve))
      }
    } finally {
      cancel()
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
