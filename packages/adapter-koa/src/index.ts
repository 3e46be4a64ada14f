export { koaAdapter, type KoaContextLike, type KoaMiddleware } from './koa-adapter.ts'
