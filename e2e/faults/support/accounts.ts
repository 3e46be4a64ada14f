/** How a call ended, as its caller knows it. Plain JSON: it may come from another process. */
export type Outcome =
  /** A cursor is null when the event is only placed after the commit, which was answered. */
  | { readonly kind: 'acknowledged'; readonly names: readonly string[]; readonly cursors: readonly (string | null)[] }
  /** Stored or not: nobody said. */
  | { readonly kind: 'failed'; readonly names: readonly string[]; readonly code: string; readonly error: string }
  /** Never committed. */
  | { readonly kind: 'undone'; readonly names: readonly string[] }

/** What the publishers know: which events must have come, and which must not. */
export class Accounts {
  readonly acknowledged = new Map<string, { readonly cursor: string | null; readonly at: number }>()
  readonly undone = new Set<string>()
  readonly failures: Extract<Outcome, { readonly kind: 'failed' }>[] = []

  /** Takes an outcome down. */
  readonly note = (outcome: Outcome): void => {
    const at = performance.now()
    if (outcome.kind === 'failed') this.failures.push(outcome)
    else if (outcome.kind === 'undone') for (const name of outcome.names) this.undone.add(name)
    else {
      for (const [index, name] of outcome.names.entries()) {
        this.acknowledged.set(name, { cursor: outcome.cursors[index] ?? null, at })
      }
    }
  }
}
