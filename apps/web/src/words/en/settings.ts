export const settings = {
  title: 'Settings',
  appearance: 'Appearance',
  system: 'As the system',
  light: 'Light',
  dark: 'Dark',
  language: 'Language',
}
