import { startProcess, type StartProcessOptions } from './processes.ts'

/** The command as users start it, on the sources of the workspace. */
export const commandFile: URL = new URL('../../packages/cli/src/bin.ts', import.meta.url)

/** One line of what `trunkline doctor --json` found. */
export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'warning' | 'wrong'
  readonly found: string
  readonly cure?: string
}

/** Runs `trunkline doctor` in a process of its own. */
export async function diagnose(
  args: readonly string[],
  env: StartProcessOptions['env'] = {},
): Promise<{ readonly code: number | null; readonly findings: readonly Finding[] }> {
  await using running = await startProcess(commandFile, {
    args: ['doctor', '--json', ...args],
    env: { DATABASE_URL: undefined, ...env },
    ready: null,
  })
  const { code } = await running.exited
  try {
    return { code, findings: (JSON.parse(running.output) as { readonly findings: readonly Finding[] }).findings }
  } catch (cause) {
    throw new Error(`doctor did not report:\n${running.output}`, { cause })
  }
}
