/** One thing of the reference: an interface with its members, or a function. */
export interface Entry {
  readonly file: string
  readonly name: string
  /**
   * How it is shown: its members as what one passes, or as what one gets; as methods called on something of this name, or on nothing; or only what its
   * comment says. Left out: the whole declaration.
   */
  readonly as?: 'options' | 'fields' | 'words' | { readonly methodsOf: string; readonly only?: readonly string[] }
}

/** A package, or a part of one. */
export interface Chapter {
  readonly title: string
  readonly intro: string
  readonly entries: readonly Entry[]
}

const core = 'packages/core/src'
const client = 'packages/client/src'

/** The reference, in the order in which somebody meets these things. */
export const chapters: readonly Chapter[] = [
  {
    title: '@trunkline/core',
    intro: 'Publishing, listening and streams: one trunkline for each process.',
    entries: [
      { file: `${core}/trunkline.ts`, name: 'createTrunkline' },
      { file: `${core}/options.ts`, name: 'TrunklineOptions', as: 'options' },
      { file: `${core}/options.ts`, name: 'Reader', as: 'fields' },
      { file: `${core}/options.ts`, name: 'SendContext', as: 'fields' },
      { file: `${core}/hub/routing.ts`, name: 'Audience', as: 'fields' },
      { file: `${core}/prune.ts`, name: 'Retention' },
      { file: `${core}/report.ts`, name: 'Stage' },
      { file: `${core}/memory/memory.ts`, name: 'memory' },
      { file: `${core}/trunkline.ts`, name: 'Trunkline', as: { methodsOf: 'trunkline' } },
      { file: `${core}/connection/connect.ts`, name: 'Connectable', as: { methodsOf: 'trunkline', only: ['connect'] } },
    ],
  },
  {
    title: 'What publish takes and gives',
    intro:
      'Every event has a `type` and a `detail`, or `raw` text in its place. A key that is not known is refused with `invalid_event`.',
    entries: [
      { file: `${core}/event/publish-input.ts`, name: 'UserPublish' },
      { file: `${core}/event/publish-input.ts`, name: 'GlobalPublish' },
      { file: `${core}/event/publish-input.ts`, name: 'SystemPublish' },
      { file: `${core}/event/publish-input.ts`, name: 'ChannelPublish' },
      { file: `${core}/event/publish-input.ts`, name: 'Common', as: 'options' },
      { file: `${core}/event/names.ts`, name: 'UserId' },
      { file: `${core}/event/publish-input.ts`, name: 'PublishOptions', as: 'options' },
      { file: `${core}/event/publish-input.ts`, name: 'Receipt', as: 'fields' },
    ],
  },
  {
    title: 'What comes back',
    intro: 'Events as receivers see them, and what is asked of the log.',
    entries: [
      { file: `${core}/event/event.ts`, name: 'TrunklineEvent', as: 'words' },
      { file: `${core}/event/event.ts`, name: 'StoredEvent', as: 'words' },
      { file: `${core}/event/event.ts`, name: 'Scope' },
      { file: `${core}/ports.ts`, name: 'EventFilter', as: 'options' },
      { file: `${core}/stats.ts`, name: 'Stats', as: 'fields' },
      { file: `${core}/counters.ts`, name: 'Counters', as: 'fields' },
      { file: `${core}/tracking/status.ts`, name: 'Tracked', as: 'fields' },
      { file: `${core}/tracking/tracking.ts`, name: 'Acknowledgement', as: 'options' },
      { file: `${core}/connection/connect.ts`, name: 'ConnectOptions', as: 'options' },
      { file: `${core}/connection/connect.ts`, name: 'Connection', as: 'fields' },
      { file: `${core}/control.ts`, name: 'PermissionChange' },
      { file: `${core}/control.ts`, name: 'Disconnection' },
    ],
  },
  {
    title: 'Helpers of core',
    intro: 'Functions beside the trunkline.',
    entries: [
      { file: `${core}/errors.ts`, name: 'hasCode' },
      { file: `${core}/entity.ts`, name: 'keysOf' },
      { file: `${core}/identity.ts`, name: 'identityOf' },
    ],
  },
  {
    title: 'For tools that read a Store themselves',
    intro: 'An application needs none of these: they are what the command is made of.',
    entries: [
      { file: `${core}/cursor.ts`, name: 'parseCursor' },
      { file: `${core}/event/read-event.ts`, name: 'placeOf' },
      { file: `${core}/event/read-event.ts`, name: 'readStoredEvent' },
      { file: `${core}/log.ts`, name: 'lostBy' },
    ],
  },
  {
    title: '@trunkline/postgres',
    intro: 'The log in PostgreSQL. Spread what it gives into the options of createTrunkline.',
    entries: [
      { file: 'packages/postgres/src/postgres.ts', name: 'postgres' },
      { file: 'packages/postgres/src/types.ts', name: 'PostgresOptions', as: 'options' },
      { file: 'packages/postgres/src/types.ts', name: 'PostgresBackend', as: 'fields' },
      { file: 'packages/postgres/src/types.ts', name: 'Inspection', as: 'fields' },
      { file: 'packages/postgres/src/types.ts', name: 'PostgresTransaction' },
      { file: 'packages/postgres/src/types.ts', name: 'QueryFunction' },
      { file: 'packages/postgres/src/migrations/migration-sql.ts', name: 'migrationSql' },
      { file: 'packages/postgres/src/migrations/migration-sql.ts', name: 'MigrationSqlOptions', as: 'options' },
    ],
  },
  {
    title: 'Adapters',
    intro: 'One for each kind of server. They take the same options; `honoAdapter` has no `path`, because it is an app to mount.',
    entries: [
      { file: 'packages/adapter-node-http/src/node-adapter.ts', name: 'nodeAdapter' },
      { file: 'packages/adapter-hono/src/hono-adapter.ts', name: 'honoAdapter' },
      { file: 'packages/adapter-koa/src/koa-adapter.ts', name: 'koaAdapter' },
      { file: 'packages/adapter-fetch/src/fetch-adapter.ts', name: 'fetchAdapter' },
      { file: `${core}/http/adapter.ts`, name: 'AdapterOptions', as: 'options' },
      { file: `${core}/http/types.ts`, name: 'HttpOptions', as: 'options' },
      { file: `${core}/http/types.ts`, name: 'Identified' },
      { file: `${core}/http/types.ts`, name: 'Cors', as: 'options' },
      { file: 'packages/adapter-node-http/src/to-node-handler.ts', name: 'toNodeHandler' },
      { file: 'packages/adapter-node-http/src/to-node-handler.ts', name: 'NodeHandlerOptions', as: 'options' },
      { file: 'packages/adapter-koa/src/to-koa-middleware.ts', name: 'toKoaMiddleware' },
      { file: 'packages/adapter-koa/src/to-koa-middleware.ts', name: 'KoaMiddlewareOptions', as: 'options' },
    ],
  },
  {
    title: '@trunkline/client',
    intro:
      'In the browser. The script that adapters serve is the same; `Trunkline.client` is its client, `Trunkline.connect` is `connect`.',
    entries: [
      { file: `${client}/connect.ts`, name: 'connect' },
      { file: `${client}/types.ts`, name: 'ClientOptions', as: 'options' },
      { file: `${client}/types.ts`, name: 'Client', as: { methodsOf: 'client' } },
      { file: `${client}/types.ts`, name: 'ConnectionState' },
      { file: `${client}/types.ts`, name: 'DomEvents', as: 'words' },
      { file: `${client}/script/script-tag.ts`, name: 'scriptTag' },
      { file: `${client}/script/script-tag.ts`, name: 'ScriptTagOptions', as: 'options' },
    ],
  },
  {
    title: '@trunkline/client/react',
    intro: 'Hooks for React, which is an optional peer.',
    entries: [
      { file: `${client}/react/create-hooks.ts`, name: 'createHooks' },
      { file: `${client}/react/create-hooks.ts`, name: 'Hooks', as: { methodsOf: '' } },
    ],
  },
]
