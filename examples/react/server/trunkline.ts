import { createTrunkline, memory } from '@trunkline/core'
import { postgres } from '@trunkline/postgres'

import { events } from './events.ts'

const { DATABASE_URL: url } = process.env

export const trunkline = createTrunkline({ ...(url ? postgres({ url, migrate: true }) : memory()), events })
