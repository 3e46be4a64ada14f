export { nodeAdapter } from './node-adapter.ts'
export type { NodeHandler, NodeIncoming, NodeOutgoing } from './node-handler.ts'
export { type NodeHandlerOptions, toNodeHandler } from './to-node-handler.ts'
