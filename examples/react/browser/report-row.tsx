import type { ReactElement } from 'react'

import type { Report } from '../server/events.ts'

export function ReportRow({ report: { title, percent } }: { report: Report }): ReactElement {
  return (
    <li>
      <span className="title">{title}</span>
      <progress aria-label={title} value={percent} max={100} />
      <span className="percent">{percent === 100 ? 'Ready' : `${percent} %`}</span>
    </li>
  )
}
