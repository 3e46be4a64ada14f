import * as v from 'valibot'

/** How far a report is. `:id` names it, so that a component can listen to `report_progress:<id>`. */
const reportProgress = v.object({ ':id': v.string(), title: v.string(), percent: v.number() })

export const events = { report_progress: reportProgress }

export type Report = v.InferOutput<typeof reportProgress>
