export { type AdapterOptions, channelsOf, createMount, type FetchHandler, type Mounted } from './adapter.ts'
export { createHttp } from './http.ts'
export type { ClientScript, Cors, HttpAnswer, HttpOptions, HttpRequest, Identified } from './types.ts'
