import type { Notifier } from '@trunkline/core'

import { type CaseDefinition, type ContractCase, type ContractOptions, type Lab, toCases } from '../contract-case.ts'
import { listenCases } from './listen-cases.ts'
import { NotifierUnderTest } from './notifier-under-test.ts'
import { notifyCases } from './notify-cases.ts'
import { stopCases } from './stop-cases.ts'

/** A deployment in which nobody listens yet, made for one case. */
export interface NotifierDeployment {
  readonly notifier: Notifier
  /** The notifiers of other processes of the deployment: whoever listens there has to hear too. Defaults to none. */
  readonly others?: readonly Notifier[]
  /** Ends the deployment. What the case listened with was stopped before. */
  dispose(): Promise<void>
}

const definitions: readonly CaseDefinition<NotifierUnderTest>[] = [...notifyCases, ...listenCases, ...stopCases]

/**
 * What every Notifier must do while nothing goes wrong, as cases for any test runner. `create` is called for each case.
 * Coming back after an outage is not among them: how to make one, only the implementation knows.
 *
 * @example
 * for (const c of notifierContract(async () => ({ notifier: myNotifier(), dispose: async () => {} }))) test(c.name, c.run)
 */
export function notifierContract(
  create: () => Promise<NotifierDeployment>,
  options: ContractOptions = {},
): readonly ContractCase[] {
  return toCases(definitions, labOf(create), options)
}

function labOf(create: () => Promise<NotifierDeployment>): Lab<NotifierUnderTest> {
  return {
    async open(signal) {
      const deployment = await create()
      const subject = new NotifierUnderTest(deployment.notifier, deployment.others ?? [], signal)
      const dispose = async (): Promise<void> => {
        await subject.stop()
        await deployment.dispose()
      }
      return { subject, dispose }
    },
  }
}
