import { html } from '../html.ts'
import type { Page } from '../page.ts'

/** What was stored, newest first. */
export const eventsPage: Page = {
  name: 'events',
  label: 'Events',
  async get({ trunkline }) {
    const { events } = await trunkline.find()
    const content = html`<h1>Events</h1>
      <ol>
        ${events.map(({ type, createdAt }) => html`<li>${createdAt} ${type}</li>`)}
      </ol>`
    return { title: 'Events', content }
  },
}
