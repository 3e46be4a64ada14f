export { createHooks, type Hooks } from './create-hooks.ts'
