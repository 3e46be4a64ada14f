import { type CaseDefinition, type ContractCase, type ContractOptions, type Lab, toCases } from '../contract-case.ts'
import { acknowledgeCases } from './acknowledge-cases.ts'
import { AdapterUnderTest } from './adapter-under-test.ts'
import { channelCases } from './channel-cases.ts'
import { corsCases } from './cors-cases.ts'
import { failureCases } from './failure-cases.ts'
import { identifyCases } from './identify-cases.ts'
import { leaveCases } from './leave-cases.ts'
import { methodCases } from './method-cases.ts'
import { refusalCases } from './refusal-cases.ts'
import { routeCases } from './route-cases.ts'
import { slowReaderCases } from './slow-reader-cases.ts'
import { streamCases } from './stream-cases.ts'
import type { AdapterHost, AdapterSetup } from './types.ts'

export type { AdapterHost, AdapterSettings, AdapterSetup, AskOptions, Identity, ReadHeader } from './types.ts'

const definitions: readonly CaseDefinition<AdapterUnderTest>[] = [
  ...streamCases,
  ...methodCases,
  ...routeCases,
  ...corsCases,
  ...refusalCases,
  ...identifyCases,
  ...channelCases,
  ...acknowledgeCases,
  ...leaveCases,
  ...slowReaderCases,
  ...failureCases,
]

/**
 * What every adapter must do, as cases for any test runner. `create` is called for each case, and starts a host with the adapter in it.
 * What middleware of the framework does before and after the adapter is not among them: only the framework's own tests can make it.
 *
 * @example
 * const create = async ({ trunkline, path, settings, identify, channels }: AdapterSetup) => {
 *   const handler = myAdapter(trunkline, { ...settings, path, identify: (request) => identify((name) => request.headers.get(name)) })
 *   const ask = async (url: string, options: AskOptions) => handler(new Request(`http://localhost${url}`, options))
 *   return { ask, dispose: async () => {} }
 * }
 * for (const c of adapterContract(create)) test(c.name, c.run)
 */
export function adapterContract(
  create: (setup: AdapterSetup) => Promise<AdapterHost>,
  options: ContractOptions = {},
): readonly ContractCase[] {
  return toCases(definitions, labOf(create), options)
}

function labOf(create: (setup: AdapterSetup) => Promise<AdapterHost>): Lab<AdapterUnderTest> {
  return {
    async open(signal) {
      const subject = new AdapterUnderTest(create, signal)
      return { subject, dispose: () => subject.dispose() }
    },
  }
}
