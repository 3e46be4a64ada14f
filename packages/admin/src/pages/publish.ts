import type { AnyPublish, ErrorCode } from '@trunkline/core'

import { scopes } from '../filter.ts'
import { link } from '../link.ts'
import type { Page, View, Visit } from '../page.ts'
import { type PublishField, publishForm, type PublishValues } from '../publish-form.ts'
import { trunklineError } from '../refusal.ts'
import { seeOther } from '../see-other.ts'

/** A detail that is short enough travels along, so that the next event can be like this one. */
const maxKept = 1_000

/** A form that publishes an event. */
export const publishPage: Page = {
  name: 'publish',
  label: 'Publish',
  changes: true,
  get: (visit) => ({ title: 'Publish', content: publishForm(visit, valuesOf(visit.query), {}) }),
  async post(visit, form) {
    const values = valuesOf(form)
    const problems: Partial<Record<PublishField, string>> = {}
    const detail = parse(values.detail, 'detail', problems)
    const privateData = visit.viewer.privateData ? parse(values.private, 'private', problems) : undefined
    if (Object.keys(problems).length > 0) return again(visit, values, problems)
    try {
      const [receipt] = await visit.trunkline.publishMany([eventOf(values, detail, privateData)])
      await note(visit, values, receipt?.id)
      const { type, scope, user, channel } = values
      const kept = (values.detail ?? '').length > maxKept ? undefined : values.detail
      return seeOther(link('publish', { published: receipt?.id, type, scope, user, channel, detail: kept }))
    } catch (error) {
      const known = trunklineError(error)
      const field = known === null ? undefined : fields[known.code]
      if (known === null || field === undefined) throw error
      return again(visit, values, { [field]: known.message })
    }
  },
}

const names: readonly PublishField[] = ['type', 'scope', 'user', 'channel', 'detail', 'private']

function valuesOf(fields: URLSearchParams): PublishValues {
  const values = Object.fromEntries(names.map((name) => [name, fields.get(name) ?? undefined]))
  return { ...values, scope: scopes.find((scope) => scope === values['scope']) ?? 'user' }
}

function again(visit: Visit, values: PublishValues, problems: Partial<Record<PublishField, string>>): View {
  return { title: 'Publish: not yet', content: publishForm(visit, values, problems), status: 400 }
}

function parse(text: string | undefined, field: PublishField, problems: Partial<Record<PublishField, string>>): unknown {
  if (text === undefined || text.trim() === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    problems[field] = `This is not JSON: ${(error as Error).message}` // JSON.parse throws nothing else
    return undefined
  }
}

function eventOf({ type, scope, user, channel }: PublishValues, detail: unknown, privateData: unknown): AnyPublish {
  const content = {
    type: type?.trim() ?? '',
    ...(detail !== undefined && { detail }),
    ...(privateData !== undefined && { privateData }),
  }
  switch (scope) {
    case 'user':
      return { ...content, scope, userId: user?.trim() ?? '' }
    case 'channel':
      return { ...content, scope, channel: channel?.trim() ?? '' }
    case 'system':
      return { ...content, scope, ...(user !== undefined && user.trim() !== '' && { userId: user.trim() }) }
    default:
      return { ...content, scope }
  }
}

async function note({ door, viewer, trunkline }: Visit, { type, scope }: PublishValues, id: string | undefined): Promise<void> {
  // It is published: that it could not be noted is told to the operators, and not as a failure of the publish.
  await door
    .audit({ actor: viewer.actor, action: 'publish', id, type, scope })
    .catch((error: unknown) => trunkline.report?.(error, { stage: 'admin' }))
}

const fields: Partial<Record<ErrorCode, PublishField>> = {
  invalid_type: 'type',
  unknown_type: 'type',
  reserved_type: 'type',
  invalid_user: 'user',
  invalid_channel: 'channel',
  invalid_detail: 'detail',
  invalid_entity_id: 'detail',
  event_too_large: 'detail',
  no_store: 'private',
}
