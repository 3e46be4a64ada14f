import { ContractError } from './assert.ts'

/** One thing that an implementation must do, as a test for any runner. */
export interface ContractCase {
  /** What it does, as a sentence: the name of the test. */
  readonly name: string
  /** The rule behind it. */
  readonly must: string
  /** Makes a deployment of its own, tries it, disposes of it. Rejects, with what was wrong, when the rule is broken. */
  run(): Promise<void>
}

/** A case that an implementation cannot pass, and why that is so. */
export interface SkippedCase {
  readonly name: string
  readonly because: string
}

/** How a contract is tried. */
export interface ContractOptions {
  /** Left out of the list of cases. A name that no case has is an error, and so is an empty reason. Defaults to none. */
  readonly skip?: readonly SkippedCase[]
  /** How long one case may take before it fails, in milliseconds. Defaults to 20,000. */
  readonly limitMs?: number
}

/** What a case is made of, before it has a deployment to try. */
export interface CaseDefinition<Subject> {
  readonly name: string
  readonly must: string
  run(subject: Subject): Promise<void>
}

/** How a case comes by what it tries, and gets rid of it. */
export interface Lab<Subject> {
  /** `signal` is aborted when the case is over: whatever still goes on has to end then. */
  open(signal: AbortSignal): Promise<{ readonly subject: Subject; dispose(): Promise<void> }>
}

/** The cases to run: each in a deployment of its own, and each with an end. */
export function toCases<Subject>(
  definitions: readonly CaseDefinition<Subject>[],
  lab: Lab<Subject>,
  { skip = [], limitMs = 20_000 }: ContractOptions,
): readonly ContractCase[] {
  checkSkipped(skip, definitions)
  return definitions
    .filter(({ name }) => !skip.some((skipped) => skipped.name === name))
    .map((definition) => ({ name: definition.name, must: definition.must, run: () => runCase(definition, lab, limitMs) }))
}

async function runCase<Subject>(definition: CaseDefinition<Subject>, lab: Lab<Subject>, limitMs: number): Promise<void> {
  const over = new AbortController()
  const { subject, dispose } = await lab.open(over.signal)
  try {
    await within(limitMs, definition.run(subject))
  } catch (error) {
    if (!(error instanceof ContractError)) throw error
    throw new ContractError(`${error.message}\n${definition.must}`)
  } finally {
    over.abort(new ContractError('The case is over.'))
    await dispose()
  }
}

function within(limitMs: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new ContractError(`It had not come to an end after ${limitMs} ms.`)), limitMs)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function checkSkipped(skip: readonly SkippedCase[], definitions: readonly { readonly name: string }[]): void {
  for (const { name, because } of skip) {
    if (!definitions.some((definition) => definition.name === name)) {
      throw new TypeError(`skip: there is no case "${name}". Pass the name of one as it is listed.`)
    }
    if (because.trim() === '') throw new TypeError(`skip: say in because why "${name}" cannot pass.`)
  }
}
