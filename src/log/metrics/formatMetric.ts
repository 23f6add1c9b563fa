import type { Metric } from './Metric.ts'

/** Writes a metric in the text format 0.0.4 of Prometheus, with a line end behind every line. */
export function formatMetric({ name, type, help, samples }: Metric): string {
  const lines = samples.map(({ suffix = '', label, value }) => {
    const labels =
      label === undefined ? '' : `{${label[0]}="${escape(label[1]).replaceAll('"', '\\"')}"}`
    return `${name}${suffix}${labels} ${number(value)}\n`
  })
  return `# HELP ${name} ${escape(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function number(value: number): string {
  return value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value)
}
