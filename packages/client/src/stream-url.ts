/** The address of a stream with its channels. Throws for what is no address: trying again would not help. */
export function streamUrl(endpoint = '/realtime/sse', channels: readonly string[] = []): string {
  const url = new URL(endpoint, globalThis.document?.baseURI)
  for (const channel of channels) url.searchParams.append('channel', channel)
  return url.href
}
