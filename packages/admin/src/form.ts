import { Refusal } from './refusal.ts'

// An event has 256 KiB unless the application raised that, and percent-encoding makes three bytes of one.
const maxBodyBytes = 1_024 * 1_024

/**
 * The fields of a posted form.
 *
 * @throws {Refusal} when it is no form, or has more than 1 MiB
 */
export async function readForm(request: Request): Promise<URLSearchParams> {
  const type = request.headers.get('content-type') ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded')) throw new Refusal(415, 'A form is expected here.')
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  const reader = request.body?.getReader()
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true }
    if (done || value === undefined) return new URLSearchParams(text + decoder.decode())
    bytes += value.length
    if (bytes > maxBodyBytes) {
      void reader?.cancel().catch(() => {})
      throw new Refusal(413, `A form may have ${maxBodyBytes} bytes.`)
    }
    text += decoder.decode(value, { stream: true })
  }
}
