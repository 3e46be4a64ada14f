export type { AdminOptions, Authorized } from './authorize.ts'
export { createAdmin } from './create-admin.ts'
