import { setTimeout as pause } from 'node:timers/promises'

import type { AdapterSetup } from '@trunkline/testing'

import type { AdapterFault } from './broken-adapter.ts'
import {
  answersInstead,
  dropping,
  holdingBack,
  identifying,
  statusOf,
  withHeader,
  without,
  withoutHeader,
  withoutSetting,
} from './fault-kinds.ts'

/** By the name of the case that has to find it, and by what is wrong. */
export const adapterFaults: Readonly<Record<string, Readonly<Record<string, AdapterFault>>>> = {
  'a stream has its headers, and none of the connection': {
    'keeps the connection alive itself': withHeader('connection', 'keep-alive'),
    'forgets x-accel-buffering': without('x-accel-buffering'),
    'lets proxies compress': withHeader('cache-control', 'no-cache'),
  },
  'a stream begins before there is an event': { 'writes a chunk when the next one comes': { write: holdingBack } },
  'a stream delivers what is published, live and in order': {
    'writes a chunk when the next one comes': { write: holdingBack },
    'takes bytes for characters': {
      async *write(chunks) {
        for await (const chunk of chunks) yield Buffer.from(Buffer.from(chunk).toString('ascii'))
      },
    },
  },
  'heartbeats come while nothing else does': { 'writes none': { write: dropping('event: heartbeat') } },
  'a stream resumes after the place in its header': {
    'does not pass it on': withoutHeader('last-event-id'),
    'lets the query win': {
      request: ({ header, url }) => ({
        header: (name) => (name === 'last-event-id' && url.includes('lastEventId') ? null : header(name)),
      }),
    },
  },
  'a stream resumes after the place in its query': {
    'drops the query': { request: ({ url }) => ({ url: url.split('?')[0] ?? '' }) },
  },
  'a place that means nothing is told by a reset': {
    'begins anew instead': {
      request: ({ header, url }) => ({
        url: url.replace(/lastEventId=[^&.]*(&|$)/, ''),
        header: (name) => (name === 'last-event-id' && header(name)?.includes('.') !== true ? null : header(name)),
      }),
    },
    'refuses it': answersInstead(({ url }) => url.includes('nonsense'), 400),
  },
  'a client may ask for another dialect': { 'does not pass on which there are': withoutSetting('dialect') },
  'a stream ends with a goodbye when the trunkline stops': {
    'writes no goodbye': { write: dropping('event: goodbye') },
    'never ends': {
      async *write(chunks) {
        yield* chunks
        await new Promise(() => {})
      },
    },
    'breaks off': {
      async *write(chunks) {
        yield* chunks
        throw new Error('on purpose')
      },
    },
  },
  'HEAD has the headers of the stream and opens none': {
    'takes it for GET': { request: ({ method }) => ({ method: method === 'HEAD' ? 'GET' : method }) },
    'does not know it': answersInstead(({ method }) => method === 'HEAD', 405),
  },
  'HEAD is refused as GET is': {
    'always answers 200': answersInstead(({ method }) => method === 'HEAD', 200),
    'drops its query': { request: ({ method, url }) => (method === 'HEAD' ? { url: url.replace(/\?.*/, '') } : {}) },
  },
  'OPTIONS says which methods there are': {
    'leaves it to the host': answersInstead(({ method }) => method === 'OPTIONS', 404),
    'identifies first': { instead: async (native, { identify }) => (await identify((name) => native.headers.get(name)), null) },
  },
  'other methods are refused': {
    'leaves them to the host': answersInstead(({ method }) => !['GET', 'HEAD', 'OPTIONS'].includes(method), 404),
    'takes them for GET': { request: () => ({ method: 'GET' }) },
  },
  'who accepts no event stream is refused': { 'does not pass Accept on': withoutHeader('accept') },
  'the stream is under its mount, with and without a slash at its end': {
    'knows one mount only': { setup: () => ({ path: '/realtime' }) },
    'looks for routes at the end of the URL': { request: ({ url }) => ({ url: url.replace(/\/\?.*$/, '/x') }) },
  },
  'a stream may be at the mount itself': {
    'does not pass the routes on': withoutSetting('routes'),
    'wants a slash': answersInstead(({ url }) => /\/realtime(\?|$)/.test(url), 404),
  },
  'routes may be moved': { 'does not pass them on': withoutSetting('routes') },
  'the client script is served with a tag, and not again to who has it': {
    'does not pass the tag on': withoutHeader('if-none-match'),
    'forgets the type': without('content-type'),
  },
  'what is not ours goes to the host': {
    'takes its mount for its own': answersInstead(({ url }) => url.includes('/realtime/nothing'), 405),
    'finds its mount anywhere': { instead: ({ url }) => (url.includes('/x/realtime/sse') ? new Response('') : null) },
    'identifies first': { instead: async (native, { identify }) => (await identify((name) => native.headers.get(name)), null) },
  },
  'paths that mean nothing are no failure': {
    'decodes the path': {
      instead: ({ url }) => {
        try {
          return decodeURIComponent(url) === '' ? new Response('') : null
        } catch {
          return new Response('', { status: 500 })
        }
      },
    },
  },
  'hooks get the request as it came': {
    'gives them the path under the mount': {
      request: ({ url }, { headers }) => ({ toRequest: () => new Request(`http://localhost${url}`, { headers }) }),
    },
    'gives them no headers': { request: (_, { url }) => ({ toRequest: () => new Request(url) }) },
  },
  'without cors no origin may read': {
    'opens itself to all': { setup: ({ settings }) => ({ settings: { ...settings, cors: { origins: '*' } } }) },
  },
  'an origin that may read is named on the stream': {
    'does not pass the option on': withoutSetting('cors'),
    'does not pass the origin on': withoutHeader('origin'),
    'forgets vary': without('vary'),
  },
  'another origin is not named': {
    'opens itself to all': { setup: ({ settings }) => ({ settings: { ...settings, cors: { origins: '*' } } }) },
  },
  'a preflight is answered with what is allowed': {
    'answers it without core': answersInstead(({ method }) => method === 'OPTIONS', 204),
    'identifies first': answersInstead(({ method }) => method === 'OPTIONS', 401),
  },
  'a refusal has the headers of CORS too': { 'keeps them for streams': without('access-control-allow-origin') },
  'a channel that may not be read is 403': { 'has one status for all': statusOf(500), 'answers 200': statusOf(200) },
  'a name that is no channel is 400': { 'has one status for all': statusOf(500) },
  'the eleventh channel is 400': {
    'does not pass maxChannels on': withoutSetting('maxChannels'),
    'has no limit': { setup: ({ settings }) => ({ settings: { maxChannels: 1_000, ...settings } }) },
  },
  'a dialect that is not spoken is 400': { 'has one status for all': statusOf(500) },
  'a stream too many for one user is 429': {
    'has one status for all': statusOf(400),
    'forgets when to come back': without('retry-after'),
    'does not notice who leaves': { habits: ['does not hear of a cancelled body'] },
  },
  'a stream too many for the process is 503': { 'forgets when to come back': without('retry-after') },
  'a trunkline that was stopped is 503': { 'has one status for all': statusOf(500) },
  'identify says whose events a stream gets': {
    'takes everyone for anonymous': identifying(() => null),
    'asks with another request': { setup: ({ identify }) => ({ identify: () => identify(() => 'another') }) },
  },
  'identify may take its time': {
    'does not wait': identifying((answer) => (answer instanceof Promise ? null : answer)),
    'takes texts only': identifying(async (answer) => (typeof (await answer) === 'string' ? answer : null)),
  },
  'null and undefined are anonymous': {
    'makes a text of them': identifying(async (answer) => `${(await answer) as null | undefined}`),
  },
  'false is refused': { 'takes it for nobody': identifying(async (answer) => (await answer) || null) },
  'an identify that fails is 500 and is reported': {
    'takes it for nobody': {
      setup: ({ identify }) => ({
        async identify(header) {
          try {
            return (await identify(header)) || null
          } catch {
            return null
          }
        },
      }),
    },
    'has one status for all': statusOf(401),
  },
  'an identity that expires ends its stream': { 'forgets when': identifying(() => 'ann') },
  'the user reaches the hooks': { 'forgets the user': identifying(() => 'ann') },
  'channels come from the query': {
    'takes the last one': {
      request: ({ url }) => ({ channels: () => new URLSearchParams(url.split('?')[1]).getAll('channel').slice(-1) }),
    },
    'does not decode them': { request: ({ url }) => ({ channels: () => url.split(/[?&]channel=/).slice(1) }) },
  },
  'fixed channels win over the query': { 'does not pass them on': { setup: () => ({ channels: undefined }) } },
  'templates are filled in from the mount': {
    'leaves them as they are': { request: ({ channels }) => (channels ? { channels: () => ['{who}-{room}', 'all'] } : {}) },
    'does not decode': {
      request: (_, { url }) => {
        const [, room = '', who = ''] = /rooms\/([^/]+)\/of\/([^/]+)/.exec(url) ?? []
        return { channels: () => [`${who}-${room}`, 'all'] }
      },
    },
  },
  'a template without its parameter opens nothing': {
    'leaves it as it is': { request: ({ channels }) => (channels ? { channels: () => ['room-{who}'] } : {}) },
  },
  'a function chooses channels by request and path': {
    'gives it no parameters': withChannels((choose) => (header) => choose(header, {})),
    'gives it no request': withChannels((choose) => (_, params) => choose(() => null, params)),
  },
  'a function that fails opens nothing': { 'takes it for no channels': { setup: () => ({ channels: [] }) } },
  'clients acknowledge events that are for them': {
    'has no route for it': answersInstead(({ url }) => url.includes('/acknowledge'), 404),
    'takes everyone for anonymous': identifying(() => null),
    'says so and notes nothing': { instead: ({ url }) => (url.includes('/acknowledge') ? new Response('{"count":1}') : null) },
  },
  'an acknowledgement that says nothing is 400': { 'has one status for all': statusOf(500) },
  'acknowledgements are POST, from our own pages': {
    'does not look where it comes from': withoutHeader('sec-fetch-site'),
    'takes GET for POST': { request: ({ method }) => ({ method: method === 'GET' ? 'POST' : method }) },
  },
  'who leaves is forgotten within a second': { 'does not notice': { habits: ['does not hear of a cancelled body'] } },
  'who breaks off is forgotten within a second': { 'does not notice': { habits: ['does not look at the signal'] } },
  'who leaves while being identified leaves nothing behind': {
    'waits for what has happened already': { habits: ['does not look whether it is too late'] },
  },
  'who leaves without having read is forgotten within a second': {
    'does not notice': { habits: ['does not hear of a cancelled body'] },
  },
  'streams that ended leave no listener and no timer behind': {
    'leaves its listener': { habits: ['leaves its listener'] },
    'leaves a timer': { habits: ['leaves a timer'] },
  },
  'a client that never reads costs a bounded number of bytes and slows nobody': {
    'writes ahead of who reads': { habits: ['writes ahead'] },
    'drops what nobody waits for': {
      async *write(chunks) {
        let last = Date.now()
        for await (const chunk of chunks) {
          if (Date.now() - last < 50) yield chunk
          last = Date.now()
          await pause(0)
        }
      },
    },
  },
  'a dialect that fails ends its stream and no other': {
    'never ends': {
      async *write(chunks) {
        yield* chunks
        await new Promise(() => {})
      },
    },
  },
  'a dialect that cannot begin is 500': { 'answers 200': statusOf(200) },
  'a connection that fails is ended, reported and closed': {
    'does not report it': { habits: ['does not report'] },
    'does not close it': { habits: ['does not close what failed'] },
    'does not end it': { habits: ['does not end what failed'] },
  },
}

type Choose = Extract<AdapterSetup['channels'], (...args: never[]) => unknown>

function withChannels(change: (choose: Choose) => Choose): AdapterFault {
  return { setup: ({ channels }) => ({ channels: typeof channels === 'function' ? change(channels) : channels }) }
}
