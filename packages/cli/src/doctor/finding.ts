/** What came of looking at one thing. */
export interface Finding {
  /** What was looked at. */
  readonly check: string
  /** `warning`: it works, and something is not as it should be. `wrong`: something does not work. */
  readonly state: 'ok' | 'warning' | 'wrong'
  readonly found: string
  /** The line that cures it. */
  readonly cure?: string
}

export function ok(check: string, found: string): Finding {
  return { check, state: 'ok', found }
}

export function warning(check: string, found: string, cure: string): Finding {
  return { check, state: 'warning', found, cure }
}

export function wrong(check: string, found: string, cure: string): Finding {
  return { check, state: 'wrong', found, cure }
}
