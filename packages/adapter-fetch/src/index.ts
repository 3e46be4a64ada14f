export { fetchAdapter } from './fetch-adapter.ts'
