export { connect } from './connect.ts'
export type { Client, ClientOptions, ConnectionState, DomEvents, EventsOf } from './types.ts'
