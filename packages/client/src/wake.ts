/**
 * Calls `task` when the chance of a connection is suddenly better than a timer knows: the network is back, the tab is looked at again
 * (or left: one attempt more, before the browser slows its timers), the page returns from the back/forward cache. Does nothing
 * outside of a page. Returns its end.
 */
export function onWake(task: () => void, page?: EventTarget): () => void {
  // All three reach the window; visibilitychange bubbles there from the document.
  return listen(['online', 'pageshow', 'visibilitychange'], task, page)
}

/** Calls `task` when the page is left, also when it is kept for going back to. Returns its end. */
export function onHide(task: () => void): () => void {
  return listen(['pagehide'], task)
}

function listen(types: readonly string[], task: () => void, page = globalThis.window as EventTarget | undefined): () => void {
  const stop = new AbortController()
  for (const type of types) page?.addEventListener(type, task, stop)
  return () => stop.abort()
}
