/** The user whose device is tested, and the one they talk to. */
export const me = 'me'
export const other = 'other'
