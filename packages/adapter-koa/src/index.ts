export { type KoaMiddlewareOptions, toKoaMiddleware } from './to-koa-middleware.ts'
export { koaAdapter, type KoaContextLike, type KoaMiddleware } from './koa-adapter.ts'
