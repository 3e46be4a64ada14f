import type { Cancel, Seams } from './seams.ts'

/** A burst of events is one write. What a tab that crashes had in this time comes again. */
const writeMs = 1_000

/** A tab's place at an endpoint, kept for as long as there is the tab. */
export interface KeptPlace {
  /** Whose it was when this page came, and which. Undefined when there was none. */
  readonly keptFor: string | undefined
  readonly kept: string | undefined
  /** Events were handed out: writes the place down within a second, or when the page is left. */
  keep(identity: string): void
}

/** `tell`: where that a place cannot be kept is said. A reload then starts from the moment the server answers. */
export function createKeptPlace(
  url: string,
  cursor: () => string,
  { storage, after, onHide }: Pick<Seams, 'storage' | 'after' | 'onHide'>,
  tell: (what: string, error: unknown) => void,
): KeptPlace {
  const key = `trunkline ${url}`
  let owner = ''
  let waiting: readonly Cancel[] = []

  function write(): void {
    for (const cancel of waiting) cancel()
    waiting = []
    access(`${owner} ${cursor()}`)
  }

  /** Writes, or reads. Storage may be forbidden, or full. */
  function access(value?: string): string | null | undefined | void {
    try {
      return value ? storage()?.setItem(key, value) : storage()?.getItem(key)
    } catch (error) {
      return tell('place not kept', error)
    }
  }

  const [keptFor, kept] = access()?.split(' ') ?? []
  return {
    keptFor,
    kept,
    keep(identity) {
      owner = identity
      if (!waiting.length) waiting = [after(writeMs, write), onHide(write)]
    },
  }
}
