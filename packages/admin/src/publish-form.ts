import type { Scope } from '@trunkline/core'

import { selectField, textArea, textField, tokenField } from './fields.ts'
import { scopes } from './filter.ts'
import { html, type Html, type Part } from './html.ts'
import { link } from './link.ts'
import type { Visit } from './page.ts'

/** What is asked for. */
export type PublishField = 'type' | 'scope' | 'user' | 'channel' | 'detail' | 'private'

export type PublishValues = Readonly<Partial<Record<PublishField, string | undefined>>> & { readonly scope: Scope }

const meanings: Readonly<Record<Scope, string>> = {
  user: 'one user, in all tabs',
  channel: 'the readers of a channel',
  global: 'everyone, anonymous visitors too',
  system: 'the backend, never a browser',
}

/** The form, with what was filled in and what is wrong with it. The stylesheet shows the fields of the chosen scope. */
export function publishForm(visit: Visit, values: PublishValues, problems: Partial<Record<PublishField, string>>): Html {
  const of = (name: PublishField) => ({ name, value: values[name], problem: problems[name] })
  return html`<h1>Publish</h1>
    ${published(visit)}
    ${Object.keys(problems).length > 0 && html`<p class="notice bad" role="alert">Nothing was published. What is wrong stands beside the field.</p>`}
    <form class="card publish" method="post" action="${link('publish')}">
      ${tokenField(visit.token)}
      <div class="fields">${typeField(visit, of('type'))}</div>
      <fieldset class="scopes">
        <legend>For</legend>
        ${scopes.map(
          (one) =>
            html`<label class="choice"
              ><input type="radio" name="scope" value="${one}" ${one === values.scope && html`checked`} /> <b>${one}</b>
              <span class="soft">${meanings[one]}</span></label
            >`,
        )}
      </fieldset>
      <div class="fields">
        <div class="for-user">
          ${textField({ ...of('user'), label: 'User id', hint: 'For a system event it may be left out.' })}
        </div>
        <div class="for-channel">${textField({ ...of('channel'), label: 'Channel' })}</div>
      </div>
      ${textArea({ ...of('detail'), label: 'Detail, as JSON', hint: 'Left empty: {}', rows: 7 })}
      ${visit.viewer.privateData && textArea({ ...of('private'), label: 'Private data, as JSON', hint: 'Stored with the event and never sent. May be left empty.', rows: 3 })}
      <div class="row"><button class="button">Publish</button></div>
    </form>`
}

function typeField(
  { door }: Visit,
  field: { readonly name: string; readonly value: string | undefined; readonly problem: string | undefined },
): Html {
  if (door.types === null) return textField({ ...field, label: 'Type', hint: 'There is no catalogue: any type goes.' })
  const options = door.types.map((type) => ({ value: type, label: type }))
  return selectField({ ...field, label: 'Type', hint: 'The types of the catalogue.', options })
}

function published({ query }: Visit): Part {
  const id = query.get('published')
  return id !== null && html`<p class="notice" role="status">Published. <a href="${link('event', { id })}">See the event</a></p>`
}
