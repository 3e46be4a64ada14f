/** Shows what went wrong; null takes it away. */
export function showProblem(element, words) {
  element.textContent = words ?? ''
  element.hidden = words === null
}

/** Posts a form's fields. Resolves with the server's words when it refuses, and with null when it is done. */
export async function post(path, fields = {}) {
  try {
    const response = await fetch(path, { method: 'POST', body: new URLSearchParams(fields) })
    if (response.ok) return null
    const { message } = await response.json()
    return message
  } catch {
    return 'The server does not answer. Try again.'
  }
}
