export { honoAdapter } from './hono-adapter.ts'
