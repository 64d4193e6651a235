const browsers = [
  ['Edg/', 'Edge'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const
const systems = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Windows', 'Windows'],
  ['Mac OS', 'Mac'],
  ['Linux', 'Linux'],
] as const

/** How this browser calls itself in the list of devices. */
export function thisDevice(agent: string = navigator.userAgent): { name: string; platform: string } {
  const browser = browsers.find(([mark]) => agent.includes(mark))?.[1] ?? 'Browser'
  const system = systems.find(([mark]) => agent.includes(mark))?.[1]
  return { name: system ? `${browser}, ${system}` : browser, platform: 'web' }
}
