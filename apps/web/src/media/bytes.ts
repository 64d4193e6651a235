const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

/** A number of bytes as people read it. */
export function bytesIn(language: string, bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit > 0 && value < 10 ? 1 : 0
  const options = { style: 'unit', unit: units[unit] as string, unitDisplay: 'short' } as const
  return new Intl.NumberFormat(language, { ...options, maximumFractionDigits: digits }).format(value)
}
