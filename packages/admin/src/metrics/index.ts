export { type HasStats, metricsHandler, type MetricsOptions } from './metrics-handler.ts'
export { prometheusText } from './prometheus-text.ts'
