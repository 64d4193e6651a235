/** Part of a long list of names, in an order that stays. */
export interface KeyPage {
  keys: string[]
  /** Where to read on; undefined: that was the end. */
  next: string | undefined
}
