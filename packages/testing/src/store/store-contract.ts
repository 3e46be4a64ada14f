import type { Store } from '@trunkline/core'

import { type CaseDefinition, type ContractCase, type ContractOptions, type Lab, toCases } from '../contract-case.ts'
import { appendCases } from './append-cases.ts'
import { archiveCases } from './archive-cases.ts'
import { audienceCases } from './audience-cases.ts'
import { boundsCases } from './bounds-cases.ts'
import { fieldCases } from './field-cases.ts'
import { findCases } from './find-cases.ts'
import { keyCases } from './key-cases.ts'
import { LogUnderTest } from './log-under-test.ts'
import { orderCases } from './order-cases.ts'
import { pageCases } from './page-cases.ts'
import { pruneCases } from './prune-cases.ts'
import { pruneRaceCases } from './prune-race-cases.ts'
import { tagCases } from './tag-cases.ts'
import { trackCases } from './track-cases.ts'

/** A deployment with an empty log, made for one case. */
export interface StoreDeployment {
  readonly store: Store
  /** The same log through other processes: cases about several writers or readers use them all. Defaults to none. */
  readonly others?: readonly Store[]
  /** Ends the deployment. The case has ended before. */
  dispose(): Promise<void>
}

const definitions: readonly CaseDefinition<LogUnderTest>[] = [
  ...appendCases,
  ...orderCases,
  ...fieldCases,
  ...audienceCases,
  ...pageCases,
  ...boundsCases,
  ...tagCases,
  ...pruneCases,
  ...pruneRaceCases,
  ...keyCases,
  ...archiveCases,
  ...findCases,
  ...trackCases,
]

/**
 * What every Store must do, as cases for any test runner. `create` is called for each case and gives an empty log of its own.
 * Publishing in a transaction is not among them: what a transaction is, only the store knows.
 *
 * @example
 * for (const c of storeContract(async () => ({ store: myStore(), dispose: async () => {} }))) test(c.name, c.run)
 */
export function storeContract(create: () => Promise<StoreDeployment>, options: ContractOptions = {}): readonly ContractCase[] {
  return toCases(definitions, labOf(create), options)
}

function labOf(create: () => Promise<StoreDeployment>): Lab<LogUnderTest> {
  return {
    async open(signal) {
      const deployments: StoreDeployment[] = []
      const open = async (): Promise<LogUnderTest> => {
        const deployment = await create()
        deployments.push(deployment)
        return new LogUnderTest([deployment.store, ...(deployment.others ?? [])], open, signal)
      }
      const dispose = async (): Promise<void> => {
        await Promise.all(deployments.map((deployment) => deployment.dispose()))
      }
      return { subject: await open(), dispose }
    },
  }
}
