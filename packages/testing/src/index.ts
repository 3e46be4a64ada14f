export {
  adapterContract,
  type AdapterHost,
  type AdapterSettings,
  type AdapterSetup,
  type AskOptions,
  type Identity,
  type ReadHeader,
} from './adapter/adapter-contract.ts'
export { type ContractCase, type ContractOptions, type SkippedCase } from './contract-case.ts'
export { type HarnessClock } from './harness/clock.ts'
export { createHarness } from './harness/create-harness.ts'
export { type HarnessTransaction } from './harness/transaction.ts'
export type {
  EventOfKey,
  Expectations,
  ExpectOptions,
  Harness,
  HarnessClient,
  HarnessConnectOptions,
  HarnessError,
  HarnessOptions,
  PartOf,
  ReceivedEvent,
  ReceivedFrame,
  ReceivedReset,
} from './harness/types.ts'
export { notifierContract, type NotifierDeployment } from './notifier/notifier-contract.ts'
export { storeContract, type StoreDeployment } from './store/store-contract.ts'
