import { selectField, suggestions, textField, timeField } from './fields.ts'
import { type AskedFilter, isEverything, scopes } from './filter.ts'
import { html, type Html } from './html.ts'
import { link } from './link.ts'
import type { Visit } from './page.ts'

/** The form of a filter. What it sends is the address of what it shows. */
export function filterForm({ door }: Visit, asked: AskedFilter): Html {
  const { problems } = asked
  const of = (name: keyof AskedFilter['problems']) => ({ name, value: asked.asked[name], problem: problems[name] })
  return html`<search>
    <form class="card filter" method="get">
      <input type="hidden" name="page" value="events" />
      ${suggestions('types', door.types ?? [])}
      <div class="fields">
        ${textField({ ...of('type'), label: 'Type', list: 'types' })} ${scopeField(of('scope'))}
        ${textField({ ...of('user'), label: 'User' })} ${textField({ ...of('channel'), label: 'Channel' })}
        ${textField({ ...of('entity'), label: 'Entity id' })}
        ${timeField({ ...of('after'), date: asked.filter.createdAfter, label: 'After (UTC)' })}
        ${timeField({ ...of('before'), date: asked.filter.createdBefore, label: 'Before (UTC)' })}
        ${textField({ ...of('text'), label: 'Text in the detail' })}
        <div class="actions row">
          <button class="button">Show</button>
          ${!isEverything(asked) && html`<a class="button quiet" href="${link('events')}">Show everything</a>`}
        </div>
      </div>
    </form>
  </search>`
}

/** Which scope, or any. */
export function scopeField(field: {
  readonly name: string
  readonly value: string | undefined
  readonly problem?: string | undefined
}): Html {
  const options = [{ value: '', label: 'any' }, ...scopes.map((scope) => ({ value: scope, label: scope }))]
  return selectField({ ...field, label: 'Scope', options })
}
