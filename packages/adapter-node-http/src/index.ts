export { nodeAdapter, type NodeHandler } from './node-adapter.ts'
