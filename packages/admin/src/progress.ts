/** Numbers that are told, as something to wait for: who is slow gets the newest, and nothing is kept. */
export interface Progress extends AsyncIterable<number> {
  readonly last: number
  tell(count: number): void
  end(): void
}

export function createProgress(): Progress {
  let last = 0
  let hasEnded = false
  let news = Promise.withResolvers<void>()
  return {
    get last() {
      return last
    },
    tell(count) {
      last = count
      news.resolve()
    },
    end() {
      hasEnded = true
      news.resolve()
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        await news.promise
        if (hasEnded) return
        news = Promise.withResolvers()
        yield last
      }
    },
  }
}
