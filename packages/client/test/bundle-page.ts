import { createContext, runInContext } from 'node:vm'

import type { ScriptTag } from '../src/page-script.ts'
import { clientScript } from '../src/script/index.ts'
import type { TrunklineGlobal } from '../src/page-script.ts'

/** The smallest page the built script can live in. Real browsers are the end-to-end tests' part. */
export interface BundlePage {
  readonly window: EventTarget
  /** Runs the script. */
  run(): TrunklineGlobal
}

export function createBundlePage(baseURI: string, currentScript: ScriptTag, globals: object = {}): BundlePage {
  const window = new EventTarget()
  const own = {
    fetch,
    Headers,
    URL,
    TextDecoder,
    MessageChannel,
    performance,
    AbortController,
    DOMException,
    CustomEvent,
    EventTarget,
    setTimeout,
    clearTimeout,
    console,
  }
  const context = createContext(Object.assign(window, own, { document: { baseURI, currentScript } }, globals))
  runInContext('var window = globalThis', context)
  // A context's global object has no prototype of ours.
  for (const name of ['addEventListener', 'dispatchEvent'] as const) context[name] = EventTarget.prototype[name].bind(window)
  return {
    window,
    run() {
      runInContext(clientScript.source, context)
      return runInContext('Trunkline', context) as TrunklineGlobal
    },
  }
}
