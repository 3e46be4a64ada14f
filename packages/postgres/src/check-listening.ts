import { Listener, type ListenerOptions } from './listener.ts'

/**
 * Resolves once a notification sent through the pool came back on a LISTEN connection of its own, made as those of the application
 * are; rejects with the first reason why not. Unlike the notifier it moves nothing out of the outbox.
 */
export async function checkListening({ deployment, session }: Pick<ListenerOptions, 'deployment' | 'session'>): Promise<void> {
  await deployment.ready()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const stop = new Listener({
    deployment,
    session,
    handlers: { onPayload: () => {}, onListening: resolve, onError: reject },
  }).start()
  try {
    await promise
  } finally {
    await stop()
  }
}
