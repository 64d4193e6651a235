export const media = {
  attach: 'Attach a file',
}
