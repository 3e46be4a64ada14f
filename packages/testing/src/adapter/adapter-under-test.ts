import { createTrunkline, memory } from '@trunkline/core'

import { Site, type SiteFailure, type SiteOptions } from './site.ts'
import type { AdapterHost, AdapterSetup } from './types.ts'
import { watched, type Watch } from './watch.ts'

/** What a case has in its hands: the adapter, in a host for each set of options. */
export class AdapterUnderTest {
  readonly #create: (setup: AdapterSetup) => Promise<AdapterHost>
  readonly #signal: AbortSignal
  readonly #sites: Site[] = []

  constructor(create: (setup: AdapterSetup) => Promise<AdapterHost>, signal: AbortSignal) {
    this.#create = create
    this.#signal = signal
  }

  /** Starts a host with the adapter in it: everyone is anonymous and may read every channel, unless said otherwise. */
  async open({ server, through, ...setup }: SiteOptions = {}): Promise<Site> {
    this.#signal.throwIfAborted()
    const failures: SiteFailure[] = []
    const trunkline = createTrunkline({
      ...memory(),
      canRead: () => true,
      ...server,
      onError: (error, { stage }) => failures.push({ error, stage }),
    })
    const watch: Watch = { takenBytes: 0 }
    const path = setup.path ?? '/realtime'
    const host = await this.#create({
      settings: {},
      identify: () => null,
      channels: undefined,
      ...setup,
      trunkline: watched(through?.(trunkline) ?? trunkline, watch),
      path,
    })
    const site = new Site({ trunkline, host, path, failures, watch, signal: this.#signal })
    this.#sites.push(site)
    return site
  }

  /** Ends every host, whatever the case has left open. */
  async dispose(): Promise<void> {
    await Promise.all(this.#sites.map((site) => site.dispose()))
  }
}
