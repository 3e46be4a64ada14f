/** One question that the bench answers: a file of `rows`. */
export interface Row {
  /** The argument of `pnpm bench`. */
  readonly name: string
  readonly title: string
  /** What was asked, in a sentence or two. */
  readonly question: string
  /** How it was measured, in a sentence or two. */
  readonly method: string
  /** Whether `--quick` measures it as well. */
  readonly quick?: boolean
  measure(bench: Bench): Promise<Findings>
}

/** What a row gets to work with. */
export interface Bench {
  /** Measures less, to find out within seconds whether something is badly wrong. */
  readonly isQuick: boolean
  readonly soakMinutes: number
  /** The URL of a new database, on a PostgreSQL with fsync on and these settings, which is started on first use. */
  database(settings?: Readonly<Record<string, string | number>>): Promise<string>
  /** What is being done, for the progress line. */
  progress(what: string): void
}

/** The runs of one side. */
export interface Measurement {
  readonly side: string
  /** What was measured: `CPU per delivery`. */
  readonly what: string
  readonly unit: string
  /** One value for each run. */
  readonly values: readonly number[]
}

/** What a row has to show. */
export interface Claim {
  readonly what: string
  /** One value for each run. The median is what counts. */
  readonly values: readonly number[]
  readonly unit?: string
  readonly atMost?: number
  readonly atLeast?: number
  /** What `--quick` lets pass. Left out: it does not look. */
  readonly quick?: number
}

/** What came out. */
export interface Findings {
  readonly measurements: readonly Measurement[]
  readonly claims: readonly Claim[]
  /** What a reader has to know beside the figures. */
  readonly notes?: readonly string[]
}
