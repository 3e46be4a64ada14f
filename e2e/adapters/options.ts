import type { AdapterOptions } from '@trunkline/core/http'
import type { AdapterSetup, ReadHeader } from '@trunkline/testing'

/** The options of an adapter, for a framework whose requests are read like this. */
export function optionsFor<Native>(
  { settings, identify, channels }: AdapterSetup,
  headerOf: (native: Native) => ReadHeader,
): Omit<AdapterOptions<Native, unknown>, 'path'> {
  const chosen =
    typeof channels === 'function'
      ? (native: Native, params: Readonly<Record<string, string>>) => channels(headerOf(native), params)
      : channels
  return {
    ...settings,
    identify: (native) => identify(headerOf(native)),
    ...(chosen === undefined ? {} : { channels: chosen }),
  }
}

/** Of a request of Node's. */
export function nodeHeader({
  headers,
}: {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}): ReadHeader {
  return (name) => [headers[name]].flat()[0]
}
