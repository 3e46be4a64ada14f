export { type ContractCase, type ContractOptions, type SkippedCase } from './contract-case.ts'
export { notifierContract, type NotifierDeployment } from './notifier/notifier-contract.ts'
export { storeContract, type StoreDeployment } from './store/store-contract.ts'
