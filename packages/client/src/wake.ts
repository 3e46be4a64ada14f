/**
 * Calls `task` when the chance of a connection is suddenly better than a timer knows: the network is back, the tab is looked at again
 * (or left: one attempt more, before the browser slows its timers), the page returns from the back/forward cache. Does nothing
 * outside of a page. Returns its end.
 */
export function onWake(task: () => void, page: EventTarget | undefined = globalThis.window): () => void {
  const stop = new AbortController()
  // All three reach the window; visibilitychange bubbles there from the document.
  for (const type of ['online', 'pageshow', 'visibilitychange']) page?.addEventListener(type, task, stop)
  return () => stop.abort()
}
