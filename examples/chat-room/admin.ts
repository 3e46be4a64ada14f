import { toNodeHandler } from '@trunkline/adapter-node-http'
import { createAdmin } from '@trunkline/admin'

import { personWith } from './person.ts'
import type { ChatTrunkline } from './trunkline.ts'

/**
 * The admin pages. Everybody may see and do everything there: this room knows no passwords, so it cannot tell who is who. Yours can, and
 * answers false to everyone else.
 */
export function createChatAdmin(trunkline: ChatTrunkline, onError: (error: unknown) => void) {
  const admin = createAdmin(trunkline, {
    authorize: ({ headers }) => ({ actor: personWith(headers.get('cookie'))?.name ?? 'a visitor', privateData: true }),
  })
  return toNodeHandler(admin, { path: '/admin', onError })
}
